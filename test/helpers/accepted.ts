import type { VitalAccepted } from "../../src/domain/events/observation.js";

export const TEN = Date.UTC(2026, 0, 1, 10);
/** As `reference/live.json` has it. */
const LATENESS = 120_000;

export function buildAccepted(overrides: Partial<VitalAccepted> = {}): VitalAccepted {
  const effectiveTime = overrides.effectiveTime ?? TEN;
  return {
    schema: 1,
    eventId: "e",
    patientId: "p1",
    source: "bedside",
    submission: null,
    deviceId: "monitor-1",
    session: "1",
    sequence: 1,
    code: "8867-4",
    originalCode: null,
    value: "80",
    comparator: null,
    unit: "/min",
    codedValue: null,
    originalValue: null,
    originalUnit: null,
    effectiveTime,
    originalTime: new Date(effectiveTime).toISOString(),
    receivedAt: effectiveTime + 100,
    late: false,
    watermark: null,
    flags: [],
    clockOffsetMs: null,
    quality: [],
    status: "final",
    replaces: null,
    simulated: false,
    input: { topic: "vitals.observed.v1", partition: 0, offset: "0" },
    ...overrides,
  };
}

/** As the worker stamps them, one after the other in one partition: the watermark after each, and who is late. */
export function stamped(readings: readonly VitalAccepted[]): readonly VitalAccepted[] {
  let watermark: number | null = null;
  return readings.map((reading) => {
    const before = watermark;
    const isPlausible = !reading.flags.some((flag) => flag === "CLOCK_FAST" || flag === "CLOCK_SLOW");
    if (isPlausible) watermark = Math.max(watermark ?? -Infinity, reading.effectiveTime - LATENESS);
    return { ...reading, watermark, late: before !== null && reading.effectiveTime < before };
  });
}
