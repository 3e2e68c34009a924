import type { VitalAccepted } from "../../events/observation.js";
import type { AlertRecord } from "../alert.js";
import { signalled } from "./condition.js";
import { KEPT } from "../constants.js";
import { put, putClosed, putWatch, type Evaluation } from "./case.js";
import { awaitSet } from "../kinds/sets.js";
import type { CodeReadings, KnownReading } from "./state.js";
import { change, step, type StepFacts } from "./steps.js";
import { judgeCode, putReadings, takeValue } from "./values.js";

/** Whether a reading was corrected before it came, or is a correction that came before: it is not looked at. */
export function isKnownAsReplaced({ state }: Evaluation, id: string): boolean {
  return state.replaced.includes(id);
}

/**
 * A reading that takes the place of another, or takes it back. Alerts that rest on the other say so in a step of their own; what
 * they said before stays in the log. Where the other was the last of its code, conditions are judged again.
 */
export function correct(evaluation: Evaluation, accepted: VitalAccepted, reading: KnownReading): void {
  const { code, receivedAt, status } = accepted;
  const replaced = accepted.replaces ?? accepted.eventId;
  const isWithdrawn = status === "entered-in-error" || (reading.value === null && reading.coded === null);
  amendAlerts(evaluation, replaced, isWithdrawn ? null : reading, receivedAt);
  const done = [replaced, accepted.eventId];
  const others = evaluation.state.replaced.filter((id) => !done.includes(id));
  put(evaluation, { replaced: [...others, ...done].slice(-KEPT.replaced) });
  const known = evaluation.state.readings[code];
  if (known?.last.id === replaced) {
    if (isWithdrawn) withdrawLast(evaluation, code, known, reading);
    else replaceLast(evaluation, code, known, reading);
    awaitSet(evaluation, code, receivedAt);
  } else if (known?.before?.id === replaced) {
    putReadings(evaluation, code, { ...known, before: isWithdrawn ? null : reading });
  } else if (!isWithdrawn) {
    takeValue(evaluation, code, reading);
  }
}

function replaceLast(evaluation: Evaluation, code: string, known: CodeReadings, reading: KnownReading): void {
  const { before } = known;
  if (before !== null && reading.at < before.at) {
    putReadings(evaluation, code, { ...known, last: before, before: reading });
    judgeCode(evaluation, code, { ...before, receivedAt: reading.receivedAt }, signalled);
    return;
  }
  putReadings(evaluation, code, { ...known, last: reading });
  judgeCode(evaluation, code, reading, signalled);
}

/** The one before it holds again, from when the other was measured; without one nothing is known, and nothing is present. */
function withdrawLast(evaluation: Evaluation, code: string, known: CodeReadings, by: KnownReading): void {
  const { before, last } = known;
  const since = { at: last.at, receivedAt: by.receivedAt };
  if (before !== null) {
    putReadings(evaluation, code, { ...known, last: before, before: null });
    judgeCode(evaluation, code, { ...before, ...since }, signalled);
    return;
  }
  const { [code]: _, ...others } = evaluation.state.readings;
  put(evaluation, { readings: others });
  judgeCode(evaluation, code, last, (own, rule, subject, signal) => {
    signalled(own, rule, subject, { ...signal, ...since, breach: false, over: true });
  });
}

/** Every alert of the patient that rests on the reading, open or over. */
function amendAlerts(evaluation: Evaluation, replaced: string, reading: KnownReading | null, dueAt: number): void {
  const text = reading === null ? `reading ${replaced} was withdrawn` : `reading ${replaced} is ${valueText(reading)}`;
  const facts: StepFacts = { reason: "CORRECTED", dueAt, text };
  for (const key of Object.keys(evaluation.state.watches).sort()) {
    const watch = evaluation.state.watches[key];
    const changes = watch?.alert == null ? null : amended(watch.alert, replaced, reading);
    if (watch !== undefined && changes !== null) putWatch(evaluation, key, change(evaluation, watch, changes, facts));
  }
  for (const closed of evaluation.state.closed) {
    const changes = amended(closed.alert, replaced, reading);
    if (changes === null) continue;
    const alert = step(evaluation, closed.alert, { ...closed.alert, ...changes }, facts);
    putClosed(evaluation, { ...closed, alert });
  }
}

/** Null where the alert does not rest on the reading. Its value is that of the reading of the last step. */
function amended(alert: AlertRecord, replaced: string, reading: KnownReading | null): Partial<AlertRecord> | null {
  if (!alert.derivedFrom.includes(replaced)) return null;
  const derivedFrom = alert.derivedFrom.map((id) => (id === replaced ? (reading?.id ?? id) : id));
  if (alert.derivedFrom.at(-1) !== replaced || alert.kind !== "THRESHOLD") return { derivedFrom };
  return { derivedFrom, value: reading?.value ?? null, unit: reading?.unit ?? alert.unit };
}

function valueText({ value, coded, unit }: KnownReading): string {
  return [value ?? coded ?? "", unit ?? ""].join(" ").trim();
}
