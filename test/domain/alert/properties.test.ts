import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { DEFAULT_RULES } from "../../../src/domain/alert/default-rules.js";
import { evaluate, nextDue, type PatientState } from "../../../src/domain/alert/evaluate.js";
import { foldAlerts } from "./fold.js";
import type { AlertInput, AlertTransition } from "../../../src/domain/alert/inputs.js";
import { changedParts, stateOf } from "../../../src/domain/alert/evaluation/state-parts.js";
import type { AlertCommanded } from "../../../src/domain/events/alert.js";
import type { VitalAccepted } from "../../../src/domain/events/observation.js";
import { alertTransitionedSchema } from "../../../src/domain/events/alert.js";
import { buildKnowledge, buildReading, buildRule, HR, MINUTE, SECOND, SPO2, type World } from "./build.js";

const plain = buildRule({ delayMs: 0, clearDelayMs: 0 });
const RULES = [
  ...DEFAULT_RULES,
  buildRule({ ...plain, id: "plain" }),
  buildRule({ ...plain, id: "latching", latching: true, reAlarmMs: MINUTE, staleAfterMs: 5 * MINUTE }),
  buildRule({ ...plain, id: "tried", status: "SHADOW", delayMs: 20 * SECOND }),
];
const RUNS = 40;
const START = Date.parse("2026-01-01");
const WORLD: World = {
  rules: RULES,
  person: { id: "p1", birthDate: "1950", simulated: false },
  sources: [{ id: "round", kind: "SPOT_CHECK", staleAfterMs: 20 * MINUTE, zone: null }],
};

/** What happens to a patient, before it is put into inputs. */
type Happening =
  | { readonly kind: "reading"; readonly reading: Partial<VitalAccepted> }
  | { readonly kind: "pass" }
  | { readonly kind: "knowledge"; readonly version: number }
  | { readonly kind: "command"; readonly what: AlertCommanded["command"]; readonly which: number; readonly id: string };

const value = (...values: readonly string[]) => fc.constantFrom(...values);
const codes: readonly (readonly [string, fc.Arbitrary<string>])[] = [
  [SPO2, value("97", "93", "91", "89", "84", "80")],
  [HR, value("0", "38", "43", "80", "115", "140")],
  ["9279-1", value("7", "16", "22", "28")],
  ["8480-6", value("85", "93", "120", "230")],
  ["8310-5", value("34.8", "36.9", "39.4")],
];
const readings: fc.Arbitrary<Happening> = fc
  .tuple(
    fc.constantFrom(...codes).chain(([code, values]) => values.map((one) => ({ code, value: one }))),
    fc.record({
      source: fc.constantFrom("ward", "ward", "round"),
      lag: fc.constantFrom(0, 0, 0, 0, 500, 30 * SECOND, 10 * MINUTE),
      flags: fc.constantFrom([], [], [], [], ["EXTREME"], ["CONFLICT"], ["CLOCK_FAST"]),
      correction: fc.constantFrom(null, null, null, null, null, null, "corrected", "entered-in-error"),
      sequence: fc.option(fc.integer({ min: 0, max: 30 }), { nil: null }),
    }),
  )
  .map(([measured, { lag, correction, ...rest }]) => ({
    kind: "reading",
    reading: {
      ...measured,
      ...rest,
      unit: "u",
      effectiveTime: -lag,
      ...(correction === null ? {} : { status: correction, replaces: "last" }),
    },
  }));
const others: fc.Arbitrary<Happening> = fc.oneof(
  fc.constant({ kind: "pass" } as const),
  fc.record({ kind: fc.constant("knowledge" as const), version: fc.integer({ min: 1, max: 4 }) }),
  fc.record({
    kind: fc.constant("command" as const),
    what: fc.constantFrom("acknowledge", "snooze", "unsnooze", "resolve", "assess"),
    which: fc.nat(5),
    id: fc.constantFrom("a", "b", "c", "d", "e", "f"),
  }),
);
const happenings = fc.array(
  fc.tuple(
    fc.oneof({ weight: 5, arbitrary: readings }, { weight: 1, arbitrary: others }),
    fc.constantFrom(0, 1, 200, 5 * SECOND, 20 * SECOND, 90 * SECOND, 7 * MINUTE),
  ),
  { maxLength: 50 },
);
type Lived = typeof happenings extends fc.Arbitrary<infer T> ? T : never;

