import { createHash } from "node:crypto";
import type { AlertRecord, StepReason } from "./alert.js";
import { ANSWER_WITHIN, HIGHEST_LEVEL, KEPT, REOPEN_WITHIN_MS } from "./constants.js";
import { putClosed, withTimer, type Evaluation } from "./evaluation.js";
import { limitText } from "./limit.js";
import type { AlertRule } from "./rule.js";
import type { Pending, Watch } from "./state.js";

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

/** The same rule, version, patient, subject and onset give the same id. */
export function alertId(rule: AlertRule, patientId: string, subject: string, onset: number): string {
  const parts = [rule.id, rule.version, patientId, subject, onset];
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, 22);
}

/** Ids of readings, newest last, each once, the oldest given up first. */
export function joinIds(before: readonly string[], added: readonly string[]): readonly string[] {
  return [...before.filter((id) => !added.includes(id)), ...added].slice(-KEPT.derivedFrom);
}

/** Raises an alert, or takes up one that is still open or ended a moment ago. `at` is when people are called. */
export function raise(
  evaluation: Evaluation,
  rule: AlertRule,
  subject: string,
  key: string,
  watch: Watch,
  pending: Pending,
  dueAt: number,
  at: number,
): Watch {
  const called = calling(watch, rule, at);
  const before = watch.alert ?? recentlyClosed(evaluation, rule, subject, key, pending.onset);
  const seen = { value: pending.value, unit: pending.unit, message: messageOf(rule, pending) };
  if (before !== null) {
    const after: AlertRecord = {
      ...before,
      ...seen,
      presence: "ON",
      conditionPresent: true,
      abatement: null,
      stale: false,
      occurrenceCount: before.occurrenceCount + 1,
      derivedFrom: joinIds(before.derivedFrom, pending.ids),
      escalationLevel: 0,
      acknowledgedBy: null,
      acknowledgedAt: null,
      snoozedUntil: null,
    };
    evaluation.closed = evaluation.closed.filter(({ alert }) => alert.id !== before.id);
    const alert = step(evaluation, before, after, { reason: "RECURRED", dueAt });
    return { ...called, pending: null, clearing: null, alert, flapping: true, countedAt: at };
  }
  const alert = step(
    evaluation,
    null,
    {
      ...seen,
      id: alertId(rule, evaluation.patientId, subject, pending.onset),
      patientId: evaluation.patientId,
      ruleId: rule.id,
      ruleVersion: rule.version,
      kind: rule.kind,
      code: rule.code,
      priority: rule.priority,
      presence: "ON",
      conditionPresent: true,
      stale: false,
      version: 1,
      onset: pending.onset,
      raisedAt: at,
      abatement: null,
      occurrenceCount: 1,
      threshold: rule.limit === null ? null : limitText(rule.limit),
      derivedFrom: pending.ids,
      escalationLevel: 0,
      acknowledgedBy: null,
      acknowledgedAt: null,
      note: null,
      snoozedUntil: null,
      assessment: null,
      supersedes: null,
      movedFrom: null,
      shadow: rule.status === "SHADOW",
      simulated: pending.simulated,
      receivedAt: pending.receivedAt,
    },
    { reason: "RAISED", dueAt },
  );
  return { ...called, pending: null, clearing: null, alert, flapping: false, countedAt: null };
}

/** Somebody is to answer from now on. */
export function calling(watch: Watch, rule: AlertRule, at: number): Watch {
  const within = rule.status === "SHADOW" ? null : ANSWER_WITHIN[rule.priority];
  const due = within === null || (watch.alert?.escalationLevel ?? 0) >= HIGHEST_LEVEL ? null : at + within;
  return withTimer(
    withTimer(withTimer(withTimer(watch, "raise", null), "escalate", due), "snooze", null),
    "reAlarm",
    null,
  );
}

function recentlyClosed(
  evaluation: Evaluation,
  rule: AlertRule,
  subject: string,
  key: string,
  onset: number,
): AlertRecord | null {
  const id = alertId(rule, evaluation.patientId, subject, onset);
  const last = evaluation.closed.findLast((closed) => closed.key === key);
  const same = evaluation.closed.find(({ alert }) => alert.id === id)?.alert ?? null;
  if (same !== null || last === undefined) return same;
  const { alert } = last;
  if (alert.ruleVersion !== rule.version || alert.conditionPresent || alert.abatement === null) return null;
  return onset - alert.abatement < REOPEN_WITHIN_MS ? alert : null;
}

/** The condition is over: the alert ends, or goes on calling where its rule wants an answer. */
export function clear(evaluation: Evaluation, rule: AlertRule, key: string, watch: Watch, dueAt: number): Watch {
  const { alert: before, clearing } = watch;
  if (before === null || clearing === null) return watch;
  const latched = rule.latching && before.presence === "ON";
  const after: AlertRecord = {
    ...before,
    presence: latched ? "LATCHED" : "OFF",
    conditionPresent: false,
    abatement: clearing.since,
    snoozedUntil: null,
  };
  const alert = step(evaluation, before, after, { reason: "CLEARED", dueAt });
  const calm = withTimer(withTimer(withTimer(watch, "clear", null), "snooze", null), "reAlarm", null);
  if (latched) return { ...calm, alert, clearing: null };
  putClosed(evaluation, { key, alert });
  return { ...calm, alert: null, clearing: null, timers: {} };
}

export function messageOf(rule: AlertRule, { value, unit, text }: Pick<Pending, "value" | "unit" | "text">): string {
  if (text !== null) return `${rule.name}: ${text}`;
  if (value === null) return rule.name;
  return unit === null ? `${rule.name}: ${value}` : `${rule.name}: ${value} ${unit}`;
}
