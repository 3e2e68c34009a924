import { describe, expect, it } from "@jest/globals";
import { DEFAULT_RULES } from "../../../src/domain/alert/default-rules.js";
import { buildPlan } from "../../helpers/build.js";
import { buildPatient, buildRule, HOUR, HR, MINUTE, SECOND, SPO2, stepTexts, type World } from "./build.js";

const plain = buildRule({ delayMs: 0, clearDelayMs: 0 });
const always = [{ id: "ward", kind: "SPOT_CHECK", staleAfterMs: 1_000 * HOUR, zone: null }] as const;
const adult = { id: "p1", birthDate: "1950", simulated: false };

/** One whole set of observations at a time. */
function observe(patient: ReturnType<typeof buildPatient>, at: number, values: Readonly<Record<string, string>>): void {
  const set = { "9279-1": "18", [SPO2]: "97", "3151-8": "0", "8480-6": "130", [HR]: "80", "8310-5": "36.8", ...values };
  for (const [code, value] of Object.entries(set)) patient.read({ code, value, effectiveTime: at });
  patient.read({ code: "67775-7", codedValue: values["67775-7"] ?? "A", value: null, effectiveTime: at });
  patient.pass(at + 10 * SECOND);
}

describe("a plan", () => {
  const red = DEFAULT_RULES.filter(({ id }) => id === "news2-red");
  const world: World = { rules: red, person: adult, sources: always };
  const start = Date.parse("2026-01-01");

  it("that prescribes scale 2 ends the alert of a saturation of 90 % on air, which scores 3 until then", () => {
    const patient = buildPatient(world);
    observe(patient, start, { [SPO2]: "90" });
    expect(patient.steps()[0]?.alert.message).toBe("NEWS2 single parameter: 3; 3 points for spo2");
    patient.know({ ...world, plan: buildPlan({ spo2Scale: 2, validFrom: start + MINUTE }) }, start + MINUTE);
    expect(stepTexts(patient.outputs).map((text) => text.split(" ").slice(0, 2).join(" "))).toEqual([
      "RAISED ON",
      "CLEARED OFF",
    ]);
    observe(patient, start + HOUR, { [SPO2]: "90" });
    expect(patient.outputs).toHaveLength(2);
    patient.know({ ...world, plan: null }, start + HOUR + MINUTE);
    expect(patient.steps().at(-1)?.step.reason).toBe("RAISED");
  });

  it("that says the patient is pregnant ends what is scored, with the reason", () => {
    const patient = buildPatient(world);
    observe(patient, start, { [SPO2]: "90" });
    patient.know({ ...world, plan: buildPlan({ pregnancy: true }) }, start + MINUTE);
    expect(patient.steps().at(-1)).toMatchObject({
      step: { reason: "NOT_APPLICABLE", to: "OFF", text: "NEWS2: PREGNANT" },
    });
    observe(patient, start + HOUR, { [SPO2]: "80" });
    expect(patient.outputs).toHaveLength(2);
  });

  it("that says confusion is not new ends its alert", () => {
    const patient = buildPatient(world);
    observe(patient, start, { "67775-7": "C" });
    patient.know({ ...world, plan: buildPlan({ baselineConfusion: true }) }, start + MINUTE);
    expect(patient.steps().map(({ step }) => step.reason)).toEqual(["RAISED", "CLEARED"]);
  });

  it("that attests an adult puts the limits for adults in force, also for what was just measured", () => {
    const rule = buildRule({ ...plain, appliesTo: { patientId: null, ageMin: 16, ageMax: null } });
    const patient = buildPatient({ rules: [rule], sources: always });
    patient.read({ effectiveTime: start, value: "80" });
    expect(patient.outputs).toEqual([]);
    patient.know({ rules: [rule], sources: always, plan: buildPlan({ adult: true }) }, start + MINUTE);
    expect(patient.steps()[0]).toMatchObject({
      step: { reason: "RAISED" },
      alert: { onset: start, raisedAt: start + MINUTE },
    });
  });
});

