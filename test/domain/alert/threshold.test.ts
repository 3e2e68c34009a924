import { describe, expect, it } from "@jest/globals";
import { buildPatient, buildRule, HOUR, HR, MINUTE, SECOND, SPO2, stepTexts } from "./build.js";

const SAMPLES = [93, 89, 91, 89, 89, 89, 89, 91, 92, 92, 93, 89, 92, 92, 92, 92, 92, 92, 92];
/** Raises and ends by single readings. */
const plain = buildRule({ delayMs: 0, clearDelayMs: 0 });

describe("a limit with hysteresis and delays", () => {
  it("raises once for the samples of the known answer: onset 15 s, raised 30 s, resolved 90 s", () => {
    const patient = buildPatient({ rules: [buildRule()] });
    SAMPLES.forEach((value, index) => {
      patient.read({ effectiveTime: index * 5 * SECOND, value: String(value) });
    });
    expect(stepTexts(patient.outputs)).toEqual(["RAISED ON 30", "CLEARED OFF 90"]);
    const [raised, cleared] = patient.steps().map(({ alert }) => alert);
    expect(raised).toMatchObject({ onset: 15 * SECOND, raisedAt: 30 * SECOND, threshold: "< 90 %", version: 1 });
    expect(raised).toMatchObject({ code: SPO2, value: "89", message: "SpO2 low: 89", receivedAt: 15 * SECOND });
    expect(cleared).toMatchObject({ id: raised?.id, version: 2, conditionPresent: false, abatement: 60 * SECOND });
  });

  it("gives the same for readings that come two minutes after they were measured: the delay is of the patient, not the route", () => {
    const patient = buildPatient({ rules: [buildRule()] });
    SAMPLES.forEach((value, index) => {
      const effectiveTime = index * 5 * SECOND;
      patient.read({ effectiveTime, receivedAt: effectiveTime + 2 * MINUTE, value: String(value) });
    });
    expect(stepTexts(patient.outputs)).toEqual(["RAISED ON 30", "CLEARED OFF 90"]);
    expect(patient.steps()[0]?.alert.raisedAt).toBe(30 * SECOND + 2 * MINUTE);
  });

  it("raises by time alone where no other reading comes, while the one there is says something", () => {
    const patient = buildPatient({ rules: [buildRule()] });
    patient.read({ effectiveTime: 0, receivedAt: SECOND, value: "84" });
    patient.pass(16 * SECOND - 1);
    expect(patient.outputs).toEqual([]);
    patient.pass(10 * MINUTE);
    expect(stepTexts(patient.outputs).slice(0, 2)).toEqual(["RAISED ON 15", "STALE ON 61"]);
    expect(patient.steps()[0]?.alert).toMatchObject({ onset: 0, raisedAt: 16 * SECOND, receivedAt: SECOND });
  });

  it("does not raise by time once the reading is as old as its source allows", () => {
    const rule = buildRule({ delayMs: MINUTE });
    const patient = buildPatient({ rules: [rule] });
    patient.read({ effectiveTime: 0, value: "84" });
    patient.pass(HOUR);
    expect(patient.outputs).toEqual([]);
    const spot = buildPatient({
      rules: [rule],
      sources: [{ id: "ward", kind: "SPOT_CHECK", staleAfterMs: 12 * HOUR, zone: null }],
    });
    spot.read({ effectiveTime: 0, value: "84" });
    spot.pass(MINUTE);
    expect(stepTexts(spot.outputs)).toEqual(["RAISED ON 60"]);
  });

  it("does not make one long condition of two readings far apart", () => {
    const rule = buildRule({ delayMs: 5 * MINUTE });
    const patient = buildPatient({ rules: [rule] });
    patient.read({ effectiveTime: 0, value: "89" });
    patient.read({ effectiveTime: 8 * HOUR, value: "89" });
    expect(patient.outputs).toEqual([]);
    expect(patient.state?.watches["spo2-low|2708-6"]?.pending?.onset).toBe(8 * HOUR);
  });

  it("goes on from reading to reading that lie closer than the delay, though each is stale before the next", () => {
    const rule = buildRule({ delayMs: 5 * MINUTE });
    const sparse = buildPatient({ rules: [rule] });
    for (const at of [0, 70, 140, 210, 280, 350]) sparse.read({ effectiveTime: at * SECOND, value: "89" });
    expect(stepTexts(sparse.outputs).filter((text) => !text.startsWith("STALE") && !text.startsWith("FRESH"))).toEqual([
      "RAISED ON 300",
    ]);
  });

  it("is not ended by silence after one good reading, but by the next", () => {
    const rule = buildRule({ delayMs: 0, clearDelayMs: 5 * MINUTE });
    const patient = buildPatient({ rules: [rule] });
    patient.read({ effectiveTime: 0, value: "80" });
    patient.read({ effectiveTime: 10 * SECOND, value: "95" });
    patient.pass(HOUR);
    expect(patient.steps().at(-1)?.alert).toMatchObject({ presence: "ON", conditionPresent: true, stale: true });
    patient.read({ effectiveTime: HOUR, value: "95" });
    expect(stepTexts(patient.outputs).at(-1)).toBe("CLEARED OFF 310");
  });

  it("stays between the limit and the value that ends it", () => {
    const patient = buildPatient({ rules: [plain] });
    for (const [at, value] of [
      [0, "89"],
      [1, "91"],
      [2, "91.999"],
      [3, "92"],
    ] as const) {
      patient.read({ effectiveTime: at * SECOND, value });
    }
    expect(stepTexts(patient.outputs)).toEqual(["RAISED ON 0", "CLEARED OFF 3"]);
  });

  it("knows what a bound says, and what it does not", () => {
    const patient = buildPatient({ rules: [plain] });
    patient.read({ effectiveTime: 0, value: "95", comparator: "<" });
    patient.read({ effectiveTime: 1, value: "89", comparator: ">" });
    expect(patient.outputs).toEqual([]);
    patient.read({ effectiveTime: 2, value: "90", comparator: "<" });
    patient.read({ effectiveTime: 3, value: "95", comparator: "<" });
    expect(stepTexts(patient.outputs)).toEqual(["RAISED ON 0.002"]);
    expect(patient.steps()[0]?.alert.value).toBe("< 90");
    patient.read({ effectiveTime: 4, value: "92", comparator: ">=" });
    expect(stepTexts(patient.outputs).at(-1)).toBe("CLEARED OFF 0.004");
  });

  it("is neither held up nor ended by a reading that says nothing of it", () => {
    const patient = buildPatient({ rules: [buildRule({ ...plain, clearDelayMs: 30 * SECOND })] });
    patient.read({ effectiveTime: 0, value: "80" });
    patient.read({ effectiveTime: 10 * SECOND, value: "95" });
    patient.read({ effectiveTime: 20 * SECOND, value: "50", comparator: ">" });
    patient.read({ effectiveTime: 40 * SECOND, value: "95" });
    expect(stepTexts(patient.outputs)).toEqual(["RAISED ON 0", "CLEARED OFF 40"]);
  });

  it("ends by a bound that lies whole on the other side, its edge too", () => {
    const patient = buildPatient({ rules: [buildRule({ ...plain, clear: null })] });
    patient.read({ effectiveTime: 0, value: "80" });
    patient.read({ effectiveTime: 1, value: "90", comparator: ">" });
    expect(stepTexts(patient.outputs)).toEqual(["RAISED ON 0", "CLEARED OFF 0.001"]);
  });

  it("compares decimals as they are written", () => {
    const rule = buildRule({ ...plain, limit: { comparator: "<", value: 0.3, unit: "%" }, clear: null });
    const patient = buildPatient({ rules: [rule] });
    patient.read({ effectiveTime: 0, value: "0.3" });
    patient.read({ effectiveTime: 1, value: "0.30000000000000000" });
    expect(patient.outputs).toEqual([]);
    patient.read({ effectiveTime: 2, value: "0.29999" });
    expect(stepTexts(patient.outputs)).toEqual(["RAISED ON 0.002"]);
  });
});

