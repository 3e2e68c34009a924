import type { PartitionRange } from "../index.js";
import { TOPICS, type Topic } from "../topics.js";
import { committed } from "./kafka-batch.js";
import { listOffsets } from "./kafka-fetch.js";
import type { KafkaNet } from "./kafka-net.js";
import { scan } from "./kafka-scan.js";

/**
 * Per partition where it starts and ends. The end is behind the last committed event: the markers of transactions and
 * what was given up after it have offsets too, and who reads up to the end must find an event before it.
 */
export interface LogRanges {
  of(topic: Topic): Promise<readonly PartitionRange[]>;
}

/** So many offsets are looked through at first, from behind; then 16 times as many, and so on. */
const FIRST_SPAN = 4;
const SPAN_GROWTH = 16;

export function createLogRanges(net: KafkaNet, prefix: string): LogRanges {
  /** Per topic and partition, how far it was looked through and what was found. */
  const known = new Map<string, { readonly stable: number; readonly end: number }>();

  async function lastEvent(topic: string, partition: number, low: number, stable: number): Promise<number | null> {
    let last: number | null = null;
    for (let span = FIRST_SPAN, to = stable; to > low; span *= SPAN_GROWTH) {
      const from = Math.max(low, stable - span);
      await scan(net, { topic, partition, isolation: "committed", from, to }, ({ batches, aborted }) => {
        for (const { offset } of committed(batches, aborted))
          if (offset < stable) last = last === null ? offset : Math.max(last, offset);
      });
      if (last !== null) return last;
      to = from;
    }
    return null;
  }

  async function endOf(topic: string, partition: number, start: number, stable: number): Promise<number> {
    const name = `${topic}/${String(partition)}`;
    const before = known.get(name);
    if (before?.stable === stable) return before.end;
    const isGrown = before !== undefined && before.stable < stable;
    const low = isGrown ? Math.max(start, before.stable) : start;
    const last = await lastEvent(topic, partition, low, stable);
    const end = last !== null ? last + 1 : isGrown ? before.end : start;
    known.set(name, { stable, end });
    return end;
  }

  return {
    async of(topic) {
      const name = prefix + topic;
      const partitions = Array.from({ length: TOPICS[topic] }, (_, partition) => partition);
      const [starts, stables] = await net.inWords(() =>
        Promise.all([listOffsets(net, name, partitions, "start"), listOffsets(net, name, partitions, "committed")]),
      );
      return net.inWords(() =>
        Promise.all(
          partitions.map(async (partition) => {
            const start = starts.get(partition) ?? 0;
            const stable = Math.max(start, stables.get(partition) ?? 0);
            const end = Math.max(start, await endOf(name, partition, start, stable));
            return { partition, start: BigInt(start), end: BigInt(end) };
          }),
        ),
      );
    },
  };
}
