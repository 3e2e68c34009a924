import { FLAP_HOLD_MS, REOPEN_WITHIN_MS } from "../constants.js";
import { blankWatch, caseOf, isIdle, put, putWatch, withTimers, type Case, type Evaluation } from "./case.js";
import type { AlertRule } from "../rule.js";
import type { Basis, Pending, Watch } from "./state.js";
import { calling, change, clear, close, joinIds, messageOf, raise, step, UNANSWERED } from "./steps.js";

/** What a rule made of one reading, set, window or silence. */
export interface Signal {
  /** Whether the limit is broken; null where it cannot be said. */
  readonly breach: boolean | null;
  /** Whether the condition is over; null where it cannot be said. */
  readonly over: boolean | null;
  /** Effective time, and when it was received. */
  readonly at: number;
  readonly receivedAt: number;
  readonly value: string | null;
  readonly unit: string | null;
  /** Words in place of the value. */
  readonly text: string | null;
  readonly ids: readonly string[];
  readonly simulated: boolean;
  /** How long it speaks for the patient, in milliseconds; null: for ever. Not above 0: it does no longer. */
  readonly staleAfterMs: number | null;
  /** The higher the worse; null where there is no better or worse. */
  readonly severity: number | null;
  /** How much more severe than when it was silenced is worse. */
  readonly worseBy: number;
  readonly basis: Basis | null;
}

/** One rule sees one signal about one subject, not older than the last. */
export function signalled(evaluation: Evaluation, rule: AlertRule, subject: string, signal: Signal): void {
  const own = caseOf(evaluation, rule, subject);
  const known = evaluation.state.watches[own.key];
  if (signal.breach !== true && isIdle(evaluation, rule, subject)) return;
  const watch = heard(own, known ?? blankWatch(rule, signal.at), signal);
  const severity = signal.breach === true ? signal.severity : watch.severity;
  const rated = { ...watch, severity, basis: signal.breach === true ? signal.basis : watch.basis };
  const next = watch.alert?.conditionPresent === true ? present(own, rated, signal) : absent(own, rated, signal);
  const freshUntil = signal.staleAfterMs === null ? null : signal.at + signal.staleAfterMs;
  putWatch(evaluation, own.key, { ...next, seenAt: signal.at, freshUntil });
}

/** There are data, and until when. One that was silent a moment ago is called stale again five minutes later at the soonest. */
function heard({ evaluation }: Case, watch: Watch, { receivedAt, staleAfterMs }: Signal): Watch {
  if (staleAfterMs === null) return watch;
  const isStale = watch.alert?.stale === true && watch.alert.presence !== "OFF";
  if (isStale && staleAfterMs > 0) {
    const fresh = change(evaluation, watch, { stale: false }, { reason: "FRESH", dueAt: receivedAt });
    return withTimers(
      { ...fresh, freshAt: receivedAt },
      { stale: receivedAt + Math.max(staleAfterMs, REOPEN_WITHIN_MS) },
    );
  }
  const calmUntil = watch.freshAt === null ? -Infinity : watch.freshAt + REOPEN_WITHIN_MS;
  return withTimers(watch, { stale: isStale ? null : Math.max(receivedAt, receivedAt + staleAfterMs, calmUntil) });
}

function absent(own: Case, watch: Watch, signal: Signal): Watch {
  const { at, receivedAt } = signal;
  const { delayMs } = own.rule;
  if (signal.breach === null) return watch;
  if (!signal.breach) return withTimers({ ...watch, pending: null }, { raise: null });
  // Two readings far apart say nothing of the time between them.
  const isApart = watch.freshUntil !== null && at >= watch.freshUntil && at - watch.seenAt >= delayMs;
  const first = isApart ? null : watch.pending;
  const pending = {
    onset: first?.onset ?? at,
    receivedAt: first?.receivedAt ?? receivedAt,
    ids: joinIds((first?.ids ?? []).slice(0, 1), signal.ids),
    value: signal.value,
    unit: signal.unit,
    text: signal.text,
    simulated: signal.simulated || (first?.simulated ?? false),
    ...underOf(own, first),
  };
  const due = pending.onset + delayMs;
  if (at >= due) return raise(own, watch, pending, due, receivedAt);
  return withTimers({ ...watch, pending }, { raise: pending.receivedAt + delayMs });
}

/** Which merged record a condition is of; nothing where some of it is the patient's own. */
function underOf({ evaluation: { under } }: Case, first: Pending | null): Pick<Pending, "under"> {
  return under === null || (first !== null && first.under !== under) ? {} : { under };
}

/** How long the condition of an alert must be over before it ends: the longer, the more often it came back. */
export function endsAfter({ rule }: Case, { recurrences }: Watch): number {
  return recurrences === 0 ? rule.clearDelayMs : Math.max(rule.clearDelayMs, heldBack(recurrences));
}

