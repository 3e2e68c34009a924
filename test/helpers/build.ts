import type { MonitoringPlan } from "../../src/domain/alert/plan.js";
import type { AlertRule } from "../../src/domain/alert/rule.js";
import type { VitalAccepted, VitalWindowed } from "../../src/domain/events/observation.js";

export const TEN = Date.UTC(2026, 0, 1, 10);

/** A reading of the heart rate as the worker accepts it. */
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

/** A minute with one reading. */
export function buildWindow(overrides: Partial<VitalWindowed> = {}): VitalWindowed {
  const start = overrides.start ?? TEN;
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

/** A rule that calls at once when the heart rate is above 120. */
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

/** A plan that says nothing but by whom and why. */
export function buildPlan(overrides: Partial<MonitoringPlan> = {}): MonitoringPlan {
  return {
    patientId: "p1",
    version: 1,
    spo2Scale: 1,
    pregnancy: null,
    adult: null,
    baselineConfusion: null,
    ceilingOfCare: null,
    validFrom: 0,
    validTo: null,
    prescriber: "Dr A",
    reason: "hypercapnic respiratory failure",
    ...overrides,
  };
}
