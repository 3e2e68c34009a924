import type { VitalAccepted } from "../../domain/events/observation.js";
import { countsInWindow } from "../../domain/window/counts.js";
import type { StoredReading } from "./reading-cells.js";
import { createReadingStore } from "./reading-store.js";
import { createTimeColumn, type TimeColumn, type TimeEntry } from "./time-column.js";

/** A reading as it holds now. */
export interface LiveReading extends StoredReading {
  /** How often it was corrected. */
  readonly revision: number;
}

export interface ReadingQuestion {
  /** LOINC codes; null for all. */
  readonly codes: readonly string[] | null;
  /** Half open, in milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  /** Also what was entered in error, with that status. */
  readonly includeErrors: boolean;
}

/** What became of a reading that somebody else holds: it stands, was replaced by another, or was entered in error. */
export type Fate = "stands" | "replaced" | "error";

/** Accepted readings by patient, code and time, by id; repeats are dropped, corrections stand for what they correct. */
export interface Readings {
  /** False for a repeat. */
  add(reading: VitalAccepted, offset: number): boolean;
  has(patientId: string): boolean;
  codesOf(patientId: string): readonly string[];
  /** Newest first, then by event id. */
  newestFirst(patientId: string, question: ReadingQuestion): Generator<LiveReading>;
  /** Whatever became of it. */
  find(patientId: string, eventId: string): LiveReading | null;
  fateOf(patientId: string, eventId: string): Fate;
  /** Readings that came too late for windows. */
  lateIn(patientId: string, code: string, from: number, to: number): number;
  /** Per reading that windows count, its time and offset, oldest first. */
  counted(patientId: string, code: string, from: number, to: number): Generator<CountedReading>;
  readonly size: number;
  readonly bytes: number;
}

export interface CountedReading {
  readonly time: number;
  readonly offset: number;
}

/** What holds of a reading and its corrections. */
interface Chain {
  /** The place that holds now; undefined when none does. */
  readonly place: number | undefined;
  readonly revision: number;
  readonly isError: boolean;
}

const LATE = -2;
const UNCOUNTED = -1;

export function createReadings(): Readings {
  const store = createReadingStore();
  const patients = new Map<string, Map<string, TimeColumn>>();
  /** By patient and event id: the first of its chain, for corrections alone. */
  const roots = new Map<string, string>();
  const chains = new Map<string, Chain>();
  const byId = (left: number, right: number): boolean => store.eventIdOf(left) > store.eventIdOf(right);

  function columnOf({ patientId, code }: VitalAccepted): TimeColumn {
    let codes = patients.get(patientId);
    if (codes === undefined) patients.set(patientId, (codes = new Map<string, TimeColumn>()));
    let column = codes.get(code);
    if (column === undefined) codes.set(code, (column = createTimeColumn(byId)));
    return column;
  }

  const keyOf = (patientId: string, eventId: string): string => `${patientId}\n${eventId}`;
  const rootOf = (key: string): string => roots.get(key) ?? key;

  function replace({ patientId, eventId, replaces, status }: VitalAccepted, place: number): void {
    if (replaces === null) return;
    const root = rootOf(keyOf(patientId, replaces));
    roots.set(keyOf(patientId, eventId), root);
    const known = chains.get(root) ?? { place: store.find(patientId, replaces), revision: 0 };
    const isError = status === "entered-in-error";
    chains.set(root, {
      place: isError ? known.place : place,
      revision: known.revision + (isError ? 0 : 1),
      isError,
    });
  }

  function served(place: number, includeErrors: boolean): LiveReading | null {
    const reading = store.get(place);
    const chain = chains.get(rootOf(keyOf(reading.patientId, reading.eventId)));
    if (chain === undefined)
      return reading.status === "entered-in-error" && !includeErrors ? null : { ...reading, revision: 0 };
    if (chain.place !== place || (chain.isError && !includeErrors)) return null;
    const { revision, isError } = chain;
    return { ...reading, revision, status: isError ? "entered-in-error" : reading.status };
  }

  /** Of one patient the entries of several codes as one, newest first, then by id. */
  function* merged(columns: readonly TimeColumn[], upTo: number): Generator<TimeEntry> {
    const heads = columns.flatMap((column) => {
      const entries = column.backward(upTo);
      const first = entries.next();
      return first.done === true ? [] : [{ entries, entry: first.value }];
    });
    while (heads.length > 0) {
      const best = heads.reduce((left, right) => (isNewer(right.entry, left.entry) ? right : left));
      yield best.entry;
      const next = best.entries.next();
      if (next.done === true) heads.splice(heads.indexOf(best), 1);
      else best.entry = next.value;
    }
  }

  function isNewer(left: TimeEntry, right: TimeEntry): boolean {
    if (left.time !== right.time) return left.time > right.time;
    return store.eventIdOf(left.value) < store.eventIdOf(right.value);
  }

  return {
    add(reading, offset) {
      const { patientId, eventId } = reading;
      if (store.find(patientId, eventId) !== undefined) return false;
      const place = store.put(reading, offset);
      columnOf(reading).insert(reading.effectiveTime, place, markOf(reading, offset));
      const chain = chains.get(keyOf(patientId, eventId));
      // What was taken back before it came.
      if (chain?.place === undefined && chain !== undefined) chains.set(keyOf(patientId, eventId), { ...chain, place });
      replace(reading, place);
      return true;
    },
    has: (patientId) => patients.has(patientId),
    codesOf: (patientId) => [...(patients.get(patientId)?.keys() ?? [])].sort(),
    *newestFirst(patientId, { codes, from, to, includeErrors }) {
      const known = patients.get(patientId);
      if (known === undefined) return;
      const wanted = codes === null ? [...known.values()] : codes.flatMap((code) => known.get(code) ?? []);
      for (const { time, value } of merged(wanted, to - 1)) {
        if (time < from) return;
        const reading = served(value, includeErrors);
        if (reading !== null) yield reading;
      }
    },
    find(patientId, eventId) {
      const place = store.find(patientId, eventId);
      if (place === undefined) return null;
      return { ...store.get(place), revision: chains.get(rootOf(keyOf(patientId, eventId)))?.revision ?? 0 };
    },
    fateOf(patientId, eventId) {
      const key = keyOf(patientId, eventId);
      const chain = chains.get(rootOf(key));
      if (chain === undefined) return "stands";
      if (chain.place !== undefined) return chain.place === store.find(patientId, eventId) ? "stands" : "replaced";
      return chain.isError && !roots.has(key) ? "error" : "replaced";
    },
    lateIn(patientId, code, from, to) {
      let late = 0;
      for (const { mark } of patients.get(patientId)?.get(code)?.forward(from, to) ?? []) if (mark === LATE) late += 1;
      return late;
    },
    *counted(patientId, code, from, to) {
      for (const { time, mark } of patients.get(patientId)?.get(code)?.forward(from, to) ?? [])
        if (mark >= 0) yield { time, offset: mark };
    },
    get size() {
      return store.size;
    },
    get bytes() {
      return store.bytes;
    },
  };
}

function markOf(reading: VitalAccepted, offset: number): number {
  if (countsInWindow(reading)) return offset;
  return reading.late ? LATE : UNCOUNTED;
}
