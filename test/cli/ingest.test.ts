import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ensureBuilt } from "../helpers/built.js";
import { runCli, type CliRun } from "../helpers/service.js";
import { fault, startStandIn, TOKEN, type Answer, type Answers, type StandIn } from "./stand-in.js";

const BIN = resolve(import.meta.dirname, "../../bin/vitalome");

function ledger(overrides: object = {}): object {
  const alleles = {
    read: 12,
    accepted: 9,
    filtered: [],
    quarantined: [{ rule: "ALT_SYNTAX", count: 3 }],
    duplicates: 0,
    balanced: true,
  };
  return {
    recordsRead: 10,
    accepted: 4,
    filtered: [{ rule: "MIN_QUAL", count: 2 }],
    quarantined: [
      { rule: "QUAL_SYNTAX", count: 1 },
      { rule: "POS_SYNTAX", count: 2 },
    ],
    duplicates: 1,
    late: 0,
    balanced: true,
    quarantineUri: "quarantine/j/0.ndjson",
    alleles,
    samples: [{ source: "a.vcf", position: "line 9", reason: "QUAL_SYNTAX", raw: "chr1" }],
    ...overrides,
  };
}

function accepted(file: string, overrides: object = {}): object {
  const nothing = { code: null, message: null, line: null, field: null, expected: null };
  return { file, status: "ACCEPTED", ...nothing, callSetId: "cs-1", ledger: ledger(overrides) };
}

const REFUSED = {
  file: "b.vcf",
  status: "REFUSED",
  code: "INGEST_REJECTED",
  message: "line 1, ##fileformat: expected another",
  line: 1,
  field: "##fileformat",
  expected: "##fileformat=VCFv4.5",
  callSetId: null,
  ledger: null,
};

function buildJob(overrides: object = {}): Answer {
  const base = {
    id: "job-1",
    state: "COMPLETE",
    progress: 1,
    stage: null,
    error: null,
    outputs: [{ snapshotId: "7" }],
  };
  return { data: { job: { ...base, estimate: null, fileLedgers: [], ...overrides } } };
}

function answering(job: Answer): Answers {
  return { Ingest: { data: { submitted: { id: "job-1", state: "QUEUED" } } }, Follow: job, Result: job };
}

let folder: string;
let file: string;
let other: string;
let standIn: StandIn | null = null;

