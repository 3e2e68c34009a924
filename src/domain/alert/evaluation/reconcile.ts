import type { AlertRecord } from "../alert.js";
import { signalled, type Signal } from "./condition.js";
import {
  blankWatch,
  caseOf,
  findCase,
  inScope,
  patientAge,
  putWatch,
  withTimers,
  type Case,
  type Evaluation,
} from "./case.js";
import { judgeSet, setSignal } from "../kinds/sets.js";
import { judgeSilences } from "../kinds/silence.js";
import { ageFinding } from "../kinds/technical.js";
import { thresholdSignal } from "../kinds/threshold.js";
import { MINUTE_MS, windowSignal } from "../kinds/window.js";
import type { AlertRule } from "../rule.js";
import { applies } from "../scope.js";
import type { KnownReading, Watch } from "./state.js";
import { end, raise, type StepFacts } from "./steps.js";

/** What is known beside readings is other than before: every watch is held against it, and what is fresh is judged again. */
export function reconcile(evaluation: Evaluation, now: number): void {
  for (const key of Object.keys(evaluation.state.watches).sort()) reconcileWatch(evaluation, key, now);
  for (const rule of evaluation.rules.sets) if (inScope(evaluation, rule, now)) judgeSet(evaluation, rule, now, now);
  for (const rules of evaluation.rules.thresholds.values()) for (const rule of rules) judgeFresh(evaluation, rule, now);
  judgeSilences(evaluation, now);
  judgeAge(evaluation, now);
}

/** What was made under another version of its rule does not go on under this one, whatever the input. */
export function reconcileVersions(evaluation: Evaluation, now: number): void {
  const isOld = ([key, watch]: [string, Watch]): boolean =>
    findCase(evaluation, key)?.rule.version !== watch.ruleVersion;
  if (Object.entries(evaluation.state.watches).some(isOld)) reconcile(evaluation, now);
}

function reconcileWatch(evaluation: Evaluation, key: string, now: number): void {
  const watch = evaluation.state.watches[key];
  if (watch === undefined) return;
  const own = findCase(evaluation, key);
  if (own === null) {
    stop(evaluation, key, watch, { reason: "RULE_RETIRED", dueAt: now });
  } else if (!inScope(evaluation, own.rule, now)) {
    const isUnknown = applies(own.rule, evaluation.patientId, patientAge(evaluation, now)) === "UNKNOWN";
    const text = isUnknown ? "the age is not known" : "the rule is not for this patient";
    stop(evaluation, key, watch, { reason: "NOT_APPLICABLE", dueAt: now, text });
  } else if (own.rule.version !== watch.ruleVersion) {
    supersede(own, watch, now);
  }
}

/** Nothing is watched any more; an alert that is open ends with a reason. */
function stop(evaluation: Evaluation, key: string, watch: Watch, facts: StepFacts): void {
  const isOpen = watch.alert !== null && watch.alert.presence !== "OFF";
  const ended = isOpen ? end(evaluation, key, watch, {}, facts) : { ...watch, alert: null, pending: null };
  putWatch(evaluation, key, { ...ended, timers: {} });
}

/** The alert of the old version ends; unless the condition is over under the new one, an alert of it takes its place. */
function supersede(own: Case, watch: Watch, now: number): void {
  const { evaluation, rule, key } = own;
  const before = watch.alert;
  const signal = currentSignal(own, now);
  const text = `version ${String(rule.version)} of the rule is in force`;
  stop(evaluation, key, watch, { reason: "RULE_CHANGED", dueAt: now, text });
  // Where it cannot be judged anew the condition is taken to be present: nothing ends for want of data. Silence is asked for anew.
  const isOver = signal?.over === true || rule.kind === "STALE_DATA";
  if (isOver || before === null || before.presence === "OFF" || !before.conditionPresent) return;
  const pending = { ...(signal ?? signalOf(before)), onset: before.onset, receivedAt: now };
  const answers = answersOf(before, rule);
  const blank = { ...blankWatch(rule, watch.seenAt), freshUntil: watch.freshUntil };
  const rated = { ...blank, severity: watch.severity, silencedAt: watch.silencedAt, basis: watch.basis };
  const raised = raise(own, rated, pending, now, now, {
    ...{ ...answers, supersedes: before.id, movedFrom: before.movedFrom },
  });
  const { snooze = null, reAlarm = null, stale = null } = watch.timers;
  const kept = { ...withTimers(raised, { snooze, reAlarm, escalate: null }), silencedAt: watch.silencedAt };
  putWatch(evaluation, key, withTimers(answers.presence === "ACK" ? kept : raised, { stale }));
}