interface Life {
  readonly outputs: readonly AlertTransition[];
  readonly states: readonly (PatientState | null)[];
}

interface Options {
  /** Puts time in at every moment between two inputs that this says, in parts of the way. */
  readonly splits?: readonly number[];
  readonly isDoubled?: boolean;
  readonly throughJson?: boolean;
  /** Keeps the state part by part, as text, and puts it together anew for every input. */
  readonly parts?: Map<string, string>;
}

/** Lives a life; commands are about alerts raised so far. */
function live(life: Lived, { splits = [], isDoubled = false, throughJson = false, parts }: Options = {}): Life {
  let state: PatientState | null = null;
  let knowledge = buildKnowledge(WORLD);
  let now = START;
  let lastId = "none";
  const outputs: AlertTransition[] = [];
  const states: (PatientState | null)[] = [];
  const put = (input: AlertInput): void => {
    const before = state;
    const after = evaluate("p1", before, input, knowledge);
    if (input.kind === "time" && (nextDue(after.state) ?? Infinity) <= input.now)
      throw new Error("what is due is not done");
    state = throughJson ? (JSON.parse(JSON.stringify(after.state)) as PatientState | null) : after.state;
    if (parts !== undefined && after.state !== null) state = throughParts(parts, before, after.state);
    outputs.push(...after.outputs.filter((output) => output.kind !== "handed"));
    states.push(state);
  };
  const pass = (to: number): void => {
    const from = now;
    for (const part of [...splits].sort((a, b) => a - b))
      put({ kind: "time", now: from + Math.floor((to - from) * part) });
    put({ kind: "time", now: to });
    now = to;
  };
  for (const [index, [happening, wait]] of life.entries()) {
    pass(now + wait);
    switch (happening.kind) {
      case "pass":
        break;
      case "reading": {
        const { replaces, effectiveTime = 0, ...rest } = happening.reading;
        const corrects = replaces === undefined ? {} : { replaces: lastId };
        const eventId = `r${String(index)}`;
        const reading = buildReading({
          ...rest,
          ...corrects,
          eventId,
          receivedAt: now,
          effectiveTime: now + effectiveTime,
        });
        put({ kind: "reading", reading });
        if (isDoubled) put({ kind: "reading", reading });
        lastId = eventId;
        break;
      }
      case "knowledge": {
        const rules = RULES.map((rule) =>
          rule.id === "plain" ? { ...rule, version: happening.version } : rule,
        ).filter(({ id }) => happening.version !== 4 || id !== "plain");
        knowledge = buildKnowledge({ ...WORLD, rules });
        put({ kind: "knowledge", now });
        break;
      }
      case "command": {
        const { what, which, id: commandId } = happening;
        const ids = [...new Set(outputs.flatMap((output) => (output.kind === "changed" ? [output.alert.id] : [])))];
        const base = {
          schema: 1,
          commandId,
          alertId: ids.at(-1 - which) ?? "none",
          patientId: "p1",
          expectedVersion: null,
          known: null,
          by: "n",
          at: now,
        };
        const command = {
          ...base,
          command: what,
          note: null,
          until: now + MINUTE,
          reason: "r",
          assessment: "ARTEFACT",
        } as AlertCommanded;
        put({ kind: "command", command });
        break;
      }
    }
  }
  pass(now + 3 * MINUTE);
  return { outputs, states };
}

function throughParts(
  parts: Map<string, string>,
  before: PatientState | null,
  after: PatientState,
): PatientState | null {
  for (const [name, value] of changedParts(before, after)) {
    if (value === null) parts.delete(name);
    else parts.set(name, JSON.stringify(value));
  }
  const sorted = [...parts].sort(([one], [other]) => (one < other ? -1 : 1));
  return stateOf(sorted.map(([name, json]) => [name, JSON.parse(json) as unknown]));
}

const check = (property: (life: Lived) => void): void => {
  fc.assert(fc.property(happenings, property), { numRuns: RUNS });
};

