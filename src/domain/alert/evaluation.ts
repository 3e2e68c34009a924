import { KEPT } from "./constants.js";
import type { AlertOutput, Knowledge } from "./inputs.js";
import type { MonitoringPlan } from "./plan.js";
import { ageAt, applies, type AgeRange } from "./scope.js";
import type { AlertRule } from "./rule.js";
import { EMPTY_STATE, type Closed, type CodeReadings, type PatientState, type TimerName, type Watch } from "./state.js";

/** One call of `evaluate` under way: its own copy of the state, and the steps so far. */
export interface Evaluation {
  readonly patientId: string;
  readonly knowledge: Knowledge;
  readonly readings: Record<string, CodeReadings>;
  readonly watches: Record<string, Watch>;
  closed: readonly Closed[];
  readonly outputs: AlertOutput[];
  changed: boolean;
}

export function beginEvaluation(patientId: string, state: PatientState | null, knowledge: Knowledge): Evaluation {
  const { readings, watches, closed } = state ?? EMPTY_STATE;
  return {
    patientId,
    knowledge,
    readings: { ...readings },
    watches: { ...watches },
    closed,
    outputs: [],
    changed: false,
  };
}

/** The same state where nothing changed, and null where nothing is left to remember. */
export function endEvaluation(evaluation: Evaluation, before: PatientState | null): PatientState | null {
  if (!evaluation.changed) return before;
  const { readings, watches, closed } = evaluation;
  const empty = Object.keys(readings).length === 0 && Object.keys(watches).length === 0 && closed.length === 0;
  return empty ? null : { schema: 1, readings, watches, closed };
}

export function blankWatch(rule: AlertRule, at: number): Watch {
  return {
    ruleVersion: rule.version,
    pending: null,
    alert: null,
    clearing: null,
    seenAt: at,
    freshUntil: at,
    silencedAt: null,
    flapping: false,
    countedAt: null,
    timers: {},
  };
}

/** Remembers a watch while it has something to remember. */
export function putWatch(evaluation: Evaluation, key: string, watch: Watch): void {
  evaluation.changed = true;
  if (watch.alert === null && watch.pending === null) delete evaluation.watches[key];
  else evaluation.watches[key] = watch;
}

export function withTimer(watch: Watch, name: TimerName, due: number | null): Watch {
  const { [name]: _, ...others } = watch.timers;
  return { ...watch, timers: due === null ? others : { ...others, [name]: due } };
}

/** The newest ended alerts, the oldest given up first. */
export function putClosed(evaluation: Evaluation, closed: Closed): void {
  const others = evaluation.closed.filter(({ alert }) => alert.id !== closed.alert.id);
  evaluation.closed = [...others, closed].slice(-KEPT.closed);
  evaluation.changed = true;
}

export function planAt(evaluation: Evaluation, at: number): MonitoringPlan | null {
  return evaluation.knowledge.plan(evaluation.patientId, at);
}

export function patientAge(evaluation: Evaluation, at: number): AgeRange | null {
  return ageAt(evaluation.knowledge.person(evaluation.patientId), planAt(evaluation, at), at);
}

export function findRule(evaluation: Evaluation, key: string): AlertRule | null {
  const id = key.slice(0, key.indexOf("|"));
  return evaluation.knowledge.rules.find((rule) => rule.id === id && isTried(rule)) ?? null;
}

export function isTried({ status }: AlertRule): boolean {
  return status === "ACTIVE" || status === "SHADOW";
}

/** Whether a rule looks at this patient at a time. */
export function inScope(evaluation: Evaluation, rule: AlertRule, at: number): boolean {
  const { patientId, ageMin, ageMax } = rule.appliesTo;
  if (patientId !== null && patientId !== evaluation.patientId) return false;
  return (
    (ageMin === null && ageMax === null) || applies(rule, evaluation.patientId, patientAge(evaluation, at)) === "YES"
  );
}
