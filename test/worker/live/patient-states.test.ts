import { describe, expect, it } from "@jest/globals";
import type { PatientState } from "../../../src/domain/alert/evaluate.js";
import { blankWatch } from "../../../src/domain/alert/evaluation/case.js";
import { EMPTY_STATE, type KnownReading } from "../../../src/domain/alert/evaluation/state.js";
import type { LoopState } from "../../../src/worker/live/partition-loop.js";
import { createPatientStates } from "../../../src/worker/live/patient-states.js";
import { START } from "./build-live.js";

interface TestState extends LoopState {
  /** What was set since it was last looked at, and is on the disk since. */
  written(): ReadonlyMap<string, string | null>;
  readonly kept: ReadonlyMap<string, string>;
}

/** Holds text, as a log does: nothing is shared with who wrote it. */
function createState(): TestState {
  const kept = new Map<string, string>();
  let written = new Map<string, string | null>();
  return {
    kept,
    get: (key) => (kept.has(key) ? (JSON.parse(kept.get(key)!) as unknown) : null),
    set(key, value) {
      const json = value === null ? null : JSON.stringify(value);
      written.set(key, json);
      if (json === null) kept.delete(key);
      else kept.set(key, json);
    },
    entries: () => [...kept].map(([key, json]) => [key, JSON.parse(json) as unknown] as const),
    written() {
      const now = written;
      written = new Map();
      return now;
    },
  };
}

function buildKnown(id: string): KnownReading {
  return {
    ...{ id, at: START, receivedAt: START, value: "80", coded: null, comparator: null, unit: "/min" },
    ...{ source: "monitor", simulated: true, extreme: false, doubtful: true },
  };
}

function buildState(overrides: Partial<PatientState> = {}): PatientState {
  return {
    ...EMPTY_STATE,
    readings: {
      "8867-4": { last: buildKnown("b"), before: buildKnown("a"), heardAt: START },
      "2708-6": { last: buildKnown("c"), before: null, heardAt: START },
    },
    watches: {
      "hr-low|8867-4": { ...blankWatch({ version: 3 }, START), freshUntil: null, timers: { silence: START } },
      "no-data|any": { ...blankWatch({ version: 1 }, START), severity: -4, basis: { pulse: [3, START] } },
    },
    sources: [{ source: "monitor", heardAt: START }],
    ...overrides,
  };
}

const PATIENTS = ["p1", "p1/watches", "50 %", "Åsa/50%2F", "ø".repeat(128)];

describe("the states of patients", () => {
  it("are the same when they are put together again from their parts, whatever a patient is called", () => {
    const state = createState();
    const states = createPatientStates(state);
    PATIENTS.forEach((id, index) => {
      states.set(id, buildState({ settleDue: index }));
    });
    states.keep();
    const again = createPatientStates(state);
    expect([...again.ids()].sort()).toEqual([...PATIENTS].sort());
    PATIENTS.forEach((id, index) => {
      expect(again.get(id)).toEqual(buildState({ settleDue: index }));
    });
  });

  it("are written by what changed alone, once for all that happened in a step", () => {
    const state = createState();
    const states = createPatientStates(state);
    const before = buildState();
    states.set("p1", before);
    states.keep();
    state.written();
    states.set("p1", { ...before, settleDue: 1 });
    const readings = { ...before.readings, "2708-6": { ...before.readings["2708-6"]!, heardAt: START + 1 } };
    states.set("p1", { ...before, readings });
    states.keep();
    expect([...state.written().keys()]).toEqual(["patient/p1/readings/2708-6"]);
    states.keep();
    expect(state.written().size).toBe(0);
  });

  it("leave nothing behind of what is over", () => {
    const state = createState();
    const states = createPatientStates(state);
    states.set("p1", buildState({ settleDue: 1, isWithdrawn: true }));
    states.keep();
    states.set("p1", EMPTY_STATE);
    states.keep();
    expect([...state.kept.keys()]).toEqual(["patient/p1/schema"]);
    expect(createPatientStates(state).get("p1")).toEqual(EMPTY_STATE);
  });

  it("keep what has a name too long for a key, and forget it too", () => {
    const state = createState();
    const states = createPatientStates(state);
    const id = "ø".repeat(128);
    const watches = Object.fromEntries(
      ["x", "y"].map((end) => [`rule|${"å".repeat(127)}${end}`, blankWatch({ version: 1 }, START)]),
    );
    states.set(id, buildState({ watches }));
    states.keep();
    for (const key of state.kept.keys()) expect(Buffer.byteLength(key)).toBeLessThanOrEqual(512);
    const again = createPatientStates(state);
    expect(again.get(id)).toEqual(buildState({ watches }));
    again.set(id, { ...again.get(id)!, watches: {} });
    again.keep();
    expect(createPatientStates(state).get(id)).toEqual(buildState({ watches: {} }));
    expect([...state.kept.keys()].filter((key) => key.includes("#"))).toEqual([]);
  });
});
