import { LIVE } from "../../domain/observation/live.js";
import type { JudgeState } from "./state.js";

const KEY = "watermark";

/** Where a partition stands: what is older is late. Null before its first plausible time. */
export function watermarkOf(state: JudgeState): number | null {
  return state.get(KEY) as number | null;
}

/** Moves it behind a plausible time, never back. The watermark after it. */
export function advanceWatermark(state: JudgeState, effectiveTime: number): number {
  const before = watermarkOf(state);
  const reached = effectiveTime - LIVE.allowedLatenessMs;
  if (before !== null && before >= reached) return before;
  state.set(KEY, reached);
  return reached;
}
