import { describe, expect, it } from "@jest/globals";
import { gzipSync } from "node:zlib";
import { CLINICAL_RULES } from "../../../../src/ingest/sources/clinical/index.js";
import { collect, ndjson } from "./collect.js";

const SAMPLES = "https://example.org/samples";
const PATIENT = { resourceType: "Patient", id: "p1" };
const OWNED = { subject: { reference: "Patient/p1" } };
const CODED = { code: { coding: [{ system: "http://snomed.info/sct", code: "44054006", display: "Diabetes" }] } };
const CONDITION = { resourceType: "Condition", id: "c1", ...OWNED, ...CODED };
const OBSERVATION = { resourceType: "Observation", id: "o1", status: "final", ...OWNED, ...CODED };

async function ruleOf(resource: object): Promise<string> {
  const { rejected, records } = await collect(ndjson(PATIENT, resource));
  expect(records).toHaveLength(2 - rejected.length);
  for (const { rule, expected, line } of rejected) {
    expect(expected).toBe(CLINICAL_RULES[rule as keyof typeof CLINICAL_RULES]);
    expect(line).toBe(2);
  }
  return rejected.map(({ rule, field }) => `${rule} ${field}`).join(", ");
}

describe("FHIR as NDJSON", () => {
  it("keeps a patient with identifiers, and says why there is no birth date", async () => {
    const { records } = await collect(
      ndjson({
        ...PATIENT,
        gender: "female",
        meta: { lastUpdated: "2024-02-29T10:00:00Z", tag: [{ code: "SIMULATED" }] },
        deceasedDateTime: "2020-05",
        identifier: [{ system: "urn:x", value: "1" }, { value: "2" }],
      }),
    );
    expect(records).toMatchObject([
      {
        line: 1,
        lastUpdated: "2024-02-29T10:00:00Z",
        simulated: true,
        rows: [
          {
            table: "patients",
            row: {
              ...{ id: "p1", gender: "female", birth_date: null, birth_date_absent: "unknown", deceased: true },
              deceased_at: "2020-05",
              identifiers: '[{"system":"urn:x","value":"1"},{"system":"","value":"2"}]',
            },
          },
        ],
      },
    ]);
  });

  it("links a sample where an identifier of a named system says so, and nowhere else", async () => {
    const identifier = [
      { system: SAMPLES, value: "S1" },
      { system: "urn:mrn", value: "S2" },
    ];
    const specimen = { resourceType: "Specimen", id: "s", ...OWNED, identifier };
    const text = ndjson({ ...PATIENT, identifier }, specimen, { ...specimen, identifier: [] });
    const { records, filtered } = await collect(text, { sampleSystems: [SAMPLES] });
    const links = records.flatMap(({ rows }) => rows.filter(({ table }) => table === "links"));
    expect(links.map(({ row }) => row)).toEqual([
      { patient_id: "p1", id: "S1", system: SAMPLES, stated_by: "Patient.identifier" },
      { patient_id: "p1", id: "S1", system: SAMPLES, stated_by: "Specimen.identifier" },
    ]);
    expect(filtered).toEqual(["NO_SAMPLE_IDENTIFIER"]);
  });

  it("keeps every kind of record it knows and counts the others by kind", async () => {
    const drug = { medicationCodeableConcept: { text: "warfarin" }, intent: "order", status: "active" };
    const { records, filtered } = await collect(
      ndjson(
        CONDITION,
        { resourceType: "MedicationRequest", id: "m1", ...OWNED, ...drug },
        { resourceType: "Encounter", id: "e1", ...OWNED, status: "finished", class: { code: "AMB" } },
        { resourceType: "Consent", id: "n1", patient: OWNED.subject, status: "active", provision: { type: "permit" } },
        OBSERVATION,
        { resourceType: "Claim", id: "x" },
      ),
    );
    expect(records.map(({ rows }) => rows.map(({ table }) => table).join())).toEqual([
      ...["conditions", "medications", "encounters", "consents", "observations"],
    ]);
    expect(filtered).toEqual(["UNSUPPORTED_RESOURCE: Claim"]);
  });

  it("keeps the parts of a panel, and a value that is absent with its reason", async () => {
    const part = { code: CODED.code, valueQuantity: { value: 120, unit: "mm[Hg]", code: "mm[Hg]", system: "u" } };
    const { records } = await collect(
      ndjson({ ...OBSERVATION, component: [part], dataAbsentReason: { coding: [{ code: "unknown" }] } }),
    );
    const row = records[0]?.rows[0]?.row;
    expect(row).toMatchObject({ value: null, data_absent_reason: "unknown" });
    expect(JSON.parse(String(row?.["components"]))).toMatchObject([
      { value: 120, unit: "mm[Hg]", unit_code: "mm[Hg]", unit_system: "u", codings: [{ code: "44054006" }] },
    ]);
  });

  it.each([
    [{ ...PATIENT, id: "a b" }, "ID id"],
    [{ ...PATIENT, id: undefined }, "ID id"],
    [{ ...PATIENT, gender: "F" }, "CODE gender"],
    [{ ...PATIENT, birthDate: "1980-02-30" }, "DATE birthDate"],
    [{ ...PATIENT, birthDate: "80" }, "DATE birthDate"],
    [{ ...PATIENT, birthDate: 1980 }, "TYPE birthDate"],
    [{ ...PATIENT, identifier: [{ value: "a\u0000b" }] }, "ENCODING identifier[0].value"],
    [{ ...PATIENT, identifier: "x" }, "TYPE identifier"],
    [{ id: "p1" }, "RESOURCE_TYPE resourceType"],
    [{ ...CONDITION, subject: { reference: "Group/1" } }, "REFERENCE subject"],
    [{ ...CONDITION, subject: undefined }, "REFERENCE subject"],
    [{ ...CONDITION, code: undefined }, "CODING code"],
    [{ ...CONDITION, verificationStatus: { coding: [{ code: "maybe" }] } }, "CODE verificationStatus"],
    [{ ...OBSERVATION, status: undefined }, "CODE status"],
    [{ ...OBSERVATION, valueQuantity: { value: "5" } }, "NUMBER valueQuantity.value"],
    [{ ...OBSERVATION, effectiveDateTime: "2024-01-01T25:00:00Z" }, "DATE effectiveDateTime"],
  ])("puts %j to quarantine: %s", async (resource, rule) => {
    expect(await ruleOf(resource)).toBe(rule);
  });

  it("puts a record that is nested without end to quarantine, and refuses such a document", async () => {
    const nested = (levels: number): string => `${'{"a":['.repeat(levels)}${"]}".repeat(levels)}`;
    const consent = (levels: number): string =>
      `{"resourceType":"Consent","id":"n${String(levels)}","status":"active","patient":{"reference":"Patient/p1"},"provision":${nested(levels)}}`;
    const { records, rejected } = await collect([consent(99), consent(100), consent(50_000)].join("\n"));
    expect(records).toHaveLength(1);
    expect(rejected.map(({ line, rule }) => [line, rule])).toEqual([
      [2, "DEPTH"],
      [3, "DEPTH"],
    ]);
    await expect(collect(`{\n"a":${nested(50_000)}}`)).rejects.toThrow("nested at most 200 levels");
  });

  it("counts lines on behind a Bundle that stands on one of them", async () => {
    const bundle = { resourceType: "Bundle", entry: [1, 2, 3].map(() => ({ resource: PATIENT })) };
    const { records } = await collect(ndjson(PATIENT, bundle, PATIENT));
    expect(records.map(({ line }) => line)).toEqual([1, 1, 2, 3, 3]);
  });

  it("does not take the names of what every object has for a kind of record", async () => {
    const { filtered } = await collect(ndjson({ resourceType: "constructor" }, { resourceType: "__proto__" }));
    expect(filtered).toEqual(["UNSUPPORTED_RESOURCE: constructor", "UNSUPPORTED_RESOURCE: __proto__"]);
  });

  it("puts a line that is no object, or no UTF-8, to quarantine with its text", async () => {
    const bad = Buffer.concat([Buffer.from('{"resourceType":"Patient"\n[]\n'), Buffer.from([0x22, 0xff, 0x22, 0x0a])]);
    const { rejected, records } = await collect(Buffer.concat([Buffer.from(ndjson(PATIENT)), bad]));
    expect(records).toHaveLength(1);
    expect(rejected.map(({ line, rule, raw }) => [line, rule, raw])).toEqual([
      [2, "JSON", '{"resourceType":"Patient"'],
      [3, "JSON", "[]"],
      [4, "ENCODING", '"\uFFFD"'],
    ]);
  });

  it("reads text that is compressed, begins with a mark, or ends without a line break", async () => {
    for (const text of [gzipSync(ndjson(PATIENT)), `\uFEFF${ndjson(PATIENT)}`, JSON.stringify(PATIENT)]) {
      expect((await collect(text)).records).toHaveLength(1);
    }
  });
});

