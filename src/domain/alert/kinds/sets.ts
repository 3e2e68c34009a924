import { inScope, put, type Evaluation } from "../evaluation/case.js";
import { signalled, type Signal } from "../evaluation/condition.js";
import { SETTLE_MS } from "../constants.js";
import { NEWS2_CODES } from "../news2-set.js";
import type { AlertRule } from "../rule.js";
import { combinationSignal } from "./combination.js";
import { watchKey } from "../evaluation/state.js";
import { endWhereNotApplicable, scoreSignal } from "./score.js";

/** A reading may alter a set: it is looked at when what comes with the reading has had time to come. */
export function awaitSet(evaluation: Evaluation, code: string, receivedAt: number): void {
  if (evaluation.state.settleDue !== null) return;
  if (evaluation.rules.sets.some((rule) => readsCode(rule, code)))
    put(evaluation, { settleDue: receivedAt + SETTLE_MS });
}

function readsCode({ kind, terms }: AlertRule, code: string): boolean {
  return kind === "SCORE" ? NEWS2_CODES.has(code) : (terms ?? []).some((term) => term.code === code);
}

/** Every rule on sets looks at the latest readings, once for all that came together. */
export function judgeSets(evaluation: Evaluation, receivedAt: number): void {
  for (const rule of evaluation.rules.sets)
    if (inScope(evaluation, rule, receivedAt)) judgeSet(evaluation, rule, receivedAt);
}

/** As of the newest reading of the set; where something else than readings changed, as of `now`. */
export function judgeSet(evaluation: Evaluation, rule: AlertRule, receivedAt: number, now: number | null = null): void {
  const subject = subjectOf(rule);
  if (rule.kind === "SCORE" && endWhereNotApplicable(evaluation, rule, subject, receivedAt, now)) return;
  const signal = setSignal(evaluation, rule, receivedAt, now);
  if (signal !== null) signalled(evaluation, rule, subject, signal);
}

/** What a rule on sets says; null where nothing is known of any of its codes. */
export function setSignal(
  evaluation: Evaluation,
  rule: AlertRule,
  receivedAt: number,
  now: number | null,
): Signal | null {
  if (rule.kind === "COMBINATION") return combinationSignal(evaluation, rule, receivedAt, now);
  const basis = evaluation.state.watches[watchKey(rule.id, subjectOf(rule))]?.basis ?? null;
  return scoreSignal(evaluation, rule, { receivedAt, now, basis });
}

function subjectOf({ score }: AlertRule): string {
  return score ?? "set";
}
