import type { VitalWindowed } from "../../events/observation.js";
import { fromScaled, toScaled } from "../../window/decimal.js";
import { signalled, type Signal } from "../evaluation/condition.js";
import { worseStep } from "../constants.js";
import { inScope, put, type Evaluation } from "../evaluation/case.js";
import { breaks, isLower } from "../limit.js";
import type { AlertRule, ThresholdSpec } from "../rule.js";
import type { MinutePart } from "../evaluation/state.js";

export const MINUTE_MS = 60_000;
/** Digits behind the point of a mean. */
const DIGITS = 4;

/** A final one-minute window: means and changes over it and the minutes before it. */
export function judgeWindow(evaluation: Evaluation, window: VitalWindowed, receivedAt: number): void {
  const { code, start, end } = window;
  const wanted = evaluation.rules.windows.get(code);
  const known = evaluation.state.parts[code] ?? [];
  if (wanted === undefined || end - start !== MINUTE_MS || known.some((part) => part.start >= start)) return;
  const { count, sum, scale, unit, simulated } = window;
  const part = { start, count, sum, scale, unit, simulated };
  const kept = [...known, part].filter((one) => one.start >= end - wanted.longestMs);
  put(evaluation, { parts: { ...evaluation.state.parts, [code]: kept } });
  if (count === 0) return;
  for (const rule of wanted.rules) {
    const signal = inScope(evaluation, rule, end) ? windowSignal(evaluation, rule, code, end, receivedAt) : null;
    if (signal !== null) signalled(evaluation, rule, code, signal);
  }
}

/** What a rule says of the minutes up to `end`; null where too little is known. */
export function windowSignal(
  evaluation: Evaluation,
  rule: AlertRule,
  code: string,
  end: number,
  receivedAt: number,
): Signal | null {
  const { limit, clear, windowMs } = rule;
  if (limit === null || windowMs === null) return null;
  const parts = (evaluation.state.parts[code] ?? []).filter(
    ({ start, count }) => count > 0 && start >= end - windowMs && start < end,
  );
  const value = rule.kind === "TREND" ? changeOver(parts) : meanOf(parts);
  if (value === null) return null;
  const breach = isBroken(limit, value);
  const source = evaluation.state.readings[code]?.last.source;
  const speaks = source === undefined ? 0 : evaluation.knowledge.source(source).staleAfterMs;
  const number = Number(value.sum) / Number(value.count) / 10 ** value.scale;
  return {
    breach,
    over: clear === null ? !breach : isBroken(clear, value),
    at: end,
    receivedAt,
    value: fromScaled(rounded(value), DIGITS),
    unit: parts.at(-1)?.unit ?? null,
    text: null,
    ids: [],
    simulated: parts.some(({ simulated }) => simulated),
    staleAfterMs: rule.staleAfterMs ?? Math.max(speaks, windowMs),
    severity: isLower(limit) ? -number : number,
    worseBy: worseStep(code, limit.value),
    basis: null,
  };
}

/** `sum / count` in units of 10^-`scale`, exactly. */
interface Fraction {
  readonly sum: bigint;
  readonly count: bigint;
  readonly scale: number;
}

/** Parts are added up and divided once: a mean is never made of means. */
function meanOf(parts: readonly MinutePart[]): Fraction | null {
  if (parts.length === 0) return null;
  const scale = Math.max(...parts.map((part) => part.scale));
  const sum = parts.reduce((all, part) => all + BigInt(part.sum) * 10n ** BigInt(scale - part.scale), 0n);
  return { sum, count: BigInt(parts.reduce((all, { count }) => all + count, 0)), scale };
}

/** The mean of the newest minute less that of the oldest. One reading, or one minute, is no trend. */
function changeOver(parts: readonly MinutePart[]): Fraction | null {
  const [first, last] = [meanOf(parts.slice(0, 1)), meanOf(parts.slice(-1))];
  if (first === null || last === null || parts.length < 2) return null;
  const scale = Math.max(first.scale, last.scale);
  const [from, to] = [first, last].map((one) => one.sum * 10n ** BigInt(scale - one.scale)) as [bigint, bigint];
  return { sum: to * first.count - from * last.count, count: first.count * last.count, scale };
}

function isBroken({ comparator, value }: ThresholdSpec, { sum, count, scale }: Fraction): boolean {
  const digits = Math.max(scale, DIGITS * 2);
  const limit = toScaled(value.toFixed(digits), digits) * count;
  const own = sum * 10n ** BigInt(digits - scale);
  const sign = own < limit ? -1 : own > limit ? 1 : 0;
  return breaks({ comparator, value: 0, unit: null }, sign, null) === true;
}

/** In 10^-4, halves away from zero. */
function rounded({ sum, count, scale }: Fraction): bigint {
  const numerator = sum * 10n ** BigInt(DIGITS);
  const denominator = count * 10n ** BigInt(scale);
  const size = (2n * (numerator < 0n ? -numerator : numerator) + denominator) / (2n * denominator);
  return numerator < 0n ? -size : size;
}
