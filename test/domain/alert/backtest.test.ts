import { describe, expect, it } from "@jest/globals";
import { createBacktest } from "../../../src/domain/alert/backtest.js";
import type { AlertRule } from "../../../src/domain/alert/rule.js";
import { buildKnowledge, buildReading, buildRule, HOUR, MINUTE, SECOND } from "./build.js";

const current = buildRule({ delayMs: 0, clearDelayMs: 0 });
const limit = (value: number, overrides: Partial<AlertRule> = {}): AlertRule =>
  buildRule({ ...current, limit: { comparator: "<", value, unit: "%" }, clear: null, ...overrides });

/** Readings a minute apart for each patient; what both rules make of them. */
function weigh(candidate: AlertRule, rule: AlertRule | null, patients: Readonly<Record<string, readonly number[]>>) {
  const backtest = createBacktest({
    candidate,
    current: rule,
    knowledge: buildKnowledge({ rules: [] }),
    toleranceMs: 10 * MINUTE,
  });
  for (const [patientId, values] of Object.entries(patients)) {
    values.forEach((value, index) => {
      const reading = buildReading({ patientId, value: String(value), effectiveTime: index * 30 * SECOND });
      backtest.take(patientId, { kind: "reading", reading });
    });
  }
  backtest.settle(100 * HOUR);
  return backtest.report();
}

const calm = Array.from({ length: 121 }, () => 97);
const withDip = (at: number, ...values: readonly number[]): readonly number[] => [
  ...calm.slice(0, at),
  ...values,
  ...calm.slice(at + values.length),
];

describe("a rule that is weighed against the one in force", () => {
  it("is the same as itself", () => {
    const report = weigh(current, current, { a: withDip(10, 89, 85, 85), b: calm });
    expect(report).toMatchObject({ patients: 2, both: 1, extra: 0, missed: 0, lead: { least: 0, median: 0, most: 0 } });
    expect(report.patientDays).toBeCloseTo(2 / 24, 12);
    expect(report.candidate).toMatchObject({ ruleId: "spo2-low", version: 1, alerts: 1, perPatientDay: 12 });
    expect(report.current).toEqual(report.candidate);
  });

  it("that is stricter misses some, and is later for others", () => {
    const report = weigh(limit(86), current, { a: withDip(10, 89, 89, 85), b: withDip(50, 89), c: calm });
    expect(report).toMatchObject({
      candidate: { alerts: 1 },
      current: { alerts: 2 },
      both: 1,
      extra: 0,
      missed: 1,
      lead: { median: -MINUTE },
    });
    expect(report.missedCases).toEqual([
      { patientId: "b", onset: 25 * MINUTE, raisedAt: 25 * MINUTE, endedAt: 25.5 * MINUTE, message: "SpO2 low: 89" },
    ]);
  });

  it("that is looser has more, and is earlier", () => {
    const report = weigh(limit(94), current, { a: withDip(10, 93, 93, 89), b: withDip(5, 93), c: withDip(60, 92) });
    expect(report).toMatchObject({ both: 1, extra: 2, missed: 0, lead: { median: MINUTE } });
    expect(report.extraCases.map(({ patientId }) => patientId)).toEqual(["b", "c"]);
  });

  it("with a delay counts from when it would have called, also by time alone", () => {
    const report = weigh(limit(90, { delayMs: 20 * SECOND }), current, { a: [97, 89] });
    expect(report).toMatchObject({ both: 1, lead: { median: -20 * SECOND } });
  });

  it("stands alone where no rule is in force, and says nothing of nobody", () => {
    const alone = weigh(limit(90), null, { a: withDip(10, 89) });
    expect(alone).toMatchObject({ candidate: { alerts: 1 }, current: null, both: 0, extra: 0, missed: 0, lead: null });
    expect(weigh(limit(90), current, {})).toMatchObject({ patients: 0, candidate: { alerts: 0, perPatientDay: null } });
  });
});
