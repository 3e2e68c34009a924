import type { VitalAccepted } from "../../domain/events/observation.js";

/** A reading as it is kept: what is served of it. */
export type StoredReading = Omit<VitalAccepted, "schema" | "input"> & {
  /** Its place in the partition of accepted readings. */
  readonly offset: number;
};

/** Of texts that come again and again the number under which they are kept once; -1 for null. */
type Shared = number;

/** What is kept of a reading beside its id and patient, in the order of `cellsOf`. */
export type Cells = readonly [
  source: Shared,
  device: Shared,
  session: Shared,
  code: Shared,
  originalCode: Shared,
  unit: Shared,
  originalUnit: Shared,
  codedValue: Shared,
  submission: StoredReading["submission"],
  sequence: StoredReading["sequence"],
  value: StoredReading["value"],
  comparator: StoredReading["comparator"],
  originalValue: StoredReading["originalValue"],
  effectiveTime: number,
  originalTime: StoredReading["originalTime"],
  receivedAt: number,
  late: 0 | 1,
  watermark: StoredReading["watermark"],
  flags: StoredReading["flags"],
  clockOffsetMs: StoredReading["clockOffsetMs"],
  quality: StoredReading["quality"],
  status: StoredReading["status"],
  replaces: StoredReading["replaces"],
  simulated: 0 | 1,
  offset: number,
];

/** Named one by one: a million readings are taken in a row when a service starts. */
export function cellsOf(reading: VitalAccepted, offset: number, shared: (text: string | null) => Shared): Cells {
  return [
    shared(reading.source),
    shared(reading.deviceId),
    shared(reading.session),
    shared(reading.code),
    shared(reading.originalCode),
    shared(reading.unit),
    shared(reading.originalUnit),
    shared(reading.codedValue),
    reading.submission,
    reading.sequence,
    reading.value,
    reading.comparator,
    reading.originalValue,
    reading.effectiveTime,
    reading.originalTime,
    reading.receivedAt,
    reading.late ? 1 : 0,
    reading.watermark,
    reading.flags,
    reading.clockOffsetMs,
    reading.quality,
    reading.status,
    reading.replaces,
    reading.simulated ? 1 : 0,
    offset,
  ];
}

export function readingOf(
  eventId: string,
  patientId: string,
  cells: Cells,
  named: (number: Shared) => string | null,
): StoredReading {
  const [source, device, session, code, originalCode, unit, originalUnit, codedValue, ...own] = cells;
  const [submission, sequence, value, comparator, originalValue, effectiveTime, originalTime, receivedAt, ...more] =
    own;
  const [late, watermark, flags, clockOffsetMs, quality, status, replaces, simulated, offset] = more;
  return {
    eventId,
    patientId,
    source: named(source) ?? "",
    submission,
    deviceId: named(device),
    session: named(session),
    sequence,
    code: named(code) ?? "",
    originalCode: named(originalCode),
    value,
    comparator,
    unit: named(unit),
    codedValue: named(codedValue),
    originalValue,
    originalUnit: named(originalUnit),
    effectiveTime,
    originalTime,
    receivedAt,
    late: late === 1,
    watermark,
    flags,
    clockOffsetMs,
    quality,
    status,
    replaces,
    simulated: simulated === 1,
    offset,
  };
}
