import type { EventLog, LoggedEvent } from "../backend/index.js";
import type { Clock } from "../clock.js";
import type { CursorContent, CursorSealer } from "../cursors.js";
import type { LiveSource, StreamEnvelope } from "../domain/live.js";
import { VitalomeError } from "../errors.js";
import { createMailbox } from "./mailbox.js";

export interface LiveOptions<T> {
  readonly topic: string;
  readonly eventLog: EventLog;
  readonly sealer: CursorSealer;
  readonly clock: Clock;
  /** Ends the stream. */
  readonly signal: AbortSignal;
  /** The longest time between two envelopes. */
  readonly heartbeatMs: number;
  readonly scope: Pick<CursorContent, "kind" | "tenant" | "queryHash" | "policyHash">;
  readonly after: string | null;
  /** The payload of an event, or null when it is not asked for. */
  readonly pick: (event: LoggedEvent) => T | null | Promise<T | null>;
}

interface Place {
  readonly topic: string;
  /** Per partition, the next offset wanted, in decimal digits. */
  readonly next: readonly string[];
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** Whole days from the day of the event, so that one event has one cursor, however often it is delivered that day. */
const CURSOR_DAYS = 30;

/**
 * What came after the cursor, then what comes, read from the log without a seam: in order per key, each event once.
 * Without a cursor it starts now. Where history ends, and whenever nothing was said for `heartbeatMs`, a heartbeat
 * tells the cursor. Pulls: it reads the log no faster than its reader takes envelopes.
 */
export async function watchTopic<T extends object>(options: LiveOptions<T>): Promise<LiveSource<T>> {
  const { topic, eventLog, sealer, clock, scope, heartbeatMs } = options;
  const ends = (await eventLog.positions(topic)).map(({ end }) => end);
  const next = options.after === null ? [...ends] : resumeAt(options, options.after, ends);
  const mailbox = createMailbox(
    eventLog.read(topic, new Map(next.map((offset, partition) => [partition, offset])), options.signal),
    clock,
  );
  const begun = clock.now();
  let isLive = false;
  /** When the log took the last event that was read. */
  let readUpTo: number | null = null;

  const cursorAt = (partition: number, offset: bigint | undefined): string =>
    sealer.sealStable({
      ...scope,
      snapshot: 0,
      position: { topic, next: next.map((own, at) => String(at === partition ? offset : own)) } satisfies Place,
      expiresAt: (Math.floor(clock.now() / DAY_MS) + CURSOR_DAYS) * DAY_MS,
    });
  const cursorHere = (): string => cursorAt(-1, undefined);

  async function heartbeat(): Promise<StreamEnvelope<T>> {
    const now = clock.now();
    const ranges = await eventLog.positions(topic);
    const isBehind = ranges.some(({ partition, end }) => (next[partition] ?? 0n) < end);
    const watermark = isBehind ? readUpTo : now;
    const lagMs = isBehind ? Math.max(1, now - (readUpTo ?? begun)) : 0;
    const cursor = cursorHere();
    return { cursor, event: { stream: "heartbeat", cursor, watermark, lagMs, periodMs: heartbeatMs } };
  }

  async function* envelopes(): AsyncGenerator<StreamEnvelope<T>, undefined> {
    try {
      for (let saidAt = clock.now(); ;) {
        if (!isLive && next.every((offset, partition) => offset >= (ends[partition] ?? 0n))) {
          yield await heartbeat();
          isLive = true;
          saidAt = clock.now();
        } else if (clock.now() - saidAt >= heartbeatMs) {
          yield await heartbeat();
          saidAt = clock.now();
        }
        const taken = await mailbox.take(saidAt + heartbeatMs);
        if (taken === "end") return;
        if (taken === "due") continue;
        if (taken.kind === "gap") {
          const { partition, from, to } = taken;
          const [before, after] = [cursorAt(partition, from), cursorAt(partition, to)];
          yield {
            cursor: after,
            event: { stream: "gap", from: before, to: after, lost: Number(to - from), reason: "RETENTION_PASSED" },
          };
          next[partition] = to;
          saidAt = clock.now();
          continue;
        }
        readUpTo = taken.at;
        const picked = options.pick(taken);
        const payload = picked instanceof Promise ? await picked : picked;
        if (payload !== null) {
          yield { cursor: cursorAt(taken.partition, taken.offset + 1n), event: payload };
          saidAt = clock.now();
        }
        next[taken.partition] = taken.offset + 1n;
      }
    } finally {
      mailbox.close();
    }
  }

  const source = envelopes();
  return {
    scope: JSON.stringify(scope),
    get position() {
      return next.join(",");
    },
    get isLive() {
      return isLive;
    },
    cut() {
      const cursor = cursorHere();
      return { cursor, event: { stream: "gap", from: cursor, to: null, lost: 0, reason: "SLOW_CONSUMER" } };
    },
    next: () => source.next(),
    return: () => source.return(undefined),
    throw: (thrown) => source.throw(thrown),
    [Symbol.asyncIterator]: () => source,
  };
}

function resumeAt<T>(options: LiveOptions<T>, after: string, ends: readonly bigint[]): bigint[] {
  const place = options.sealer.open(after, options.scope).position as Place;
  const next = place.next.map(BigInt);
  // A cursor from a log that was since put back to an older copy points past its end.
  const isHere = place.topic === options.topic && next.length === ends.length;
  if (!isHere || next.some((offset, partition) => offset > (ends[partition] ?? 0n))) {
    throw new VitalomeError("CURSOR_INVALID", "the cursor lies beyond the end of the stream", {
      details: { field: "after" },
    });
  }
  return next;
}
