import { createHash } from "node:crypto";
import type { AlertRecord, StepReason } from "../alert.js";
import { ANSWER_WITHIN, HIGHEST_LEVEL, KEPT, REOPEN_WITHIN_MS } from "../constants.js";
import { put, putClosed, withTimers, type Case, type Evaluation } from "./case.js";
import { limitText } from "../limit.js";
import type { AlertRule } from "../rule.js";
import type { Closed, Pending, Watch } from "./state.js";

/** What a step says beside the alert. */
export interface StepFacts {
  readonly reason: StepReason;
  readonly dueAt: number;
  readonly text?: string | null;
  readonly by?: string | null;
  readonly commandId?: string | null;
}

/** Appends one step; the alert behind it. */
export function step(
  evaluation: Evaluation,
  before: AlertRecord | null,
  after: AlertRecord,
  { reason, dueAt, text = null, by = null, commandId = null }: StepFacts,
): AlertRecord {
  const alert = { ...after, version: (before?.version ?? 0) + 1 };
  const from = before?.presence ?? null;
  evaluation.outputs.push({
    schema: 1,
    kind: "changed",
    alert,
    step: { from, to: alert.presence, reason, text, by, dueAt },
    commandId,
  });
  evaluation.changed = true;
  return alert;
}

/** A step of the alert under watch. */
export function change(evaluation: Evaluation, watch: Watch, changes: Partial<AlertRecord>, facts: StepFacts): Watch {
  const { alert } = watch;
  return alert === null ? watch : { ...watch, alert: step(evaluation, alert, { ...alert, ...changes }, facts) };
}

/** The same rule, version, patient, subject and onset give the same id. */
export function alertId(rule: AlertRule, patientId: string, subject: string, onset: number): string {
  const parts = [rule.id, rule.version, patientId, subject, onset];
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, 22);
}

/** Ids of readings, newest last, each once; the oldest is given up first. */
export function joinIds(before: readonly string[], added: readonly string[]): readonly string[] {
  return [...before.filter((id) => !added.includes(id)), ...added].slice(-KEPT.derivedFrom);
}

/** Nobody has answered what is called now. */
export const UNANSWERED = {
  presence: "ON",
  acknowledgedBy: null,
  acknowledgedAt: null,
  snoozedUntil: null,
} as const satisfies Partial<AlertRecord>;

/** Somebody is to answer from `at` on: of a rule in force, within its time. */
export function calling(watch: Watch, rule: AlertRule, at: number): Watch {
  const within = rule.status === "SHADOW" ? null : ANSWER_WITHIN[rule.priority];
  const isLast = (watch.alert?.escalationLevel ?? 0) >= HIGHEST_LEVEL;
  const escalate = within === null || isLast ? null : at + within;
  return { ...withTimers(watch, { raise: null, snooze: null, reAlarm: null, escalate }), silencedAt: null };
}

/** Nobody is called any more. */
export function calm(watch: Watch): Watch {
  return withTimers(watch, { raise: null, clear: null, snooze: null, reAlarm: null, escalate: null });
}

/**
 * The condition has held for long enough: a new alert, or the one that is still open or ended a moment ago. People are called
 * from `at` on.
 */
export function raise(
  { evaluation, rule, subject, key }: Case,
  watch: Watch,
  pending: Pending,
  dueAt: number,
  at: number,
  carried: Partial<AlertRecord> = {},
): Watch {
  const closed = watch.alert === null ? recentlyClosed({ evaluation, rule, subject, key }, pending.onset) : null;
  const before = watch.alert ?? closed?.alert ?? null;
  const seen = { value: pending.value, unit: pending.unit, message: messageOf(rule, pending) };
  const base = { ...watch, pending: null, clearing: null };
  if (before === null) {
    const alert = { ...newAlert({ evaluation, rule, subject, key }, pending, at), ...seen, ...carried };
    const raised = step(evaluation, null, alert, { reason: "RAISED", dueAt });
    return calling({ ...base, alert: raised }, rule, at);
  }
  if (closed !== null) put(evaluation, { closed: evaluation.state.closed.filter((one) => one !== closed) });
  const back = {
    ...before,
    ...seen,
    ...UNANSWERED,
    conditionPresent: true,
    abatement: null,
    stale: false,
    occurrenceCount: before.occurrenceCount + 1,
    derivedFrom: joinIds(before.derivedFrom, pending.ids),
    escalationLevel: 0,
  };
  const alert = step(evaluation, before, back, { reason: "RECURRED", dueAt });
  const recurrences = Math.max(watch.recurrences, closed?.recurrences ?? 0) + 1;
  return calling({ ...base, alert, recurrences, countedAt: at }, rule, at);
}

