import type { Clock } from "../../../clock.js";
import { isHdfsFault, lostAnswer } from "./faults.js";

/** How long anything may take. Milliseconds. */
export interface HdfsLimits {
  /** One answer of the NameNode, from the first byte sent. */
  readonly callMs: number;
  /** Contents: the longest wait for the DataNode to take or give the next bytes. */
  readonly idleMs: number;
  /** No call is tried again once this has passed since the first attempt. */
  readonly retryMs: number;
}

export const DEFAULT_LIMITS: HdfsLimits = { callMs: 5_000, idleMs: 15_000, retryMs: 15_000 };

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 3_000;

/** Ends `work` after `ms`: its signal is aborted and the call counts as one whose answer was lost. */
export async function within<T>(clock: Clock, ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const waiting = new AbortController();
  const working = new AbortController();
  const late = clock.sleep(ms, waiting.signal).then(
    () => {
      const fault = lostAnswer(`no answer within ${String(ms)} ms`);
      working.abort(fault);
      throw fault;
    },
    // The work ended first: this promise decides nothing any more.
    () => new Promise<never>(() => undefined),
  );
  late.catch(() => undefined);
  try {
    return await Promise.race([work(working.signal), late]);
  } finally {
    waiting.abort(new Error("ended"));
  }
}

/** Tries again what failed in passing, with growing pauses, until it works, fails for good or takes too long. */
export async function retrying<T>(
  clock: Clock,
  limits: HdfsLimits,
  work: () => Promise<T>,
  mayRetry: (thrown: unknown) => boolean = (thrown) => isHdfsFault(thrown) && thrown.isTransient,
): Promise<T> {
  const startedAt = clock.now();
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(3 * pause, LONGEST_PAUSE_MS)) {
    try {
      return await work();
    } catch (thrown) {
      // Half of each pause is drawn, so that many who failed together do not come back together.
      const rest = pause / 2 + (Math.random() * pause) / 2;
      if (!mayRetry(thrown) || clock.now() + rest - startedAt > limits.retryMs) throw thrown;
      await clock.sleep(rest);
    }
  }
}
