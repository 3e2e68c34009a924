import type { VitalAccepted } from "../../domain/events/observation.js";
import { countsInWindow } from "../../domain/window/counts.js";
import type { Correction } from "./chains.js";
import type { StoredReading } from "./reading-cells.js";
import { createReadingStore } from "./reading-store.js";
import { createTimeColumn, type TimeColumn } from "./time-column.js";

/** Accepted readings by patient, code and time, and by id; repeats are dropped. Times are half open. */
export interface Readings {
  /** False for a repeat. */
  add(reading: VitalAccepted, offset: number): boolean;
  has(patientId: string): boolean;
  codesOf(patientId: string): readonly string[];
  /** Newest first, then by event id, corrected ones too. */
  newestFirst(patientId: string, code: string, from: number, to: number): Generator<StoredReading>;
  find(patientId: string, eventId: string): StoredReading | null;
  /** In the order of the log. */
  correctionsOf(patientId: string): readonly KeptCorrection[];
  /** What windows make of readings, oldest first. */
  usesIn(patientId: string, code: string, from: number, to: number): Generator<ReadingUse>;
  readonly size: number;
  readonly bytes: number;
}

export interface KeptCorrection extends Correction {
  /** In the partition of accepted readings. */
  readonly offset: number;
}

/** Whether windows count a reading. */
export interface ReadingUse {
  readonly eventId: string;
  readonly time: number;
  readonly offset: number;
  readonly use: "COUNTED" | "LATE" | "NONE";
}

const USES = ["COUNTED", "LATE", "NONE"] as const;

export function createReadings(): Readings {
  const store = createReadingStore();
  const patients = new Map<string, Map<string, TimeColumn>>();
  const corrections = new Map<string, KeptCorrection[]>();
  const byId = (left: number, right: number): boolean => compareIds(store.eventIdOf(left), store.eventIdOf(right)) > 0;

  function columnOf({ patientId, code }: VitalAccepted): TimeColumn {
    let codes = patients.get(patientId);
    if (codes === undefined) patients.set(patientId, (codes = new Map<string, TimeColumn>()));
    let column = codes.get(code);
    if (column === undefined) codes.set(code, (column = createTimeColumn(byId)));
    return column;
  }

  return {
    add(reading, offset) {
      const { patientId, eventId, replaces, status } = reading;
      if (store.find(patientId, eventId) !== undefined) return false;
      const place = store.put(reading, offset);
      const use = USES.indexOf(useOf(reading));
      columnOf(reading).insert(reading.effectiveTime, place, offset * USES.length + use);
      if (replaces !== null) {
        const known = corrections.get(patientId) ?? [];
        known.push({ eventId, replaces, status, offset });
        corrections.set(patientId, known);
      }
      return true;
    },
    has: (patientId) => patients.has(patientId),
    codesOf: (patientId) => [...(patients.get(patientId)?.keys() ?? [])].sort(),
    *newestFirst(patientId, code, from, to) {
      for (const { time, value } of patients
        .get(patientId)
        ?.get(code)
        ?.backward(to - 1) ?? []) {
        if (time < from) return;
        yield store.get(value);
      }
    },
    find(patientId, eventId) {
      const place = store.find(patientId, eventId);
      return place === undefined ? null : store.get(place);
    },
    correctionsOf: (patientId) => corrections.get(patientId) ?? [],
    *usesIn(patientId, code, from, to) {
      for (const { time, value, mark } of patients.get(patientId)?.get(code)?.forward(from, to) ?? []) {
        const use = USES[mark % USES.length] ?? "NONE";
        yield { eventId: store.eventIdOf(value), time, offset: Math.floor(mark / USES.length), use };
      }
    },
    get size() {
      return store.size;
    },
    get bytes() {
      return store.bytes;
    },
  };
}

/** What windows make of a reading. */
export function useOf(reading: VitalAccepted): ReadingUse["use"] {
  if (countsInWindow(reading)) return "COUNTED";
  return reading.late ? "LATE" : "NONE";
}

const ASCII = /^[\x20-\x7e]*$/;

/** The order of ids: that of their bytes, as tables have it. */
export function compareIds(left: string, right: string): number {
  if (left === right) return 0;
  if (ASCII.test(left) && ASCII.test(right)) return left < right ? -1 : 1;
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
