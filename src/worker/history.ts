import type { EventLog, LoggedEvent } from "../backend/index.js";

/** What there still is of one partition, oldest first, up to an offset; up to its end now where none is given. */
export async function readHistory(
  eventLog: EventLog,
  topic: string,
  partition = 0,
  until?: bigint,
): Promise<readonly LoggedEvent[]> {
  const ranges = await eventLog.positions(topic);
  const range = ranges[partition];
  const history: LoggedEvent[] = [];
  const end = until === undefined || range === undefined || until > range.end ? range?.end : until;
  if (range === undefined || end === undefined || end <= range.start) return history;
  const enough = new AbortController();
  // Of the other partitions only what is still to come.
  const from = new Map(
    ranges.map((other) => [other.partition, other.partition === partition ? range.start : other.end]),
  );
  for await (const event of eventLog.read(topic, from, enough.signal)) {
    if (event.partition !== partition) continue;
    if (event.kind === "event" && event.offset < end) history.push(event);
    if ((event.kind === "event" && event.offset + 1n >= end) || (event.kind === "gap" && event.to >= end)) break;
  }
  enough.abort();
  return history;
}
