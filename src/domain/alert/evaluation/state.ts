import type { AlertRecord } from "../alert.js";
import type { AlertTransition } from "../inputs.js";

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
  readonly extreme: boolean;
  /** Extreme, or in conflict with another: it may break a limit, but nothing ends by it. */
  readonly doubtful: boolean;
}

/** Of one code the reading with the latest effective time, and the one before it, for when the last is withdrawn. */
export interface CodeReadings {
  readonly last: KnownReading;
  readonly before: KnownReading | null;
  /** When one of it was last received, whatever its effective time. */
  readonly heardAt: Millis;
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
  /** The merged record all of its readings came under; left out where that is the patient's own. */
  readonly under?: string | null;
}

/** A condition that is over, but not yet for long enough. */
export interface Clearing {
  readonly since: Millis;
  readonly receivedAt: Millis;
}

/** Of a scored parameter its points, and from when on they say nothing any more. */
export type Basis = Readonly<Record<string, readonly [points: number, expiresAt: Millis]>>;

export const TIMERS = ["raise", "clear", "silence", "stale", "snooze", "reAlarm", "escalate"] as const;
export type TimerName = (typeof TIMERS)[number];
export type Timers = Readonly<Partial<Record<TimerName, Millis>>>;

/** One rule watching one subject (a code, device or source) of the patient, while there is something to remember. */
export interface Watch {
  readonly ruleVersion: number;
  readonly pending: Pending | null;
  /** Open, or ended by a person while its condition was present. */
  readonly alert: AlertRecord | null;
  readonly clearing: Clearing | null;
  /** Effective time of what was seen last, and from when on it says nothing any more; null: it always does. */
  readonly seenAt: Millis;
  readonly freshUntil: Millis | null;
  /** How bad it was when last seen, and when it was silenced: the higher the worse. */
  readonly severity: number | null;
  readonly silencedAt: number | null;
  /** How often it came back soon after its end: since the first time its end is held back. */
  readonly recurrences: number;
  /** When a step last said that it came back. */
  readonly countedAt: Millis | null;
  /** When there were data again after a silence. */
  readonly freshAt: Millis | null;
  /** What a score rested on when its limit was last broken. */
  readonly basis: Basis | null;
  /** When something happens by time alone, by the one clock. */
  readonly timers: Timers;
}

/** An alert that is over: it may come back, be commanded or corrected. */
export interface Closed {
  readonly key: string;
  readonly alert: AlertRecord;
  readonly recurrences: number;
  /** Effective times it speaks for, both ends inclusive. */
  readonly from: Millis;
  readonly to: Millis;
}

/** The sums of a final one-minute window. */
export interface MinutePart {
  readonly start: Millis;
  readonly count: number;
  /** Of values times 10^`scale`. */
  readonly sum: string;
  readonly scale: number;
  readonly unit: string | null;
  readonly simulated: boolean;
}

/** A device's numbering of what it sends. */
export interface DeviceSequence {
  readonly device: string;
  readonly session: string | null;
  /** The highest that came. */
  readonly sequence: number;
  /** How many below it have not. */
  readonly missing: number;
  /** The last that came late. */
  readonly lateAt: number | null;
}

/** An alert that ended because another record brought one of the same rule and subject. */
export interface MergeEnded {
  readonly from: string;
  readonly key: string;
  /** Whether it was the other record's. */
  readonly isTheirs: boolean;
  readonly before: AlertRecord;
  /** Its version behind its end: an alert that has moved on since is not restored. */
  readonly version: number;
}

/**
 * All that evaluation remembers of one patient: plain JSON, bounded by the rules and `KEPT`. The next state and the steps
 * depend on it, the input and the knowledge alone.
 */
export interface PatientState {
  readonly schema: 1;
  readonly readings: Readonly<Record<string, CodeReadings>>;
  readonly watches: Readonly<Record<string, Watch>>;
  /** The newest last. */
  readonly closed: readonly Closed[];
  /** When readings that came together are looked at as a set; null when none wait. */
  readonly settleDue: Millis | null;
  /** By code, in order of start, as many as the longest rule looks back on. */
  readonly parts: Readonly<Record<string, readonly MinutePart[]>>;
  /** Who sent readings, and when the last was received. */
  readonly sources: readonly { readonly source: string; readonly heardAt: Millis }[];
  readonly devices: readonly DeviceSequence[];
  /** What the last commands were answered. */
  readonly answers: readonly { readonly commandId: string; readonly output: AlertTransition }[];
  /** Ids of the last corrections, and of what they replaced: neither is looked at when it comes again. */
  readonly replaced: readonly string[];
  /** What merges ended, for when they are taken back. */
  readonly merges: readonly MergeEnded[];
  /** Merged records under which something came since. */
  readonly others: readonly string[];
  /** Alerts that went over to another record. */
  readonly handed: readonly { readonly id: string; readonly to: string }[];
  /** Consent was withdrawn: nothing is evaluated. */
  readonly isWithdrawn: boolean;
}

export const EMPTY_STATE: PatientState = {
  schema: 1,
  readings: {},
  watches: {},
  closed: [],
  settleDue: null,
  parts: {},
  sources: [],
  devices: [],
  answers: [],
  replaced: [],
  merges: [],
  others: [],
  handed: [],
  isWithdrawn: false,
};

export function watchKey(ruleId: string, subject: string): string {
  return `${ruleId}|${subject}`;
}

export interface DueTimer {
  readonly due: Millis;
  readonly key: string;
  readonly name: TimerName;
}

/** When something happens next by time alone; null when nothing does. */
export function nextDue(state: PatientState | null): Millis | null {
  if (state === null) return null;
  const timer = nextTimer(state.watches)?.due ?? null;
  const { settleDue } = state;
  return timer === null || settleDue === null ? (timer ?? settleDue) : Math.min(timer, settleDue);
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