/** The oftener it came back, the longer its end, and the next word on it, wait. */
function heldBack(recurrences: number): number {
  return Math.min(FLAP_HOLD_MS * 2 ** (recurrences - 1), REOPEN_WITHIN_MS);
}

function present(own: Case, watch: Watch, signal: Signal): Watch {
  const { at, receivedAt } = signal;
  if (signal.over === true) {
    const wait = endsAfter(own, watch);
    const clearing = watch.clearing ?? { since: at, receivedAt };
    const next = withTimers({ ...watch, clearing }, { clear: clearing.receivedAt + wait });
    return at - clearing.since >= wait ? clear(own, next, clearing.since + wait) : next;
  }
  if (signal.over === null && signal.breach !== true) return watch;
  const lasting = withTimers({ ...watch, clearing: null }, { clear: null });
  if (signal.breach !== true) return lasting;
  const isBack = watch.clearing !== null && at - watch.clearing.since >= own.rule.clearDelayMs;
  return calledAgain(own, isBack ? counted(own, lasting, signal) : lasting, signal);
}

/** It came back while its end was held back: a step says so now and then, however often it does. */
function counted({ evaluation, rule }: Case, watch: Watch, signal: Signal): Watch {
  const { alert } = watch;
  if (alert === null) return watch;
  const occurrenceCount = alert.occurrenceCount + 1;
  if (watch.countedAt !== null && signal.receivedAt - watch.countedAt < heldBack(watch.recurrences)) {
    return { ...watch, alert: { ...alert, occurrenceCount } };
  }
  const changes = { ...seenIn(rule, watch, signal), occurrenceCount };
  const next = change(evaluation, watch, changes, { reason: "RECURRED", dueAt: signal.at });
  return { ...next, countedAt: signal.receivedAt, recurrences: watch.recurrences + 1 };
}

/** What was silenced or ended by a person calls again when it is worse, or when its time has passed and it still holds. */
function calledAgain({ evaluation, rule }: Case, watch: Watch, signal: Signal): Watch {
  const { alert, silencedAt } = watch;
  if (alert === null || alert.presence === "ON" || alert.presence === "LATCHED") return watch;
  const isWorse =
    silencedAt !== null && signal.severity !== null && signal.severity >= silencedAt + Math.max(signal.worseBy, 1e-9);
  const isOverdue = alert.presence === "OFF" && watch.timers.reAlarm === undefined;
  if (!isWorse && !isOverdue) return watch;
  const changes = {
    ...seenIn(rule, watch, signal),
    ...UNANSWERED,
    occurrenceCount: alert.occurrenceCount + 1,
    escalationLevel: 0,
  };
  const reason = isWorse ? "WORSENED" : "RE_ALARM";
  return calling(change(evaluation, watch, changes, { reason, dueAt: signal.at }), rule, signal.receivedAt);
}

function seenIn(
  rule: AlertRule,
  { alert }: Watch,
  signal: Signal,
): Pick<NonNullable<Watch["alert"]>, "value" | "unit" | "message" | "derivedFrom"> {
  const { value, unit } = signal;
  return { value, unit, message: messageOf(rule, signal), derivedFrom: joinIds(alert?.derivedFrom ?? [], signal.ids) };
}

/**
 * A signal older than the last moves no condition. Where it breaks the limit of a rule without delay, and no alert of the rule
 * speaks for its time, one is raised and ends at once, so that it is not lost.
 */
export function passed(evaluation: Evaluation, rule: AlertRule, subject: string, signal: Signal): void {
  const own = caseOf(evaluation, rule, subject);
  const { key } = own;
  if (signal.breach !== true || rule.delayMs > 0) return;
  if ((evaluation.state.watches[key]?.alert ?? null) !== null) return;
  const near = evaluation.state.closed.findLast(
    (one) => one.key === key && signal.at > one.from - REOPEN_WITHIN_MS && signal.at < one.to + REOPEN_WITHIN_MS,
  );
  if (near !== undefined) {
    if (signal.at >= near.from && signal.at <= near.to) return;
    const wider = { ...near, from: Math.min(near.from, signal.at), to: Math.max(near.to, signal.at) };
    put(evaluation, { closed: evaluation.state.closed.map((one) => (one === near ? wider : one)) });
    return;
  }
  const { at, receivedAt } = signal;
  const watch = blankWatch(rule, at);
  const raised = raise(own, watch, { ...signal, onset: at, ...underOf(own, null) }, at, receivedAt).alert;
  if (raised === null) return;
  const over = { ...raised, presence: "OFF", conditionPresent: false, abatement: at } as const;
  const text = "measured before the last reading, so it is over";
  close(evaluation, key, watch, step(evaluation, raised, over, { reason: "CLEARED", dueAt: at, text }));
}
