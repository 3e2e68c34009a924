import type { Clock } from "../../clock.js";
import { messageOf } from "../../errors.js";
import type { Log } from "../../log.js";
import type { LogReader } from "../log/events.js";
import type { LogNeeds } from "../log/needs.js";
import { EXPIRY, TOPICS, type Topic } from "../topics.js";
import { failOn, KAFKA } from "./kafka-errors.js";
import { byLeader, listOffsets } from "./kafka-fetch.js";
import type { KafkaNet } from "./kafka-net.js";
import { foldPlaces } from "./log-places.js";
import type { LogRanges } from "./log-ranges.js";

/** What is superseded is compacted by the brokers; the rest goes here, and never before all consumers have passed it. */
export interface ClusterRetention {
  /** Milliseconds an event is kept at least. */
  readonly keepMs: number;
  readonly needs?: LogNeeds | undefined;
}

export interface RetainOptions {
  readonly net: KafkaNet;
  readonly prefix: string;
  readonly ranges: LogRanges;
  readonly clock: Clock;
  readonly log: Log;
  readonly retention: ClusterRetention;
  /** Those who read in this process at this moment. */
  readonly readers: Iterable<LogReader>;
}

const EVERY_MS = 60 * 60 * 1000;
const DELETE_LIMIT_MS = 30_000;

/** Looks at once, then every hour, until the signal ends it; resolves when nothing is under way any more. */
export async function keepRetention(options: RetainOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await retain(options, signal).catch((thrown: unknown) => {
      if (!signal.aborted) options.log.warn({ reason: messageOf(thrown) }, "old events were not removed from the log");
    });
    if (signal.aborted) return;
    await options.clock.sleep(EVERY_MS, signal).catch(() => undefined);
  }
}

async function retain(options: RetainOptions, signal: AbortSignal): Promise<void> {
  const { net, prefix, log } = options;
  const places = await net.inWords(() => foldPlaces(net, prefix));
  for (const topic of Object.keys(TOPICS) as Topic[]) {
    if (signal.aborted) return;
    if (EXPIRY[topic] === "superseded" || EXPIRY[topic] === "kept") continue;
    const upTo = await lastToGo(options, topic, places);
    if (upTo.size === 0) continue;
    await net.inWords(() => remove(net, prefix + topic, upTo));
    log.info({ topic, partitions: upTo.size }, "old events were removed from the log");
  }
}

/** Per partition that has something to lose, the offset below which it goes. */
async function lastToGo(
  { net, prefix, ranges, clock, retention, readers, log }: RetainOptions,
  topic: Topic,
  places: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<number, number>> {
  const partitions = Array.from({ length: TOPICS[topic] }, (_, partition) => partition);
  const before = clock.now() - retention.keepMs;
  const young = await net.inWords(() => listOffsets(net, prefix + topic, partitions, { at: before }));
  const upTo = new Map<number, number>();
  for (const { partition, start, end } of await ranges.of(topic)) {
    const firstYoung = young.get(partition) ?? -1;
    // The last event stays, however old.
    const old = Math.min(firstYoung < 0 ? Number.POSITIVE_INFINITY : firstYoung, Number(end) - 1);
    const passed = [...places]
      .filter(([name]) => name.endsWith(`/${topic}/${String(partition)}`))
      .map(([, next]) => next);
    const needed = retention.needs?.(topic, partition) ?? null;
    if (needed !== null) passed.push(Number(needed));
    if (passed.length === 0 && EXPIRY[topic] === "passed") passed.push(0);
    for (const reader of readers) if (reader.topic === topic) passed.push(reader.next[partition] ?? 0);
    const limit = Math.min(old, ...passed);
    if (limit < old && limit <= Number(start))
      log.warn({ topic, partition }, "old events stay in the log: they were not read yet");
    if (limit > Number(start)) upTo.set(partition, limit);
  }
  return upTo;
}

async function remove(net: KafkaNet, topic: string, upTo: ReadonlyMap<number, number>): Promise<void> {
  const groups = await byLeader(net, topic, upTo.keys());
  for (const [leader, led] of groups) {
    const partitions = led.map((partition) => ({ partition, offset: String(upTo.get(partition) ?? 0) }));
    const link = await net.node(leader);
    const parameters = { topics: [{ topic, partitions }], timeout: DELETE_LIMIT_MS };
    const answer = (await link.send("DeleteRecords", parameters, DELETE_LIMIT_MS)) as {
      readonly topics: readonly { readonly partitions: readonly { readonly errorCode: number }[] }[];
    };
    for (const { errorCode } of answer.topics.flatMap(({ partitions: all }) => all))
      // Somebody else removed more meanwhile.
      if (errorCode !== KAFKA.offsetOutOfRange) failOn(errorCode);
  }
}
