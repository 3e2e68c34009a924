import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "@jest/globals";
import { readRecord, type Reading, type Refusal } from "../../../src/ingest/observations/index.js";
import { itShared, requireShared } from "../../helpers/shared.js";

const coding = (code: string, system = "http://loinc.org") => ({ coding: [{ system, code }] });
const quantity = (value: number, code: string) => ({ value, unit: code, system: "http://unitsofmeasure.org", code });

function buildObservation(overrides: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    resourceType: "Observation",
    id: "o1",
    status: "final",
    category: [coding("vital-signs", "http://terminology.hl7.org/CodeSystem/observation-category")],
    code: coding("8867-4"),
    subject: { reference: "Patient/p1" },
    effectiveDateTime: "2026-03-01T10:00:00+01:00",
    valueQuantity: quantity(72, "/min"),
    ...overrides,
  };
}

function buildPressure(systolic: unknown, diastolic: unknown, overrides = {}): Record<string, unknown> {
  const component = [
    { code: coding("8480-6"), ...(systolic as object) },
    { code: coding("8462-4"), ...(diastolic as object) },
  ];
  return buildObservation({ code: coding("85354-9"), valueQuantity: undefined, component, ...overrides });
}

const mmHg = (value: number) => ({ valueQuantity: quantity(value, "mm[Hg]") });

function read(resource: unknown): readonly (Reading | Refusal)[] {
  return readRecord(resource).readings;
}

function only(resource: unknown): Reading | Refusal {
  const readings = read(resource);
  expect(readings).toHaveLength(1);
  return readings[0]!;
}

