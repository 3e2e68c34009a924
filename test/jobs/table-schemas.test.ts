import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createEmbeddedFiles } from "../../src/backend/embedded/files.js";
import { systemClock } from "../../src/clock.js";
import { SAMPLE_SYSTEM } from "../../src/domain/sample.js";
import { openEngine, quoteText, type Engine } from "../../src/engine/duckdb.js";
import { stagedFolder, stagedLine, stagedPath } from "../../src/jobs/compact-log/staged-events.js";
import { rawFileName } from "../../src/jobs/parameters.js";
import { runJob } from "../../src/jobs/run.js";
import { publishRun } from "../../src/lake/publish.js";
import { openSnapshots, type Snapshots } from "../../src/lake/snapshots.js";
import { createLog } from "../../src/log.js";
import { buildClinVar } from "../helpers/clinvar.js";
import { buildJob } from "../helpers/live-log.js";
import { buildWindow } from "../helpers/build.js";
import { buildAlert, buildReading } from "../helpers/live-views.js";
import { buildVcf } from "../helpers/vcf.js";

/** Both profiles write the same columns: the schemas of record are those of the embedded profile's own files. */
const SCHEMAS = resolve(import.meta.dirname, "../../pyspark/batch/schemas");
const TYPES: Readonly<Record<string, string>> = {
  string: "VARCHAR",
  int: "INTEGER",
  bigint: "BIGINT",
  double: "DOUBLE",
  boolean: "BOOLEAN",
  date: "DATE",
  "array<int>": "INTEGER[]",
  "array<string>": "VARCHAR[]",
};

interface Schema {
  readonly table: string;
  readonly columns: readonly { readonly name: string; readonly type: string; readonly nullable: boolean }[];
}

const VCF = buildVcf([
  "100 rs1 A C 10 PASS . GT 0/1 0/0 1/1",
  "200 . A <DEL> 10 PASS END=300 GT 0/1 0/0 0/0",
  "400 . A . 10 PASS . GT 0/0 0/0 0/0",
]);
const GENES = "chrom\tstart\tend\tensembl_id\tsymbol\tdescription\nchr1\t50\t150\tENSG1\tAAA\tfirst\n";
const DISEASES = "symbol\tdisease\tvariants\nAAA\tMONDO:0000001|Some disease\t3\n";
const coded = { coding: [{ system: "urn:a", code: "b", display: "c" }] };
const subject = { reference: "Patient/anna" };
const PEOPLE = [
  { resourceType: "Patient", id: "anna", identifier: [{ system: SAMPLE_SYSTEM, value: "S1" }] },
  { resourceType: "Condition", id: "c", subject, code: coded },
  {
    resourceType: "MedicationRequest",
    id: "m",
    status: "active",
    intent: "order",
    subject,
    medicationCodeableConcept: coded,
  },
  { resourceType: "Encounter", id: "e", subject, status: "finished", class: { code: "AMB" } },
  { resourceType: "Consent", id: "n", status: "active", patient: subject, scope: coded, provision: { type: "permit" } },
  { resourceType: "Observation", id: "o", subject, status: "final", code: coded, valueQuantity: { value: 1 } },
];

