import type { EventLog, LoggedEvent } from "../../backend/index.js";
import type { Log } from "../../log.js";

/** What came for one partition, in the order in which it came; filled by pumps, emptied by one loop. */
export interface Inbox {
  /** Resolves when there is room again, or nobody will take anything any more. */
  put(event: LoggedEvent): Promise<void> | undefined;
  /** Up to so many, at once. */
  take(most: number): readonly LoggedEvent[];
  /** Resolves when so many wait, or the signal was aborted. */
  wait(signal: AbortSignal, least: number): Promise<void>;
}

/** Events that may wait in one inbox. */
const ROOM = 4_096;

/** Until the signal somebody empties it. */
export function createInbox(signal: AbortSignal): Inbox {
  const waiting: LoggedEvent[] = [];
  let came: () => void = () => undefined;
  let wanted = 1;
  const left: (() => void)[] = [];
  const release = (): void => {
    for (const resolve of left.splice(0)) resolve();
  };
  signal.addEventListener("abort", release, { once: true });
  return {
    put(event) {
      waiting.push(event);
      if (waiting.length >= wanted) came();
      return waiting.length < ROOM || signal.aborted ? undefined : new Promise((resolve) => left.push(resolve));
    },
    take(most) {
      const taken = waiting.splice(0, most);
      if (waiting.length < ROOM) release();
      return taken;
    },
    wait: (either, least) =>
      new Promise((resolve) => {
        if (waiting.length >= least || either.aborted) {
          resolve();
          return;
        }
        const done = (): void => {
          either.removeEventListener("abort", done);
          came = () => undefined;
          resolve();
        };
        came = done;
        wanted = least;
        either.addEventListener("abort", done);
      }),
  };
}

export interface PumpOptions {
  readonly eventLog: EventLog;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly topic: string;
  /** By partition, the next offset wanted. */
  readonly from: ReadonlyMap<number, bigint>;
  /** Who gets the events of a partition. */
  readonly inboxesOf: (partition: number) => readonly Inbox[];
}

/** Reads one topic once for all its partitions and puts what comes where it belongs, no faster than it is taken. */
export async function pumpTopic({ eventLog, log, signal, topic, from, inboxesOf }: PumpOptions): Promise<void> {
  for await (const event of eventLog.read(topic, from, signal)) {
    if (event.kind === "gap") {
      const { partition, from: wanted, to } = event;
      log.error({ topic, partition, from: String(wanted), to: String(to) }, "events went from the log unread");
      continue;
    }
    // A start that several loops share may lie before what one of them has done: each drops what it knows.
    for (const inbox of inboxesOf(event.partition)) await inbox.put(event);
  }
}
