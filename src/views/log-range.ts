import type { EventLog, LoggedEvent } from "../backend/index.js";
import { sleepUntil, type Clock } from "../clock.js";
import { VitalomeError } from "../errors.js";

export interface LogRange {
  readonly topic: string;
  readonly partition: number;
  /** The first offset wanted. */
  readonly from: bigint;
  /** Behind the last; an event lies just before it, or at it or behind it. */
  readonly to: bigint;
}

const LIMIT_MS = 10_000;

/** What there is of a range, oldest first. BACKEND_UNAVAILABLE where the log does not give it within ten seconds. */
export async function readRange(eventLog: EventLog, clock: Clock, range: LogRange): Promise<readonly LoggedEvent[]> {
  const { topic, partition, from, to } = range;
  const found: LoggedEvent[] = [];
  if (from >= to) return found;
  const ends = await eventLog.positions(topic);
  const enough = new AbortController();
  const done = new AbortController();
  let isLate = false;
  void sleepUntil(clock, clock.now() + LIMIT_MS, done.signal).then(
    () => {
      isLate = true;
      enough.abort(new Error("late"));
    },
    () => undefined,
  );
  try {
    // Of the other partitions only what is still to come.
    const start = new Map(ends.map((other) => [other.partition, other.partition === partition ? from : other.end]));
    for await (const event of eventLog.read(topic, start, enough.signal)) {
      if (event.partition !== partition) continue;
      if (event.kind === "gap") {
        if (event.to >= to) break;
        continue;
      }
      if (event.offset < to) found.push(event);
      if (event.offset + 1n >= to) break;
    }
  } finally {
    done.abort(new Error("read"));
    enough.abort(new Error("read"));
  }
  if (isLate) throw new VitalomeError("BACKEND_UNAVAILABLE", "the event log did not answer within ten seconds");
  return found;
}
