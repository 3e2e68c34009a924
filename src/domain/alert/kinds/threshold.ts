import { signalled } from "../condition.js";
import type { Evaluation } from "../evaluation.js";
import { breaks } from "../limit.js";
import type { AlertRule } from "../rule.js";
import type { KnownReading } from "../state.js";

/** A limit on single readings of one code: hysteresis between `limit` and `clear`. */
export function judgeThreshold(evaluation: Evaluation, rule: AlertRule, reading: KnownReading): void {
  if (rule.limit === null || rule.code === null || reading.value === null) return;
  const value = Number(reading.value);
  const breach = breaks(rule.limit, value, reading.comparator);
  const over = rule.clear === null ? (breach === null ? null : !breach) : breaks(rule.clear, value, reading.comparator);
  signalled(evaluation, rule, rule.code, {
    breach: reading.doubtful && breach === false ? null : breach,
    over: reading.doubtful ? null : over,
    at: reading.at,
    receivedAt: reading.receivedAt,
    value: reading.value,
    unit: reading.unit,
    text: null,
    ids: [reading.id],
    simulated: reading.simulated,
    staleAfterMs: rule.staleAfterMs ?? evaluation.knowledge.source(reading.source).staleAfterMs,
  });
}
