import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SAMPLE_SYSTEM } from "../../src/domain/sample.js";
import { buildClinVar } from "../helpers/clinvar.js";
import { removeFolder, startService, type Service } from "../helpers/service.js";
import { buildVcf, writeVcf } from "../helpers/vcf.js";

const SNOMED = "http://snomed.info/sct";
const RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm";
const LOINC = "http://loinc.org";

const coded = (system: string, code: string): object => ({ coding: [{ system, code, display: `display of ${code}` }] });
const subject = (id: string): object => ({ subject: { reference: `Patient/${id}` } });
const sample = (value: string): object => ({ identifier: [{ system: SAMPLE_SYSTEM, value }] });
const verified = (code: string): object => ({ verificationStatus: { coding: [{ code }] } });

const PATIENTS = [
  { resourceType: "Patient", id: "anna", gender: "female", birthDate: "1950-06-15", ...sample("S1") },
  { resourceType: "Patient", id: "bert", gender: "male", birthDate: "2020", ...sample("S2") },
  { resourceType: "Patient", id: "carl", gender: "male", birthDate: "1990-01", deceasedBoolean: true },
  { resourceType: "Patient", id: "dora", gender: "female", ...sample("S3") },
  { resourceType: "Patient", id: "emil", gender: "male", ...sample("S3") },
  { resourceType: "Patient", id: "fred" },
];
const DIABETES = coded(SNOMED, "44054006");
const RECORDS = [
  { resourceType: "Condition", id: "c1", ...subject("anna"), code: DIABETES, ...verified("confirmed") },
  { resourceType: "Condition", id: "c2", ...subject("bert"), code: DIABETES, ...verified("refuted") },
  { resourceType: "Condition", id: "c3", ...subject("carl"), code: coded("urn:other", "44054006") },
  ...["active", "cancelled"].map((status, at) => ({
    ...{ resourceType: "MedicationRequest", id: `m${String(at)}`, status, intent: "order" },
    ...{ ...subject(at === 0 ? "anna" : "bert"), medicationCodeableConcept: coded(RXNORM, "11289") },
  })),
  { resourceType: "Encounter", id: "e1", ...subject("anna"), status: "finished", class: { code: "AMB" } },
  {
    ...{ resourceType: "Consent", id: "n1", status: "active", patient: { reference: "Patient/anna" } },
    ...{ scope: coded("urn:scope", "research"), provision: { type: "permit" } },
  },
  ...[1, 2, 3].map((day) => ({
    ...{ resourceType: "Observation", id: `o${String(day)}`, ...subject("anna"), status: "final" },
    ...{ code: coded(LOINC, "8480-6"), effectiveDateTime: `2024-03-0${String(day)}T08:00:00Z` },
    valueQuantity: { value: 110 + day * 10, unit: "mmHg", code: "mm[Hg]", system: "http://unitsofmeasure.org" },
  })),
  {
    ...{ resourceType: "Observation", id: "o9", ...subject("bert"), status: "entered-in-error" },
    ...{ code: coded(LOINC, "8480-6"), valueQuantity: { value: 300 } },
  },
];

let service: Service;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vitalome-people-"));
  service = await startService();
  // S1 carries the first allele, S2 the second, S3 both; nobody the third.
  const records = [
    "100 . A C 10 PASS . GT 0/1 0/0 1/1",
    "200 . A C 10 PASS . GT 0/0 0/1 0/1",
    "300 . A C 10 PASS . GT 0/0 0/0 0/0",
  ];
  const path = await writeVcf(folder, "people.vcf", buildVcf(records));
  const sheet = join(folder, "sheet.tsv");
  await writeFile(sheet, "sample\tsex\nS1\tfemale\nS2\tfemale\nS3\tmale\n");
  expect((await service.cli("ingest", path, "--samples", sheet, "--call-set", "panel")).code).toBe(0);
  const clinvar = await writeVcf(folder, "clinvar.vcf", buildClinVar(["100 1 A C CLNSIG=Pathogenic"]));
  expect((await service.cli("ingest-annotations", clinvar, "--source", "clinvar", "--release", "1")).code).toBe(0);
});

