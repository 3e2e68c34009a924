import Decoder from "kafkajs/src/protocol/decoder.js";
import { failOn, KAFKA } from "./kafka-errors.js";
import { decodeBatches, type AbortedTransaction, type KafkaBatch } from "./kafka-batch.js";
import { ANSWER_LIMIT_MS, type KafkaLink } from "./kafka-link.js";
import type { KafkaNet } from "./kafka-net.js";

export type Isolation = "committed" | "uncommitted";

export interface FetchRequest {
  readonly topic: string;
  /** Per partition the first offset wanted; all of them led by the broker that is asked. */
  readonly from: ReadonlyMap<number, number>;
  readonly isolation: Isolation;
  /** How long the broker may wait for news, in milliseconds. */
  readonly waitMs: number;
  readonly bytes: number;
}

export interface FetchedPartition {
  readonly partition: number;
  readonly error: number;
  readonly batches: readonly KafkaBatch[];
  readonly aborted: readonly AbortedTransaction[];
  /** Nothing lies between the offset asked for and this one but `batches`. */
  readonly next: number;
}

const FETCH_VERSION = 11;
const EARLIEST = "-2";
const LATEST = "-1";

/** One fetch, decoded by us: kafkajs throws the first error of all partitions, and forgets batches that are empty. */
export async function fetch(link: KafkaLink, request: FetchRequest): Promise<readonly FetchedPartition[]> {
  const { topic, from, isolation, waitMs, bytes } = request;
  const partitions = [...from].map(([partition, fetchOffset]) => ({
    partition,
    fetchOffset: String(fetchOffset),
    maxBytes: bytes,
  }));
  const parameters = {
    isolationLevel: isolation === "committed" ? 1 : 0,
    maxWaitTime: waitMs,
    minBytes: 1,
    maxBytes: bytes,
    topics: [{ topic, partitions }],
  };
  const limit = waitMs + ANSWER_LIMIT_MS;
  const fetched = await link.sendRaw("Fetch", FETCH_VERSION, parameters, decodeFetch, limit);
  // Nothing came of any partition: so there is nothing below the offsets the broker may give. Otherwise one that came
  // back empty may just have found no room in the answer.
  const isEmpty = fetched.every(({ batches, isCut }) => batches.length === 0 && !isCut);
  return fetched.map(({ partition, error, batches, aborted, stable, highWatermark }) => {
    const asked = from.get(partition) ?? 0;
    const last = batches.at(-1);
    const readable = isolation === "committed" ? stable : highWatermark;
    const next = last !== undefined ? last.lastOffset + 1 : isEmpty && error === KAFKA.none ? readable : asked;
    // A batch begins where it begins, also when an offset inside it was asked for.
    const wanted = batches.map((batch) => ({
      ...batch,
      records: batch.records.filter(({ offset }) => offset >= asked),
    }));
    return { partition, error, batches: wanted, aborted, next: Math.max(asked, next) };
  });
}

interface DecodedPartition {
  readonly partition: number;
  readonly error: number;
  readonly highWatermark: number;
  readonly stable: number;
  readonly aborted: readonly AbortedTransaction[];
  readonly batches: readonly KafkaBatch[];
  /** There were bytes, but no whole batch. */
  readonly isCut: boolean;
}

async function decodeFetch(answer: Buffer): Promise<readonly DecodedPartition[]> {
  const decoder = new Decoder(answer);
  decoder.readInt32();
  failOn(decoder.readInt16());
  decoder.readInt32();
  const found: DecodedPartition[] = [];
  for (let topics = decoder.readInt32(); topics > 0; topics -= 1) {
    decoder.readString();
    for (let partitions = decoder.readInt32(); partitions > 0; partitions -= 1)
      found.push(await decodePartition(decoder));
  }
  return found;
}

async function decodePartition(decoder: Decoder): Promise<DecodedPartition> {
  const partition = decoder.readInt32();
  const error = decoder.readInt16();
  const highWatermark = Number(decoder.readInt64());
  const stable = Number(decoder.readInt64());
  decoder.readInt64();
  const aborted: AbortedTransaction[] = [];
  for (let count = decoder.readInt32(); count > 0; count -= 1) {
    const producerId = decoder.readInt64().toString();
    aborted.push({ producerId, firstOffset: Number(decoder.readInt64()) });
  }
  decoder.readInt32();
  const size = decoder.readInt32();
  const bytes = size > 0 ? decoder.readBytes(size) : Buffer.alloc(0);
  const batches = await decodeBatches(bytes);
  return { partition, error, highWatermark, stable, aborted, batches, isCut: bytes.length > 0 && batches.length === 0 };
}

/** Partitions by the node that leads them. */
export async function byLeader(
  net: KafkaNet,
  topic: string,
  partitions: Iterable<number>,
): Promise<ReadonlyMap<number, readonly number[]>> {
  const leaders = await net.leaders(topic);
  const groups = new Map<number, number[]>();
  for (const partition of partitions) {
    const leader = leaders[partition] ?? -1;
    groups.set(leader, [...(groups.get(leader) ?? []), partition]);
  }
  return groups;
}

/**
 * Per partition the log's start, its end for the isolation, or the first offset taken at or after a time, in
 * milliseconds since the epoch; -1 when there is none.
 */
export async function listOffsets(
  net: KafkaNet,
  topic: string,
  partitions: readonly number[],
  what: "start" | Isolation | { readonly at: number },
): Promise<ReadonlyMap<number, number>> {
  const timestamp = what === "start" ? EARLIEST : typeof what === "string" ? LATEST : String(what.at);
  const groups = await byLeader(net, topic, partitions);
  const offsets = new Map<number, number>();
  await Promise.all(
    [...groups].map(async ([leader, led]) => {
      const answer = (await (
        await net.node(leader)
      ).send("ListOffsets", {
        isolationLevel: what === "uncommitted" ? 0 : 1,
        topics: [{ topic, partitions: led.map((partition) => ({ partition, timestamp })) }],
      })) as {
        readonly responses: readonly {
          readonly partitions: readonly {
            readonly partition: number;
            readonly errorCode: number;
            readonly offset: string;
          }[];
        }[];
      };
      for (const { partition, errorCode, offset } of answer.responses.flatMap(({ partitions: all }) => all)) {
        failOn(errorCode);
        offsets.set(partition, Number(offset));
      }
    }),
  );
  return offsets;
}