describe("a score", () => {
  const medium = DEFAULT_RULES.filter(({ id }) => id === "news2-medium");
  const start = Date.parse("2026-01-01");

  it("looks at readings that came together as one set: no score of half old, half new", () => {
    const patient = buildPatient({ rules: medium, person: adult, sources: always });
    observe(patient, start, { [HR]: "135", "9279-1": "18" });
    // Heart rate was 3; now breathing is 3 and heart rate is none: the two never were at once.
    observe(patient, start + HOUR, { "9279-1": "26", [HR]: "80" });
    expect(patient.outputs).toEqual([]);
  });

  it("that is at least medium alerts, also where temperature is missing", () => {
    const patient = buildPatient({ rules: medium, person: adult, sources: always });
    const readings = { "9279-1": "22", [SPO2]: "93", "3151-8": "2", "8480-6": "95", [HR]: "120" };
    for (const [code, value] of Object.entries(readings)) patient.read({ code, value, effectiveTime: start });
    patient.read({ code: "67775-7", codedValue: "A", value: null, effectiveTime: start });
    patient.pass(start + 2 * SECOND);
    expect(patient.steps()[0]?.alert).toMatchObject({
      value: "10",
      message: "NEWS2 medium or high: at least 10 (missing: temperature)",
      threshold: ">= 5 {score}",
    });
    expect(patient.steps()[0]?.alert.derivedFrom).toHaveLength(6);
  });

  it("does not end because a sensor that scored is gone, but is marked; it ends by what is measured", () => {
    const patient = buildPatient({ rules: medium, person: adult });
    observe(patient, start, { "9279-1": "26", [SPO2]: "93" });
    for (let minute = 1; minute <= 90; minute += 1) {
      patient.read({ code: SPO2, value: "93", effectiveTime: start + minute * MINUTE });
    }
    patient.pass(start + 91 * MINUTE);
    expect(patient.steps().at(-1)?.alert).toMatchObject({ conditionPresent: true, stale: true });
    patient.read({ code: "9279-1", value: "16", effectiveTime: start + 92 * MINUTE });
    patient.pass(start + 93 * MINUTE);
    expect(patient.steps().at(-1)?.alert).toMatchObject({ presence: "OFF", conditionPresent: false });
  });

  it("of a single parameter stays too when its sensor is gone", () => {
    const red = DEFAULT_RULES.filter(({ id }) => id === "news2-red");
    const patient = buildPatient({ rules: red, person: adult });
    observe(patient, start, { "9279-1": "26" });
    patient.read({ code: SPO2, value: "97", effectiveTime: start + 2 * HOUR });
    patient.pass(start + 2 * HOUR + MINUTE);
    expect(patient.steps().at(-1)?.alert).toMatchObject({ presence: "ON", conditionPresent: true, stale: true });
  });

  it("two points higher than when it was acknowledged calls again", () => {
    const patient = buildPatient({ rules: medium, person: adult, sources: always });
    observe(patient, start, { "9279-1": "26", [SPO2]: "93" });
    const command = {
      schema: 1,
      commandId: "c",
      alertId: patient.steps()[0]?.alert.id ?? "",
      patientId: "p1",
      expectedVersion: null,
      known: null,
      by: "n",
      at: start + MINUTE,
    } as const;
    patient.put({ kind: "command", command: { ...command, command: "acknowledge", note: null } });
    observe(patient, start + 2 * MINUTE, { "9279-1": "26", [SPO2]: "93", [HR]: "95" });
    expect(patient.outputs).toHaveLength(2);
    observe(patient, start + 3 * MINUTE, { "9279-1": "26", [SPO2]: "93", [HR]: "115" });
    expect(patient.steps().at(-1)?.step.reason).toBe("WORSENED");
  });
});

