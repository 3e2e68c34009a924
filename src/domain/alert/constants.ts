import reference from "../../../reference/alerts.json" with { type: "json" };
import { parseDuration } from "../duration.js";
import { ALERT_PRIORITIES, type AlertPriority } from "./alert.js";

function duration(field: string, text: string): number {
  const stated = parseDuration(text);
  if (stated === null) throw new TypeError(`reference/alerts.json: ${field} is no duration`);
  return stated;
}

function byPriority<T>(read: (priority: AlertPriority) => T): Readonly<Record<AlertPriority, T>> {
  return Object.fromEntries(ALERT_PRIORITIES.map((priority) => [priority, read(priority)])) as Record<AlertPriority, T>;
}

/** Milliseconds an alert calls before it is passed on; null: it never is. */
export const ANSWER_WITHIN = byPriority((priority) => {
  const text = reference.answerWithin[priority];
  return text === null ? null : duration("answerWithin", text);
});

/** How often an alert that nobody answers is passed on. */
export const HIGHEST_LEVEL = reference.highestLevel;

/** Milliseconds an alert may be silenced at most: none can be for ever. */
export const SILENCED_AT_MOST = byPriority((priority) =>
  duration("silencedAtMost", reference.silencedAtMost[priority]),
);

/** A condition that comes back so soon after its end is the same alert again, in milliseconds. */
export const REOPEN_WITHIN_MS = duration("reopenWithin", reference.reopenWithin);

/** How long the condition of an alert that came back must be over before it ends, and between two steps that count. */
export const FLAP_HOLD_MS = duration("flapHold", reference.flapHold);

/** Readings received within so long of the first belong to one set: scores and combinations look at whole sets. */
export const SETTLE_MS = duration("settle", reference.settle);

const WORSE_STEPS: Readonly<Record<string, number>> = reference.worse.steps;

/** How far beyond the value it was silenced at a condition is worse, in the unit of the value. */
export function worseStep(code: string | null, value: number): number {
  const stated = code === null ? undefined : WORSE_STEPS[code];
  return stated ?? Math.abs(value) * reference.worse.relative;
}

/** How many points more make a score worse. */
export const WORSE_SCORE = reference.worse.score;

/** What one patient's state holds at most: ended alerts, answers, readings an alert names, codes, devices. */
export const KEPT = reference.kept;
