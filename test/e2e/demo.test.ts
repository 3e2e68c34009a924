import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { ensureBuilt } from "../helpers/built.js";
import { itShared, requireShared } from "../helpers/shared.js";
import { removeFolder, runCli, startService, type CliRun, type Service } from "../helpers/service.js";

const GENES = "CYP2C19,G6PD,PAR1,UGT1A1,VKORC1";
const PEOPLE = 120;
const SEED = 9;

interface Counted {
  readonly id: string;
  readonly alleleCount: number;
  readonly alleleNumber: number;
}
interface Manifest {
  readonly callSet: string;
  readonly files: readonly { readonly path: string; readonly kind: string; readonly rows: number }[];
}

let root: string;
let directory: string;
let service: Service;
let written: CliRun;
let ingested: CliRun;
let manifest: Manifest;

const demo = (...args: string[]): Promise<CliRun> =>
  runCli(["demo", "--people", String(PEOPLE), "--seed", String(SEED), "--genes", GENES, ...args]);
const vcfPaths = (): string[] =>
  manifest.files.filter(({ kind }) => kind === "vcf").map(({ path }) => join(directory, path));

beforeAll(async () => {
  await ensureBuilt();
  root = await mkdtemp(join(tmpdir(), "vitalome-demo-e2e-"));
  directory = join(root, "demo");
  written = await demo("--out", directory);
  manifest = written.lines()[0] as unknown as Manifest;
  service = await startService();
  const options = ["--samples", join(directory, "samples.tsv"), "--call-set-kind", "FORCED_SITES"];
  ingested = await service.cli("ingest", ...vcfPaths(), ...options, "--call-set", manifest.callSet, "--strict");
});

afterAll(async () => {
  await service.stop();
  await removeFolder(service.directory);
  await removeFolder(root);
});

/** Counted from the genotypes as written, in one of `populations` where some are named. */
async function countFiles(people: (sample: string) => boolean = () => true): Promise<Counted[]> {
  const counted: Counted[] = [];
  for (const path of vcfPaths()) {
    const lines = gunzipSync(await readFile(path))
      .toString()
      .trimEnd()
      .split("\n");
    const samples = lines
      .find((line) => line.startsWith("#CHROM"))!
      .split("\t")
      .slice(9);
    for (const line of lines.filter((one) => !one.startsWith("#"))) {
      const [chrom = "", pos = "", , ref = "", alt = "", , , , , ...genotypes] = line.split("\t");
      const alleles = genotypes.filter((_, index) => people(samples[index]!)).flatMap((text) => text.split("|"));
      counted.push({
        id: `${chrom}-${pos}-${ref}-${alt}`,
        alleleCount: alleles.filter((allele) => allele === "1").length,
        alleleNumber: alleles.length,
      });
    }
  }
  return counted;
}

const QUESTION = `query Counts($id: String!, $source: String!) {
  variant(id: { id: $id, assemblyId: GRCh38 }) {
    error
    variant {
      frequencies(source: $source) {
        focusAlleleCount locusAlleleCount subcohortFrequency { population sex focusAlleleCount locusAlleleCount }
      }
    }
  }
}`;
interface Frequency {
  readonly focusAlleleCount: number;
  readonly locusAlleleCount: number;
  readonly subcohortFrequency: readonly (Omit<Frequency, "subcohortFrequency"> & {
    readonly population: string | null;
    readonly sex: string | null;
  })[];
}

async function frequencyOf(id: string, source = manifest.callSet): Promise<Frequency | undefined> {
  const { variant } = await service.query<{
    variant: { error: string | null; variant: { frequencies: Frequency[] } };
  }>(QUESTION, { id, source });
  expect(variant.error).toBeNull();
  return variant.variant.frequencies[0];
}

describe("vitalome demo", () => {
  it("writes the files and states them in one line; a second start finds them", async () => {
    expect(written).toMatchObject({ code: 0, stderr: "" });
    expect(written.lines()).toHaveLength(1);
    expect(manifest).toMatchObject({ callSet: "SIMULATED-9", isComplete: true, isNew: true, people: PEOPLE });
    const again = await demo("--out", directory);
    expect(again.lines()).toEqual([{ ...manifest, isNew: false }]);
  });

  it("ends with 1 for a folder that holds something else, 2 for a request that cannot be", async () => {
    expect((await runCli(["demo", "--out", directory])).code).toBe(1);
    for (const wrong of [
      ["--genes", "BRCA1"],
      ["--people", "many"],
      ["--people", "0"],
    ]) {
      const run = await runCli(["demo", "--out", join(root, "none"), ...wrong]);
      expect(run).toMatchObject({ code: 2, stdout: "" });
      expect(run.stderr).toContain(wrong[0]);
    }
  });

  it("is ingested without a record put aside", () => {
    expect(ingested.code).toBe(0);
    const rows = manifest.files.filter(({ kind }) => kind === "vcf").map((file) => file.rows);
    expect(ingested.lines()).toMatchObject(
      rows.map((count) => ({ status: "accepted", recordsRead: count, accepted: count, quarantined: 0, duplicates: 0 })),
    );
  });

  it("is served with the counts of the files, overall, by super-population and by sex", async () => {
    const sheet = await readFile(join(directory, "samples.tsv"), "utf8");
    const facts = new Map(sheet.split("\n").map((line) => [line.split("\t")[0], line.split("\t")]));
    const overall = await countFiles();
    const european = await countFiles((sample) => facts.get(sample)?.[5] === "EUR");
    const male = await countFiles((sample) => facts.get(sample)?.[1] === "male");
    const asked = overall.flatMap((one, index) => (one.alleleCount > 0 && index % 7 === 0 ? [index] : []));
    expect(asked.length).toBeGreaterThan(30);
    expect(asked.some((index) => overall[index]!.alleleNumber < 2 * PEOPLE)).toBe(true);
    for (const index of asked) {
      const { id, alleleCount, alleleNumber } = overall[index]!;
      const found = await frequencyOf(id);
      expect({ id, ...found }).toMatchObject({ id, focusAlleleCount: alleleCount, locusAlleleCount: alleleNumber });
      const group = (population: string | null, sex: string | null): object | undefined =>
        found?.subcohortFrequency.find((one) => one.population === population && one.sex === sex);
      const of = ({ alleleCount: count, alleleNumber: number }: Counted): object => ({
        focusAlleleCount: count,
        locusAlleleCount: number,
      });
      expect(group("EUR", null)).toMatchObject(of(european[index]!));
      expect(group(null, "male")).toMatchObject(of(male[index]!));
    }
  });

  itShared("beside a real call set leaves the counts of either as they are", async () => {
    const before = await frequencyOf("chr10-94781859-G-A");
    const real = requireShared("genomes/1kgp-grch38/CYP2C19.vcf.gz");
    const sheet = requireShared("genomes/samples/igsr_samples.tsv");
    const options = ["--samples", sheet, "--assembly", "GRCh38", "--call-set", "1000G"];
    expect((await service.cli("ingest", real, ...options)).code).toBe(0);
    const counts = { focusAlleleCount: 1380, locusAlleleCount: 6404 };
    expect(await frequencyOf("chr10-94781859-G-A", "1000G")).toMatchObject(counts);
    expect(await frequencyOf("chr10-94781859-G-A")).toEqual(before);
  });
});