/** What the rule says of its subject now; null where that cannot be said. */
function currentSignal({ evaluation, rule, subject }: Case, now: number): Signal | null {
  const reading = evaluation.state.readings[subject]?.last;
  switch (rule.kind) {
    case "THRESHOLD":
      return reading === undefined ? null : thresholdSignal(evaluation, rule, reading);
    case "SCORE":
    case "COMBINATION":
      return setSignal(evaluation, rule, now, now);
    case "MOVING_AVERAGE":
    case "TREND": {
      const last = evaluation.state.parts[subject]?.at(-1);
      return last === undefined ? null : windowSignal(evaluation, rule, subject, last.start + MINUTE_MS, now);
    }
    case "TECHNICAL":
    case "STALE_DATA":
    case "MODEL":
      return null;
  }
}

function signalOf({
  value,
  unit,
  derivedFrom,
  simulated,
}: AlertRecord): Pick<Signal, "value" | "unit" | "text" | "ids" | "simulated"> {
  return { value, unit, text: null, ids: derivedFrom, simulated };
}

/** Whoever has answered need not answer again, unless it is more urgent now, or was only being tried. */
function answersOf(before: AlertRecord, rule: AlertRule): Partial<AlertRecord> {
  const isSame = before.priority === rule.priority && before.shadow === (rule.status === "SHADOW");
  if (before.presence !== "ACK" || !isSame) return {};
  const { acknowledgedBy, acknowledgedAt, note, snoozedUntil } = before;
  return { presence: "ACK", acknowledgedBy, acknowledgedAt, note, snoozedUntil };
}

/** A rule that is new, or new for this patient, looks at the last reading while that says something. */
function judgeFresh(evaluation: Evaluation, rule: AlertRule, now: number): void {
  const reading = lastOf(evaluation, rule.code ?? "");
  const { key } = caseOf(evaluation, rule, rule.code ?? "");
  if (reading === null || evaluation.state.watches[key] !== undefined || !inScope(evaluation, rule, now)) return;
  const signal = thresholdSignal(evaluation, rule, { ...reading, receivedAt: now });
  if (signal === null || (signal.staleAfterMs !== null && reading.at + signal.staleAfterMs <= now)) return;
  signalled(evaluation, rule, rule.code ?? "", signal);
}

function lastOf(evaluation: Evaluation, code: string): KnownReading | null {
  return evaluation.state.readings[code]?.last ?? null;
}

function judgeAge(evaluation: Evaluation, now: number): void {
  const found = ageFinding(evaluation, now);
  for (const rule of evaluation.rules.technical) {
    const key = caseOf(evaluation, rule, "age").key;
    const watch = evaluation.state.watches[key];
    if (rule.technical !== "AGE_UNKNOWN" || watch === undefined || found?.breach === true) continue;
    const text = "the age is known, or no rule needs it";
    putWatch(evaluation, key, stopped(evaluation, key, watch, { reason: "CLEARED", dueAt: now, text }, now));
  }
}

function stopped(evaluation: Evaluation, key: string, watch: Watch, facts: StepFacts, now: number): Watch {
  return { ...end(evaluation, key, watch, { conditionPresent: false, abatement: now }, facts), timers: {} };
}