describe("a FHIR Bundle", () => {
  const full = "urn:uuid:0b1c";
  const bundle = {
    resourceType: "Bundle",
    type: "transaction",
    entry: [
      { fullUrl: full, resource: PATIENT },
      { resource: { ...CONDITION, subject: { reference: full } } },
      { resource: { ...CONDITION, id: "c2", subject: { reference: "urn:uuid:nobody" } } },
    ],
  };

  it.each([
    ["one line", JSON.stringify(bundle)],
    ["many lines", JSON.stringify(bundle, null, 2)],
  ])("of %s is read entry by entry, and its references are followed", async (_name, text) => {
    const { records, rejected, recordsRead } = await collect(text);
    expect(recordsRead).toBe(3);
    expect(records.map(({ line, rows }) => [line, rows[0]?.row["patient_id"]])).toEqual([
      [1, "p1"],
      [2, "p1"],
    ]);
    expect(rejected).toMatchObject([{ line: 3, field: "entry[2].subject", rule: "REFERENCE" }]);
  });

  it.each([
    ["", "the file is empty"],
    ['{\n  "resourceType": "Bundle",\n', "Bundle: expected JSON"],
    ["[1, 2]\n", "a line that begins with {"],
    ['{"resourceType":"Bundle","entry":{}}\n', "entry: expected a list of entries"],
  ])("that is none is refused: %j", async (text, message) => {
    await expect(collect(text)).rejects.toMatchObject({
      code: "INGEST_REJECTED",
      message: expect.stringContaining(message) as unknown as string,
    });
  });
});
