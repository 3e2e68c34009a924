import type { ConsumerPlace } from "../index.js";
import type { Progress } from "../log/events.js";
import { partitionOf } from "../partition.js";
import { TOPICS } from "../topics.js";
import { committed, type KafkaBatch, type KafkaRecord } from "./kafka-batch.js";
import type { KafkaNet } from "./kafka-net.js";
import type { OutRecord } from "./kafka-produce.js";
import { scan } from "./kafka-scan.js";

export const STATE_TOPIC = "worker.state.v1";

/** Where a consumer stands, as `worker.state.v1` says. */
export interface PlaceFold {
  next: number;
  /** Entries as JSON text. */
  readonly state: Map<string, string>;
  /** Offset of the last event that tells `next`: it is written last with everything a consumer writes. */
  toldAt: number | null;
}

/** `consumer/topic/partition`; an entry of its state has `/` and its key behind. All of a place are in one partition. */
export function placeKey({ consumer, topic, partition }: ConsumerPlace): string {
  return `${consumer.replaceAll("%", "%25").replaceAll("/", "%2F")}/${topic}/${String(partition)}`;
}

export function statePartition(place: string): number {
  return partitionOf(place, TOPICS[STATE_TOPIC]);
}

/** What of one or more transactions of a place goes to `worker.state.v1`: each entry once, where it stands last. */
export function stateRecords(prefix: string, place: string, next: number, progress: readonly Progress[]): OutRecord[] {
  const topic = prefix + STATE_TOPIC;
  const partition = statePartition(place);
  const entries = new Map(progress.flatMap(({ state }) => state));
  return [
    ...[...entries].map(([key, json]) => ({ topic, partition, key: `${place}/${key}`, value: json })),
    { topic, partition, key: place, value: JSON.stringify({ schema: 1, next }) },
  ];
}

/**
 * Folds one place up to the end of what is written at this moment. To be asked once no transaction of the place can be
 * under way; those of other places, whose owners may be dead, are not waited for.
 */
export async function foldPlace(net: KafkaNet, prefix: string, place: string): Promise<PlaceFold> {
  const topic = prefix + STATE_TOPIC;
  const partition = statePartition(place);
  const fold: PlaceFold = { next: 0, state: new Map(), toldAt: null };
  /** Per producer what its transaction wrote of the place, until a marker says what became of it. */
  const open = new Map<string, KafkaRecord[]>();
  const take = (batch: KafkaBatch): void => {
    if (batch.marker !== null) {
      if (batch.marker === "commit") foldRecords(fold, place, open.get(batch.producerId) ?? []);
      open.delete(batch.producerId);
      return;
    }
    const mine = batch.records.filter(({ key }) => isOf(place, key));
    if (!batch.isTransactional) foldRecords(fold, place, mine);
    else if (mine.length > 0) open.set(batch.producerId, [...(open.get(batch.producerId) ?? []), ...mine]);
  };
  await scan(net, { topic, partition, isolation: "uncommitted" }, ({ batches }) => {
    batches.forEach(take);
  });
  return fold;
}

/** Where every consumer stands, as far as it is committed: the next offset by `consumer/topic/partition`. */
export async function foldPlaces(net: KafkaNet, prefix: string): Promise<ReadonlyMap<string, number>> {
  const topic = prefix + STATE_TOPIC;
  const places = new Map<string, number>();
  for (let partition = 0; partition < TOPICS[STATE_TOPIC]; partition += 1) {
    await scan(net, { topic, partition, isolation: "committed" }, ({ batches, aborted }) => {
      for (const { key, value } of committed(batches, aborted)) {
        const name = key?.toString("utf8") ?? "";
        if (name.split("/").length === 3) places.set(name, nextOf(value) ?? places.get(name) ?? 0);
      }
    });
  }
  return places;
}

function foldRecords(fold: PlaceFold, place: string, records: readonly KafkaRecord[]): void {
  for (const { key, value, offset } of records) {
    const name = key?.toString("utf8") ?? "";
    if (name === place) {
      fold.next = nextOf(value) ?? fold.next;
      fold.toldAt = offset;
    } else if (value === null) fold.state.delete(name.slice(place.length + 1));
    else fold.state.set(name.slice(place.length + 1), value.toString("utf8"));
  }
}

function isOf(place: string, key: Buffer | null): boolean {
  const name = key?.toString("utf8") ?? "";
  return name === place || name.startsWith(`${place}/`);
}

/** Null for what no log of ours wrote. */
function nextOf(value: Buffer | null): number | null {
  try {
    const next = (JSON.parse(value?.toString("utf8") ?? "null") as { readonly next?: unknown } | null)?.next;
    return typeof next === "number" && Number.isSafeInteger(next) && next >= 0 ? next : null;
  } catch {
    return null;
  }
}
