import { VitalomeError } from "../../errors.js";
import { EPISODES, type EpisodeKind } from "./tables.js";

/** What happens to one bed, and when. */
export interface Episode {
  /** A name of `reference/simulated-vitals.json`, such as `sepsis`. */
  readonly kind: string;
  readonly patientId: string;
  /** Seconds from the start of the simulation; default 0. */
  readonly fromSeconds?: number;
  /** Default: as the table has it. */
  readonly seconds?: number;
}

/** An episode with everything known of it. */
export interface Course extends EpisodeKind {
  readonly kind: string;
  readonly patientId: string;
  readonly from: number;
  /** Seconds; the episode is over here. */
  readonly until: number;
}

export function courseOf({ kind, patientId, fromSeconds = 0, seconds }: Episode): Course {
  const table = Object.hasOwn(EPISODES, kind) ? EPISODES[kind] : undefined;
  if (table === undefined) {
    throw new VitalomeError("BAD_USER_INPUT", `episode: expected ${Object.keys(EPISODES).join(", ")}, found ${kind}`, {
      details: { field: "episode" },
    });
  }
  const lasts = seconds ?? table.seconds;
  if (!(fromSeconds >= 0 && lasts > 0)) {
    throw new VitalomeError("BAD_USER_INPUT", `episode ${kind}: expected a start of 0 or more and some length`, {
      details: { field: "episode" },
    });
  }
  return { ...table, kind, patientId, from: fromSeconds, until: fromSeconds + lasts };
}

/** How far the episode has come, 0 to 1, at a time in seconds: it rises, holds and falls. */
export function strengthOf({ from, until, rise = 0, fall = 0 }: Course, seconds: number): number {
  if (seconds < from || seconds >= until) return 0;
  const share = (seconds - from) / (until - from);
  if (share < rise) return smooth(share / rise);
  if (share > 1 - fall) return smooth((1 - share) / fall);
  return 1;
}

/** From 0 to 1 without a corner at either end. */
export function smooth(share: number): number {
  return share * share * (3 - 2 * share);
}