describe("two readings of the same time", () => {
  it("both count, in the order in which they came", () => {
    const patient = buildPatient({ rules: [plain] });
    patient.read({ effectiveTime: 0, value: "97" });
    patient.read({ effectiveTime: 0, value: "80", eventId: "other" });
    expect(stepTexts(patient.outputs)).toEqual(["RAISED ON 0"]);
  });
});

describe("a reading that comes late", () => {
  it("moves no condition back", () => {
    const patient = buildPatient({ rules: [plain] });
    patient.read({ effectiveTime: 10 * MINUTE, value: "80" });
    patient.read({ effectiveTime: 5 * MINUTE, receivedAt: 10 * MINUTE + SECOND, value: "99" });
    expect(stepTexts(patient.outputs)).toEqual(["RAISED ON 600"]);
  });

  it("that breaks a limit no alert speaks for raises one that is over at once, and no second beside it", () => {
    const patient = buildPatient({ rules: [plain] });
    patient.read({ effectiveTime: HOUR, value: "99" });
    patient.read({ effectiveTime: 10 * MINUTE, receivedAt: HOUR + 1, value: "80" });
    expect(stepTexts(patient.outputs)).toEqual(["RAISED ON 600", "CLEARED OFF 600"]);
    expect(patient.steps()[1]?.alert).toMatchObject({ onset: 10 * MINUTE, raisedAt: HOUR + 1, abatement: 10 * MINUTE });
    for (let at = 11; at < 50; at += 1)
      patient.read({ effectiveTime: at * MINUTE, receivedAt: HOUR + at, value: "80" });
    expect(patient.outputs).toHaveLength(2);
    patient.read({ effectiveTime: MINUTE, receivedAt: HOUR + MINUTE, value: "80" });
    expect(patient.outputs).toHaveLength(4);
  });

  it("is covered by an alert that is open", () => {
    const patient = buildPatient({ rules: [plain] });
    patient.read({ effectiveTime: HOUR, value: "80" });
    patient.read({ effectiveTime: 0, receivedAt: HOUR, value: "80" });
    expect(patient.outputs).toHaveLength(1);
  });

  it("raises nothing under a rule with a delay", () => {
    const patient = buildPatient({ rules: [buildRule()] });
    patient.read({ effectiveTime: HOUR, value: "99" });
    patient.read({ effectiveTime: 0, receivedAt: HOUR, value: "80" });
    expect(patient.outputs).toEqual([]);
  });
});

