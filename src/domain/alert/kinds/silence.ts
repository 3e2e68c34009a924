import { signalled, type Signal } from "../evaluation/condition.js";
import { KEPT } from "../constants.js";
import {
  blankWatch,
  caseOf,
  inScope,
  put,
  putWatch,
  withTimers,
  type Case,
  type Evaluation,
} from "../evaluation/case.js";
import { formatDuration } from "../../duration.js";

/** Whose silence a rule notices: of one code, or of every source that is to be heard all the time or now and then. */
interface Heard {
  readonly name: string;
  readonly heardAt: number;
  readonly silentAt: number;
}

/** A source sent something. */
export function noteSource(evaluation: Evaluation, source: string, receivedAt: number): void {
  const { sources } = evaluation.state;
  const known = sources.find((one) => one.source === source);
  if (known !== undefined && known.heardAt >= receivedAt) return;
  const others = sources.filter((one) => one !== known);
  put(evaluation, { sources: [...others, { source, heardAt: receivedAt }].slice(-KEPT.devices) });
}

/** Something was heard: what was silent is so no longer, and the next silence is counted from here. */
export function judgeSilences(evaluation: Evaluation, at: number): void {
  for (const rule of evaluation.rules.silences) {
    if (inScope(evaluation, rule, at)) judgeSilence(caseOf(evaluation, rule, rule.code ?? "any"), at);
  }
}

/** Whether somebody has been silent for too long by a time, and when that is to be asked next. */
export function judgeSilence(own: Case, at: number): void {
  const heard = heardBy(own);
  const silent = heard.filter(({ silentAt }) => silentAt <= at);
  if (heard.length > 0) signalled(own.evaluation, own.rule, own.subject, signalOf(silent, at));
  awaitSilence(own, heard, at);
}

function awaitSilence({ evaluation, rule, key }: Case, heard: readonly Heard[], at: number): void {
  const next = Math.min(...heard.map(({ silentAt }) => silentAt).filter((silentAt) => silentAt > at));
  const watch = evaluation.state.watches[key] ?? blankWatch(rule, at);
  const silence = Number.isFinite(next) ? next : null;
  if ((watch.timers.silence ?? null) !== silence) putWatch(evaluation, key, withTimers(watch, { silence }));
}

function heardBy({ evaluation, rule }: Case): readonly Heard[] {
  const { state, knowledge } = evaluation;
  const of = (name: string, source: string, heardAt: number): Heard => {
    return { name, heardAt, silentAt: heardAt + (rule.staleAfterMs ?? knowledge.source(source).staleAfterMs) };
  };
  if (rule.code !== null) {
    const known = state.readings[rule.code];
    return known === undefined ? [] : [of(rule.code, known.last.source, known.heardAt)];
  }
  return state.sources
    .filter(({ source }) => knowledge.source(source).kind !== "LABORATORY")
    .map(({ source, heardAt }) => of(source, source, heardAt));
}

function signalOf(silent: readonly Heard[], at: number): Signal {
  const [first] = [...silent].sort((one, other) => one.silentAt - other.silentAt);
  return {
    breach: first !== undefined,
    over: first === undefined,
    at,
    receivedAt: at,
    value: null,
    unit: null,
    text: first === undefined ? null : `no data from ${first.name} for ${formatDuration(at - first.heardAt)}`,
    ids: [],
    simulated: false,
    staleAfterMs: null,
    severity: null,
    worseBy: 0,
    basis: null,
  };
}
