import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { SAMPLE_SYSTEM } from "../../src/domain/sample.js";
import { parseSampleSheet } from "../../src/ingest/sources/sample-sheet.js";
import { readVcf, type Rejection, type VcfSummary } from "../../src/ingest/sources/vcf/index.js";
import { RESOURCE_TYPES } from "../../src/simulate/fhir.js";
import { writeDemo, type DemoReport } from "../../src/simulate/index.js";

const GENES = ["CYP2C19", "G6PD"];
const itBcftools = spawnSync("bcftools", ["--version"]).status === 0 ? it : it.skip;

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "vitalome-demo-"));
  folder = join(root, "demo");
});
afterEach(() => rm(root, { recursive: true }));

async function scan(path: string): Promise<{ summary: VcfSummary; rejections: Rejection[] }> {
  const rejections: Rejection[] = [];
  const summary = await readVcf(createReadStream(path), {
    header: () => undefined,
    record: () => undefined,
    reject: (rejection) => rejections.push(rejection),
    flush: () => Promise.resolve(),
  });
  return { summary, rejections };
}

type Json = Readonly<Record<string, unknown>>;
interface Record_ extends Json {
  readonly resourceType: string;
  readonly id: string;
  readonly meta: { readonly tag: readonly { readonly code: string }[] };
}

async function records(directory: string): Promise<Record_[]> {
  const all: Record_[] = [];
  for (const type of RESOURCE_TYPES) {
    const text = await readFile(join(directory, "fhir", `${type}.ndjson`), "utf8");
    for (const line of text.trimEnd().split("\n")) all.push(JSON.parse(line) as Record_);
  }
  return all;
}

function referencesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "reference" && typeof inner === "string" ? [inner] : referencesIn(inner),
  );
}

const digests = ({ files }: DemoReport): string[] => files.map(({ path, textSha256 }) => `${path} ${textSha256}`);

/** Files of facts: the same for every seed. */
const KNOWN = 2;

