import { createHash } from "node:crypto";
import type { PatientState } from "../../domain/alert/evaluate.js";
import { changedParts, stateOf, type StatePart } from "../../domain/alert/evaluation/state-parts.js";
import type { LoopState } from "./partition-loop.js";

/** What evaluation remembers of each patient of a partition. */
export interface PatientStates {
  get(patientId: string): PatientState | null;
  set(patientId: string, state: PatientState): void;
  ids(): Iterable<string>;
  /** Hands what has changed since the last call to the state of the loop, part by part. */
  keep(): void;
}

const PREFIX = "patient/";
/** A key of the log's state has 512 bytes at most. */
const LONGEST_KEY = 512;

/** A part whose name is too long to be a key. */
interface Named {
  readonly name: string;
  readonly value: unknown;
}

/** Puts the states together from their parts, and keeps them in parts: only what a step changed is written again. */
export function createPatientStates(state: LoopState): PatientStates {
  const states = restored(state);
  /** By patient, the state as it is kept. */
  const touched = new Map<string, PatientState | null>();
  return {
    get: (patientId) => states.get(patientId) ?? null,
    set(patientId, after) {
      if (!touched.has(patientId)) touched.set(patientId, states.get(patientId) ?? null);
      states.set(patientId, after);
    },
    ids: () => states.keys(),
    keep() {
      for (const [patientId, before] of touched) {
        const after = states.get(patientId);
        if (after === undefined) continue;
        for (const part of changedParts(before, after)) state.set(...entryOf(patientId, part));
      }
      touched.clear();
    },
  };
}

function restored(state: LoopState): Map<string, PatientState> {
  const parts = new Map<string, StatePart[]>();
  for (const [key, value] of state.entries()) {
    if (!key.startsWith(PREFIX)) continue;
    const slash = key.indexOf("/", PREFIX.length);
    const patientId = decodeURIComponent(key.slice(PREFIX.length, slash));
    const name = key.slice(slash + 1);
    const part: StatePart = name.startsWith("#") ? [(value as Named).name, (value as Named).value] : [name, value];
    const known = parts.get(patientId);
    if (known === undefined) parts.set(patientId, [part]);
    else known.push(part);
  }
  const states = new Map<string, PatientState>();
  for (const [patientId, own] of parts) {
    const whole = stateOf(own);
    if (whole !== null) states.set(patientId, whole);
  }
  return states;
}

function entryOf(patientId: string, [name, value]: StatePart): readonly [string, unknown] {
  const prefix = `${PREFIX}${patientId.replaceAll("%", "%25").replaceAll("/", "%2F")}/`;
  const key = prefix + name;
  if (Buffer.byteLength(key) <= LONGEST_KEY) return [key, value];
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 32);
  return [`${prefix}#${hash}`, value === null ? null : ({ name, value } satisfies Named)];
}
