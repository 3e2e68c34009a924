import { LIVE } from "../../domain/observation/live.js";
import { hashOf } from "./hash.js";
import type { JudgeState, Seen } from "./state.js";

/** Begins the keys of this part of the state. */
export const IDS = "ids/";

/** Beginning of the hash of an id, of what it named, and when it came. */
type Known = readonly [id: string, content: string, receivedAt: number];

const { buckets, perBucket } = LIVE.ids;

/**
 * Looks a reading up by its event id among those of one patient of the last day, 4,096 at most. The same id with other content
 * is a conflict. `remember` once it was accepted.
 */
export function lookUpId(
  state: JudgeState,
  reading: { readonly patientId: string; readonly id: string; readonly content: string; readonly receivedAt: number },
): { readonly seen: Seen; remember(): void } {
  const { patientId, content, receivedAt } = reading;
  const hash = hashOf([reading.id]).slice(0, 20);
  const key = `${IDS}${patientId}/${String(Number.parseInt(hash.slice(0, 4), 16) % buckets)}`;
  const known = ((state.get(key) ?? []) as readonly Known[]).filter(([, , at]) => at > receivedAt - LIVE.silentMs);
  const own = known.find(([id]) => id === hash);
  return {
    seen: own === undefined ? "new" : own[1] === content ? "duplicate" : "conflict",
    remember() {
      if (own !== undefined) return;
      state.set(key, [...known, [hash, content, receivedAt] satisfies Known].slice(-perBucket));
    },
  };
}

/** Whether nothing in an entry is of the last day. */
export function areIdsSilent(value: unknown, now: number): boolean {
  return (value as readonly Known[]).every(([, , at]) => at <= now - LIVE.silentMs);
}