describe("a written demo", () => {
  it("is the same text for the same seed and number of people, and another for another seed", async () => {
    const one = await writeDemo({ directory: folder, people: 40, seed: 5 });
    const same = await writeDemo({ directory: join(root, "again"), people: 40, seed: 5 });
    const other = await writeDemo({ directory: join(root, "other"), people: 40, seed: 6 });
    expect(same.files).toEqual(one.files);
    expect(new Set([...digests(one), ...digests(other)]).size).toBe(one.files.length + other.files.length - KNOWN);
  });

  it("states of every file its size, digests and rows", async () => {
    const { files } = await writeDemo({ directory: folder, people: 20, genes: GENES });
    expect(files.map(({ path }) => path)).toEqual([
      "vcf/SIMULATED-1.CYP2C19.vcf.gz",
      "vcf/SIMULATED-1.G6PD.vcf.gz",
      "samples.tsv",
      ...RESOURCE_TYPES.map((type) => `fhir/${type}.ndjson`),
      "annotations/genes.tsv",
      "annotations/clinvar.tsv",
    ]);
    for (const { path, kind, rows, bytes, sha256, textSha256 } of files) {
      const stored = await readFile(join(folder, path));
      const text = kind === "vcf" ? gunzipSync(stored) : stored;
      expect(stored).toHaveLength(bytes);
      expect(createHash("sha256").update(stored).digest("hex")).toBe(sha256);
      expect(createHash("sha256").update(text).digest("hex")).toBe(textSha256);
      const lines = text.toString().trimEnd().split("\n");
      expect(
        lines.filter((line, index) => !line.startsWith("#") && (kind === "vcf" || kind === "fhir" || index > 0)),
      ).toHaveLength(rows);
    }
  });

  it("is read by our own reader with nothing put aside, says it is simulated, and counts as it states", async () => {
    const { files } = await writeDemo({ directory: folder, people: 50 });
    for (const { path, rows } of files.filter(({ kind }) => kind === "vcf")) {
      const { summary, rejections } = await scan(join(folder, path));
      expect(rejections).toEqual([]);
      expect(summary).toMatchObject({ recordsRead: rows, accepted: rows, rejected: 0 });
      const text = gunzipSync(await readFile(join(folder, path))).toString();
      expect(text).toContain("##vitalomeNote=SIMULATED");
      for (const line of text.trimEnd().split("\n")) {
        if (line.startsWith("#")) continue;
        const cells = line.split("\t");
        const alleles = cells.slice(9).flatMap((genotype) => genotype.split("|"));
        const stated = `AC=${String(alleles.filter((allele) => allele === "1").length)};AN=${String(alleles.length)};`;
        expect(cells[7]).toContain(stated);
      }
    }
  });

  itBcftools("is read by bcftools, which counts the same", async () => {
    const { files } = await writeDemo({ directory: folder, people: 30, genes: GENES });
    for (const { path, rows } of files.filter(({ kind }) => kind === "vcf")) {
      const run = spawnSync("bcftools", ["+fill-tags", join(folder, path), "-Ou", "--", "-t", "AC,AN"]);
      const filled = spawnSync("bcftools", ["query", "-f", "%POS %AC %AN\\n"], { input: run.stdout }).stdout.toString();
      const plain = spawnSync("bcftools", ["query", "-f", "%POS %AC %AN\\n", join(folder, path)]);
      expect(plain.stderr.toString()).toBe("");
      expect(plain.stdout.toString()).toBe(filled);
      expect(filled.trimEnd().split("\n")).toHaveLength(rows);
    }
  });

  it("has a sample sheet of the people in the files, and one sample link for each patient", async () => {
    await writeDemo({ directory: folder, people: 60, genes: GENES });
    const sheet = parseSampleSheet(await readFile(join(folder, "samples.tsv"), "utf8"), "samples.tsv");
    const text = gunzipSync(await readFile(join(folder, "vcf/SIMULATED-1.G6PD.vcf.gz"))).toString();
    const samples = /^#CHROM.*$/m.exec(text)?.[0].split("\t").slice(9) ?? [];
    expect([...sheet.keys()]).toEqual(samples);
    expect(new Set([...sheet.values()].flatMap(({ superpopulations }) => superpopulations)).size).toBe(5);
    const patients = (await records(folder)).filter(({ resourceType }) => resourceType === "Patient");
    const linked = patients.map(({ identifier, gender }) => {
      const own = (identifier as readonly { system: string; value: string }[]).filter(
        ({ system }) => system === SAMPLE_SYSTEM,
      );
      expect(own).toHaveLength(1);
      expect(sheet.get(own[0]!.value)?.sex).toBe(gender);
      return own[0]!.value;
    });
    expect(linked).toEqual(samples);
  });

  it("has records whose references lead to records, all marked as simulated, some refuted", async () => {
    await writeDemo({ directory: folder, people: 300, genes: ["VKORC1"] });
    const all = await records(folder);
    const ids = all.map(({ resourceType, id }) => `${resourceType}/${id}`);
    const known = new Set(ids);
    expect(known.size).toBe(ids.length);
    expect(ids.filter((id) => !/^[A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/.test(id))).toEqual([]);
    expect(new Set(all.map(({ meta }) => meta.tag.map(({ code }) => code).join()))).toEqual(
      new Set(["HTEST,SIMULATED"]),
    );
    expect(all.flatMap(referencesIn).filter((reference) => !known.has(reference))).toEqual([]);
    const alone = all.filter((record) => referencesIn(record).length === 0);
    expect(new Set(alone.map(({ resourceType }) => resourceType))).toEqual(new Set(["Patient"]));
    const conditions = all.filter(({ resourceType }) => resourceType === "Condition");
    const verified = conditions.map(({ verificationStatus: status }) => JSON.stringify(status));
    expect(verified.some((text) => text.includes("refuted"))).toBe(true);
    expect(verified.filter((text) => text.includes("confirmed")).length).toBeGreaterThan(conditions.length / 2);
    for (const { reasonReference } of all.filter(({ resourceType }) => resourceType === "MedicationRequest")) {
      const [reason] = referencesIn(reasonReference);
      const condition = conditions.find(({ id }) => `Condition/${id}` === reason);
      expect(JSON.stringify(condition?.verificationStatus)).toContain("confirmed");
    }
    expect(all.filter(({ resourceType }) => resourceType === "Consent")).toHaveLength(300);
  });

  it("has faults only when asked: four VCF lines, six records", async () => {
    const clean = await writeDemo({ directory: folder, people: 10, genes: GENES });
    const dirty = await writeDemo({ directory: join(root, "dirty"), people: 10, genes: GENES, isDirty: true });
    const sum = ({ files }: DemoReport, kind: string): number =>
      files.filter((file) => file.kind === kind).reduce((total, { rows }) => total + rows, 0);
    expect(sum(dirty, "vcf") - sum(clean, "vcf")).toBe(4);
    expect(sum(dirty, "fhir") - sum(clean, "fhir")).toBe(6);
    const { summary, rejections } = await scan(join(root, "dirty/vcf/SIMULATED-1.CYP2C19.vcf.gz"));
    expect(rejections).toHaveLength(4);
    expect(summary.accepted).toBe(clean.files[0]?.rows);
  });
});

describe("the folder of a demo", () => {
  const request = { people: 12, genes: ["VKORC1"] };

  it("is left as it is when it holds the same already", async () => {
    const first = await writeDemo({ directory: folder, ...request });
    const before = await stat(join(folder, "samples.tsv"));
    const again = await writeDemo({ directory: folder, ...request });
    expect([first.isNew, again.isNew]).toEqual([true, false]);
    expect({ ...again, isNew: true }).toEqual(first);
    expect((await stat(join(folder, "samples.tsv"))).ino).toBe(before.ino);
  });

  it.each([{ seed: 2 }, { people: 13 }, { genes: ["TPMT"] }, { isDirty: true }])(
    "is refused when it holds another simulation than %j",
    async (other) => {
      await writeDemo({ directory: folder, ...request });
      await expect(writeDemo({ directory: folder, ...request, ...other })).rejects.toMatchObject({ code: "CONFLICT" });
    },
  );

  it("is refused when it holds other files, or a file that is no longer as written", async () => {
    await writeFile(join(root, "mine.txt"), "mine");
    await expect(writeDemo({ directory: root, ...request })).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await readdir(root)).toEqual(["mine.txt"]);
    await writeDemo({ directory: folder, ...request });
    await truncate(join(folder, "samples.tsv"), 10);
    await expect(writeDemo({ directory: folder, ...request })).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("is written anew after a run that was cut off", async () => {
    const whole = await writeDemo({ directory: join(root, "whole"), ...request });
    const cut = new AbortController();
    const onProgress = (share: number): void => {
      if (share > 0) cut.abort(new Error("cut"));
    };
    const broken = writeDemo({ directory: folder, ...request, onProgress, signal: cut.signal });
    await expect(broken).rejects.toThrow("cut");
    const again = await writeDemo({ directory: folder, ...request });
    expect(again).toMatchObject({ isNew: true, isComplete: true });
    expect(again.files).toEqual(whole.files);
  });

  it("is not touched for a request that cannot be", async () => {
    for (const wrong of [{ genes: ["BRCA1"] }, { people: 0 }, { people: 1.5 }, { seed: -1 }]) {
      const refused = writeDemo({ directory: folder, ...request, ...wrong });
      await expect(refused).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
    }
    expect(await readdir(root)).toEqual([]);
  });
});
