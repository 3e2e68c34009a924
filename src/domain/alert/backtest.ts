import type { AlertRecord } from "./alert.js";
import { evaluate, nextDue, type PatientState } from "./evaluate.js";
import type { AlertInput, AlertOutput, Knowledge } from "./inputs.js";
import type { AlertRule } from "./rule.js";

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
  readonly alerts: number;
  /** Null where nobody was observed for any time. */
  readonly perPatientDay: number | null;
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
  /** What was found, with time run out to `to`. */
  report(to: number): BacktestReport;
}

interface Trial {
  readonly knowledge: Knowledge;
  readonly states: Map<string, PatientState | null>;
  readonly cases: Map<string, BacktestCase>;
}

/**
 * Replays a period against two rules. Nobody answers in it: alerts end by their condition alone, and what comes back soon is the
 * same alert, as it would be in force.
 */
export function createBacktest({ candidate, current, knowledge, toleranceMs }: BacktestOptions): Backtest {
  const tried = trialOf(candidate, knowledge);
  const inForce = current === null ? null : trialOf(current, knowledge);
  const seen = new Map<string, { readonly first: number; readonly last: number }>();

  function put(trial: Trial, patientId: string, input: AlertInput): void {
    const { state, outputs } = evaluate(patientId, trial.states.get(patientId) ?? null, input, trial.knowledge);
    trial.states.set(patientId, state);
    for (const output of outputs) noteCase(trial.cases, output);
  }

  function pass(trial: Trial, patientId: string, now: number): void {
    const due = nextDue(trial.states.get(patientId) ?? null);
    if (due !== null && due <= now) put(trial, patientId, { kind: "time", now });
  }

  return {
    take(patientId, input) {
      const at = input.kind === "reading" ? input.reading.receivedAt : input.at;
      if (input.kind === "reading") {
        const { effectiveTime } = input.reading;
        const { first, last } = seen.get(patientId) ?? { first: effectiveTime, last: effectiveTime };
        seen.set(patientId, { first: Math.min(first, effectiveTime), last: Math.max(last, effectiveTime) });
      }
      for (const trial of inForce === null ? [tried] : [tried, inForce]) {
        pass(trial, patientId, at);
        put(trial, patientId, input);
      }
    },
    report(to) {
      for (const trial of inForce === null ? [tried] : [tried, inForce]) {
        for (const patientId of trial.states.keys()) pass(trial, patientId, to);
      }
      const patientDays = [...seen.values()].reduce((sum, { first, last }) => sum + last - first, 0) / DAY_MS;
      const side = ({ cases }: Trial): BacktestSide => {
        return { alerts: cases.size, perPatientDay: patientDays === 0 ? null : cases.size / patientDays };
      };
      const ours = [...tried.cases.values()];
      const theirs = inForce === null ? null : [...inForce.cases.values()];
      const pairs = theirs === null ? [] : pairsOf(ours, theirs, toleranceMs);
      const extra = theirs === null ? [] : ours.filter((one) => !pairs.some(([own]) => own === one));
      const missed = (theirs ?? []).filter((one) => !pairs.some(([, other]) => other === one));
      return {
        patients: seen.size,
        patientDays,
        candidate: side(tried),
        current: inForce === null ? null : side(inForce),
        both: pairs.length,
        extra: extra.length,
        missed: missed.length,
        lead: spread(pairs.map(([own, other]) => other.raisedAt - own.raisedAt)),
        extraCases: extra.slice(0, SHOWN),
        missedCases: missed.slice(0, SHOWN),
      };
    },
  };
}

function trialOf(rule: AlertRule, knowledge: Omit<Knowledge, "rules">): Trial {
  const rules: readonly AlertRule[] = [{ ...rule, status: "SHADOW" }];
  const { person, plan, source } = knowledge;
  return { knowledge: { rules, person, plan, source }, states: new Map(), cases: new Map() };
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

/** Each alert with the first of the other rule that speaks for the same time; none twice. */
function pairsOf(
  ours: readonly BacktestCase[],
  theirs: readonly BacktestCase[],
  toleranceMs: number,
): readonly (readonly [BacktestCase, BacktestCase])[] {
  const byPatient = new Map<string, BacktestCase[]>();
  for (const one of theirs) byPatient.set(one.patientId, [...(byPatient.get(one.patientId) ?? []), one]);
  return [...ours]
    .sort((left, right) => left.onset - right.onset)
    .flatMap((own) => {
      const left = byPatient.get(own.patientId) ?? [];
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
