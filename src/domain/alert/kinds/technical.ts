import type { VitalAccepted } from "../../events/observation.js";
import { findObservationCode } from "../../observation/code.js";
import { signalled, type Signal } from "../evaluation/condition.js";
import { inScope, isIdle, patientAge, type Evaluation } from "../evaluation/case.js";
import type { AlertRule } from "../rule.js";
import { applies } from "../scope.js";
import { watchKey, type KnownReading } from "../evaluation/state.js";
import { noteSequence } from "./sequence.js";
import { readingSignal } from "./threshold.js";

/** Extreme values, by code: they may be the patient, and they may be the sensor. */
export function extremeSignal(evaluation: Evaluation, rule: AlertRule, code: string, reading: KnownReading): Signal {
  const name = findObservationCode(code)?.name ?? code;
  return {
    ...readingSignal(evaluation, rule, reading),
    breach: reading.extreme ? true : reading.doubtful ? null : false,
    over: reading.extreme ? false : reading.doubtful ? null : true,
    text: `${name} ${reading.value ?? ""} ${reading.unit ?? ""}`.trim(),
    severity: null,
    worseBy: 0,
  };
}

export function extremeRules({ rules }: Evaluation, code: string): readonly AlertRule[] {
  return rules.technical.filter(
    (rule) => rule.technical === "EXTREME_VALUE" && (rule.code === null || rule.code === code),
  );
}

/** What a reading says of its device, in the order of receipt. */
export function judgeDevice(evaluation: Evaluation, reading: VitalAccepted): void {
  const device = reading.deviceId ?? reading.source;
  const gap = noteSequence(evaluation, reading, isCalled(evaluation, "SEQUENCE_GAP", device));
  for (const rule of evaluation.rules.technical) {
    const found = findingOf(evaluation, rule, reading, device, gap);
    if (found === null || (!found.breach && isIdle(evaluation, rule, found.subject))) continue;
    if (!inScope(evaluation, rule, reading.receivedAt)) continue;
    const watch = evaluation.state.watches[watchKey(rule.id, found.subject)];
    if (watch !== undefined && reading.receivedAt < watch.seenAt) continue;
    signalled(evaluation, rule, found.subject, {
      breach: found.breach,
      over: !found.breach,
      at: reading.receivedAt,
      receivedAt: reading.receivedAt,
      value: null,
      unit: null,
      text: found.text,
      ids: [reading.eventId],
      simulated: reading.simulated,
      staleAfterMs: null,
      severity: null,
      worseBy: 0,
      basis: null,
    });
  }
}

function isCalled({ rules, state }: Evaluation, technical: AlertRule["technical"], subject: string): boolean {
  return rules.technical.some(
    (rule) => rule.technical === technical && (state.watches[watchKey(rule.id, subject)]?.alert ?? null) !== null,
  );
}

interface Finding {
  readonly subject: string;
  readonly breach: boolean;
  readonly text: string;
}

function findingOf(
  evaluation: Evaluation,
  { technical }: AlertRule,
  { flags, clockOffsetMs, receivedAt }: VitalAccepted,
  device: string,
  gap: number | null,
): Finding | null {
  switch (technical) {
    case "DEVICE_CLOCK": {
      const breach = flags.includes("CLOCK_FAST") || flags.includes("CLOCK_SLOW");
      const seconds = Math.round((clockOffsetMs ?? 0) / 1_000);
      return { subject: device, breach, text: `${device} ${seconds < 0 ? "" : "+"}${String(seconds)} s` };
    }
    case "CONFLICT":
      return {
        subject: device,
        breach: flags.includes("CONFLICT"),
        text: `${device} sent two readings under one name`,
      };
    case "SEQUENCE_GAP":
      return gap === null ? null : { subject: device, breach: gap > 0, text: `${device}: ${String(gap)} missing` };
    case "AGE_UNKNOWN":
      return ageFinding(evaluation, receivedAt);
    case "EXTREME_VALUE":
    case null:
      return null;
  }
}

/** Rules that need an age are not applied to whom it is not known of: that is not to go unnoticed. */
export function ageFinding(evaluation: Evaluation, at: number): Finding | null {
  if (!evaluation.rules.needsAge) return null;
  const age = patientAge(evaluation, at);
  if (age !== null && age.min === age.max) return { subject: "age", breach: false, text: "" };
  const unknown = evaluation.knowledge.rules.filter(
    (rule) => rule.status === "ACTIVE" && applies(rule, evaluation.patientId, age) === "UNKNOWN",
  ).length;
  const text = `${String(unknown)} rules that need an age are not applied: give a birth date or a monitoring plan`;
  return { subject: "age", breach: unknown > 0, text };
}
