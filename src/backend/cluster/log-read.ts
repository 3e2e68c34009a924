import { systemClock } from "../../clock.js";
import { VitalomeError, isVitalomeError } from "../../errors.js";
import type { LogGap, LoggedEvent } from "../index.js";
import type { RingEvent } from "../log/ring.js";
import { committed } from "./kafka-batch.js";
import { failOn, KAFKA } from "./kafka-errors.js";
import { byLeader, fetch, listOffsets } from "./kafka-fetch.js";
import type { KafkaNet } from "./kafka-net.js";
import { logged, placed } from "./log-event.js";
import type { LogTail } from "./log-tail.js";

export interface LogReadOptions {
  readonly net: KafkaNet;
  readonly prefix: string;
  readonly topic: string;
  /** Per partition the next offset wanted; goes on as events are taken. */
  readonly next: number[];
  readonly signal: AbortSignal;
  readonly tail: LogTail;
  /** Resolves when the topic has news, the signal ends the reading or the log closes. */
  readonly wait: () => Promise<void>;
}

const HISTORY_BYTES = 1024 * 1024;
const NO_PROGRESS_PAUSE_MS = 20;

/**
 * What the brokers hold, then what comes by the tail. The offsets wanted next decide every step, so nothing is lost or
 * repeated where history ends, nor when a slow reader falls out of the ring and goes back to the brokers. Offsets have
 * holes: only what the broker says of its start is a gap.
 */
export async function* readLog(options: LogReadOptions): AsyncGenerator<LoggedEvent | LogGap> {
  const { net, signal, tail, next } = options;
  const { ring } = tail;
  const isOver = (): boolean => signal.aborted || net.signal.aborted;
  let sequence: number | null = null;

  function take(found: RingEvent): LoggedEvent | null {
    const { partition, offset } = found.event;
    if (offset < (next[partition] ?? 0)) return null;
    next[partition] = offset + 1;
    return logged(found);
  }

  while (!isOver()) {
    if (tail.failure !== null) throw tail.failure;
    if (sequence === null || sequence < ring.start) sequence = ring.covers(next) ? ring.start : null;
    if (sequence === null) {
      const history = await untilAborted(historyOf(options), signal).catch((thrown: unknown) => {
        if (isOver()) return null;
        throw thrown;
      });
      if (history === null) return;
      for (const found of history.found) {
        if (isOver()) return;
        if ("kind" in found) {
          next[found.partition] = Number(found.to);
          yield found;
          continue;
        }
        const taken = take(found);
        if (taken !== null) yield taken;
      }
      for (const [partition, after] of history.after) next[partition] = Math.max(next[partition] ?? 0, after);
      continue;
    }
    const found = ring.at(sequence);
    if (found === undefined) {
      await options.wait();
      continue;
    }
    sequence += 1;
    const taken = take(found);
    if (taken !== null) yield taken;
  }
}

interface History {
  readonly found: readonly (RingEvent | LogGap)[];
  /** Per partition, the offset below which there is nothing more. */
  readonly after: ReadonlyMap<number, number>;
}

/** The next few events of the partitions that the ring does not hold far enough back. Waits while Kafka is away. */
async function historyOf(options: LogReadOptions): Promise<History> {
  const { net, next, tail } = options;
  for (;;) {
    try {
      const behind = next.flatMap((offset, partition) => (offset < tail.ring.floor(partition) ? [partition] : []));
      const history = await net.inWords(() => fetchHistory(options, behind));
      const isStuck =
        history.found.length === 0 && [...history.after].every(([at, offset]) => offset <= (next[at] ?? 0));
      if (isStuck) await systemClock.sleep(NO_PROGRESS_PAUSE_MS);
      return history;
    } catch (thrown) {
      const isAway = isVitalomeError(thrown) && thrown.code === "BACKEND_UNAVAILABLE";
      if (!isAway || net.signal.aborted || options.signal.aborted) throw thrown;
    }
  }
}

async function fetchHistory(options: LogReadOptions, behind: readonly number[]): Promise<History> {
  const { net, topic, next } = options;
  const name = options.prefix + topic;
  const groups = await byLeader(net, name, behind);
  const found: (RingEvent | LogGap)[] = [];
  const after = new Map<number, number>();
  for (const [leader, led] of groups) {
    const from = new Map(led.map((partition) => [partition, next[partition] ?? 0]));
    const link = await net.node(leader);
    const request = { topic: name, from, isolation: "committed" as const, waitMs: 0, bytes: HISTORY_BYTES };
    for (const { partition, error, batches, aborted, next: end } of await fetch(link, request)) {
      if (error === KAFKA.offsetOutOfRange) {
        found.push(await gapBefore(options, partition));
        continue;
      }
      failOn(error);
      for (const record of committed(batches, aborted)) found.push(placed(topic, partition, record));
      after.set(partition, end);
    }
  }
  return { found, after };
}

async function gapBefore({ net, prefix, topic, next }: LogReadOptions, partition: number): Promise<LogGap> {
  const start = (await listOffsets(net, prefix + topic, [partition], "start")).get(partition) ?? 0;
  const from = next[partition] ?? 0;
  if (from >= start) throw new VitalomeError("CURSOR_INVALID", "the position lies beyond the end of the event log");
  return { kind: "gap", topic, partition, from: BigInt(from), to: BigInt(start) };
}

/** Null once the signal is aborted. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      resolve(null);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    void work.then(resolve, reject).finally(() => {
      signal.removeEventListener("abort", onAbort);
    });
  });
}
