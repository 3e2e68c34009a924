import { describe, expect, it } from "@jest/globals";
import type { AlertRule } from "../../../src/domain/alert/rule.js";
import type { VitalWindowed } from "../../../src/domain/events/observation.js";
import { buildPatient, buildRule, HOUR, HR, MINUTE, SECOND, SPO2, stepTexts, type World } from "./build.js";

const plain = buildRule({ delayMs: 0, clearDelayMs: 0 });
const none = { ...plain, code: null, limit: null, clear: null };
const technical = (cause: AlertRule["technical"], overrides: Partial<AlertRule> = {}): AlertRule =>
  buildRule({ ...none, id: "technical", kind: "TECHNICAL", name: "Check", technical: cause, ...overrides });
const raisedBy = (patient: ReturnType<typeof buildPatient>): readonly string[] =>
  patient
    .steps()
    .filter(({ step }) => step.reason === "RAISED")
    .map(({ alert }) => `${alert.ruleId} ${alert.code ?? ""}`.trim());

describe("an extreme value", () => {
  const extreme = technical("EXTREME_VALUE", {
    name: "Extreme value or sensor fault: check patient",
    clearDelayMs: 10 * SECOND,
  });
  const hrLow = buildRule({
    ...plain,
    id: "hr-low",
    code: HR,
    limit: { comparator: "<=", value: 40, unit: "/min" },
    clear: { comparator: ">=", value: 45, unit: "/min" },
  });

  it("calls at once, as high as its rule says, whatever else does: a heart rate of 0 for 20 s", () => {
    const patient = buildPatient({ rules: [extreme, hrLow] });
    for (let at = 0; at <= 20; at += 5) {
      patient.read({ code: HR, unit: "/min", effectiveTime: at * SECOND, value: "0", flags: ["EXTREME"] });
    }
    expect(raisedBy(patient)).toEqual(["technical 8867-4", "hr-low 8867-4"]);
    expect(patient.steps()[0]?.alert).toMatchObject({
      priority: "HIGH",
      message: "Extreme value or sensor fault: check patient: Heart rate 0 /min",
      value: "0",
    });
    patient.read({ code: HR, effectiveTime: 30 * SECOND, value: "70" });
    patient.pass(40 * SECOND);
    expect(
      patient
        .steps()
        .slice(-2)
        .map(({ step, alert }) => `${alert.ruleId} ${step.reason}`),
    ).toEqual(["hr-low CLEARED", "technical CLEARED"]);
  });

  it("ends no alert that is active, on whatever side it lies", () => {
    const patient = buildPatient({ rules: [hrLow] });
    patient.read({ code: HR, effectiveTime: 0, value: "35" });
    patient.read({ code: HR, effectiveTime: SECOND, value: "350", flags: ["EXTREME"] });
    patient.read({ code: HR, effectiveTime: 2 * SECOND, value: "70", flags: ["CONFLICT"] });
    expect(stepTexts(patient.outputs)).toEqual(["RAISED ON 0"]);
  });

  it("does not end a condition that is being waited for", () => {
    const patient = buildPatient({ rules: [buildRule({ ...hrLow, delayMs: 15 * SECOND })] });
    patient.read({ code: HR, effectiveTime: 0, value: "35" });
    patient.read({ code: HR, effectiveTime: 5 * SECOND, value: "350", flags: ["EXTREME"] });
    patient.read({ code: HR, effectiveTime: 15 * SECOND, value: "35" });
    expect(stepTexts(patient.outputs)).toEqual(["RAISED ON 15"]);
  });
});

