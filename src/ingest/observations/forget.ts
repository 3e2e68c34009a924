import { CLOCKS, areClocksSilent } from "./device-clock.js";
import { IDS, areIdsSilent } from "./recent-ids.js";
import { SESSIONS, forgetSession } from "./sequences.js";
import type { JudgeState } from "./state.js";

const FORGOTTEN = "forgotten";
const EVERY_MS = 3_600_000;

/**
 * Removes what is remembered of devices and ids that were silent for a day; looks once an hour. `now` is the receipt of the
 * last record that was judged. What it removes counts no more, so no verdict depends on when it is called.
 */
export function forgetSilent(
  state: JudgeState & { entries(): Iterable<readonly [string, unknown]> },
  now: number,
): void {
  const last = state.get(FORGOTTEN) as number | null;
  if (last !== null && now < last + EVERY_MS) return;
  state.set(FORGOTTEN, now);
  for (const [key, value] of [...state.entries()]) {
    if (key.startsWith(SESSIONS)) forgetSession(state, key, now);
    else if (key.startsWith(IDS)) {
      if (areIdsSilent(value, now)) state.set(key, null);
    } else if (key.startsWith(CLOCKS) && areClocksSilent(value, now)) state.set(key, null);
  }
}