let root: string;
let engine: Engine;
let snapshots: Snapshots;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "vitalome-schemas-"));
  const files = await createEmbeddedFiles({ root });
  snapshots = await openSnapshots(files, createLog("error"));
  engine = await openEngine({
    database: ":memory:",
    directories: [root],
    spillDirectory: null,
    memoryLimit: "500MB",
    threads: 1,
  });
  const put = async (name: string, text: string): Promise<string> => {
    const sha256 = createHash("sha256").update(text).digest("hex");
    await mkdir(join(root, "raw", sha256), { recursive: true });
    await writeFile(join(root, "raw", sha256, rawFileName(name)), text);
    return `raw:${sha256}/${name}`;
  };
  const run = async (id: string, kind: string, parameters: Record<string, unknown>): Promise<void> => {
    const spec = { id, kind, parameters, baseSnapshot: snapshots.latest().snapshot, submittedBy: "test" };
    const { add, remove } = await runJob(spec, {
      ...{ files, snapshots, clock: systemClock, root, memoryLimit: "500MB", threads: 1 },
      ...{ signal: new AbortController().signal, progress: () => undefined, log: () => undefined },
    });
    const change = { jobId: id, kind, baseSnapshot: spec.baseSnapshot, remove };
    await publishRun(
      { files, snapshots, clock: systemClock },
      { ...change, add: add.map((file) => ({ ...file, indexes: [] })) },
    );
  };
  const none = { callSet: null, callSetKind: null, samplesUri: null, referenceUri: null, minQual: null };
  const filters = { passOnly: false, minAf: null, maxAf: null, dryRun: false };
  await run("v", "ingest-variants", { uris: [await put("a.vcf", VCF)], assemblyId: null, ...none, ...filters });
  const release = { source: "one", version: "1", assemblyId: "GRCh38", releasedAt: null };
  const knowledge = [
    ["genes.tsv", GENES],
    ["diseases.tsv", DISEASES],
    ["clinvar.vcf", buildClinVar(["100 11 A C CLNSIG=Pathogenic;CLNREVSTAT=practice_guideline"])],
  ] as const;
  const uris = await Promise.all(knowledge.map(async ([name, text]) => put(name, text)));
  await run("a", "ingest-annotations", { uris, ...release });
  const people = await put("p.ndjson", PEOPLE.map((one) => `${JSON.stringify(one)}\n`).join(""));
  await run("c", "ingest-clinical", { uris: [people], sampleSystems: [SAMPLE_SYSTEM], subjectSystem: null });
  await run("n", "annotate-variants", {});
  const logged = {
    "vitals.accepted.v1": buildReading(),
    "vitals.windowed.v1": buildWindow(),
    "alert.transitioned.v1": {
      schema: 1,
      kind: "changed",
      alert: buildAlert(),
      step: {},
      commandId: null,
      input: null,
    },
    "job.changed.v1": { schema: 1, job: buildJob() },
  };
  await mkdir(join(root, stagedFolder("l")), { recursive: true });
  for (const [topic, value] of Object.entries(logged))
    await writeFile(join(root, stagedPath("l", topic)), stagedLine({ partition: 0, offset: 0n, at: 0, value }));
  const all = (offset: string): object => Object.fromEntries(Object.keys(logged).map((topic) => [topic, [offset]]));
  await run("l", "compact-log", { from: all("0"), to: all("1") });
}, 120_000);

afterAll(async () => {
  engine.close();
  await rm(root, { recursive: true, force: true });
});

describe("schemas of record", () => {
  it("are there for every table the jobs write, and for no other", async () => {
    const named = (await readdir(SCHEMAS)).map((name) => name.replace(/\.json$/, "")).sort();
    expect(Object.keys(snapshots.latest().tables).sort()).toEqual(named);
  });

  it("are the columns, types and order of what the embedded jobs write", async () => {
    for (const [table, { files }] of Object.entries(snapshots.latest().tables)) {
      const schema = JSON.parse(await readFile(join(SCHEMAS, `${table}.json`), "utf8")) as Schema;
      for (const { path } of files) {
        const source = `read_parquet(${quoteText(join(root, path))})`;
        const found = await engine.rows(`SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${source})`);
        expect([table, found.map((row) => [row["column_name"], row["column_type"]])]).toEqual([
          table,
          schema.columns.map(({ name, type }) => [name, TYPES[type]]),
        ]);
      }
    }
  });

  it("say of no column that it is never null where it may be", async () => {
    for (const [table, { files }] of Object.entries(snapshots.latest().tables)) {
      const schema = JSON.parse(await readFile(join(SCHEMAS, `${table}.json`), "utf8")) as Schema;
      const certain = schema.columns.filter(({ nullable }) => !nullable).map(({ name }) => name);
      for (const { path } of files) {
        const counts = certain.map((name) => `count(*) FILTER (WHERE "${name}" IS NULL) AS "${name}"`).join(", ");
        const [row] = await engine.rows(`SELECT ${counts} FROM read_parquet(${quoteText(join(root, path))})`);
        expect([table, Object.entries(row ?? {}).filter(([, nulls]) => Number(nulls) > 0)]).toEqual([table, []]);
      }
    }
  });
});
