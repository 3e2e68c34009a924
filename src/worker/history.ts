import type { EventLog, LoggedEvent } from "../backend/index.js";
import { eventsBetween } from "../ingest/streams/between.js";

/** What there is of one partition now, from an offset on, oldest first. */
export async function readHistory(
  eventLog: EventLog,
  topic: string,
  partition = 0,
  start = 0n,
): Promise<readonly LoggedEvent[]> {
  const ranges = await eventLog.positions(topic);
  const first = (range: (typeof ranges)[number]): bigint => (range.start > start ? range.start : start);
  const from = ranges.map((range) => (range.partition === partition ? first(range) : range.end));
  const to = ranges.map(({ end }) => end);
  const history: LoggedEvent[] = [];
  const { signal } = new AbortController();
  for await (const event of eventsBetween(eventLog, topic, from, to, signal)) history.push(event);
  return history;
}
