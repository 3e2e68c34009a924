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

/** The longest the log may say nothing, in milliseconds. */
const LIMIT_MS = 10_000;

/** What there is of a range, oldest first. BACKEND_UNAVAILABLE where the log gives nothing for ten seconds. */
export async function* readRange(eventLog: EventLog, clock: Clock, range: LogRange): AsyncGenerator<LoggedEvent> {
  const { topic, partition, from, to } = range;
  if (from >= to) return;
  const ends = await eventLog.positions(topic);
  const enough = new AbortController();
  let deadline = clock.now() + LIMIT_MS;
  let isLate = false;
  const watching = async (): Promise<void> => {
    while (clock.now() < deadline) await sleepUntil(clock, deadline, enough.signal);
    isLate = true;
    enough.abort(new Error("late"));
  };
  watching().catch(() => undefined);
  try {
    // Of the other partitions only what is still to come.
    const start = new Map(ends.map((other) => [other.partition, other.partition === partition ? from : other.end]));
    for await (const event of eventLog.read(topic, start, enough.signal)) {
      deadline = clock.now() + LIMIT_MS;
      if (event.partition !== partition) continue;
      if (event.kind === "event" && event.offset < to) yield event;
      if (event.kind === "event" ? event.offset + 1n >= to : event.to >= to) return;
    }
  } finally {
    enough.abort(new Error("read"));
  }
  if (isLate) throw new VitalomeError("BACKEND_UNAVAILABLE", "the event log did not answer within ten seconds");
}