describe("a FHIR Observation", () => {
  it("gives a reading of its patient, device and time", () => {
    const resource = buildObservation({ device: { reference: "Device/m1" }, meta: { tag: [{ code: "HTEST" }] } });
    expect(only(resource)).toMatchObject({
      ...{ kind: "reading", part: "", ownId: "o1", patientId: "p1", deviceId: "m1", value: "72", unit: "/min" },
      ...{ eventTime: "2026-03-01T10:00:00+01:00", status: "final", replaces: null, simulated: true },
    });
  });

  it("is named by its identifier, which stays when it moves, else by its id", () => {
    const identifier = [{ use: "usual" }, { system: "urn:oid:1.2.3", value: "77" }];
    expect(only(buildObservation({ identifier }))).toMatchObject({ ownId: "urn:oid:1.2.3|77" });
    expect(only(buildObservation({ id: undefined }))).toMatchObject({ ownId: null });
  });

  it.each([
    ["Patient/p1", "p1"],
    ["https://fhir.example.org/r4/Patient/p1/_history/3", "p1"],
    ["urn:uuid:6cc4fff2-8a24-ecef-2f2d-1067473532cd", "6cc4fff2-8a24-ecef-2f2d-1067473532cd"],
  ])("of %s is of %s", (reference, patientId) => {
    expect(only(buildObservation({ subject: { reference } }))).toMatchObject({ patientId });
  });

  it.each([
    [{ effectiveInstant: "2026-03-01T09:00:00Z" }, "2026-03-01T09:00:00Z"],
    [{ effectivePeriod: { start: "2026-03-01T09:00:00Z", end: "2026-03-01T09:05:00Z" } }, "2026-03-01T09:05:00Z"],
    [{ effectivePeriod: { start: "2026-03-01T09:00:00Z" } }, "2026-03-01T09:00:00Z"],
  ])("with %j happened at %s", (effective, eventTime) => {
    expect(only(buildObservation({ effectiveDateTime: undefined, ...effective }))).toMatchObject({ eventTime });
  });

  it("of several codes of one group is that group, by the code it came with", () => {
    const code = { coding: [...coding("150456", "urn:iso:std:iso:11073").coding, ...coding("59408-5").coding] };
    const reading = only(buildObservation({ code, valueQuantity: quantity(97, "%") }));
    expect(reading).toMatchObject({ code: { code: "2708-6" }, codeAsReceived: "59408-5" });
  });

  it("reads the coded unit before its words, and words where there is no code", () => {
    const coded = { ...quantity(37.2, "Cel"), unit: "degrees" };
    expect(only(buildObservation({ code: coding("8310-5"), valueQuantity: coded }))).toMatchObject({ value: "37.2" });
    const worded = { value: 98.6, unit: "degF" };
    expect(only(buildObservation({ code: coding("8310-5"), valueQuantity: worded }))).toMatchObject({ value: "37" });
  });

  it("gives a reading for each component of a panel, each with a name of its own", () => {
    expect(read(buildPressure(mmHg(120), mmHg(80)))).toMatchObject([
      { part: "8480-6", value: "120", isExtreme: false },
      { part: "8462-4", value: "80", isExtreme: false },
    ]);
  });

  it("gives its own value beside its components", () => {
    const component = [{ code: coding("3151-8"), valueQuantity: quantity(6, "L/min") }];
    const readings = read(buildObservation({ code: coding("2708-6"), valueQuantity: quantity(95, "%"), component }));
    expect(readings).toMatchObject([
      { part: "", value: "95", unit: "%" },
      { part: "3151-8", value: "6", unit: "L/min" },
    ]);
  });

  it("tells what is wrong with one component in its place, and takes the others", () => {
    const readings = read(buildPressure(mmHg(120), { valueQuantity: quantity(80, "furlong") }));
    expect(readings).toMatchObject([
      { kind: "reading", value: "120" },
      { kind: "refusal", rule: "UNKNOWN_UNIT", field: "component[1].valueQuantity.code" },
    ]);
  });

  it("holds a systolic pressure that is not above the diastolic one for extreme", () => {
    const readings = read(buildPressure(mmHg(80), mmHg(80)));
    expect(readings).toMatchObject([{ isExtreme: true }, { isExtreme: true }]);
  });

  it("says why there is no value", () => {
    const dataAbsentReason = coding("error", "http://terminology.hl7.org/CodeSystem/data-absent-reason");
    const reading = only(buildObservation({ valueQuantity: undefined, dataAbsentReason }));
    expect(reading).toMatchObject({ kind: "reading", value: null, quality: ["error"] });
    expect(read(buildPressure(mmHg(120), { dataAbsentReason }))[1]).toMatchObject({ value: null, quality: ["error"] });
  });

  it("reads an answer by LOINC, by SNOMED CT or in words", () => {
    const acvpu = (value: unknown) =>
      only(buildObservation({ code: coding("67775-7"), valueQuantity: undefined, ...(value as object) }));
    expect(acvpu({ valueCodeableConcept: coding("LA6560-2") })).toMatchObject({ codedValue: "C" });
    expect(acvpu({ valueCodeableConcept: coding("450847001", "http://snomed.info/sct") })).toMatchObject({
      codedValue: "P",
    });
    expect(acvpu({ valueCodeableConcept: { text: "Alert" } })).toMatchObject({ codedValue: "A" });
    expect(acvpu({ valueString: "V" })).toMatchObject({ codedValue: "V" });
  });

  it("with another status is another event about the first", () => {
    const meta = { versionId: "2" };
    expect(only(buildObservation({ status: "amended", meta }))).toMatchObject({
      ...{ ownId: "o1@2", replaces: "o1", status: "corrected" },
    });
    expect(only(buildObservation({ status: "entered-in-error", meta: { versionId: "3" } }))).toMatchObject({
      ...{ ownId: "o1@3", replaces: "o1", status: "entered-in-error" },
    });
    const parts = read(buildPressure(mmHg(120), mmHg(80), { status: "corrected", meta }));
    expect(parts).toMatchObject([{ replaces: "o1#8480-6" }, { replaces: "o1#8462-4" }]);
  });

  it("without a version is told apart by its content", () => {
    const first = only(buildObservation({ status: "corrected" })) as Reading;
    const second = only(buildObservation({ status: "corrected", valueQuantity: quantity(73, "/min") })) as Reading;
    expect(first.ownId).toMatch(/^o1@[0-9a-f]{16}$/);
    expect(second.ownId).not.toBe(first.ownId);
  });

  it("that is preliminary says so", () => {
    const reading = only(buildObservation({ status: "preliminary" }));
    expect(reading).toMatchObject({ ownId: "o1@preliminary", status: "final", quality: ["preliminary"] });
  });

  it.each([
    ["status", { status: "cancelled" }, "STATUS", "status"],
    ["no status", { status: undefined }, "STATUS", "status"],
    ["no subject", { subject: undefined }, "FIELD_MISSING", "subject.reference"],
    ["a group as subject", { subject: { reference: "Group/p1" } }, "FIELD_MISSING", "subject.reference"],
    ["no time", { effectiveDateTime: undefined }, "FIELD_MISSING", "effective[x]"],
    ["a timing", { effectiveDateTime: undefined, effectiveTiming: {} }, "FIELD_MISSING", "effective[x]"],
    ["no code", { code: undefined }, "UNKNOWN_CODE", "code"],
    ["a code of another system", { code: coding("8867-4", "urn:local") }, "UNKNOWN_CODE", "code"],
    ["an unknown code", { code: coding("72514-3") }, "UNKNOWN_CODE", "code"],
    [
      "codes of two things",
      { code: { coding: [...coding("8867-4").coding, ...coding("9279-1").coding] } },
      "AMBIGUOUS_CODE",
      "code",
    ],
    ["a panel without parts", { code: coding("85354-9"), valueQuantity: undefined }, "VALUE_MISSING", "component"],
    ["no value", { valueQuantity: undefined }, "VALUE_MISSING", "value[x]"],
    ["an empty quantity", { valueQuantity: {} }, "VALUE_MISSING", "value[x]"],
    ["a value of another type", { valueQuantity: undefined, valueRange: {} }, "FIELD_TYPE", "valueRange"],
    ["a quantity in words", { valueQuantity: { value: "72", unit: "/min" } }, "FIELD_TYPE", "valueQuantity.value"],
    ["a quantity without a unit", { valueQuantity: { value: 72 } }, "UNKNOWN_UNIT", "valueQuantity.unit"],
    ["a list as quantity", { valueQuantity: [72] }, "FIELD_TYPE", "valueQuantity"],
    ["text for components", { component: "none" }, "FIELD_TYPE", "component"],
    ["a correction of nobody knows what", { status: "corrected", id: undefined }, "REPLACES", "id"],
    [
      "more components than a panel has",
      {
        component: Array.from({ length: 65 }, () => ({ code: coding("8867-4"), valueQuantity: quantity(72, "/min") })),
      },
      "TOO_MANY_READINGS",
      "component",
    ],
  ])("with %s is refused", (_name, overrides, rule, field) => {
    expect(only(buildObservation(overrides))).toMatchObject({ kind: "refusal", rule, field });
  });
});

