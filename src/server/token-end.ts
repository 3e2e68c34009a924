import type { Clock } from "../clock.js";
import type { Caller } from "../domain/caller.js";

/** Timers of Node hold at most 24 days. */
const LONGEST_SLEEP_MS = 86_400_000;

/** Calls `onEnd` when the token of the caller expires, by the service's clock; never once the signal is aborted. */
export async function atTokenEnd(caller: Caller, clock: Clock, signal: AbortSignal, onEnd: () => void): Promise<void> {
  try {
    for (let left = caller.tokenExpiresAt - clock.now(); left > 0; left = caller.tokenExpiresAt - clock.now()) {
      await clock.sleep(Math.min(left, LONGEST_SLEEP_MS), signal);
    }
    if (!signal.aborted) onEnd();
  } catch {
    // The connection closed first.
  }
}