beforeAll(async () => {
  await ensureBuilt();
  folder = await mkdtemp(join(tmpdir(), "vitalome-cli-"));
  await mkdir(join(folder, "deep"));
  file = join(folder, "deep", "a b.vcf");
  other = join(folder, "b.vcf");
  await writeFile(file, "first");
  await writeFile(other, "");
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(async () => {
  await standIn?.close();
  standIn = null;
});

async function ingest(answers: Answers, ...args: string[]): Promise<CliRun> {
  standIn = await startStandIn(answers);
  return runCli(["ingest", ...args, "--url", standIn.url, "--token", TOKEN]);
}

describe("vitalome ingest", () => {
  it("uploads every file under its base name and submits them as one job, in the order given", async () => {
    const run = await ingest(
      answering(buildJob({ fileLedgers: [accepted("a b.vcf"), accepted("b.vcf")] })),
      file,
      other,
      "--samples",
      other,
      "--min-af",
      "0.01",
      "--idempotency-key",
      "k",
    );
    expect(run.code).toBe(0);
    expect(standIn?.asked.uploads).toEqual([
      { name: "a b.vcf", bytes: 5 },
      { name: "b.vcf", bytes: 0 },
      { name: "b.vcf", bytes: 0 },
    ]);
    expect(standIn?.asked.operations[0]?.variables["input"]).toEqual({
      uris: ["raw:1/a b.vcf", "raw:2/b.vcf"],
      format: "VCF",
      assemblyId: null,
      callSet: null,
      callSetKind: null,
      samplesUri: "raw:3/b.vcf",
      referenceUri: null,
      minQual: null,
      passOnly: false,
      minAf: 0.01,
      maxAf: null,
      dryRun: false,
      idempotencyKey: "k",
    });
  });

  it("prints one JSON line per file with plain totals and counts by rule, and nothing else on standard output", async () => {
    const run = await ingest(answering(buildJob({ fileLedgers: [accepted("a b.vcf")] })), file);
    expect(run.stdout.trim().split("\n")).toHaveLength(1);
    expect(run.lines()[0]).toEqual({
      file: "a b.vcf",
      status: "accepted",
      callSetId: "cs-1",
      recordsRead: 10,
      accepted: 4,
      filtered: 2,
      quarantined: 3,
      duplicates: 1,
      late: 0,
      balanced: true,
      filteredByRule: { MIN_QUAL: 2 },
      quarantinedByRule: { QUAL_SYNTAX: 1, POS_SYNTAX: 2 },
      alleles: { read: 12, accepted: 9, filtered: 0, quarantined: 3, duplicates: 0, balanced: true },
      quarantineUri: "quarantine/j/0.ndjson",
      quarantineSamples: [{ source: "a.vcf", position: "line 9", reason: "QUAL_SYNTAX", raw: "chr1" }],
      jobId: "job-1",
      snapshotId: "7",
    });
  });

  it("ends with 1 when a file was refused, and names code, line, field and what was expected", async () => {
    const run = await ingest(answering(buildJob({ fileLedgers: [accepted("a b.vcf"), REFUSED] })), file, other);
    expect(run.code).toBe(1);
    expect(run.lines().map((line) => line["status"])).toEqual(["accepted", "refused"]);
    const { code, message, line, field, expected } = REFUSED;
    expect(run.lines()[1]).toEqual({
      file: "b.vcf",
      status: "refused",
      code,
      message,
      line,
      field,
      expected,
      jobId: "job-1",
    });
  });

  it("ends with 1 when the job failed, with a line for each file", async () => {
    const error = { code: "EXECUTOR_ERROR", message: "the job failed", retryable: true };
    const run = await ingest(answering(buildJob({ state: "EXECUTOR_ERROR", error, outputs: [] })), file, other);
    expect(run.code).toBe(1);
    expect(run.lines()).toEqual(
      ["a b.vcf", "b.vcf"].map((name) => ({
        file: name,
        status: "failed",
        code: error.code,
        message: error.message,
        jobId: "job-1",
      })),
    );
    expect(run.stderr).toContain("EXECUTOR_ERROR");
  });

  it.each([
    [3, "something was quarantined", ["--strict"], {}],
    [0, "nothing was quarantined", ["--strict"], { quarantined: [] }],
    [0, "something was quarantined, without --strict", [], {}],
  ])("ends with %i when %s", async (code, _when, options, overrides) => {
    const run = await ingest(answering(buildJob({ fileLedgers: [accepted("a b.vcf", overrides)] })), file, ...options);
    expect(run.code).toBe(code);
  });

  it("gives the estimate of a dry run in each line", async () => {
    const estimate = { rows: 5, bytes: 100, seconds: 0.5 };
    const run = await ingest(
      answering(buildJob({ fileLedgers: [accepted("a b.vcf")], outputs: [], estimate })),
      file,
      "--dry-run",
    );
    expect(run.lines()).toHaveLength(1);
    expect(run.lines()[0]).toMatchObject({ dryRun: true, estimate, snapshotId: null });
  });

  it("writes sentences when asked for text, with the places of quarantined records", async () => {
    const run = await ingest(
      answering(buildJob({ fileLedgers: [accepted("a b.vcf"), REFUSED] })),
      file,
      other,
      "--output",
      "text",
    );
    expect(run.stdout).toBe(
      "a b.vcf: 10 records: 4 accepted, 2 filtered, 3 quarantined, 1 duplicates\n  line 9: QUAL_SYNTAX\n" +
        "b.vcf: refused (line 1, ##fileformat): line 1, ##fileformat: expected another\n",
    );
  });

  it.each([
    [5, "IDEMPOTENCY_CONFLICT"],
    [5, "CONFLICT"],
    [4, "FORBIDDEN"],
    [1, "OVERLOADED"],
  ])("ends with %i when the service answers %s", async (code, name) => {
    const run = await ingest({ Ingest: fault(name, "no") }, file);
    expect(run.code).toBe(code);
    expect(run.stderr).toContain(`${name}: no`);
    expect(run.stdout).toBe("");
  });

  it("ends with 4 when the token is refused, and when nothing listens", async () => {
    standIn = await startStandIn({});
    expect((await runCli(["ingest", file, "--url", standIn.url, "--token", "x.y.z"])).code).toBe(4);
    const { url } = standIn;
    await standIn.close();
    standIn = null;
    expect((await runCli(["ingest", file, "--url", url, "--token", TOKEN])).code).toBe(4);
  });

  it.each([
    ["a file that is not there", ["no-such.vcf"]],
    ["a sample sheet that is not there", ["FILE", "--samples", "no-such.tsv"]],
    ["an unknown build", ["FILE", "--assembly", "hg19"]],
    ["an unknown kind", ["FILE", "--call-set-kind", "OTHER"]],
    ["a number that is none", ["FILE", "--min-qual", "high"]],
    ["an unknown option", ["FILE", "--fast"]],
    ["no file", []],
  ])("ends with 2 on %s, and sends nothing", async (_what, args) => {
    const run = await ingest({}, ...args.map((arg) => (arg === "FILE" ? file : arg)));
    expect(run.code).toBe(2);
    expect(run.stderr).not.toBe("");
    expect(standIn?.asked).toEqual({ uploads: [], operations: [] });
  });

  it("ends with 130 on an interrupt while the job runs, and says how to find the job", async () => {
    standIn = await startStandIn(answering(buildJob({ state: "RUNNING", progress: 0.5, stage: "reading" })));
    const child = spawn(BIN, ["ingest", file, "--url", standIn.url, "--token", TOKEN], {
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    while (!standIn.asked.operations.some(({ name }) => name === "Follow"))
      await new Promise((done) => setTimeout(done, 20));
    child.kill("SIGINT");
    const [code] = (await once(child, "close")) as [number | null];
    expect(code).toBe(130);
    expect(stderr).toContain("vitalome jobs show job-1");
  });
});
