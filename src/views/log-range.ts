import type { EventLog, LoggedEvent } from "../backend/index.js";
import { sleepUntil, type Clock } from "../clock.js";
import { VitalomeError } from "../errors.js";
import { eventsBetween } from "../ingest/streams/between.js";

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
  const { topic, partition } = range;
  if (range.from >= range.to) return;
  const ends = (await eventLog.positions(topic)).map(({ end }) => end);
  const enough = new AbortController();
  let deadline = clock.now() + LIMIT_MS;
  const watching = async (): Promise<void> => {
    while (clock.now() < deadline) await sleepUntil(clock, deadline, enough.signal);
    enough.abort(new VitalomeError("BACKEND_UNAVAILABLE", "the event log did not answer within ten seconds"));
  };
  watching().catch(() => undefined);
  const [from, to] = [ends.with(partition, range.from), ends.with(partition, range.to)];
  try {
    for await (const event of eventsBetween(eventLog, topic, from, to, enough.signal)) {
      deadline = clock.now() + LIMIT_MS;
      yield event;
    }
  } finally {
    enough.abort(new Error("read"));
  }
}
