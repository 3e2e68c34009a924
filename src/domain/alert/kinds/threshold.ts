import { worseStep } from "../constants.js";
import type { Signal } from "../evaluation/condition.js";
import type { Evaluation } from "../evaluation/case.js";
import { breaks, isLower } from "../limit.js";
import type { AlertRule } from "../rule.js";
import type { KnownReading } from "../evaluation/state.js";

export function isBroken({ limit }: AlertRule, { value, comparator }: KnownReading): boolean {
  return limit !== null && value !== null && breaks(limit, Number(value), comparator) === true;
}

/** What a limit on single readings says of one: hysteresis lies between `limit` and `clear`. Null: it says nothing. */
export function thresholdSignal(evaluation: Evaluation, rule: AlertRule, reading: KnownReading): Signal | null {
  const { limit, clear } = rule;
  if (limit === null || reading.value === null) return null;
  const value = Number(reading.value);
  const breach = breaks(limit, value, reading.comparator);
  const over = clear === null ? (breach === null ? null : !breach) : breaks(clear, value, reading.comparator);
  return {
    ...readingSignal(evaluation, rule, reading),
    breach: reading.doubtful && breach === false ? null : breach,
    over: reading.doubtful ? null : over,
    severity: isLower(limit) ? -value : value,
    worseBy: worseStep(rule.code, limit.value),
  };
}

/** What every signal of a single reading says. */
export function readingSignal(
  { knowledge }: Evaluation,
  rule: AlertRule,
  reading: KnownReading,
): Omit<Signal, "breach" | "over" | "severity" | "worseBy"> {
  const { comparator, value } = reading;
  return {
    at: reading.at,
    receivedAt: reading.receivedAt,
    value: value === null || comparator === null ? value : `${comparator} ${value}`,
    unit: reading.unit,
    text: null,
    ids: [reading.id],
    simulated: reading.simulated,
    staleAfterMs: rule.staleAfterMs ?? knowledge.source(reading.source).staleAfterMs,
    basis: null,
  };
}
