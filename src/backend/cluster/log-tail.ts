import { systemClock } from "../../clock.js";
import { messageOf } from "../../errors.js";
import type { Log } from "../../log.js";
import { createLogRing, type LogRing } from "../log/ring.js";
import { TOPICS, type Topic } from "../topics.js";
import { committed } from "./kafka-batch.js";
import { canAskAgain, failOn, KAFKA } from "./kafka-errors.js";
import { byLeader, fetch, listOffsets, type FetchedPartition } from "./kafka-fetch.js";
import type { KafkaNet } from "./kafka-net.js";
import { placed } from "./log-event.js";

/** What comes to one topic, read once for all readers of this process. */
export interface LogTail {
  readonly ring: LogRing;
  readonly isEnded: boolean;
  /** Why it ended, when that was a fault that stays. */
  readonly failure: unknown;
  use(): void;
  release(): void;
}

export interface LogTailOptions {
  readonly net: KafkaNet;
  readonly prefix: string;
  readonly topic: Topic;
  readonly log: Log;
  readonly ringEvents?: number | undefined;
  /** There is news. */
  readonly onNews: () => void;
  /** Nobody has read for a while, or it failed: whoever reads next begins another. */
  readonly onEnd: () => void;
}

const WAIT_MS = 5_000;
const FETCH_BYTES = 4 * 1024 * 1024;
const IDLE_MS = 30_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/** Begins at the committed end of this moment; while Kafka is away it waits, and goes on where it stood. */
export async function startTail(options: LogTailOptions): Promise<LogTail> {
  const { net, topic, log } = options;
  const name = options.prefix + topic;
  const partitions = Array.from({ length: TOPICS[topic] }, (_, partition) => partition);
  const ends = await net.inWords(() => listOffsets(net, name, partitions, "committed"));
  const next = partitions.map((partition) => ends.get(partition) ?? 0);
  const ring = createLogRing({ ends: next, maxEvents: options.ringEvents });
  let users = 0;
  let idleSince = Date.now();
  let isEnded = false;
  let failure: unknown = null;
  let pause = 0;

  async function take({ partition, error, batches, aborted, next: after }: FetchedPartition): Promise<void> {
    if (error === KAFKA.offsetOutOfRange) {
      // It fell behind what went, or the log was put back: its readers look anew and announce what they miss.
      const start = (await listOffsets(net, name, [partition], "start")).get(partition) ?? 0;
      const end = (await listOffsets(net, name, [partition], "committed")).get(partition) ?? 0;
      next[partition] = (next[partition] ?? 0) < start ? start : end;
      ring.restart(next);
      return;
    }
    failOn(error);
    for (const record of committed(batches, aborted)) {
      const { event, at } = placed(topic, partition, record);
      ring.push(event, at);
    }
    next[partition] = after;
  }

  /** Follows the partitions that one broker leads, until that fails or another's following does. */
  async function follow(leader: number, led: readonly number[], round: AbortSignal): Promise<void> {
    const link = await net.dedicated(leader);
    round.addEventListener("abort", link.close, { once: true });
    try {
      while (!round.aborted && !isEnded) {
        const from = new Map(led.map((partition) => [partition, next[partition] ?? 0]));
        const request = { topic: name, from, isolation: "committed" as const, waitMs: WAIT_MS, bytes: FETCH_BYTES };
        for (const fetched of await fetch(link, request)) await take(fetched);
        if (pause > 0) log.info({ topic }, "the event log is read again");
        pause = 0;
        options.onNews();
        if (users === 0 && Date.now() - idleSince > IDLE_MS) end(null);
      }
    } finally {
      round.removeEventListener("abort", link.close);
      link.close();
    }
  }

  async function round(): Promise<void> {
    const stop = new AbortController();
    const groups = await byLeader(net, name, partitions);
    const following = [...groups].map(async ([leader, led]) => {
      try {
        await follow(leader, led, stop.signal);
      } catch (thrown) {
        if (!stop.signal.aborted) stop.abort(thrown);
      }
    });
    await Promise.all(following);
    if (stop.signal.aborted) throw stop.signal.reason;
  }

  function end(thrown: unknown): void {
    isEnded = true;
    failure = thrown;
    options.onEnd();
    options.onNews();
  }

  async function run(): Promise<void> {
    while (!isEnded && !net.signal.aborted) {
      try {
        await round();
      } catch (thrown) {
        if (net.signal.aborted) return;
        if (!canAskAgain(thrown)) {
          log.error({ topic, reason: messageOf(thrown) }, "the event log cannot be read");
          end(thrown);
          return;
        }
        if (pause === 0)
          log.warn({ topic, reason: messageOf(thrown) }, "the event log is out of reach; its readers wait");
        net.forget();
        pause = Math.min(Math.max(2 * pause, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
        await systemClock.sleep(pause, net.signal).catch(() => undefined);
      }
    }
  }

  void run();
  return {
    ring,
    get isEnded() {
      return isEnded;
    },
    get failure() {
      return failure;
    },
    use() {
      users += 1;
    },
    release() {
      users -= 1;
      idleSince = Date.now();
    },
  };
}