describe("a device", () => {
  it("two minutes fast calls for its clock, and its readings still raise what they must", () => {
    const patient = buildPatient({
      rules: [technical("DEVICE_CLOCK", { name: "Device clock", priority: "LOW" }), plain],
    });
    const fast = { flags: ["CLOCK_FAST"], clockOffsetMs: 120_000 } as const;
    patient.read({ effectiveTime: 0, value: "84", unit: "%", ...fast });
    patient.read({ effectiveTime: SECOND, value: "84", unit: "%", ...fast });
    expect(patient.steps().map(({ alert }) => alert.message)).toEqual(["Device clock: d1 +120 s", "SpO2 low: 84 %"]);
    patient.read({ effectiveTime: 2 * SECOND, value: "84" });
    expect(stepTexts(patient.outputs).at(-1)).toBe("CLEARED OFF 2");
    patient.read({
      effectiveTime: 3 * SECOND,
      value: "84",
      deviceId: "d2",
      flags: ["CLOCK_SLOW"],
      clockOffsetMs: -90_500,
    });
    expect(patient.steps().at(-1)?.alert.message).toBe("Device clock: d2 -90 s");
  });

  it("that says two things under one name calls once, until a while after the last time", () => {
    const patient = buildPatient({ rules: [technical("CONFLICT", { clearDelayMs: 5 * MINUTE, priority: "INFO" })] });
    for (const at of [0, 1, 2])
      patient.read({ effectiveTime: at * SECOND, value: "97", flags: at === 2 ? [] : ["CONFLICT"] });
    patient.pass(5 * MINUTE + SECOND);
    expect(stepTexts(patient.outputs)).toEqual(["RAISED ON 0"]);
    patient.pass(5 * MINUTE + 2 * SECOND);
    expect(stepTexts(patient.outputs)).toEqual(["RAISED ON 0", "CLEARED OFF 302"]);
  });

  it("whose numbers leave a gap calls when it is not filled in time; started again it begins anew", () => {
    const rules = [technical("SEQUENCE_GAP", { delayMs: MINUTE, clearDelayMs: 5 * MINUTE, priority: "INFO" })];
    const numbered = (
      patient: ReturnType<typeof buildPatient>,
      at: number,
      sequence: number,
      session = "s1",
      code = HR,
    ): void => {
      patient.read({
        effectiveTime: at * SECOND,
        eventId: `${session}-${String(sequence)}-${code}`,
        code,
        value: "70",
        session,
        sequence,
      });
    };
    const filled = buildPatient({ rules });
    numbered(filled, 0, 1);
    numbered(filled, 1, 4);
    numbered(filled, 2, 4, "s1", SPO2);
    numbered(filled, 3, 2);
    numbered(filled, 4, 2, "s1", SPO2);
    numbered(filled, 5, 3);
    numbered(filled, 6, 5);
    numbered(filled, 7, 100, "s2");
    numbered(filled, 8, 101, "s2");
    filled.pass(HOUR);
    expect(filled.outputs).toEqual([]);
    const half = buildPatient({ rules });
    numbered(half, 0, 1);
    numbered(half, 1, 4);
    numbered(half, 2, 2);
    numbered(half, 3, 2, "s1", SPO2);
    half.pass(HOUR);
    expect(half.steps()[0]?.alert.message).toBe("Check: d1: 1 missing");
    const lost = buildPatient({ rules });
    numbered(lost, 0, 1);
    numbered(lost, 1, 4);
    for (let at = 2; at < 500; at += 1) numbered(lost, at, at + 3);
    expect(stepTexts(lost.outputs)).toEqual(["RAISED ON 61", "CLEARED OFF 361"]);
    expect(lost.steps()[0]?.alert.message).toBe("Check: d1: 2 missing");
  });
});

