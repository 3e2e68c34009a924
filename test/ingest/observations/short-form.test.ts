import { describe, expect, it } from "@jest/globals";
import { readRecord } from "../../../src/ingest/observations/index.js";
import { buildRecord } from "./build.js";

function only(record: unknown) {
  const { readings } = readRecord(record);
  expect(readings).toHaveLength(1);
  return readings[0]!;
}

describe("the short form", () => {
  it("gives one reading in the canonical unit, with what was received beside it", () => {
    const record = buildRecord({ code: "8310-5", value: "98.60", unit: "degF", quality: "lead loose", eventId: "e1" });
    expect(only(record)).toMatchObject({
      ...{ kind: "reading", ownId: "e1", patientId: "p1", value: "37", unit: "Cel", comparator: null },
      ...{ originalValue: "98.60", originalUnit: "degF", quality: ["lead loose"], status: "final", isExtreme: false },
    });
  });

  it("keeps a bound as one", () => {
    expect(only(buildRecord({ code: "2524-7", value: "<0.5", unit: "mmol/L" }))).toMatchObject({
      ...{ comparator: "<", value: "0.5", originalValue: "<0.5" },
    });
  });

  it.each([
    [{ value: "A" }, "A"],
    [{ value: "v" }, "V"],
    [{ valueCode: "C" }, "C"],
    [{ value: "Unresponsive" }, "U"],
  ])("takes a coded value %j as %s", (given, answer) => {
    const { value: _value, unit: _unit, ...rest } = buildRecord({ code: "67775-7" });
    expect(only({ ...rest, ...given })).toMatchObject({ kind: "reading", codedValue: answer, value: null, unit: null });
  });

  it("says that there is no value, and why", () => {
    const reading = only(buildRecord({ value: null, unit: null, absentReason: "not-performed" }));
    expect(reading).toMatchObject({ kind: "reading", value: null, unit: null, quality: ["not-performed"] });
  });

  it("is a correction where it replaces an event, and a withdrawal needs no value", () => {
    expect(only(buildRecord({ replaces: "e1" }))).toMatchObject({ status: "corrected", replaces: "e1" });
    expect(only(buildRecord({ replaces: "e1", status: "amended" }))).toMatchObject({ status: "corrected" });
    const withdrawal = only(buildRecord({ replaces: "e1", status: "entered-in-error", value: null, unit: null }));
    expect(withdrawal).toMatchObject({ kind: "reading", status: "entered-in-error", value: null });
  });

  it.each([
    ["simulated", true],
    ["replayed:physionet-2019", true],
    ["simulated annealing", false],
    ["calm", false],
  ])("with quality %s is made up: %s", (quality, simulated) => {
    expect(only(buildRecord({ quality: [quality] }))).toMatchObject({ simulated });
  });

  it.each([
    ["no object", [72], "JSON", "record"],
    ["text", "HR=72", "JSON", "record"],
    ["nothing", null, "JSON", "record"],
    ["a number", 72, "JSON", "record"],
    ["no patient", buildRecord({ patientId: undefined }), "FIELD_MISSING", "patientId"],
    ["an empty patient", buildRecord({ patientId: "" }), "FIELD_TYPE", "patientId"],
    ["a patient of half a character", buildRecord({ patientId: "p\ud800" }), "FIELD_TYPE", "patientId"],
    ["a patient with a line end", buildRecord({ patientId: "p\n1" }), "FIELD_TYPE", "patientId"],
    ["a patient in a list", buildRecord({ patientId: ["p1"] }), "FIELD_TYPE", "patientId"],
    ["a long patient", buildRecord({ patientId: "p".repeat(129) }), "FIELD_TYPE", "patientId"],
    ["no code", buildRecord({ code: null }), "FIELD_MISSING", "code"],
    ["an unknown code", buildRecord({ code: "0000-0" }), "UNKNOWN_CODE", "code"],
    ["the code of an object's method", buildRecord({ code: "constructor" }), "UNKNOWN_CODE", "code"],
    ["no value", buildRecord({ value: null }), "VALUE_MISSING", "value"],
    ["words for a value", buildRecord({ value: "seventy-two" }), "VALUE_SYNTAX", "value"],
    ["an empty value", buildRecord({ value: "" }), "VALUE_SYNTAX", "value"],
    ["a value that is true", buildRecord({ value: true }), "FIELD_TYPE", "value"],
    ["a value that is no number", buildRecord({ value: NaN }), "FIELD_TYPE", "value"],
    ["a value without end", buildRecord({ value: JSON.parse("1e999") as number }), "FIELD_TYPE", "value"],
    ["a value beyond measure", buildRecord({ value: "1e300" }), "VALUE_SYNTAX", "value"],
    ["no unit", buildRecord({ unit: undefined }), "UNKNOWN_UNIT", "unit"],
    ["an unknown unit", buildRecord({ unit: "furlong" }), "UNKNOWN_UNIT", "unit"],
    ["a value that cannot be", buildRecord({ code: "2708-6", value: 130, unit: "%" }), "IMPOSSIBLE", "value"],
    ["a negative value", buildRecord({ value: -72 }), "IMPOSSIBLE", "value"],
    ["Fahrenheit said to be Celsius", buildRecord({ code: "8310-5", value: 98.6, unit: "Cel" }), "IMPOSSIBLE", "value"],
    ["an answer there is not", buildRecord({ code: "67775-7", value: "sleepy" }), "UNKNOWN_ANSWER", "value"],
    ["a code for a number", buildRecord({ value: null, valueCode: "A" }), "FIELD_TYPE", "valueCode"],
    ["two values", buildRecord({ valueCode: "A" }), "FIELD_TYPE", "valueCode"],
    ["a status that is none", buildRecord({ status: "maybe" }), "FIELD_TYPE", "status"],
    ["a correction of nothing", buildRecord({ status: "corrected" }), "REPLACES", "replaces"],
    ["a first reading that replaces", buildRecord({ status: "final", replaces: "e1" }), "REPLACES", "status"],
    ["a field nobody knows", buildRecord({ replcaes: "e1" }), "UNKNOWN_FIELD", "replcaes"],
    ["a prototype", JSON.parse('{"__proto__":{"patientId":"p1"},"code":"8867-4"}'), "FIELD_MISSING", "patientId"],
    ["half a sequence", buildRecord({ sequence: 1.5 }), "FIELD_TYPE", "sequence"],
    ["a sequence below 0", buildRecord({ sequence: -1 }), "FIELD_TYPE", "sequence"],
    ["a sequence too large to count", buildRecord({ sequence: 2 ** 60 }), "FIELD_TYPE", "sequence"],
    ["a time in milliseconds", buildRecord({ eventTime: 1772359200000 }), "FIELD_TYPE", "eventTime"],
    ["another resource", { resourceType: "Patient", id: "p1" }, "RESOURCE_TYPE", "resourceType"],
  ])("with %s is refused, by rule and field", (_name, record, rule, field) => {
    expect(only(record)).toMatchObject({ kind: "refusal", rule, field });
  });

  it("names what it found and what it expected", () => {
    expect(only(buildRecord({ unit: "furlong" }))).toMatchObject({
      found: '"furlong"',
      expected: "one of /min, {beats}/min, {breaths}/min, /s, Hz",
    });
    expect(only(buildRecord({ code: "2708-6", value: 130, unit: "%" }))).toMatchObject({
      found: '"130 %"',
      expected: "0 to 100 %",
    });
  });
});

describe("a hostile record", () => {
  const nested = (levels: number): unknown => JSON.parse("[".repeat(levels) + "]".repeat(levels));

  it.each([
    ["is too large", buildRecord({ quality: "x".repeat(70_000) }), "TOO_LARGE"],
    ["is nested beyond what FHIR needs", buildRecord({ quality: nested(100) }), "TOO_DEEP"],
    ["is nested beyond what can be written", buildRecord({ quality: nested(100_000) }), "TOO_DEEP"],
    [
      "has a thousand fields",
      Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`f${String(n)}`, n])),
      "FIELD_MISSING",
    ],
  ])("that %s is refused", (_name, record, rule) => {
    expect(only(record)).toMatchObject({ kind: "refusal", rule });
  });

  it("is told in few words", () => {
    const refused = only(buildRecord({ code: "9".repeat(30_000) }));
    expect(JSON.stringify(refused).length).toBeLessThan(1000);
    const other = only(buildRecord({ ["x".repeat(30_000)]: 1 }));
    expect(JSON.stringify(other).length).toBeLessThan(1000);
  });
});
