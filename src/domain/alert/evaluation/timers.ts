import { findCase, put, putWatch, withTimers, type Case, type Evaluation } from "./case.js";
import { endsAfter } from "./condition.js";
import { judgeSets } from "../kinds/sets.js";
import { judgeSilence } from "../kinds/silence.js";
import { nextTimer, type DueTimer, type Watch } from "./state.js";
import { calling, change, clear, raise, UNANSWERED } from "./steps.js";

/** Everything that was due by `now` happens, in the order in which it was due. */
export function passTime(evaluation: Evaluation, now: number): void {
  for (;;) {
    const timer = nextTimer(evaluation.state.watches);
    const { settleDue } = evaluation.state;
    if (settleDue !== null && settleDue <= now && (timer === null || settleDue <= timer.due)) {
      put(evaluation, { settleDue: null });
      judgeSets(evaluation, settleDue);
    } else if (timer !== null && timer.due <= now) {
      fire(evaluation, timer);
    } else {
      return;
    }
  }
}

function fire(evaluation: Evaluation, timer: DueTimer): void {
  const watch = evaluation.state.watches[timer.key];
  const own = findCase(evaluation, timer.key);
  if (watch === undefined) return;
  const next = withTimers(watch, { [timer.name]: null });
  putWatch(evaluation, timer.key, own === null ? next : happened(own, timer, next));
  if (own !== null && timer.name === "silence") judgeSilence(own, timer.due);
}

function happened(own: Case, { name, due }: DueTimer, watch: Watch): Watch {
  const { evaluation, rule } = own;
  const { alert, pending, clearing } = watch;
  switch (name) {
    case "raise": {
      const dueAt = (pending?.onset ?? 0) + rule.delayMs;
      return pending !== null && speaksFor(watch, dueAt) ? raise(own, watch, pending, dueAt, due) : watch;
    }
    case "clear": {
      const dueAt = (clearing?.since ?? 0) + endsAfter(own, watch);
      return clearing !== null && speaksFor(watch, dueAt) ? clear(own, watch, dueAt) : watch;
    }
    case "stale":
      if (alert === null || alert.presence === "OFF" || alert.stale) return watch;
      return change(evaluation, watch, { stale: true }, { reason: "STALE", dueAt: due });
    case "snooze":
      return calling(
        change(evaluation, watch, { ...UNANSWERED, escalationLevel: 0 }, { reason: "SNOOZE_EXPIRED", dueAt: due }),
        rule,
        due,
      );
    case "reAlarm": {
      if (alert === null || !alert.conditionPresent || (alert.presence === "OFF" && alert.stale)) return watch;
      const changes = { ...UNANSWERED, occurrenceCount: alert.occurrenceCount + 1, escalationLevel: 0 };
      return calling(change(evaluation, watch, changes, { reason: "RE_ALARM", dueAt: due }), rule, due);
    }
    case "escalate": {
      if (alert === null) return watch;
      const changes = { escalationLevel: alert.escalationLevel + 1 };
      return calling(change(evaluation, watch, changes, { reason: "ESCALATED", dueAt: due }), rule, due);
    }
    case "silence":
      return watch;
  }
}

/** Whether what was seen last still says something at a time: no data end no alert, and raise none. */
function speaksFor({ freshUntil }: Watch, at: number): boolean {
  return freshUntil === null || at < freshUntil;
}
