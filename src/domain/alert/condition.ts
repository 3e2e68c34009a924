import { FLAP_HOLD_MS } from "./constants.js";
import { blankWatch, putWatch, withTimer, type Evaluation } from "./evaluation.js";
import type { AlertRule } from "./rule.js";
import { watchKey, type Watch } from "./state.js";
import { clear, joinIds, raise, step } from "./steps.js";

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
  /** How long it speaks for the patient, in milliseconds. */
  readonly staleAfterMs: number;
}

/** One rule sees one signal about one subject, not older than the last. */
export function signalled(evaluation: Evaluation, rule: AlertRule, subject: string, signal: Signal): void {
  const key = watchKey(rule.id, subject);
  const known = evaluation.watches[key];
  if (known === undefined && signal.breach !== true) return;
  const watch = heard(evaluation, known ?? blankWatch(rule, signal.at), signal);
  const next =
    watch.alert?.conditionPresent === true
      ? present(evaluation, rule, key, watch, signal)
      : absent(evaluation, rule, subject, key, watch, signal);
  const seen = { seenAt: signal.at, freshUntil: signal.at + signal.staleAfterMs };
  putWatch(evaluation, key, { ...next, ...seen });
}

/** There are data again, and until they are stale. */
function heard(evaluation: Evaluation, watch: Watch, signal: Signal): Watch {
  const before = watch.alert;
  if (before === null) return watch;
  const next = withTimer(watch, "stale", signal.receivedAt + signal.staleAfterMs);
  if (!before.stale) return next;
  const facts = { reason: "FRESH", dueAt: signal.receivedAt } as const;
  return { ...next, alert: step(evaluation, before, { ...before, stale: false }, facts) };
}

function absent(
  evaluation: Evaluation,
  rule: AlertRule,
  subject: string,
  key: string,
  watch: Watch,
  signal: Signal,
): Watch {
  const { at, receivedAt } = signal;
  if (signal.breach === null) return watch;
  if (!signal.breach) return withTimer({ ...watch, pending: null }, "raise", null);
  const lasting = watch.pending !== null && !(at >= watch.freshUntil && at - watch.seenAt >= rule.delayMs);
  const first = lasting ? watch.pending : null;
  const pending = {
    onset: first?.onset ?? at,
    receivedAt: first?.receivedAt ?? receivedAt,
    ids: joinIds((first?.ids ?? []).slice(0, 1), signal.ids),
    value: signal.value,
    unit: signal.unit,
    text: signal.text,
    simulated: signal.simulated || (first?.simulated ?? false),
  };
  const due = pending.onset + rule.delayMs;
  if (at < due) return withTimer({ ...watch, pending }, "raise", pending.receivedAt + rule.delayMs);
  const raised = raise(evaluation, rule, subject, key, watch, pending, due, receivedAt);
  return withTimer(raised, "stale", receivedAt + signal.staleAfterMs);
}

function present(evaluation: Evaluation, rule: AlertRule, key: string, watch: Watch, signal: Signal): Watch {
  const wait = watch.flapping ? Math.max(rule.clearDelayMs, FLAP_HOLD_MS) : rule.clearDelayMs;
  if (signal.over === true) {
    const clearing = watch.clearing ?? { since: signal.at, receivedAt: signal.receivedAt };
    const next = withTimer({ ...watch, clearing }, "clear", clearing.receivedAt + wait);
    return signal.at - clearing.since >= wait ? clear(evaluation, rule, key, next, clearing.since + wait) : next;
  }
  if (signal.over === null && signal.breach !== true) return watch;
  return withTimer({ ...watch, clearing: null }, "clear", null);
}