describe("silence", () => {
  const silence = buildRule({ ...none, id: "no-data", kind: "STALE_DATA", name: "Signal lost" });
  const world: World = {
    rules: [silence, plain],
    sources: [
      { id: "ward", kind: "BEDSIDE", staleAfterMs: MINUTE, zone: null },
      { id: "round", kind: "SPOT_CHECK", staleAfterMs: 12 * HOUR, zone: null },
      { id: "lab", kind: "LABORATORY", staleAfterMs: MINUTE, zone: null },
    ],
  };

  it("of a source calls by time alone, once, and ends with the next reading of it", () => {
    const patient = buildPatient(world);
    patient.read({ effectiveTime: 0, value: "97" });
    patient.pass(MINUTE - 1);
    expect(patient.outputs).toEqual([]);
    patient.pass(HOUR);
    expect(patient.steps()[0]?.alert).toMatchObject({
      kind: "STALE_DATA",
      message: "Signal lost: no data from ward for PT1M",
      raisedAt: MINUTE,
    });
    expect(stepTexts(patient.outputs).filter((text) => text.startsWith("RAISED"))).toEqual(["RAISED ON 60"]);
    patient.read({ effectiveTime: HOUR, source: "round", value: "97" });
    expect(patient.steps().at(-1)?.step.reason).toBe("ESCALATED");
    patient.read({ effectiveTime: HOUR + 1, value: "97" });
    expect(patient.steps().at(-1)?.alert).toMatchObject({ presence: "OFF", abatement: HOUR + 1 });
  });

  it("ends no alert: it is marked, stays open, and is fresh again with the next reading", () => {
    const patient = buildPatient(world);
    patient.read({ effectiveTime: 0, value: "80" });
    patient.pass(10 * HOUR);
    const last = patient.steps().findLast(({ alert }) => alert.ruleId === "spo2-low");
    expect(last?.alert).toMatchObject({ presence: "ON", conditionPresent: true, stale: true });
    const marked = patient.steps().filter(({ step }) => step.reason === "STALE");
    expect(marked.map(({ alert, step }) => [alert.ruleId, step.dueAt])).toEqual([["spo2-low", MINUTE]]);
    patient.read({ effectiveTime: 10 * HOUR, value: "80" });
    expect(patient.steps().map(({ step }) => step.reason)).toContain("FRESH");
  });

  it("of a laboratory, or of a spot check that is not yet due, is none", () => {
    const patient = buildPatient(world);
    patient.read({ effectiveTime: 0, source: "lab", value: "97" });
    patient.read({ effectiveTime: 0, source: "round", value: "97", eventId: "other" });
    patient.pass(12 * HOUR - 1);
    expect(patient.outputs).toEqual([]);
    patient.pass(12 * HOUR);
    expect(raisedBy(patient)).toEqual(["no-data"]);
  });

  it("is one alert per rule, however many sources are silent", () => {
    const patient = buildPatient({ ...world, sources: [] });
    for (const source of ["a", "b", "c"]) patient.read({ effectiveTime: 0, source, value: "97", eventId: source });
    patient.pass(HOUR);
    expect(raisedBy(patient)).toEqual(["no-data"]);
    patient.read({ effectiveTime: HOUR, source: "a", value: "97", eventId: "a2" });
    patient.read({ effectiveTime: HOUR, source: "b", value: "97", eventId: "b2" });
    expect(patient.steps().at(-1)?.alert.presence).toBe("ON");
    patient.read({ effectiveTime: HOUR, source: "c", value: "97", eventId: "c2" });
    expect(patient.steps().at(-1)?.alert.presence).toBe("OFF");
  });

  it("of one code is noticed while others are heard; a reading without a value is no sign of it", () => {
    const patient = buildPatient({ ...world, rules: [{ ...silence, code: SPO2 }] });
    patient.read({ effectiveTime: 0, value: "97" });
    for (let at = 0; at < 3; at += 1) patient.read({ effectiveTime: at * MINUTE, code: HR, value: "70" });
    patient.read({ effectiveTime: 2 * MINUTE, value: null, flags: ["NO_VALUE"] });
    expect(stepTexts(patient.outputs)).toEqual(["RAISED ON 60"]);
    expect(patient.steps()[0]?.alert.code).toBe(SPO2);
  });
});

describe("several conditions at once", () => {
  const sepsis = buildRule({
    ...none,
    id: "both",
    kind: "COMBINATION",
    terms: [
      { code: HR, limit: { comparator: ">", value: 110, unit: "/min" } },
      { code: SPO2, limit: { comparator: "<", value: 92, unit: "%" } },
    ],
  });
  const build = () => buildPatient({ rules: [sepsis] });

  it("call when all hold in one set, and end when one does not", () => {
    const patient = build();
    patient.read({ code: HR, effectiveTime: 0, value: "120", unit: "/min" });
    patient.read({ effectiveTime: 0, value: "95", unit: "%" });
    patient.pass(10 * SECOND);
    expect(patient.outputs).toEqual([]);
    patient.read({ effectiveTime: 20 * SECOND, value: "90", unit: "%" });
    patient.pass(22 * SECOND);
    expect(patient.steps()[0]?.alert).toMatchObject({
      message: "SpO2 low: 120 /min, 90 %",
      onset: 20 * SECOND,
      derivedFrom: [`${HR}@0`, `${SPO2}@20000`],
    });
    patient.read({ code: HR, effectiveTime: 30 * SECOND, value: "100" });
    patient.pass(40 * SECOND);
    expect(stepTexts(patient.outputs)).toEqual(["RAISED ON 20", "CLEARED OFF 30"]);
  });

  it("do not hold by a value that is too old, nor do they end by one", () => {
    const patient = build();
    patient.read({ code: HR, effectiveTime: 0, value: "120" });
    patient.read({ effectiveTime: MINUTE, value: "90" });
    patient.pass(2 * MINUTE);
    expect(patient.outputs).toEqual([]);
    patient.read({ code: HR, effectiveTime: 2 * MINUTE - 1, value: "120" });
    patient.pass(3 * MINUTE);
    expect(stepTexts(patient.outputs)[0]).toMatch(/^RAISED/);
    patient.read({ effectiveTime: 10 * MINUTE, value: "90" });
    patient.pass(11 * MINUTE);
    expect(patient.steps().at(-1)?.alert).toMatchObject({ presence: "ON", conditionPresent: true });
  });
});

