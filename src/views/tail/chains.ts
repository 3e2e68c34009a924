import type { VitalAccepted } from "../../domain/events/observation.js";

/** A reading that takes the place of another one, or takes it back. */
export type Correction = Pick<VitalAccepted, "eventId" | "replaces" | "status">;

/** What became of a reading: it stands, another one stands for it, or it was entered in error. */
export type Fate = "stands" | "replaced" | "error";

export interface ReadingState {
  readonly fate: Fate;
  /** How often it was corrected, itself or what it stands for. */
  readonly revision: number;
}

/** What corrections make of one person's readings, by event id. */
export interface Chains {
  stateOf(eventId: string): ReadingState;
}

interface Chain {
  /** The last that was right for a while. */
  readonly last: string;
  readonly revision: number;
  readonly isError: boolean;
}

const UNTOUCHED: ReadingState = { fate: "stands", revision: 0 };

/** Corrections of one person in the order of the log: the last of a chain holds, whichever of its links it names. */
export function chainsOf(corrections: Iterable<Correction>): Chains {
  const roots = new Map<string, string>();
  const chains = new Map<string, Chain>();
  for (const { eventId, replaces, status } of corrections) {
    if (replaces === null || roots.has(eventId)) continue;
    const root = roots.get(replaces) ?? replaces;
    const { last, revision } = chains.get(root) ?? { last: root, revision: 0 };
    roots.set(eventId, root);
    chains.set(
      root,
      status === "entered-in-error"
        ? { last, revision, isError: true }
        : { last: eventId, revision: revision + 1, isError: false },
    );
  }
  return {
    stateOf(eventId) {
      const chain = chains.get(roots.get(eventId) ?? eventId);
      if (chain === undefined) return UNTOUCHED;
      const { last, revision, isError } = chain;
      if (last !== eventId) return { fate: "replaced", revision };
      return { fate: isError ? "error" : "stands", revision };
    },
  };
}