afterAll(async () => {
  expect(await service.stop()).toBe(0);
  await removeFolder(service.directory);
  await removeFolder(folder);
});

async function ingest(
  name: string,
  resources: readonly object[],
  ...options: readonly string[]
): Promise<Record<string, unknown> & { readonly exit: number | null }> {
  const path = join(folder, name);
  await writeFile(path, resources.map((resource) => `${JSON.stringify(resource)}\n`).join(""));
  const run = await service.cli("ingest-clinical", path, "--output", "json", ...options);
  return { ...run.lines()[0], exit: run.code };
}

async function ids(...filter: readonly object[]): Promise<string> {
  const { patients } = await service.query<{ patients: { nodes: { id: string }[]; count: { value: number } } }>(
    "query P($filter: [CohortCriterion!]) { patients(filter: $filter) { nodes { id } count(mode: EXACT) { value } } }",
    { filter },
  );
  expect(patients.count.value).toBe(patients.nodes.length);
  return patients.nodes.map(({ id }) => id).join(" ");
}

async function ask<T = Record<string, unknown>>(fields: string, id = "anna"): Promise<T> {
  const { patient } = await service.query<{ patient: T }>(`query P($id: ID!) { patient(id: $id) { ${fields} } }`, {
    id,
  });
  return patient;
}

