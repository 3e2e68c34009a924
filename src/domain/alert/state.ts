import type { AlertRecord } from "./alert.js";

/** Milliseconds since the epoch, UTC. */
type Millis = number;

/** What is remembered of a reading. */
export interface KnownReading {
  readonly id: string;
  readonly at: Millis;
  readonly receivedAt: Millis;
  readonly value: string | null;
  readonly coded: string | null;
  readonly comparator: string | null;
  readonly unit: string | null;
  readonly source: string;
  readonly simulated: boolean;
  /** Extreme, or in conflict with another: it may break a limit, but nothing ends by it. */
  readonly doubtful: boolean;
}

/** Of one code the reading with the latest effective time, and the one before it, for when the last is withdrawn. */
export interface CodeReadings {
  readonly last: KnownReading;
  readonly before: KnownReading | null;
}

/** A condition that holds, but not yet for long enough. */
export interface Pending {
  readonly onset: Millis;
  readonly receivedAt: Millis;
  /** The reading it began with, and the last one. */
  readonly ids: readonly string[];
  readonly value: string | null;
  readonly unit: string | null;
  readonly text: string | null;
  readonly simulated: boolean;
}

/** A condition that is over, but not yet for long enough. */
export interface Clearing {
  readonly since: Millis;
  readonly receivedAt: Millis;
}

export const TIMERS = ["clear", "raise", "stale", "snooze", "reAlarm", "escalate"] as const;
export type TimerName = (typeof TIMERS)[number];
export type Timers = Readonly<Partial<Record<TimerName, Millis>>>;

/** One rule watching one subject (a code, device or source) of the patient, while there is something to remember. */
export interface Watch {
  readonly ruleVersion: number;
  readonly pending: Pending | null;
  /** Open, or ended by a person while its condition was present. */
  readonly alert: AlertRecord | null;
  readonly clearing: Clearing | null;
  /** Effective time of what was seen last, and from when on it says nothing any more. */
  readonly seenAt: Millis;
  readonly freshUntil: Millis;
  /** The value it was silenced at. */
  readonly silencedAt: number | null;
  /** It came back soon after its end: since then its end is held back. */
  readonly flapping: boolean;
  /** When it last made a step because the condition came back. */
  readonly countedAt: Millis | null;
  /** When something happens by time alone, by the one clock. */
  readonly timers: Timers;
}

/** An alert that is over, newest last: it may come back, be commanded or corrected. */
export interface Closed {
  readonly key: string;
  readonly alert: AlertRecord;
}

/**
 * All that evaluation remembers of one patient: plain JSON, bounded by the rules and `KEPT`. The next state and the steps
 * depend on it, the input and the knowledge alone.
 */
export interface PatientState {
  readonly schema: 1;
  readonly readings: Readonly<Record<string, CodeReadings>>;
  readonly watches: Readonly<Record<string, Watch>>;
  readonly closed: readonly Closed[];
}

export const EMPTY_STATE: PatientState = { schema: 1, readings: {}, watches: {}, closed: [] };

export function watchKey(ruleId: string, subject: string): string {
  return `${ruleId}|${subject}`;
}

/** When something happens next by time alone; null when nothing does. */
export function nextDue(state: PatientState | null): Millis | null {
  return state === null ? null : (nextTimer(state.watches)?.due ?? null);
}

export interface DueTimer {
  readonly due: Millis;
  readonly key: string;
  readonly name: TimerName;
}

/** The timer that is due first; of equal ones the first by the order of `TIMERS`, then by key. */
export function nextTimer(watches: Readonly<Record<string, Watch>>): DueTimer | null {
  let first: DueTimer | null = null;
  for (const [key, watch] of Object.entries(watches)) {
    for (const name of TIMERS) {
      const due = watch.timers[name];
      if (due !== undefined && (first === null || isBefore({ due, key, name }, first))) first = { due, key, name };
    }
  }
  return first;
}

function isBefore(left: DueTimer, right: DueTimer): boolean {
  if (left.due !== right.due) return left.due < right.due;
  if (left.name !== right.name) return TIMERS.indexOf(left.name) < TIMERS.indexOf(right.name);
  return left.key < right.key;
}
