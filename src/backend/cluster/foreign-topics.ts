import { systemClock } from "../../clock.js";
import { VitalomeError } from "../../errors.js";
import type { ForeignRecord, ForeignTopics, LogGap } from "../index.js";
import { isTopic } from "../topics.js";
import { committed } from "./kafka-batch.js";
import { failOn, KAFKA } from "./kafka-errors.js";
import { byLeader, fetch, listOffsets } from "./kafka-fetch.js";
import { createKafkaNet } from "./kafka-net.js";

export interface ClusterForeignTopicsOptions {
  readonly brokers: readonly string[];
  /** Before the name of every topic of the event log: those are not foreign. */
  readonly prefix: string;
  readonly patienceMs?: number | undefined;
}

const FETCH_BYTES = 1024 * 1024;
const WAIT_MS = 100;
const LOOK_AGAIN_MS = 10_000;

/** Topics of the same Kafka cluster, by their whole name and with any number of partitions; committed records only. */
export function createClusterForeignTopics(options: ClusterForeignTopicsOptions): ForeignTopics {
  const { brokers, prefix, patienceMs = 20_000 } = options;
  const net = createKafkaNet({ brokers, clientId: "vitalome-foreign", patienceMs });

  function refuseOwn(topic: string): void {
    if (topic.startsWith(prefix) && isTopic(topic.slice(prefix.length)))
      throw new VitalomeError("CONFIG_INVALID", `${topic} is a topic of the event log and no foreign one`);
  }

  async function partitionsOf(topic: string): Promise<readonly number[]> {
    const [found] = await net.inWords(() => net.metadata([topic]));
    if (found === undefined || found.error === KAFKA.unknownTopicOrPartition || found.leaders.length === 0)
      throw new VitalomeError("NOT_FOUND", `there is no Kafka topic ${topic}`);
    return found.leaders.map((_leader, partition) => partition);
  }

  async function startOf(topic: string, partition: number): Promise<number> {
    const found = await net.inWords(() => listOffsets(net, topic, [partition], "start"));
    return found.get(partition) ?? 0;
  }

  async function gapBefore(topic: string, partition: number, from: number): Promise<LogGap> {
    const start = await startOf(topic, partition);
    if (from >= start) {
      const text = `the Kafka topic ${topic} is shorter than what was read of it: declare the new one under another name`;
      throw new VitalomeError("CONFIG_INVALID", text);
    }
    return { kind: "gap", topic, partition, from: BigInt(from), to: BigInt(start) };
  }

  async function fetched(
    topic: string,
    next: ReadonlyMap<number, number>,
  ): Promise<{ readonly found: readonly (ForeignRecord | LogGap)[]; readonly after: ReadonlyMap<number, number> }> {
    const found: (ForeignRecord | LogGap)[] = [];
    const after = new Map<number, number>();
    for (const [leader, led] of await byLeader(net, topic, next.keys())) {
      const from = new Map(led.map((partition) => [partition, next.get(partition) ?? 0]));
      const request = { topic, from, isolation: "committed" as const, waitMs: WAIT_MS, bytes: FETCH_BYTES };
      for (const { partition, error, batches, aborted, next: end } of await fetch(await net.node(leader), request)) {
        if (error === KAFKA.offsetOutOfRange) {
          const gap = await gapBefore(topic, partition, from.get(partition) ?? 0);
          found.push(gap);
          after.set(partition, Number(gap.to));
          continue;
        }
        failOn(error);
        for (const { offset, value, at } of committed(batches, aborted)) {
          const record = {
            partition,
            next: BigInt(offset) + 1n,
            value: value ?? Buffer.alloc(0),
            at: at < 0 ? null : at,
          };
          found.push({ kind: "record", ...record });
        }
        after.set(partition, end);
      }
    }
    return { found, after };
  }

  return {
    async *read(topic, from, signal) {
      refuseOwn(topic);
      const next = new Map<number, number>();
      for (let lookedAt = -Infinity; !signal.aborted && !net.signal.aborted;) {
        if (systemClock.now() - lookedAt >= LOOK_AGAIN_MS) {
          // Partitions may have been added.
          for (const partition of await partitionsOf(topic))
            if (!next.has(partition))
              next.set(partition, Number(from.get(partition) ?? (await startOf(topic, partition))));
          lookedAt = systemClock.now();
        }
        const { found, after } = await net.inWords(() => fetched(topic, next));
        yield* found;
        for (const [partition, offset] of after) next.set(partition, offset);
      }
    },
    close() {
      net.close();
    },
  };
}
