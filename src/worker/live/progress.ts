import type { Clock } from "../../clock.js";
import { messageOf } from "../../errors.js";
import type { Log } from "../../log.js";
import type { Consumer, Progress } from "./consumer.js";

export interface ProgressWatch {
  /** Which consumer has records before it and does not move; null while all do. */
  fault(): string | null;
  /** Records that waited, at most, when it last looked; null where it could not. */
  behind(): number | null;
  /** Resolves when the signal has ended it. */
  readonly ended: Promise<void>;
}

export interface ProgressWatchOptions {
  readonly consumers: readonly Consumer[];
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

const EVERY_MS = 2_000;
const PATIENCE_MS = 60_000;

/** Compares every two seconds what waits with what was done: standing still for a minute before waiting records is a fault. */
export function watchProgress({ consumers, clock, log, signal }: ProgressWatchOptions): ProgressWatch {
  const movedAt = new Map<string, { readonly place: string; readonly at: number }>();
  let fault: string | null = null;
  let waiting: number | null = null;

  function stalled({ consumer, behind, place }: Progress): boolean {
    const known = movedAt.get(consumer);
    if (behind === 0 || known?.place !== place) movedAt.set(consumer, { place, at: clock.now() });
    return clock.now() - (movedAt.get(consumer)?.at ?? 0) >= PATIENCE_MS;
  }

  async function look(): Promise<void> {
    const all = await Promise.all(consumers.map((consumer) => consumer.progress()));
    waiting = all.reduce((sum, { behind }) => sum + behind, 0);
    const standing = all.filter(stalled).map(({ consumer }) => consumer);
    const found = standing.length === 0 ? null : `no progress for a minute: ${standing.join(", ")}`;
    if (found !== null && fault === null) log.error({ consumers: standing }, "records wait and nothing moves");
    fault = found;
  }

  async function watch(): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(EVERY_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      await look().catch((thrown: unknown) => {
        waiting = null;
        log.warn({ cause: messageOf(thrown) }, "the progress of readings is not known");
      });
    }
  }

  return {
    fault: () => fault,
    behind: () => waiting,
    ended: watch(),
  };
}
