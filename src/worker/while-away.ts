import type { Clock } from "../clock.js";
import { isVitalomeError, type ErrorCode } from "../errors.js";

export interface WhileAwayOptions {
  readonly clock: Clock;
  /** Once aborted nothing is tried again. */
  readonly signal: AbortSignal;
  /** Faults that pass by themselves; without it a system that is out of reach. */
  readonly passing?: ReadonlySet<ErrorCode>;
  /** Milliseconds since the epoch from which nothing is tried again. */
  readonly deadline?: number | undefined;
  /** Told of each attempt that will be followed by another. */
  readonly onAway?: (thrown: unknown) => void;
}

const RETRY_MS = 1_000;
const AWAY: ReadonlySet<ErrorCode> = new Set(["BACKEND_UNAVAILABLE"]);

/** What is out of reach comes back: tries until it is done, it fails for another reason, or it may not be tried any more. */
export async function whileAway<T>(work: () => Promise<T>, options: WhileAwayOptions): Promise<T> {
  const { clock, signal, passing = AWAY, deadline = Number.POSITIVE_INFINITY, onAway } = options;
  for (;;) {
    try {
      return await work();
    } catch (thrown) {
      const canPass = isVitalomeError(thrown) && passing.has(thrown.code);
      if (!canPass || signal.aborted || clock.now() >= deadline) throw thrown;
      onAway?.(thrown);
      await clock.sleep(RETRY_MS, signal);
    }
  }
}