describe("whatever happens to a patient", () => {
  it("the same inputs give the same steps and the same state", () => {
    check((life) => {
      const [first, second] = [live(life), live(life)];
      expect(second.outputs).toEqual(first.outputs);
      expect(second.states.at(-1)).toEqual(first.states.at(-1));
    });
  });

  it("time put in at other moments between two inputs changes nothing", () => {
    fc.assert(
      fc.property(
        happenings,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
        (life, splits) => {
          const [whole, split] = [live(life), live(life, { splits })];
          expect(split.outputs).toEqual(whole.outputs);
          expect(split.states.at(-1)).toEqual(whole.states.at(-1));
        },
      ),
      { numRuns: RUNS },
    );
  });

  it("readings that come twice change nothing", () => {
    check((life) => {
      const [once, twice] = [live(life), live(life, { isDoubled: true })];
      expect(twice.outputs).toEqual(once.outputs);
      expect(twice.states.at(-1)).toEqual(once.states.at(-1));
    });
  });

  it("the state is the same when it has gone through JSON at every point", () => {
    check((life) => {
      const [kept, stored] = [live(life), live(life, { throughJson: true })];
      expect(stored.outputs).toEqual(kept.outputs);
      expect(JSON.stringify(stored.states.at(-1))).toBe(JSON.stringify(kept.states.at(-1)));
    });
  });

  it("the state is the same when only its changed parts were kept at every point, and none of them is left over", () => {
    check((life) => {
      const parts = new Map<string, string>();
      const [whole, kept] = [live(life), live(life, { parts })];
      expect(kept.outputs).toEqual(whole.outputs);
      expect(kept.states.at(-1)).toEqual(JSON.parse(JSON.stringify(whole.states.at(-1))));
      const last = whole.states.at(-1) ?? null;
      const needed = last === null ? [] : changedParts(null, last).filter(([, value]) => value !== null);
      expect([...parts.keys()].sort()).toEqual(needed.map(([name]) => name).sort());
    });
  });

  it("versions of an alert begin at one and grow by one, and every step is what its topic holds", () => {
    check((life) => {
      const versions = new Map<string, number>();
      const answered = new Set<string>();
      for (const output of live(life).outputs) {
        const { input: _, ...read } = alertTransitionedSchema.parse({ ...output, input: null });
        expect(read).toEqual(output);
        const isRepeat = output.commandId !== null && answered.has(output.commandId);
        if (output.commandId !== null) answered.add(output.commandId);
        if (output.kind === "refused" || isRepeat) continue;
        expect([output.alert.id, output.alert.version]).toEqual([
          output.alert.id,
          (versions.get(output.alert.id) ?? 0) + 1,
        ]);
        versions.set(output.alert.id, output.alert.version);
      }
    });
  });

  it("a rule has at most one open alert per subject at any time, and the fold of the steps is what the state holds", () => {
    check((life) => {
      const { outputs, states } = live(life);
      const open = new Map<string, Set<string>>();
      for (const output of outputs) {
        if (output.kind === "refused") continue;
        const { id, ruleId, code, presence, kind, message } = output.alert;
        const key = `${ruleId} ${code ?? ""} ${kind === "TECHNICAL" ? (message.split(" ")[2] ?? "") : ""}`;
        const own = open.get(key) ?? new Set();
        if (presence === "OFF") own.delete(id);
        else own.add(id);
        open.set(key, own);
        expect([key, own.size <= 1]).toEqual([key, true]);
      }
      const folded = foldAlerts(outputs.map((output) => ({ ...output, input: null })));
      const last = states.at(-1);
      for (const watch of Object.values(last?.watches ?? {})) {
        if (watch.alert === null) continue;
        const { occurrenceCount, ...told } = folded.get(watch.alert.id)?.alert ?? watch.alert;
        expect(watch.alert).toMatchObject(told);
        expect(watch.alert.occurrenceCount).toBeGreaterThanOrEqual(occurrenceCount);
      }
      for (const closed of last?.closed ?? []) expect(folded.get(closed.alert.id)?.alert).toEqual(closed.alert);
    });
  });
});

describe("the state of a patient", () => {
  it("stays small, however long it lives", () => {
    fc.assert(
      fc.property(fc.array(happenings, { minLength: 12, maxLength: 12 }), (lives) => {
        const { states } = live(lives.flat());
        expect(JSON.stringify(states.at(-1)).length).toBeLessThan(64 * 1024);
      }),
      { numRuns: 4 },
    );
  });
});