describe("a rule", () => {
  const open = (rule = plain) => {
    const patient = buildPatient({ rules: [rule], sources: always });
    patient.read({ effectiveTime: 0, value: "88" });
    return patient;
  };

  it("that is retired ends its alerts with that reason", () => {
    const patient = open();
    patient.know({ rules: [] }, MINUTE);
    expect(stepTexts(patient.outputs)).toEqual(["RAISED ON 0", "RULE_RETIRED OFF 60"]);
    patient.pass(HOUR);
    expect(patient.outputs).toHaveLength(2);
    expect(patient.state?.watches).toEqual({});
  });

  it("in a new version takes over what is still present, and says of what", () => {
    const patient = open();
    patient.know(
      { rules: [{ ...plain, version: 2, limit: { comparator: "<", value: 89, unit: "%" } }], sources: always },
      MINUTE,
    );
    expect(stepTexts(patient.outputs)).toEqual(["RAISED ON 0", "RULE_CHANGED OFF 60", "RAISED ON 60"]);
    const [first, , next] = patient.steps().map(({ alert }) => alert);
    expect(next).toMatchObject({ supersedes: first?.id, onset: 0, ruleVersion: 2, version: 1, threshold: "< 89 %" });
    expect(next?.id).not.toBe(first?.id);
  });

  it("in a new version goes on between its limit and the value that ends it", () => {
    const patient = open();
    const next = { ...plain, version: 2, limit: { comparator: "<", value: 86, unit: "%" } } as const;
    patient.know({ rules: [next], sources: always }, MINUTE);
    expect(stepTexts(patient.outputs)).toEqual(["RAISED ON 0", "RULE_CHANGED OFF 60", "RAISED ON 60"]);
  });

  it("that is new looks at the last reading only while that says something", () => {
    const fresh = buildPatient({ rules: [] });
    fresh.read({ effectiveTime: 0, value: "80" });
    fresh.know({ rules: [plain] }, MINUTE - 1);
    expect(stepTexts(fresh.outputs)).toEqual(["RAISED ON 0"]);
    const old = buildPatient({ rules: [] });
    old.read({ effectiveTime: 0, value: "80" });
    old.know({ rules: [plain] }, MINUTE);
    expect(old.outputs).toEqual([]);
  });

  it("in a new version by which the condition is over ends it", () => {
    const patient = open();
    const next = {
      ...plain,
      version: 2,
      limit: { comparator: "<", value: 85, unit: "%" },
      clear: { comparator: ">=", value: 87, unit: "%" },
    } as const;
    patient.know({ rules: [next], sources: always }, MINUTE);
    expect(stepTexts(patient.outputs)).toEqual(["RAISED ON 0", "RULE_CHANGED OFF 60"]);
  });

  it("in a new version does not ask again who has answered, unless it is more urgent or was only being tried", () => {
    const after = (version: Partial<typeof plain>, before: Partial<typeof plain> = {}) => {
      const patient = open({ ...plain, ...before });
      const command = {
        schema: 1,
        commandId: "c",
        alertId: patient.steps()[0]?.alert.id ?? "",
        patientId: "p1",
        expectedVersion: null,
        known: null,
        by: "n",
        at: SECOND,
      } as const;
      patient.put({ kind: "command", command: { ...command, command: "acknowledge", note: null } });
      patient.know({ rules: [{ ...plain, ...version, version: 2 }], sources: always }, MINUTE);
      patient.pass(30 * MINUTE);
      return patient
        .steps()
        .slice(3)
        .map(({ alert }) => `${alert.presence} ${alert.acknowledgedBy ?? ""}`);
    };
    expect(after({}, { priority: "MEDIUM" })[0]).toBe("ON ");
    expect(after({ delayMs: 5 })).toEqual(["ACK n"]);
    expect(after({}, { status: "SHADOW" })[0]).toBe("ON ");
  });

  it("is held to its version whatever the input is", () => {
    const patient = open();
    const { put, state } = buildPatient({ rules: [{ ...plain, version: 2 }], sources: always });
    expect(state).toBeNull();
    expect(put({ kind: "time", now: 1 })).toEqual([]);
    expect(
      patient.know({ rules: [{ ...plain, version: 2 }], sources: always }, 5).map((output) => output.kind),
    ).toEqual(["changed", "changed"]);
  });

  it("that is no longer for the patient ends its alerts", () => {
    const scoped = buildRule({ ...plain, appliesTo: { patientId: null, ageMin: 16, ageMax: null } });
    const world = { rules: [scoped], sources: always };
    const patient = buildPatient({ ...world, person: adult });
    patient.read({ effectiveTime: Date.parse("2026-01-01"), value: "80" });
    patient.know({ ...world, person: { ...adult, birthDate: "2020-01-01" } }, Date.parse("2026-01-02"));
    expect(patient.steps().at(-1)).toMatchObject({
      step: { reason: "NOT_APPLICABLE", text: "the rule is not for this patient" },
    });
  });
});