describe("real FHIR Observations", () => {
  itShared("give each quantity of a known code as it stands, and both pressures of each panel", () => {
    const folder = requireShared("clinical/fhir-bundles");
    const kinds = { known: 0, pressures: 0, unknown: 0, other: 0 };
    for (const name of readdirSync(folder)) {
      const bundle = JSON.parse(gunzipSync(readFileSync(join(folder, name))).toString("utf8")) as {
        entry: { resource: Record<string, never> & { resourceType: string } }[];
      };
      for (const { resource } of bundle.entry) {
        if (resource.resourceType !== "Observation") continue;
        const found = resource as {
          code?: { coding: { code: string }[] };
          component?: unknown[];
          valueQuantity?: { value: number };
        };
        const readings = read(resource);
        const code = found.code?.coding[0]?.code ?? "";
        if (code === "85354-9") {
          kinds.pressures += 1;
          const [one, two] = readings as [Reading, Reading];
          expect(new Set([one.code.code, two.code.code])).toEqual(new Set(["8480-6", "8462-4"]));
          expect(Number(one.value) > 20 && Number(two.value) > 20).toBe(true);
        } else if (readings[0]?.kind === "reading") {
          kinds.known += 1;
          expect(Number(readings[0].originalValue)).toBe(found.valueQuantity?.value);
        } else if ((readings[0] as Refusal).rule === "UNKNOWN_CODE") kinds.unknown += 1;
        else kinds.other += 1;
      }
    }
    // Counted apart, by code alone.
    expect(kinds).toEqual({ known: 274, pressures: 59, unknown: 465, other: 0 });
  });
});
