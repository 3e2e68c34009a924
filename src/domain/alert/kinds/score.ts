import type { Signal } from "../evaluation/condition.js";
import { WORSE_SCORE } from "../constants.js";
import { once, patientAge, planAt, putWatch, type Evaluation } from "../evaluation/case.js";
import { breaks } from "../limit.js";
import { news2, type News2Parameter, type News2Score } from "../news2.js";
import { holdsAlert, NEWS2_CODES, news2Set, type News2Set } from "../news2-set.js";
import type { AlertRule } from "../rule.js";
import { watchKey, type Basis, type KnownReading } from "../evaluation/state.js";
import { end } from "../evaluation/steps.js";

interface Scored {
  readonly score: News2Score;
  readonly set: News2Set<KnownReading>;
  readonly at: number;
}

/** As of the newest reading of a scored code, or of `now`; null where there is none. */
function scoreOf(evaluation: Evaluation, { staleAfterMs }: AlertRule, now: number | null): Scored | null {
  const at = now ?? newestAt(evaluation);
  if (at === null) return null;
  return once(evaluation, `news2/${String(at)}/${String(staleAfterMs)}`, () => {
    const set = news2Set({
      latest: (code) => evaluation.state.readings[code]?.last ?? null,
      source: (id) => evaluation.knowledge.source(id),
      at,
      staleAfterMs,
    });
    return { score: news2(set.values, planAt(evaluation, at), patientAge(evaluation, at)), set, at };
  });
}

function newestAt({ state }: Evaluation): number | null {
  let newest: number | null = null;
  for (const code of NEWS2_CODES) {
    const at = state.readings[code]?.last.at;
    if (at !== undefined && (newest === null || at > newest)) newest = at;
  }
  return newest;
}

/** Where the score is not for the patient an alert of it ends and says why; whether that is so. */
export function endWhereNotApplicable(
  evaluation: Evaluation,
  rule: AlertRule,
  subject: string,
  receivedAt: number,
  now: number | null,
): boolean {
  const reason = scoreOf(evaluation, rule, now)?.score.notApplicable ?? null;
  const key = watchKey(rule.id, subject);
  const watch = evaluation.state.watches[key];
  if (reason !== null && watch !== undefined) {
    const facts = { reason: "NOT_APPLICABLE", dueAt: receivedAt, text: `NEWS2: ${reason}` } as const;
    putWatch(evaluation, key, end(evaluation, key, watch, {}, facts));
  }
  return reason !== null;
}

interface Moment {
  readonly receivedAt: number;
  readonly now: number | null;
  /** What it rested on when the limit was last broken. */
  readonly basis: Basis | null;
}

/** A rule on NEWS2: its total or, where parameters are missing, what it is at least; also single parameters that score 3. */
export function scoreSignal(
  evaluation: Evaluation,
  rule: AlertRule,
  { receivedAt, now, basis: before }: Moment,
): Signal | null {
  const scored = scoreOf(evaluation, rule, now);
  if (scored === null || scored.score.lowerBound === null) return null;
  const { score, at } = scored;
  const { members } = scored.set;
  const points = scored.score.lowerBound;
  const breach = isBroken(rule, points, score.redParameters.length > 0);
  // A sensor that is gone keeps the points it had when the limit was last broken.
  const gone = Object.entries(before ?? {}).filter(
    ([name]) => holdsAlert(name) && score.missing.includes(name as News2Parameter),
  );
  const held = gone.map(([, [had]]) => had);
  const wouldBe = points + held.reduce((sum, had) => sum + had, 0);
  const used = Object.values(members).filter((member) => member !== undefined);
  const basis: Basis = Object.fromEntries(
    score.parameters
      .filter((one) => one.points > 0)
      .map((one) => [one.name, [one.points, members[one.name]?.expiresAt ?? at] as const]),
  );
  const expiries = Object.values(breach ? basis : (before ?? {})).map(([, expiresAt]) => expiresAt);
  return {
    breach,
    over: !isBroken(rule, wouldBe, score.redParameters.length > 0 || held.includes(3)),
    at,
    receivedAt,
    value: String(points),
    unit: "{score}",
    text: textOf(score, points),
    ids: [...new Set(used.map(({ reading }) => reading.id))],
    simulated: used.some(({ reading }) => reading.simulated),
    staleAfterMs: expiries.length === 0 ? null : Math.min(...expiries) - at,
    severity: points,
    worseBy: WORSE_SCORE,
    basis,
  };
}

function isBroken(rule: AlertRule, points: number, isRed: boolean): boolean {
  return (rule.limit !== null && breaks(rule.limit, points, null) === true) || (rule.singleRed && isRed);
}

function textOf({ total, missing, redParameters }: News2Score, points: number): string {
  const parts = [
    total === null ? `at least ${String(points)} (missing: ${missing.join(", ")})` : String(points),
    ...(redParameters.length === 0 ? [] : [`3 points for ${redParameters.join(", ")}`]),
  ];
  return parts.join("; ");
}