describe("a correction", () => {
  const corrected = { status: "corrected", replaces: `${SPO2}@0`, eventId: "new", receivedAt: MINUTE } as const;
  const open = () => {
    const patient = buildPatient({ rules: [plain], sources: always });
    patient.read({ effectiveTime: 0, value: "84", unit: "%" });
    return patient;
  };

  it("of the last reading amends the alert, and the condition is judged again", () => {
    const patient = open();
    patient.read({ ...corrected, effectiveTime: 0, value: "94", unit: "%" });
    expect(stepTexts(patient.outputs)).toEqual(["RAISED ON 0", "CORRECTED ON 60", "CLEARED OFF 0"]);
    expect(patient.steps()[1]).toMatchObject({
      step: { text: `reading ${SPO2}@0 is 94 %` },
      alert: { value: "94", derivedFrom: ["new"] },
    });
  });

  it("that breaks a limit raises", () => {
    const patient = buildPatient({ rules: [plain], sources: always });
    patient.read({ effectiveTime: 0, value: "94" });
    patient.read({ ...corrected, effectiveTime: 0, value: "84" });
    expect(stepTexts(patient.outputs)).toEqual(["RAISED ON 0"]);
  });

  it("of a reading before the last amends what rests on it, and moves nothing", () => {
    const patient = open();
    patient.read({ effectiveTime: MINUTE, value: "83" });
    patient.read({ ...corrected, receivedAt: 2 * MINUTE, effectiveTime: 0, value: "94" });
    patient.read({ effectiveTime: 3 * MINUTE, value: "99" });
    patient.read({
      ...corrected,
      replaces: "new",
      eventId: "newer",
      receivedAt: 4 * MINUTE,
      effectiveTime: 0,
      value: "95",
    });
    expect(stepTexts(patient.outputs).filter((text) => !text.startsWith("ESC"))).toEqual([
      ...["RAISED ON 0", "CORRECTED ON 120", "CLEARED OFF 180", "CORRECTED OFF 240"],
    ]);
  });

  it("of the reading a condition began with leaves the value of the one that called", () => {
    const patient = buildPatient({ rules: [{ ...plain, delayMs: 15 * SECOND }], sources: always });
    patient.read({ effectiveTime: 0, value: "84" });
    patient.read({ effectiveTime: 15 * SECOND - 1, value: "83" });
    patient.read({ effectiveTime: 16 * SECOND, value: "83" });
    patient.read({ ...corrected, effectiveTime: 0, value: "85" });
    expect(patient.steps().at(-1)).toMatchObject({
      step: { reason: "CORRECTED" },
      alert: { value: "83", derivedFrom: ["new", `${SPO2}@14999`] },
    });
  });

  it("that takes the only reading back leaves nothing present; with one before it that one holds", () => {
    const alone = open();
    alone.read({ ...corrected, status: "entered-in-error", effectiveTime: 0, value: null });
    expect(stepTexts(alone.outputs)).toEqual(["RAISED ON 0", "CORRECTED ON 60", "CLEARED OFF 0"]);
    expect(alone.steps()[1]?.step.text).toBe(`reading ${SPO2}@0 was withdrawn`);
    const two = open();
    two.read({ effectiveTime: MINUTE, value: "80" });
    two.read({
      ...corrected,
      status: "entered-in-error",
      replaces: `${SPO2}@60000`,
      effectiveTime: MINUTE,
      receivedAt: MINUTE + 1,
      value: "80",
    });
    expect(stepTexts(two.outputs)).toEqual(["RAISED ON 0"]);
    expect(two.state?.readings[SPO2]?.last.value).toBe("84");
  });

  it("that comes before what it corrects holds, and comes twice for nothing", () => {
    const patient = buildPatient({ rules: [plain], sources: always });
    patient.read({ ...corrected, effectiveTime: 0, value: "94" });
    patient.read({ effectiveTime: 0, receivedAt: MINUTE, value: "84" });
    patient.read({ ...corrected, effectiveTime: 0, value: "94" });
    expect(patient.outputs).toEqual([]);
    const twice = open();
    twice.read({ ...corrected, effectiveTime: 0, value: "83" });
    twice.read({ ...corrected, effectiveTime: 0, value: "83" });
    expect(stepTexts(twice.outputs)).toEqual(["RAISED ON 0", "CORRECTED ON 60"]);
  });

  it("is seen by scores too", () => {
    const rules = DEFAULT_RULES.filter(({ id }) => id === "news2-red");
    const patient = buildPatient({ rules, sources: always, person: adult });
    const at = Date.parse("2026-01-01");
    observe(patient, at, { [SPO2]: "90" });
    patient.read({
      ...corrected,
      replaces: `${SPO2}@${String(at)}`,
      effectiveTime: at,
      receivedAt: at + MINUTE,
      value: "97",
    });
    patient.pass(at + 2 * MINUTE);
    expect(patient.steps().map(({ step }) => step.reason)).toEqual(["RAISED", "CORRECTED", "CLEARED"]);
  });
});
