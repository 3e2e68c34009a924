import type { AlertRule } from "../../../src/domain/alert/rule.js";
import type { VitalAccepted, VitalWindowed } from "../../../src/domain/events/observation.js";

/** 2026-01-01T00:00:00Z. */
export const START = Date.UTC(2026, 0, 1);

export function buildAccepted(overrides: Partial<VitalAccepted> = {}): VitalAccepted {
  const effectiveTime = overrides.effectiveTime ?? START;
  return {
    schema: 1,
    eventId: `event-${String(effectiveTime)}`,
    patientId: "p1",
    source: "monitor",
    submission: null,
    deviceId: "d1",
    session: "s1",
    sequence: 1,
    code: "8867-4",
    originalCode: null,
    value: "80",
    comparator: null,
    unit: "/min",
    codedValue: null,
    originalValue: "80",
    originalUnit: "/min",
    effectiveTime,
    originalTime: new Date(effectiveTime).toISOString(),
    receivedAt: effectiveTime,
    late: false,
    watermark: effectiveTime - 120_000,
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

export function buildWindow(overrides: Partial<VitalWindowed> = {}): VitalWindowed {
  const start = overrides.start ?? START;
  return {
    schema: 1,
    patientId: "p1",
    code: "8867-4",
    size: "PT1M",
    start,
    end: start + 60_000,
    count: 1,
    sum: "80",
    sumOfSquares: "6400",
    scale: 0,
    min: "80",
    max: "80",
    unit: "/min",
    firstAt: start,
    lastAt: start,
    simulated: false,
    throughOffset: "0",
    ...overrides,
  };
}

export function buildRule(overrides: Partial<AlertRule> = {}): AlertRule {
  return {
    id: "rule",
    version: 1,
    kind: "THRESHOLD",
    status: "ACTIVE",
    name: "a rule",
    priority: "HIGH",
    code: "8867-4",
    limit: { comparator: ">", value: 120, unit: "/min" },
    clear: null,
    delayMs: 0,
    clearDelayMs: 0,
    windowMs: null,
    score: null,
    singleRed: false,
    terms: null,
    technical: null,
    reAlarmMs: null,
    staleAfterMs: null,
    latching: false,
    appliesTo: { patientId: null, ageMin: null, ageMax: null },
    author: "test",
    rationale: null,
    ...overrides,
  };
}
