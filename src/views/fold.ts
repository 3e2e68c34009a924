import type { EventLog, LoggedEvent, LogGap, Position } from "../backend/index.js";
import type { Clock } from "../clock.js";
import { VitalomeError } from "../errors.js";

/** A state that grows with one topic, event by event, and that can be waited for. */
export interface TopicFold {
  /** Everything that was in the log when the fold began is in it. */
  readonly isCaughtUp: boolean;
  /** When the log took the last event that is in it; null before the first. */
  readonly readUpTo: number | null;
  /** Per partition the next offset that is not in it; a partition without one has nothing. */
  readonly next: ReadonlyMap<number, bigint>;
  /** Whether the event is in it. */
  holds(position: Position): boolean;
  /** Resolves once it is caught up; BACKEND_UNAVAILABLE after ten seconds. */
  ready(): Promise<void>;
  /** Resolves once the event is in it; BACKEND_UNAVAILABLE after ten seconds. */
  until(position: Position): Promise<void>;
  /** Resolves once everything is in it that the log holds now. */
  untilNow(): Promise<void>;
  /** Resolves once the condition on the state holds, which is looked at after each event; else BACKEND_UNAVAILABLE with these words. */
  when(condition: () => boolean, otherwise: string): Promise<void>;
  /** What `/readyz` says of it. */
  health(): Promise<{ readonly ok: boolean; readonly detail: string }>;
}

/** A fold that begins with what the newest snapshot holds, and goes on where the log does behind it. */
export interface StoredFoldOptions<T> extends Pick<FoldOptions, "eventLog" | "clock" | "signal" | "onFailure"> {
  readonly stored: () => Promise<T>;
}

export interface FoldOptions {
  readonly eventLog: EventLog;
  readonly topic: string;
  /** Per partition the first offset that is folded; the log's start where it says nothing. */
  readonly from?: ReadonlyMap<number, bigint>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly apply: (event: LoggedEvent) => void;
  /** What the log no longer holds; nothing is folded before this is done. */
  readonly onGap?: (gap: LogGap) => void | Promise<void>;
  /** An event that could not be read is passed over and told; so is a reading of the log that broke and begins again. */
  readonly onFailure: (thrown: unknown) => void;
}

const TIMEOUT_MS = 10_000;
const AGAIN_MS = 1_000;
const LATE = "the event log could not be read so far within ten seconds";
/** Events folded before requests get a turn. */
const TURN = 512;

/** Begins at once and goes on until the signal ends it. */
export function startFold(options: FoldOptions): TopicFold {
  const { eventLog, topic, clock, signal, apply, onGap, onFailure } = options;
  const next = new Map<number, bigint>(options.from);
  const waiting = new Set<() => void>();
  let ends: ReadonlyMap<number, bigint> | null = null;
  let readUpTo: number | null = null;
  let unreadable = 0;
  let broken = false;

  const isPast = (wanted: ReadonlyMap<number, bigint>): boolean =>
    [...wanted].every(([partition, end]) => (next.get(partition) ?? 0n) >= end);
  const isCaughtUp = (): boolean => ends !== null && isPast(ends);

  function take(event: LoggedEvent): void {
    try {
      apply(event);
    } catch (thrown) {
      unreadable += 1;
      onFailure(thrown);
    }
    readUpTo = event.at;
    next.set(event.partition, event.offset + 1n);
    for (const look of [...waiting]) look();
  }

  async function takeGap(gap: LogGap): Promise<void> {
    await onGap?.(gap);
    next.set(gap.partition, gap.to);
    for (const look of [...waiting]) look();
  }

  async function follow(): Promise<void> {
    ends ??= await endsNow();
    for (const look of [...waiting]) look();
    let taken = 0;
    for await (const event of eventLog.read(topic, next, signal)) {
      broken = false;
      if (event.kind === "gap") await takeGap(event);
      else take(event);
      taken += 1;
      if (taken % TURN === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  async function endsNow(): Promise<ReadonlyMap<number, bigint>> {
    return new Map((await eventLog.positions(topic)).map(({ partition, end }) => [partition, end]));
  }

  void (async () => {
    while (!signal.aborted) {
      await follow().catch((thrown: unknown) => {
        if (signal.aborted) return;
        if (!broken) onFailure(thrown);
        broken = true;
      });
      await clock.sleep(AGAIN_MS, signal).catch(() => undefined);
    }
  })();

  function wait(condition: () => boolean, otherwise = LATE): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const done = new AbortController();
      const end = (): void => {
        waiting.delete(look);
        done.abort(new Error("done"));
      };
      const look = (): void => {
        if (!condition()) return;
        end();
        resolve();
      };
      waiting.add(look);
      const watchClock = async (): Promise<void> => {
        const deadline = clock.now() + TIMEOUT_MS;
        while (clock.now() < deadline) await clock.sleep(deadline - clock.now(), done.signal);
        end();
        reject(new VitalomeError("BACKEND_UNAVAILABLE", otherwise));
      };
      watchClock().catch(() => undefined);
    });
  }

  return {
    next,
    get isCaughtUp() {
      return isCaughtUp();
    },
    get readUpTo() {
      return readUpTo;
    },
    holds: ({ partition, offset }) => (next.get(partition) ?? 0n) > offset,
    when: wait,
    ready: () => wait(isCaughtUp),
    until: ({ partition, offset }) => wait(() => (next.get(partition) ?? 0n) > offset),
    async untilNow() {
      const wanted = await endsNow();
      await wait(() => isPast(wanted));
    },
    async health() {
      const now = await endsNow().catch(() => null);
      if (now === null) return { ok: false, detail: "the event log is out of reach" };
      let behind = 0n;
      for (const [partition, end] of now) {
        const own = next.get(partition) ?? 0n;
        if (end > own) behind += end - own;
      }
      const faults = unreadable === 0 ? "" : `, ${String(unreadable)} unreadable`;
      return { ok: isCaughtUp() && !broken && unreadable === 0, detail: `${String(behind)} events behind${faults}` };
    },
  };
}