describe("people", () => {
  it("are none before their records come, and one nobody knows is null", async () => {
    expect(await ids()).toBe("");
    expect(await ids({ variant: {} })).toBe("");
    expect(await ask("id")).toBeNull();
  });

  it("come with a ledger, and the same file again adds nothing", async () => {
    const first = await ingest("patients.ndjson", PATIENTS);
    expect(first).toMatchObject({ status: "accepted", recordsRead: 6, accepted: 6, balanced: true, exit: 0 });
    expect(await ingest("records.ndjson", RECORDS)).toMatchObject({ accepted: RECORDS.length, balanced: true });
    const again = await ingest("again.ndjson", [...RECORDS, ...PATIENTS]);
    expect(again).toMatchObject({ accepted: 0, duplicates: RECORDS.length + 6, balanced: true, snapshotId: null });
    expect(await ids()).toBe("anna bert carl dora emil fred");
  });

  it("are answered with everything that is on record of them", async () => {
    expect(
      await ask(`gender birthDate birthDateAbsentReason deceased simulated identifiers { system value }
        conditions { id code { system code display } verificationStatus provenance { sourceFile sourceLine } }
        medications { code { code } status intent } encounters { id class status } consents { scope decision }`),
    ).toEqual({
      gender: "female",
      birthDate: "1950-06-15",
      birthDateAbsentReason: null,
      deceased: null,
      simulated: false,
      identifiers: [{ system: SAMPLE_SYSTEM, value: "S1" }],
      conditions: [
        {
          id: "c1",
          code: { system: SNOMED, code: "44054006", display: "display of 44054006" },
          verificationStatus: "confirmed",
          provenance: { sourceFile: "records.ndjson", sourceLine: 1 },
        },
      ],
      medications: [{ code: { code: "11289" }, status: "active", intent: "order" }],
      encounters: [{ id: "e1", class: "AMB", status: "finished" }],
      consents: [{ scope: "research", decision: "permit" }],
    });
  });

  it("do not have a condition that was refuted, unless all records are asked for", async () => {
    expect(
      await ask("conditions { id } all: conditions(includeRefuted: true) { id verificationStatus }", "bert"),
    ).toEqual({ conditions: [], all: [{ id: "c2", verificationStatus: "refuted" }] });
  });

  it("have observations by time, the newest first, in pages and by code and day", async () => {
    interface Answer {
      readonly observations: {
        readonly nodes: readonly { readonly id: string }[];
        readonly pageInfo: { readonly endCursor: string; readonly hasNextPage: boolean };
      };
    }
    const page = async (args: string): Promise<Answer["observations"]> =>
      (
        await ask<Answer>(
          `observations(${args}) { nodes { id valueQuantity { value code } } pageInfo { endCursor hasNextPage } }`,
        )
      ).observations;
    const first = await page("first: 2");
    expect(first).toMatchObject({
      nodes: [
        { id: "o3", valueQuantity: { value: 140, code: "mm[Hg]" } },
        { id: "o2", valueQuantity: { value: 130 } },
      ],
      pageInfo: { hasNextPage: true },
    });
    const rest = await page(`first: 2, after: "${first.pageInfo.endCursor}"`);
    expect(rest).toMatchObject({ nodes: [{ id: "o1" }], pageInfo: { hasNextPage: false } });
    const day = await page(`code: [{ code: "8480-6" }], effective: { from: "2024-03-02", to: "2024-03-02" }`);
    expect(day.nodes.map(({ id }) => id)).toEqual(["o2"]);
    expect((await page(`code: [{ code: "8462-4" }]`)).nodes).toEqual([]);
    expect(await ask("observations { nodes { id } }", "bert")).toEqual({ observations: { nodes: [] } });
  });

  it("are found by condition, drug, observation and gender; what was refuted or cancelled never matches", async () => {
    expect(await ids({ condition: { system: SNOMED, code: "44054006" } })).toBe("anna");
    expect(await ids({ condition: { code: "44054006" } })).toBe("anna carl");
    expect(await ids({ condition: { code: "4405400" } })).toBe("");
    expect(await ids({ condition: { code: "44054006" }, not: true })).toBe("bert dora emil fred");
    expect(await ids({ medication: { code: "11289" } })).toBe("anna");
    expect(await ids({ observation: { code: { code: "8480-6" }, value: { gte: 140 } } })).toBe("anna");
    expect(await ids({ observation: { code: { code: "8480-6" }, value: { gt: 140 } } })).toBe("");
    expect(
      await ids({ observation: { code: { code: "8480-6" }, effective: { from: "2024-03-03" }, value: { lt: 140 } } }),
    ).toBe("");
    expect(await ids({ gender: ["male"] })).toBe("bert carl emil");
    expect(await ids({ gender: ["male"] }, { condition: { code: "44054006" } })).toBe("carl");
  });

  it("whose gender or age is not known match neither a question nor its opposite", async () => {
    expect(await ids({ gender: ["male"], not: true })).toBe("anna dora");
    expect(await ids({ ageYears: { gte: 60 } })).toBe("anna");
    expect(await ids({ ageYears: { gte: 60 }, not: true })).toBe("bert");
    expect(await ids({ ageYears: { gte: 60, includeMissing: true } })).toBe("anna carl dora emil fred");
  });

  it("of whose birth only the year is known are of unknown age where the day decides", async () => {
    const year = new Date().getUTCFullYear() - 2020;
    expect(await ids({ ageYears: { gte: year - 1 } })).toContain("bert");
    const found = await Promise.all([
      ids({ ageYears: { gte: year } }),
      ids({ ageYears: { lt: year } }),
      ids({ ageYears: { gte: year }, not: true }),
    ]);
    const today = new Date().toISOString().slice(5, 10);
    if (today !== "12-31") expect(found.filter((people) => people.includes("bert"))).toEqual([]);
  });

  it("own the samples that a record gives to them alone", async () => {
    const fields =
      "samples sampleLinks { sampleId status sheetSex sexMismatch patients { id } statements { statedBy } }";
    expect(await ask(fields)).toMatchObject({
      samples: ["S1"],
      sampleLinks: [
        { sampleId: "S1", status: "LINKED", sheetSex: "female", sexMismatch: false, patients: [{ id: "anna" }] },
      ],
    });
    expect(await ask(fields, "bert")).toMatchObject({ sampleLinks: [{ sheetSex: "female", sexMismatch: true }] });
    expect(await ask(fields, "dora")).toMatchObject({
      samples: [],
      sampleLinks: [{ status: "AMBIGUOUS", sexMismatch: null, patients: [{ id: "dora" }, { id: "emil" }] }],
    });
    expect(await ask(fields, "fred")).toEqual({ samples: [], sampleLinks: [] });
  });

  it("carry the variants of their samples; a sample two people claim gives none to either", async () => {
    const fields = "variants { nodes { id genotypes(first: 1) { nodes { zygosity } } } count(mode: EXACT) { value } }";
    expect(await ask(fields)).toMatchObject({ variants: { nodes: [{ id: "GRCh38:1-100-A-C" }], count: { value: 1 } } });
    expect(await ask(fields, "bert")).toMatchObject({ variants: { nodes: [{ id: "GRCh38:1-200-A-C" }] } });
    expect(await ask(fields, "dora")).toMatchObject({ variants: { nodes: [], count: { value: 0 } } });
    expect(await ask('variants(filter: { clinicalSignificance: ["P/LP"] }) { nodes { id } }', "bert")).toEqual({
      variants: { nodes: [] },
    });
  });

  it("are named by a genotype that is one person's, and a contested one says who claims it", async () => {
    const { variant } = await service.query<{ variant: { variant: { genotypes: unknown } } }>(
      `{ variant(id: { id: "1-100-A-C", assemblyId: GRCh38 }) { variant { genotypes {
         nodes { sampleId patient { id gender } sampleLink { status patients { id } } } } } } }`,
    );
    expect(variant.variant.genotypes).toEqual({
      nodes: [
        {
          sampleId: "S1",
          patient: { id: "anna", gender: "female" },
          sampleLink: { status: "LINKED", patients: [{ id: "anna" }] },
        },
        {
          sampleId: "S3",
          patient: null,
          sampleLink: { status: "AMBIGUOUS", patients: [{ id: "dora" }, { id: "emil" }] },
        },
      ],
    });
  });

  it("restrict genotypes and variants that are asked for by person", async () => {
    const { variant, variants } = await service.query<Record<string, unknown>>(
      `{ variant(id: { id: "1-100-A-C", assemblyId: GRCh38 }) {
           variant { genotypes(patientIds: ["anna", "bert"]) { nodes { sampleId zygosity } } } }
         variants(filter: { subject: { patientIds: ["anna"] } }) { nodes { id } } }`,
    );
    expect(variant).toEqual({
      variant: {
        genotypes: {
          nodes: [
            { sampleId: "S1", zygosity: "HET" },
            { sampleId: "S2", zygosity: "HOM_REF" },
          ],
        },
      },
    });
    expect(variants).toEqual({ nodes: [{ id: "GRCh38:1-100-A-C" }] });
    await expect(
      service.query('{ variants(filter: { subject: { patientIds: ["nobody"] } }) { nodes { id } } }'),
    ).rejects.toThrow("there is no patient nobody in this snapshot");
    await expect(service.query("{ variants(filter: { subject: {} }) { nodes { id } } }")).rejects.toThrow(
      "filter.subject: expected sampleIds or patientIds",
    );
  });

  it("are found by what they carry; who has no sample is neither a carrier nor the opposite", async () => {
    const pathogenic = { variant: { clinicalSignificance: ["P/LP"] } };
    expect(await ids(pathogenic)).toBe("anna");
    expect(await ids({ ...pathogenic, not: true })).toBe("bert");
    expect(await ids({ variant: { ids: ["1-300-A-C"] }, not: true })).toBe("anna bert");
    // Nobody looked at 1-400: absent is not reference.
    expect(await ids({ variant: { ids: ["1-400-A-C"] }, not: true })).toBe("");
    expect(await ids({ sampleIds: ["S2", "S3"] })).toBe("bert");
  });

  it("are listed in pages that neither skip nor repeat while records are published", async () => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { patients }: PeoplePage = await service.query<PeoplePage>(
        "query P($after: Cursor) { patients(first: 2, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } }",
        { after },
      );
      seen.push(...patients.nodes.map(({ id }) => id));
      after = patients.pageInfo.hasNextPage ? patients.pageInfo.endCursor : null;
      if (seen.length === 2) await ingest("late.ndjson", [{ resourceType: "Patient", id: "aaron" }]);
    } while (after !== null);
    expect(seen).toEqual(["anna", "bert", "carl", "dora", "emil", "fred"]);
    expect(await ids()).toBe("aaron anna bert carl dora emil fred");
  });

  it("keep the latest version of a record; an older one is counted, a contradiction goes to quarantine", async () => {
    const version = (day: number, gender: string): object => ({
      ...{ resourceType: "Patient", id: "fred", gender, birthDate: "1970" },
      meta: { lastUpdated: `2024-01-0${String(day)}T00:00:00Z` },
    });
    expect(await ingest("v2.ndjson", [version(2, "male")])).toMatchObject({ accepted: 1 });
    expect(await ask("gender birthDate", "fred")).toEqual({ gender: "male", birthDate: "1970" });
    expect(await ids()).toBe("aaron anna bert carl dora emil fred");
    const older = await ingest("v1.ndjson", [version(1, "other")]);
    expect(older).toMatchObject({ accepted: 0, filteredByRule: { OLDER_VERSION: 1 }, balanced: true });
    const conflict = await ingest("v2b.ndjson", [version(2, "female")], "--strict");
    expect(conflict).toMatchObject({ exit: 3, quarantinedByRule: { CONFLICTING_DUPLICATE: 1 }, balanced: true });
    const kept = await readFile(join(service.directory, String(conflict["quarantineUri"])), "utf8");
    expect(JSON.parse(kept)).toMatchObject({
      source: "v2b.ndjson",
      line: 1,
      rule: "CONFLICTING_DUPLICATE",
      field: "id",
    });
    expect(await ask("gender", "fred")).toEqual({ gender: "male" });
  });

  it("of a table belong to those known by the named system; the rest goes to quarantine with its line", async () => {
    const path = join(folder, "subjects.tsv");
    await writeFile(
      path,
      "Subject id\tSex\tCholesterol-0.0\nS1\tfemale\t5.1\nS9\tmale\t1\nS3\tmale\t2\nS2\tfemale\t2\n",
    );
    const run = await service.cli("ingest-clinical", path, "--subject-system", SAMPLE_SYSTEM, "--output", "json");
    expect(run.lines()).toMatchObject([
      {
        recordsRead: 4,
        accepted: 1,
        quarantinedByRule: { UNKNOWN_SUBJECT: 1, AMBIGUOUS_SUBJECT: 1, SEX_MISMATCH: 1 },
        balanced: true,
      },
    ]);
    expect(
      await ask('observations(code: [{ code: "Cholesterol-0.0" }]) { nodes { valueQuantity { value unit } } }'),
    ).toEqual({
      observations: { nodes: [{ valueQuantity: { value: 5.1, unit: null } }] },
    });
  });

  it.each([
    ['patients(filter: [{ gender: ["F"] }]) { nodes { id } }', "filter.0.gender: expected male"],
    ['patients(filter: [{ condition: { code: "" } }]) { nodes { id } }', "filter.0.condition.code"],
    ['patients(filter: [{ condition: { code: "a|b" } }]) { nodes { id } }', "filter.0.condition.code"],
    ["patients(first: 0) { nodes { id } }", "first: expected a whole number"],
    ['patients(snapshotId: "x") { nodes { id } }', "there is no such snapshot"],
    [
      'patients(filter: [{ observation: { code: { code: "a" }, effective: { from: "2024" } } }]) { nodes { id } }',
      "filter.0.observation.effective.from: expected a day",
    ],
    [
      'patients(filter: [{ variant: { regions: [{ referenceName: "1", start: 0, end: 1, assemblyId: GRCh38 }] } }]) { nodes { id } }',
      "filter.0.variant.regions.0.start",
    ],
  ])("names the field that is wrong: %s", async (question, message) => {
    await expect(service.query(`{ ${question} }`)).rejects.toThrow(message);
  });

  it("are not in a store where all files were refused", async () => {
    const path = join(folder, "nothing.json");
    await writeFile(path, "[1]");
    const run = await service.cli("ingest-clinical", path, "--output", "json");
    expect(run.code).toBe(1);
    expect(run.lines()).toMatchObject([{ status: "refused", code: "INGEST_REJECTED", line: 1, field: "record" }]);
  });
});

interface PeoplePage {
  readonly patients: {
    readonly nodes: readonly { readonly id: string }[];
    readonly pageInfo: { readonly endCursor: string; readonly hasNextPage: boolean };
  };
}