function newAlert({ evaluation, rule, subject }: Case, pending: Pending, at: number): AlertRecord {
  return {
    id: alertId(rule, evaluation.patientId, subject, pending.onset),
    patientId: evaluation.patientId,
    ruleId: rule.id,
    ruleVersion: rule.version,
    kind: rule.kind,
    code: rule.code ?? (rule.technical === "EXTREME_VALUE" ? subject : null),
    priority: rule.priority,
    presence: "ON",
    conditionPresent: true,
    stale: false,
    version: 1,
    onset: pending.onset,
    raisedAt: at,
    abatement: null,
    occurrenceCount: 1,
    message: rule.name,
    value: pending.value,
    unit: pending.unit,
    threshold: rule.limit === null ? null : limitText(rule.limit),
    derivedFrom: pending.ids,
    escalationLevel: 0,
    acknowledgedBy: null,
    acknowledgedAt: null,
    note: null,
    snoozedUntil: null,
    assessment: null,
    supersedes: null,
    movedFrom: pending.under ?? null,
    shadow: rule.status === "SHADOW",
    simulated: pending.simulated,
    receivedAt: pending.receivedAt,
  };
}

/** An alert of the case that ended by itself so short a time before the onset that it is the same again. */
function recentlyClosed({ evaluation, rule, subject, key }: Case, onset: number): Closed | null {
  const id = alertId(rule, evaluation.patientId, subject, onset);
  const isNear = ({ alert }: Closed): boolean =>
    alert.ruleVersion === rule.version &&
    alert.abatement !== null &&
    Math.abs(onset - alert.abatement) < REOPEN_WITHIN_MS;
  const { closed } = evaluation.state;
  return closed.findLast((one) => one.alert.id === id || (one.key === key && isNear(one))) ?? null;
}

/** The condition is over: the alert ends, or goes on calling where its rule wants an answer. */
export function clear({ evaluation, rule, key }: Case, watch: Watch, dueAt: number): Watch {
  const { alert, clearing } = watch;
  if (alert === null || clearing === null) return watch;
  const latched = rule.latching && alert.presence === "ON";
  const changes = { conditionPresent: false, abatement: clearing.since, snoozedUntil: null };
  if (latched) {
    const next = change(evaluation, watch, { ...changes, presence: "LATCHED" }, { reason: "CLEARED", dueAt });
    return { ...withTimers(next, { clear: null }), clearing: null };
  }
  return end(evaluation, key, watch, changes, { reason: "CLEARED", dueAt });
}

/** The alert under watch is over and remembered as such; nothing is watched until the condition comes again. */
export function end(
  evaluation: Evaluation,
  key: string,
  watch: Watch,
  changes: Partial<AlertRecord>,
  facts: StepFacts,
): Watch {
  const { alert } = change(evaluation, watch, { ...changes, presence: "OFF", snoozedUntil: null }, facts);
  if (alert !== null) close(evaluation, key, watch, alert);
  const timers = watch.timers.silence === undefined ? {} : { silence: watch.timers.silence };
  return { ...watch, alert: null, pending: null, clearing: null, recurrences: 0, countedAt: null, timers };
}

export function close(evaluation: Evaluation, key: string, watch: Watch, alert: AlertRecord): void {
  const to = Math.max(alert.onset, alert.abatement ?? watch.seenAt);
  putClosed(evaluation, { key, alert, recurrences: watch.recurrences, from: alert.onset, to });
}

export function messageOf(rule: AlertRule, { value, unit, text }: Pick<Pending, "value" | "unit" | "text">): string {
  if (text !== null) return `${rule.name}: ${text}`;
  if (value === null) return rule.name;
  return unit === null ? `${rule.name}: ${value}` : `${rule.name}: ${value} ${unit}`;
}
