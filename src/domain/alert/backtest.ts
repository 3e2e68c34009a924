import type { AlertRecord } from "./alert.js";
import { evaluate, nextDue, type PatientState } from "./evaluate.js";
import type { AlertInput, AlertOutput, Knowledge } from "./inputs.js";
import type { AlertRule } from "./rule.js";

/** Name of the job. */
export const BACKTEST_KIND = "backtest-rule";

const DAY_MS = 86_400_000;
/** Cases that are shown of each kind. */
const SHOWN = 20;

export interface BacktestOptions {
  /** The rule that is being weighed. */
  readonly candidate: AlertRule;
  /** The one in force; null where there is none to compare with. */
  readonly current: AlertRule | null;
  readonly knowledge: Omit<Knowledge, "rules">;
  /** Two alerts are about the same when their times are no further apart than this, in milliseconds. */
  readonly toleranceMs: number;
}

/** One alert one of the rules would have raised; milliseconds since the epoch. */
export interface BacktestCase {
  readonly patientId: string;
  readonly onset: number;
  readonly raisedAt: number;
  readonly endedAt: number | null;
  readonly message: string;
}

export interface BacktestSide {
  readonly ruleId: string;
  readonly version: number;
  readonly alerts: number;
  /** Null where nobody was observed for any time. */
  readonly perPatientDay: number | null;
  /** The first few of its alerts. */
  readonly cases: readonly BacktestCase[];
}

export interface BacktestReport {
  readonly patients: number;
  /** From the first reading of each patient to the last. */
  readonly patientDays: number;
  readonly candidate: BacktestSide;
  readonly current: BacktestSide | null;
  /** Alerts of both about the same. */
  readonly both: number;
  /** Only the candidate's, and only those of the rule in force. */
  readonly extra: number;
  readonly missed: number;
  /** How much earlier the candidate calls where both do, in milliseconds; below 0 it is later. */
  readonly lead: { readonly least: number; readonly median: number; readonly most: number } | null;
  readonly extraCases: readonly BacktestCase[];
  readonly missedCases: readonly BacktestCase[];
}

export interface Backtest {
  /** The next input of a patient; time comes with readings and windows, so none is put in. */
  take(patientId: string, input: Extract<AlertInput, { kind: "reading" | "window" }>): void;
  /** Lets time run out to `to` for everybody taken since the last time, counts what was found and forgets them. */
  settle(to: number): void;
  /** What was found of those who were settled. */
  report(): BacktestReport;
}

/** One patient under one rule. */
interface Side {
  state: PatientState | null;
  readonly cases: Map<string, BacktestCase>;
}

/** One patient under all rules, and when readings are of: first and last. */
interface Watched {
  readonly sides: readonly Side[];
  first: number;
  last: number;
}

/**
 * Replays a period against two rules. Nobody answers in it: alerts end by their condition alone, and what comes back soon is the
 * same alert, as it would be in force. It holds the state of those who are not settled, and no more than a number for each alert
 * of those who are.
 */
