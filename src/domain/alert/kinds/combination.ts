import type { Signal } from "../evaluation/condition.js";
import type { Evaluation } from "../evaluation/case.js";
import { breaks } from "../limit.js";
import type { AlertRule } from "../rule.js";

/**
 * All terms at once, each by the latest reading of its code while that is fresh. A term nothing is known of neither raises nor
 * ends; one that is known not to hold does end. Null: nothing is known of any.
 */
export function combinationSignal(
  evaluation: Evaluation,
  rule: AlertRule,
  receivedAt: number,
  now: number | null,
): Signal | null {
  const terms = rule.terms ?? [];
  const readings = terms.flatMap(({ code }) => evaluation.state.readings[code]?.last ?? []);
  if (readings.length === 0) return null;
  const at = now ?? Math.max(...readings.map((reading) => reading.at));
  const judged = terms.flatMap(({ code, limit }) => {
    const reading = evaluation.state.readings[code]?.last;
    if (reading === undefined || reading.value === null) return [];
    const freshUntil = reading.at + (rule.staleAfterMs ?? evaluation.knowledge.source(reading.source).staleAfterMs);
    if (freshUntil <= at) return [];
    const broken = breaks(limit, Number(reading.value), reading.comparator);
    return [{ reading, freshUntil, broken: broken === false && reading.doubtful ? null : broken }];
  });
  if (judged.length === 0) return null;
  const isOver = judged.some(({ broken }) => broken === false);
  const holds = judged.length === terms.length && judged.every(({ broken }) => broken === true);
  return {
    breach: holds ? true : isOver ? false : null,
    over: isOver ? true : holds ? false : null,
    at,
    receivedAt,
    value: null,
    unit: null,
    text: judged.map(({ reading: { value, unit } }) => `${value ?? ""} ${unit ?? ""}`.trim()).join(", "),
    ids: judged.map(({ reading }) => reading.id),
    simulated: judged.some(({ reading }) => reading.simulated),
    staleAfterMs: Math.min(...judged.map(({ freshUntil }) => freshUntil)) - at,
    severity: null,
    worseBy: 0,
    basis: null,
  };
}
