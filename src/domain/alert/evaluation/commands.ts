import type { AlertCommanded } from "../../events/alert.js";
import type { AlertRecord } from "../alert.js";
import { KEPT, SILENCED_AT_MOST } from "../constants.js";
import { findCase, put, putClosed, putWatch, withTimers, type Case, type Evaluation } from "./case.js";
import type { AlertTransition } from "../inputs.js";
import type { Closed, Watch } from "./state.js";
import { calling, calm, change, close, end, step, UNANSWERED, type StepFacts } from "./steps.js";

type Refusal = Pick<Extract<AlertTransition, { kind: "refused" }>, "code" | "message">;

/** Where an alert is. */
type Place =
  | { readonly kind: "watched"; readonly key: string; readonly watch: Watch; readonly alert: AlertRecord }
  | { readonly kind: "closed"; readonly closed: Closed; readonly alert: AlertRecord };

/**
 * What a person asks of an alert. Each command gets one answer: a step, or a refusal that says why nothing changed; a repeat gets
 * the answer of the first.
 */
export function obey(evaluation: Evaluation, command: AlertCommanded): void {
  const { commandId } = command;
  const known = evaluation.state.answers.find((answer) => answer.commandId === commandId);
  if (known !== undefined) {
    evaluation.outputs.push(known.output);
    return;
  }
  const place = findAlert(evaluation, command);
  const before = evaluation.outputs.length;
  const refusal =
    place === null
      ? absentRefusal(evaluation, command)
      : (outdated(command, place.alert) ?? act(evaluation, command, place));
  if (refusal !== null) evaluation.outputs.push(refused(command, refusal, place?.alert.version ?? null));
  const output = evaluation.outputs[before];
  if (output === undefined || output.kind === "handed") return;
  put(evaluation, { answers: [...evaluation.state.answers, { commandId, output }].slice(-KEPT.answers) });
}

/** Under watch, or among those that are over; one that was over long ago is known by what the command brought along. */
function findAlert({ state }: Evaluation, { alertId, known, patientId }: AlertCommanded): Place | null {
  for (const [key, watch] of Object.entries(state.watches)) {
    if (watch.alert?.id === alertId) return { kind: "watched", key, watch, alert: watch.alert };
  }
  const closed = state.closed.find(({ alert }) => alert.id === alertId);
  if (closed !== undefined) return { kind: "closed", closed, alert: closed.alert };
  if (known?.id !== alertId || known.patientId !== patientId || known.presence !== "OFF") return null;
  const to = Math.max(known.onset, known.abatement ?? known.onset);
  const brought = { key: "", alert: known, recurrences: 0, from: known.onset, to };
  return { kind: "closed", closed: brought, alert: known };
}

function act(evaluation: Evaluation, command: AlertCommanded, place: Place): Refusal | null {
  if (command.command === "assess") return assess(evaluation, command, place);
  if (place.kind === "closed" || place.alert.presence === "OFF") return conflict("the alert is over");
  const own = findCase(evaluation, place.key);
  if (own === null) return conflict("the rule of the alert is in force no longer");
  const { watch, key } = place;
  const next = silence(own, command, watch, place.alert);
  if ("code" in next) return next;
  putWatch(evaluation, key, next);
  return null;
}

