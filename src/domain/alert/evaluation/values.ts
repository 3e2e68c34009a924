import { passed, signalled, type Signal } from "./condition.js";
import { KEPT } from "../constants.js";
import { inScope, isIdle, put, type Evaluation } from "./case.js";
import { awaitSet } from "../kinds/sets.js";
import { extremeRules, extremeSignal } from "../kinds/technical.js";
import { isBroken, thresholdSignal } from "../kinds/threshold.js";
import { thresholdsOf } from "./rule-index.js";
import type { AlertRule } from "../rule.js";
import type { CodeReadings, KnownReading } from "./state.js";

/** A value in its place: the newest of its code is judged; one that is older moves nothing back. */
export function takeValue(evaluation: Evaluation, code: string, reading: KnownReading): void {
  const known = evaluation.state.readings[code];
  const heardAt = Math.max(reading.receivedAt, known?.heardAt ?? reading.receivedAt);
  if (known !== undefined && reading.at < known.last.at) {
    if (heardAt !== known.heardAt) putReadings(evaluation, code, { ...known, heardAt });
    judgeCode(evaluation, code, reading, passed);
    return;
  }
  putReadings(evaluation, code, { last: reading, before: known?.last ?? null, heardAt });
  judgeCode(evaluation, code, reading, signalled);
  awaitSet(evaluation, code, reading.receivedAt);
}

/** Every rule on single readings of a code sees one. */
export function judgeCode(
  evaluation: Evaluation,
  code: string,
  reading: KnownReading,
  judge: (evaluation: Evaluation, rule: AlertRule, subject: string, signal: Signal) => void,
): void {
  for (const rule of extremeRules(evaluation, code)) {
    if (!reading.extreme && isIdle(evaluation, rule, code)) continue;
    if (inScope(evaluation, rule, reading.at))
      judge(evaluation, rule, code, extremeSignal(evaluation, rule, code, reading));
  }
  for (const rule of thresholdsOf(evaluation.rules, code)) {
    if (!isBroken(rule, reading) && isIdle(evaluation, rule, code)) continue;
    const signal = inScope(evaluation, rule, reading.at) ? thresholdSignal(evaluation, rule, reading) : null;
    if (signal !== null) judge(evaluation, rule, code, signal);
  }
}

/** Of the codes heard of last; the one that was not for longest is given up first. */
export function putReadings(evaluation: Evaluation, code: string, readings: CodeReadings): void {
  const all = Object.entries({ ...evaluation.state.readings, [code]: readings });
  const kept =
    all.length <= KEPT.codes
      ? all
      : all
          .filter(([name]) => name === code)
          .concat(
            all
              .filter(([name]) => name !== code)
              .sort(([one, left], [other, right]) => right.heardAt - left.heardAt || (one < other ? -1 : 1))
              .slice(0, KEPT.codes - 1),
          );
  put(evaluation, { readings: Object.fromEntries(kept) });
}