describe("whom a rule is for", () => {
  const adult = buildRule({ ...plain, appliesTo: { patientId: null, ageMin: 16, ageMax: null } });
  const born = (birthDate: string | null) => ({ id: "p1", birthDate, simulated: false });
  const breach = { effectiveTime: Date.parse("2026-06-15"), value: "80" };

  it.each([
    ["1950-01-01", 1],
    ["2010-06-15", 1],
    ["2010-06-16", 0],
    ["2020", 0],
    ["2010", 0],
    [null, 0],
  ])("limits for adults and somebody born %s give %d alerts", (birthDate, count) => {
    const patient = buildPatient({ rules: [adult], person: born(birthDate) });
    patient.read(breach);
    expect(patient.outputs).toHaveLength(count);
  });

  it("that nobody's age is known of is not silent: one alert says which rules are not applied", () => {
    const technical = buildRule({
      ...plain,
      id: "age-unknown",
      kind: "TECHNICAL",
      name: "Age unknown",
      code: null,
      limit: null,
      clear: null,
      technical: "AGE_UNKNOWN",
      priority: "LOW",
    });
    const world = { rules: [adult, technical], person: born(null) };
    const patient = buildPatient(world);
    patient.read(breach);
    patient.read({ ...breach, effectiveTime: breach.effectiveTime + 1, code: HR, value: "70" });
    expect(patient.steps().map(({ alert }) => alert.message)).toEqual([
      "Age unknown: 1 rules that need an age are not applied: give a birth date or a monitoring plan",
    ]);
    patient.know({ ...world, person: born("1950") }, breach.effectiveTime + MINUTE - 1);
    expect(patient.steps().map(({ alert, step }) => [alert.ruleId, step.reason])).toEqual([
      ["age-unknown", "RAISED"],
      ["spo2-low", "RAISED"],
      ["age-unknown", "CLEARED"],
    ]);
  });

  it("is one patient where it names one", () => {
    const rule = buildRule({ ...plain, appliesTo: { patientId: "p2", ageMin: null, ageMax: null } });
    expect(buildPatient({ rules: [rule] }).read(breach)).toEqual([]);
    expect(buildPatient({ rules: [rule] }, "p2").read(breach)).toHaveLength(1);
  });

  it("nobody is called by a rule that is being tried", () => {
    const patient = buildPatient({ rules: [buildRule({ ...plain, status: "SHADOW" })] });
    patient.read({ effectiveTime: 0, value: "80" });
    patient.pass(50 * SECOND);
    expect(patient.steps().map(({ alert }) => alert.shadow)).toEqual([true]);
    patient.pass(HOUR);
    expect(stepTexts(patient.outputs)).toEqual(["RAISED ON 0", "STALE ON 60"]);
  });

  it.each(["DRAFT", "RETIRED"] as const)("a rule that is %s is not looked at", (status) => {
    const patient = buildPatient({ rules: [buildRule({ ...plain, status })] });
    patient.read({ effectiveTime: 0, value: "80" });
    expect(patient.outputs).toEqual([]);
  });
});
