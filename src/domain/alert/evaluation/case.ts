import { KEPT } from "../constants.js";
import type { AlertOutput, Knowledge } from "../inputs.js";
import type { MonitoringPlan } from "../plan.js";
import { ageAt, applies, type AgeRange } from "../scope.js";
import type { AlertRule } from "../rule.js";
import { indexRules, type RuleIndex } from "./rule-index.js";
import { EMPTY_STATE, watchKey, type Closed, type PatientState, type TimerName, type Watch } from "./state.js";

type Draft<T> = { -readonly [Key in keyof T]: T[Key] };

/** One call of `evaluate` under way: its own copy of the state, and the steps so far. */
export interface Evaluation {
  readonly patientId: string;
  readonly knowledge: Knowledge;
  readonly rules: RuleIndex;
  readonly state: Draft<PatientState>;
  readonly outputs: AlertOutput[];
  changed: boolean;
  /** The record the input came under, where it is another one that was merged into this. */
  readonly under: string | null;
  /** What was worked out for this input, by name: it is asked for by several rules. */
  readonly memo: Map<string, unknown>;
}

/** One rule looking at one subject. */
export interface Case {
  readonly evaluation: Evaluation;
  readonly rule: AlertRule;
  readonly subject: string;
  readonly key: string;
}

export function beginEvaluation(
  patientId: string,
  state: PatientState | null,
  knowledge: Knowledge,
  under: string | null = null,
): Evaluation {
  return {
    patientId,
    knowledge,
    rules: indexRules(knowledge.rules),
    // A state that an earlier release wrote lacks what came since.
    state: { ...EMPTY_STATE, ...state },
    outputs: [],
    changed: false,
    under,
    memo: new Map(),
  };
}

/** The same state where nothing changed. */
export function endEvaluation(evaluation: Evaluation, before: PatientState | null): PatientState | null {
  return evaluation.changed ? evaluation.state : before;
}

/** Replaces parts of the state. */
export function put(evaluation: Evaluation, change: Partial<PatientState>): void {
  Object.assign(evaluation.state, change);
  evaluation.changed = true;
}

export function caseOf(evaluation: Evaluation, rule: AlertRule, subject: string): Case {
  return { evaluation, rule, subject, key: watchKey(rule.id, subject) };
}

/** The case a key names; null where its rule is in force no longer. */
export function findCase(evaluation: Evaluation, key: string): Case | null {
  const bar = key.indexOf("|");
  const rule = evaluation.rules.byId.get(key.slice(0, bar));
  return rule === undefined ? null : { evaluation, rule, subject: key.slice(bar + 1), key };
}

export function blankWatch({ version }: Pick<AlertRule, "version">, at: number): Watch {
  return {
    ruleVersion: version,
    pending: null,
    alert: null,
    clearing: null,
    seenAt: at,
    freshUntil: at,
    severity: null,
    silencedAt: null,
    recurrences: 0,
    countedAt: null,
    freshAt: null,
    basis: null,
    timers: {},
  };
}

/** Remembers a watch while it has something to remember. */
export function putWatch(evaluation: Evaluation, key: string, watch: Watch): void {
  const { [key]: _, ...others } = evaluation.state.watches;
  const isIdle = watch.alert === null && watch.pending === null && watch.timers.silence === undefined;
  put(evaluation, { watches: isIdle ? others : { ...evaluation.state.watches, [key]: watch } });
}

export function withTimers(watch: Watch, changes: Readonly<Partial<Record<TimerName, number | null>>>): Watch {
  const timers: Partial<Record<TimerName, number>> = { ...watch.timers };
  for (const [name, due] of Object.entries(changes) as [TimerName, number | null][]) {
    if (due === null) delete timers[name];
    else timers[name] = due;
  }
  return { ...watch, timers };
}

/** The newest ended alerts; the oldest is given up first. */
export function putClosed(evaluation: Evaluation, closed: Closed): void {
  const others = evaluation.state.closed.filter(({ alert }) => alert.id !== closed.alert.id);
  put(evaluation, { closed: [...others, closed].slice(-KEPT.closed) });
}

export function planAt(evaluation: Evaluation, at: number): MonitoringPlan | null {
  return evaluation.knowledge.plan(evaluation.patientId, at);
}

export function patientAge(evaluation: Evaluation, at: number): AgeRange | null {
  return once(evaluation, `age/${String(at)}`, () =>
    ageAt(evaluation.knowledge.person(evaluation.patientId), planAt(evaluation, at), at),
  );
}

/** Works something out once for an input; what it rests on must not change meanwhile. */
export function once<T>({ memo }: Evaluation, name: string, work: () => T): T {
  if (!memo.has(name)) memo.set(name, work());
  return memo.get(name) as T;
}

/** Nothing is remembered of a case. */
export function isIdle({ state }: Evaluation, rule: AlertRule, subject: string): boolean {
  const watch = state.watches[watchKey(rule.id, subject)];
  return watch === undefined || (watch.alert === null && watch.pending === null);
}

/** Whether a rule looks at this patient at a time. */
export function inScope(evaluation: Evaluation, rule: AlertRule, at: number): boolean {
  const { patientId, ageMin, ageMax } = rule.appliesTo;
  if (patientId !== null && patientId !== evaluation.patientId) return false;
  if (ageMin === null && ageMax === null) return true;
  return applies(rule, evaluation.patientId, patientAge(evaluation, at)) === "YES";
}
