import type { AlertRecord } from "./alert.js";
import { FLAP_HOLD_MS } from "./constants.js";
import { findRule, putWatch, withTimer, type Evaluation } from "./evaluation.js";
import type { AlertRule } from "./rule.js";
import { nextTimer, type DueTimer, type Watch } from "./state.js";
import { calling, clear, raise, step } from "./steps.js";

/** Everything that was due by `now` happens, in the order in which it was due. */
export function passTime(evaluation: Evaluation, now: number): void {
  for (let timer = nextTimer(evaluation.watches); timer !== null && timer.due <= now;) {
    const watch = evaluation.watches[timer.key];
    const rule = findRule(evaluation, timer.key);
    if (watch === undefined) return;
    const idle = withTimer(watch, timer.name, null);
    putWatch(evaluation, timer.key, rule === null ? idle : fire(evaluation, rule, timer, idle));
    timer = nextTimer(evaluation.watches);
  }
}

function fire(evaluation: Evaluation, rule: AlertRule, { key, name, due }: DueTimer, watch: Watch): Watch {
  switch (name) {
    case "raise": {
      const { pending } = watch;
      if (pending === null || pending.onset + rule.delayMs >= watch.freshUntil) return watch;
      const subject = key.slice(key.indexOf("|") + 1);
      const raised = raise(evaluation, rule, subject, key, watch, pending, pending.onset + rule.delayMs, due);
      const age = watch.freshUntil - (pending.onset + rule.delayMs);
      return withTimer(raised, "stale", due + age);
    }
    case "clear": {
      const wait = watch.flapping ? Math.max(rule.clearDelayMs, FLAP_HOLD_MS) : rule.clearDelayMs;
      if (watch.clearing === null || watch.clearing.since + wait >= watch.freshUntil) return watch;
      return clear(evaluation, rule, key, watch, watch.clearing.since + wait);
    }
    case "stale":
      return changed(evaluation, watch, { stale: true }, "STALE", due);
    case "snooze":
    case "reAlarm":
      return watch;
    case "escalate": {
      const level = (watch.alert?.escalationLevel ?? 0) + 1;
      return calling(changed(evaluation, watch, { escalationLevel: level }, "ESCALATED", due), rule, due);
    }
  }
}

function changed(
  evaluation: Evaluation,
  watch: Watch,
  change: Partial<AlertRecord>,
  reason: "STALE" | "ESCALATED",
  dueAt: number,
): Watch {
  if (watch.alert === null) return watch;
  return { ...watch, alert: step(evaluation, watch.alert, { ...watch.alert, ...change }, { reason, dueAt }) };
}
