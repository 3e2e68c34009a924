import type { EventLog, LoggedEvent } from "../../backend/index.js";

/** Events of one topic, per partition from an offset up to another, in the order of each partition. Holds few at once. */
export async function* eventsBetween(
  eventLog: EventLog,
  topic: string,
  from: readonly bigint[],
  to: readonly bigint[],
  signal: AbortSignal,
): AsyncGenerator<LoggedEvent> {
  const open = new Set<number>();
  for (const [partition, end] of to.entries()) if ((from[partition] ?? 0n) < end) open.add(partition);
  if (open.size === 0) return;
  const enough = new AbortController();
  const start = new Map(to.map((end, partition) => [partition, open.has(partition) ? (from[partition] ?? 0n) : end]));
  try {
    for await (const event of eventLog.read(topic, start, AbortSignal.any([signal, enough.signal]))) {
      const end = to[event.partition] ?? 0n;
      if (event.kind === "event" && event.offset < end) yield event;
      const next = event.kind === "event" ? event.offset + 1n : event.to;
      if (next >= end) open.delete(event.partition);
      if (open.size === 0) return;
    }
  } finally {
    enough.abort(new Error("the range is read"));
  }
  signal.throwIfAborted();
}