function silence(
  own: Case,
  command: Exclude<AlertCommanded, { command: "assess" }>,
  watch: Watch,
  alert: AlertRecord,
): Watch | Refusal {
  const { evaluation, rule, key } = own;
  const { at, by, commandId } = command;
  const facts = { dueAt: at, by, commandId };
  switch (command.command) {
    case "acknowledge": {
      if (alert.acknowledgedBy !== null && alert.snoozedUntil === null) {
        return conflict(`the alert was acknowledged by ${alert.acknowledgedBy}`);
      }
      const changes = { acknowledgedBy: by, acknowledgedAt: at, note: command.note ?? alert.note, snoozedUntil: null };
      const said: StepFacts = { ...facts, reason: "ACKNOWLEDGED", text: command.note };
      if (!alert.conditionPresent) return end(evaluation, key, watch, changes, said);
      const reAlarm = rule.reAlarmMs === null ? null : at + rule.reAlarmMs;
      return silenced(change(evaluation, watch, { ...changes, presence: "ACK" }, said), { reAlarm });
    }
    case "snooze": {
      const most = at + SILENCED_AT_MOST[alert.priority];
      if (command.until <= at || command.until > most) {
        const expected = `after ${iso(at)} and up to ${iso(most)}, as its priority is ${alert.priority}`;
        return { code: "BAD_USER_INPUT", message: `until: expected a time ${expected}, found ${iso(command.until)}` };
      }
      if (!alert.conditionPresent) return conflict("the condition is over: acknowledge the alert");
      const changes = { presence: "ACK", snoozedUntil: command.until } as const;
      const said: StepFacts = { ...facts, reason: "SNOOZED", text: command.reason };
      return silenced(change(evaluation, watch, changes, said), { snooze: command.until });
    }
    case "unsnooze": {
      if (alert.snoozedUntil === null) return conflict("the alert is not snoozed");
      const changes = { ...UNANSWERED, escalationLevel: 0 };
      return calling(change(evaluation, watch, changes, { ...facts, reason: "UNSNOOZED" }), rule, at);
    }
    case "resolve": {
      const said: StepFacts = { ...facts, reason: "RESOLVED", text: command.reason };
      if (!alert.conditionPresent) return end(evaluation, key, watch, {}, said);
      return resolved(own, change(evaluation, watch, { presence: "OFF", snoozedUntil: null }, said), at);
    }
  }
}

/**
 * Ended by a person while its condition is present: it calls again when that is worse, or still present after as long as its
 * priority may be silenced. A source that is silent is expected no
 * longer.
 */
function resolved({ evaluation, rule, key }: Case, watch: Watch, at: number): Watch {
  const { alert } = watch;
  if (alert === null) return watch;
  if (rule.kind === "STALE_DATA" && rule.code === null) {
    const { sources } = evaluation.state;
    const heard = sources.filter(
      ({ source, heardAt }) => heardAt + (rule.staleAfterMs ?? evaluation.knowledge.source(source).staleAfterMs) > at,
    );
    put(evaluation, { sources: heard });
    close(evaluation, key, watch, alert);
    return { ...calm(watch), alert: null, clearing: null };
  }
  return silenced(watch, { reAlarm: at + SILENCED_AT_MOST[rule.priority] });
}

function silenced(watch: Watch, timers: Parameters<typeof withTimers>[1]): Watch {
  const { clear } = watch.timers;
  return {
    ...withTimers(calm(watch), { ...timers, ...(clear === undefined ? {} : { clear }) }),
    silencedAt: watch.severity,
  };
}

function assess(
  evaluation: Evaluation,
  command: Extract<AlertCommanded, { command: "assess" }>,
  place: Place,
): Refusal | null {
  const { assessment, at, by, commandId } = command;
  if (place.alert.assessment === assessment) return conflict(`the alert was assessed as ${assessment} before`);
  const facts: StepFacts = { reason: "ASSESSED", dueAt: at, by, commandId, text: assessment };
  if (place.kind === "watched") {
    putWatch(evaluation, place.key, change(evaluation, place.watch, { assessment }, facts));
  } else {
    putClosed(evaluation, {
      ...place.closed,
      alert: step(evaluation, place.alert, { ...place.alert, assessment }, facts),
    });
  }
  return null;
}

function outdated({ expectedVersion }: AlertCommanded, { version }: AlertRecord): Refusal | null {
  if (expectedVersion === null || expectedVersion === version) return null;
  return conflict(`the alert has version ${String(version)}, not ${String(expectedVersion)}: look at it again`);
}

function absentRefusal({ state }: Evaluation, { alertId }: AlertCommanded): Refusal {
  const gone = state.handed.findLast(({ id }) => id === alertId);
  if (gone !== undefined) return conflict(`the alert went over to the record ${gone.to}: ask it there`);
  return { code: "NOT_FOUND", message: "the patient has no such alert" };
}

function conflict(message: string): Refusal {
  return { code: "CONFLICT", message };
}

function refused(command: AlertCommanded, refusal: Refusal, version: number | null): AlertTransition {
  const { commandId, alertId, patientId } = command;
  return { schema: 1, kind: "refused", commandId, alertId, patientId, ...refusal, version };
}

function iso(at: number): string {
  return Number.isFinite(at) && Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : String(at);
}