describe("final windows", () => {
  const mean = buildRule({
    ...none,
    id: "mean",
    kind: "MOVING_AVERAGE",
    name: "Heart rate, mean of 5 min",
    code: HR,
    windowMs: 5 * MINUTE,
    limit: { comparator: ">", value: 96, unit: "/min" },
    clear: { comparator: "<=", value: 96, unit: "/min" },
  });
  const buildWindow = (
    minute: number,
    values: readonly number[],
    overrides: Partial<VitalWindowed> = {},
  ): VitalWindowed => ({
    schema: 1,
    patientId: "p1",
    code: HR,
    size: "PT1M",
    start: minute * MINUTE,
    end: (minute + 1) * MINUTE,
    count: values.length,
    sum: String(values.reduce((sum, value) => sum + value * 1_000, 0)),
    sumOfSquares: "0",
    scale: 3,
    min: values.length === 0 ? null : String(Math.min(...values)),
    max: values.length === 0 ? null : String(Math.max(...values)),
    unit: "/min",
    firstAt: minute * MINUTE,
    lastAt: minute * MINUTE,
    simulated: false,
    throughOffset: String(minute),
    ...overrides,
  });
  const feed = (rule: AlertRule, minutes: readonly (readonly [number, readonly number[]])[]) => {
    const patient = buildPatient({ rules: [rule] });
    for (const [minute, values] of minutes) {
      const at = (minute + 3) * MINUTE;
      patient.put({ kind: "time", now: at });
      patient.put({ kind: "window", window: buildWindow(minute, values), at });
    }
    return patient;
  };
  // The readings of the domain handbook, 4.3: at 10:00:05, :35, 10:01:10, 10:02:20 and 10:04:50.
  const known = [
    [0, [80, 82]],
    [1, [84]],
    [2, [120]],
    [4, [118]],
    [5, []],
    [6, []],
  ] as const;

  it("are added up and divided once: the mean of the known answer is 96.8, not a mean of means", () => {
    const patient = feed(mean, known);
    expect(patient.steps()[0]?.alert).toMatchObject({
      value: "96.8",
      unit: "/min",
      onset: 5 * MINUTE,
      raisedAt: 7 * MINUTE,
    });
    const exact = feed({ ...mean, limit: { comparator: ">", value: 96.8, unit: "/min" } }, known);
    expect(exact.outputs).toEqual([]);
  });

  it("count once, in order, and only those of a minute", () => {
    const patient = feed(mean, known);
    const before = patient.state;
    for (const window of [
      buildWindow(6, [999]),
      buildWindow(4, [999]),
      buildWindow(2, [999]),
      buildWindow(10, [999], { end: 15 * MINUTE }),
    ]) {
      patient.put({ kind: "window", window, at: HOUR });
    }
    expect(patient.state).toEqual(before);
  });

  it("say a mean to four digits, halves away from zero", () => {
    const low = { ...mean, limit: { comparator: "<", value: 50, unit: "/min" }, clear: null } as const;
    expect(feed(low, [[0, [1, 1, 0]]]).steps()[0]?.alert.value).toBe("0.6667");
  });

  it("show a trend from the first minute to the last of the window, never of one", () => {
    const fall = {
      ...mean,
      kind: "TREND",
      limit: { comparator: "<=", value: -20, unit: "/min" },
      clear: null,
    } as const;
    expect(feed(fall, [[0, [50]]]).outputs).toEqual([]);
    const patient = feed(fall, [
      [0, [100, 101]],
      [1, [95]],
      [2, [80.5]],
      [8, [60]],
    ]);
    expect(stepTexts(patient.outputs).filter((text) => !/ESC|STALE|FRESH/.test(text))).toEqual(["RAISED ON 180"]);
    expect(patient.steps()[0]?.alert.value).toBe("-20");
  });

  it("are kept no longer than the longest rule looks back", () => {
    const patient = feed(
      mean,
      Array.from({ length: 200 }, (_, minute) => [minute, [80]] as const),
    );
    expect(patient.state?.parts[HR]).toHaveLength(5);
  });
});