export function createBacktest({ candidate, current, knowledge, toleranceMs }: BacktestOptions): Backtest {
  const rules = current === null ? [candidate] : [candidate, current];
  const known = rules.map((rule) => knowledgeOf(rule, knowledge));
  const watched = new Map<string, Watched>();
  const totals = rules.map(() => ({ alerts: 0, cases: [] as BacktestCase[] }));
  const leads: number[] = [];
  const [extra, missed] = [createSample(), createSample()];
  let patients = 0;
  let observedMs = 0;

  function put(patientId: string, side: Side, at: number, input: AlertInput): void {
    const { state, outputs } = evaluate(patientId, side.state, input, known[at]!);
    side.state = state;
    for (const output of outputs) noteCase(side.cases, output);
  }

  function pass(patientId: string, side: Side, at: number, now: number): void {
    const due = nextDue(side.state);
    if (due !== null && due <= now) put(patientId, side, at, { kind: "time", now });
  }

  function count(own: readonly (readonly BacktestCase[])[]): void {
    own.forEach((cases, at) => {
      const total = totals[at]!;
      total.alerts += cases.length;
      total.cases.push(...cases.slice(0, SHOWN - total.cases.length));
    });
    const [ours = [], theirs] = own;
    if (theirs === undefined) return;
    const pairs = new Map(pairsOf(ours, theirs, toleranceMs));
    const met = new Set(pairs.values());
    for (const [one, other] of pairs) leads.push(other.raisedAt - one.raisedAt);
    extra.add(ours.filter((one) => !pairs.has(one)));
    missed.add(theirs.filter((one) => !met.has(one)));
  }

  return {
    take(patientId, input) {
      const at = input.kind === "reading" ? input.reading.receivedAt : input.at;
      let one = watched.get(patientId);
      if (one === undefined) {
        const sides = rules.map((): Side => ({ state: null, cases: new Map() }));
        one = { sides, first: Infinity, last: -Infinity };
        watched.set(patientId, one);
      }
      if (input.kind === "reading") {
        one.first = Math.min(one.first, input.reading.effectiveTime);
        one.last = Math.max(one.last, input.reading.effectiveTime);
      }
      for (const [index, side] of one.sides.entries()) {
        pass(patientId, side, index, at);
        put(patientId, side, index, input);
      }
    },
    settle(to) {
      for (const [patientId, { sides, first, last }] of watched) {
        for (const [index, side] of sides.entries()) pass(patientId, side, index, to);
        count(sides.map(({ cases }) => [...cases.values()].sort((left, right) => left.onset - right.onset)));
        if (first > last) continue;
        patients += 1;
        observedMs += last - first;
      }
      watched.clear();
    },
    report() {
      const patientDays = observedMs / DAY_MS;
      const sides = rules.map(({ id, version }, index): BacktestSide => {
        const { alerts, cases } = totals[index]!;
        return { ruleId: id, version, alerts, perPatientDay: patientDays === 0 ? null : alerts / patientDays, cases };
      });
      return {
        patients,
        patientDays,
        candidate: sides[0]!,
        current: sides[1] ?? null,
        both: leads.length,
        extra: extra.count,
        missed: missed.count,
        lead: spread(leads),
        extraCases: extra.first,
        missedCases: missed.first,
      };
    },
  };
}

/** How many there are, and the first few. */
function createSample() {
  const first: BacktestCase[] = [];
  let count = 0;
  return {
    first,
    get count() {
      return count;
    },
    add(cases: readonly BacktestCase[]) {
      count += cases.length;
      first.push(...cases.slice(0, SHOWN - first.length));
    },
  };
}

/** The rule alone, calling nobody. */
function knowledgeOf(rule: AlertRule, { person, plan, source }: BacktestOptions["knowledge"]): Knowledge {
  return { rules: [{ ...rule, status: "SHADOW" }], person, plan, source };
}

/** A case begins with its alert and ends, for the time being, whenever that is over. */
function noteCase(cases: Map<string, BacktestCase>, output: AlertOutput): void {
  if (output.kind !== "changed") return;
  const { alert, step } = output;
  const known = cases.get(alert.id);
  const raisedAt = known?.raisedAt ?? step.dueAt;
  const endedAt = step.from === "OFF" ? (known?.endedAt ?? null) : step.dueAt;
  cases.set(alert.id, { ...caseOf(alert), raisedAt, endedAt: alert.presence === "OFF" ? endedAt : null });
}

function caseOf({ patientId, onset, message }: AlertRecord): Omit<BacktestCase, "raisedAt" | "endedAt"> {
  return { patientId, onset, message };
}

/** Of one patient, in the order of their onsets: each alert with the first of the other rule that speaks for the same time; none twice. */
function pairsOf(
  ours: readonly BacktestCase[],
  theirs: readonly BacktestCase[],
  toleranceMs: number,
): readonly (readonly [BacktestCase, BacktestCase])[] {
  const left = [...theirs];
  return ours.flatMap((own) => {
    const at = left.findIndex((other) => meet(own, other, toleranceMs));
    const [other] = at < 0 ? [] : left.splice(at, 1);
    return other === undefined ? [] : [[own, other] as const];
  });
}

function meet(one: BacktestCase, other: BacktestCase, toleranceMs: number): boolean {
  const [oneEnd, otherEnd] = [one.endedAt ?? Infinity, other.endedAt ?? Infinity];
  return one.onset <= otherEnd + toleranceMs && other.onset <= oneEnd + toleranceMs;
}

function spread(values: readonly number[]): BacktestReport["lead"] {
  const sorted = [...values].sort((left, right) => left - right);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined) return null;
  const [low, high] = [sorted[(sorted.length - 1) >> 1] ?? least, sorted[sorted.length >> 1] ?? most];
  return { least, median: (low + high) / 2, most };
}
