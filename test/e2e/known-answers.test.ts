import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { removeFolder, runCli, startService, type CliRun, type Service } from "../helpers/service.js";
import { itShared, requireShared, sharedPath } from "../helpers/shared.js";

/** Counted with bcftools 1.16 on the same files: 3,202 samples of the 1000 Genomes 30x panel, and 2,504 of phase 3. */
type Answer = readonly [
  id: string,
  ac: number,
  an: number,
  genotypes: readonly [number, number, number] | null,
  populations: string | null,
];

const GRCH38: readonly Answer[] = [
  ["chr10-94942290-C-T", 321, 6404, [2899, 285, 18], "16 94 2 163 46"],
  ["chr10-94981296-A-C", 293, 6404, [2917, 277, 8], "3 40 41 87 122"],
  ["chr16-31096368-C-T", 2200, 6404, [1657, 890, 655], "103 400 1036 489 172"],
  ["chr19-15879621-C-T", 1484, 6404, [1958, 1004, 240], "140 242 249 351 502"],
  ["chr10-94781859-G-A", 1380, 6404, [2001, 1022, 179], "288 108 377 180 427"],
  ["chr10-94780653-G-A", 84, 6404, [3119, 82, 1], "4 0 63 0 17"],
  ["chr10-94761900-C-T", 1020, 6404, [2283, 818, 101], "422 118 18 284 178"],
  ["chr12-21178615-T-C", 531, 6404, [2705, 463, 34], "25 129 139 188 50"],
  ["chr6-18130687-T-C", 254, 6404, [2960, 230, 12], null],
  ["chr6-18138997-C-T", 91, 6404, [3114, 85, 3], "5 44 0 37 5"],
  ["chr13-48045719-C-T", 238, 6404, [2978, 210, 14], "1 42 112 2 81"],
  ["chr2-233760233-C-CAT", 2201, 6404, [1411, 1381, 410], "787 360 150 383 521"],
  ["chr2-233760233-CAT-C", 191, 6404, [3017, 179, 6], "179 6 0 5 1"],
  ["chr2-233760233-C-CATAT", 95, 6404, [3108, 93, 1], "89 3 0 0 3"],
  ["chr7-99672916-T-C", 3941, 6404, [749, 965, 1488], "326 783 844 1197 791"],
  ["chr22-42128945-C-T", 602, 6404, [2670, 462, 70], "112 120 2 238 130"],
  ["chr1-169549811-C-T", 38, 6404, [3165, 36, 1], "0 10 0 14 14"],
  ["chr4-88131171-G-T", 732, 6404, [2534, 604, 64], "19 139 336 115 123"],
  ["chr8-18400344-T-C", 1919, 6404, [1657, 1171, 374], null],
  ["chr7-117559590-ATCT-A", 25, 6404, [3177, 25, 0], "0 10 0 11 4"],
  ["chrX-154536002-C-T", 187, 4806, null, "178 9 0 0 0"],
];

const GRCH37: readonly Answer[] = [
  ["10-96702047-C-T", 240, 5008, [2278, 212, 14], null],
  ["10-96741053-A-C", 243, 5008, [2266, 233, 5], null],
  ["16-31107689-C-T", 1781, 5008, [1274, 679, 551], null],
  ["19-15990431-C-T", 1186, 5008, [1510, 802, 192], null],
  ["10-96541616-G-A", 1109, 5008, [1539, 821, 144], null],
  ["10-96521657-C-T", 767, 5008, [1811, 619, 74], null],
  ["1-97915614-C-T", 15, 5008, [2490, 13, 1], null],
  ["1-97547947-T-A", 11, 5008, [2493, 11, 0], null],
  ["1-98348885-G-A", 3705, 5008, [202, 899, 1403], null],
  ["1-11856378-G-A", 1229, 5008, [1480, 819, 205], null],
  ["7-99270539-C-T", 1896, 5008, [1176, 760, 568], null],
];

const F508DEL_CARRIERS =
  "HG00142 HG00233 HG01110 HG01249 HG01383 HG01414 HG01465 HG01466 HG01494 HG02229 HG02231 HG03607 HG03793 HG04158 NA07022 NA11832 NA11930 NA12234 NA12347 NA19654 NA19795 NA19796 NA20516 NA20535 NA20890";

const QUESTION = `query Known($id: String!, $build: ReferenceGenome!, $source: String!) {
  variant(id: { id: $id, assemblyId: $build }) {
    error
    variant {
      frequencies(source: $source) { focusAlleleCount locusAlleleCount subcohortFrequency { population sex focusAlleleCount locusAlleleCount } }
      genotypeCounts { callSetId homRef het hetAlt homAlt hemiRef hemiAlt otherAlt halfMissing missing samplesWithData }
    }
  }
}`;

interface Counts {
  readonly callSetId: string;
  readonly homRef: number;
  readonly het: number;
  readonly homAlt: number;
  readonly hemiRef: number;
  readonly hemiAlt: number;
}
interface Frequency {
  readonly focusAlleleCount: number;
  readonly locusAlleleCount: number;
  readonly subcohortFrequency: readonly {
    population: string | null;
    sex: string | null;
    focusAlleleCount: number;
    locusAlleleCount: number;
  }[];
}
interface Known {
  readonly variant: {
    readonly error: string | null;
    readonly variant: { readonly frequencies: readonly Frequency[]; readonly genotypeCounts: readonly Counts[] };
  };
}

const hasShared = sharedPath("genomes") !== null;
let service: Service;

async function ingest(folder: string, ending: string, ...options: string[]): Promise<CliRun> {
  const root = requireShared(`genomes/${folder}`);
  const files = readdirSync(root)
    .filter((name) => name.endsWith(ending))
    .map((name) => join(root, name));
  return service.cli("ingest", ...files, ...options, "--output", "json");
}

async function known(answer: Answer, build: string, source: string): Promise<Known["variant"]["variant"]> {
  const { variant } = await service.query<Known>(QUESTION, { id: answer[0], build, source });
  expect(variant.error).toBeNull();
  return variant.variant;
}

beforeAll(async () => {
  if (!hasShared) return;
  service = await startService();
  const runs = [
    await ingest(
      "1kgp-grch38",
      ".vcf.gz",
      "--assembly",
      "GRCh38",
      "--call-set",
      "1000G",
      "--samples",
      requireShared("genomes/samples/igsr_samples.tsv"),
    ),
    await ingest("1kgp-grch37", ".vcf.gz", "--assembly", "GRCh37", "--call-set", "phase3"),
    await ingest("getrm", "chr10.vcf.bgz", "--call-set", "GeT-RM"),
    await ingest("gvcf", "CEUTrio.20.21.gatk3.4.g.vcf.bgz", "--call-set", "CEU"),
    await ingestDemo(),
  ];
  for (const run of runs) {
    expect(run.code).toBe(0);
    for (const line of run.lines())
      expect(line).toMatchObject({ status: "accepted", balanced: true, quarantined: 0, duplicates: 0 });
  }
}, 240_000);

/** Simulated people at the same sites: a call set of its own. */
async function ingestDemo(): Promise<CliRun> {
  const folder = join(service.directory, "demo");
  const [demo] = (await runCli(["demo", "--out", folder, "--people", "60"])).lines();
  const files = (demo?.["files"] as readonly { readonly path: string; readonly kind: string }[])
    .filter(({ kind }) => kind === "vcf")
    .map(({ path }) => join(folder, path));
  const options = ["--samples", join(folder, "samples.tsv"), "--call-set-kind", "FORCED_SITES"];
  return service.cli("ingest", ...files, ...options, "--call-set", String(demo?.["callSet"]), "--output", "json");
}

afterAll(async () => {
  if (!hasShared) return;
  expect(await service.stop()).toBe(0);
  await removeFolder(service.directory);
});

describe("known answers of real data, through the command line and GraphQL", () => {
  itShared.each(GRCH38)("GRCh38 %s has AC %d of AN %d", async (...answer) => {
    const { frequencies, genotypeCounts } = await known(answer, "GRCh38", "1000G");
    const [, ac, an, genotypes, populations] = answer;
    expect(frequencies).toMatchObject([{ focusAlleleCount: ac, locusAlleleCount: an }]);
    if (genotypes !== null) {
      const all = genotypeCounts.find(({ homRef, het, homAlt }) => homRef + het + homAlt > 1000);
      expect([all?.homRef, all?.het, all?.homAlt]).toEqual(genotypes);
    }
    if (populations !== null) {
      const found = ["AFR", "AMR", "EAS", "EUR", "SAS"].map(
        (code) =>
          frequencies[0]?.subcohortFrequency.find(({ population, sex }) => population === code && sex === null)
            ?.focusAlleleCount,
      );
      expect(found.join(" ")).toBe(populations);
    }
  });

  itShared.each(GRCH37)("GRCh37 %s has AC %d of AN %d", async (...answer) => {
    const { frequencies, genotypeCounts } = await known(answer, "GRCh37", "phase3");
    const [, ac, an, genotypes] = answer;
    expect(frequencies).toMatchObject([{ focusAlleleCount: ac, locusAlleleCount: an }]);
    expect([genotypeCounts[0]?.homRef, genotypeCounts[0]?.het, genotypeCounts[0]?.homAlt]).toEqual(genotypes);
  });

  itShared("G6PD 202G>A counts haploid males apart: 56 hemizygous, 11 homozygous", async () => {
    const { genotypeCounts } = await known(["chrX-154536002-C-T", 0, 0, null, null], "GRCh38", "1000G");
    expect(genotypeCounts.find(({ homRef }) => homRef > 1000)).toMatchObject({
      homRef: 1484,
      het: 109,
      homAlt: 11,
      hemiRef: 1542,
      hemiAlt: 56,
      missing: 0,
      samplesWithData: 3202,
    });
  });

  itShared("counts a sample with two ancestries in the first: EUR has AN 1266", async () => {
    const { frequencies } = await known(["chr10-94781859-G-A", 0, 0, null, null], "GRCh38", "1000G");
    expect(
      frequencies[0]?.subcohortFrequency.find(({ population, sex }) => population === "EUR" && sex === null)
        ?.locusAlleleCount,
    ).toBe(1266);
  });

  itShared("lists the 25 carriers of F508del, and pages through them without skipping", async () => {
    const found: string[] = [];
    for (let after: string | null = null; ;) {
      interface Page {
        variant: {
          variant: {
            genotypes: {
              nodes: { sampleId: string; zygosity: string }[];
              pageInfo: { hasNextPage: boolean; endCursor: string };
              count: { value: number };
            };
          };
        };
      }
      const page: Page = await service.query<Page>(
        `query Carriers($after: Cursor) { variant(id: { id: "chr7-117559590-ATCT-A", assemblyId: GRCh38 }) { variant {
          genotypes(first: 7, after: $after, callSetId: "1000G") { nodes { sampleId zygosity } pageInfo { hasNextPage endCursor } count(mode: EXACT) { value } } } } }`,
        { after },
      );
      const { nodes, pageInfo, count } = page.variant.variant.genotypes;
      expect(count.value).toBe(25);
      expect(nodes.every(({ zygosity }) => zygosity === "HET")).toBe(true);
      found.push(...nodes.map(({ sampleId }) => sampleId));
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    expect(found.join(" ")).toBe(F508DEL_CARRIERS);
  });

  itShared("keeps frequencies apart where two call sets hold the same people", async () => {
    const { variant } = await service.query<{
      variant: { variant: { frequencies: { cohort: string; focusAlleleCount: number; locusAlleleCount: number }[] } };
    }>(
      `{ variant(id: { id: "chr10-94781859-G-A", assemblyId: GRCh38 }) { variant { frequencies { cohort focusAlleleCount locusAlleleCount } } } }`,
    );
    const byCohort = new Map(
      variant.variant.frequencies.map((each) => [each.cohort, [each.focusAlleleCount, each.locusAlleleCount]]),
    );
    expect(byCohort).toEqual(
      new Map([
        ["1000G", [1380, 6404]],
        ["GeT-RM", [0, 6]],
        ["SIMULATED-1", [expect.any(Number), 120]],
      ]),
    );
  });

  itShared("answers NOT_ASSAYED for a call set that never looked at the site", async () => {
    const { variant } = await service.query<{
      variant: { variant: { genotypes: { nodes: { gt: string; zygosity: string; callSetId: string }[] } } };
    }>(
      `{ variant(id: { id: "chr16-31096368-C-T", assemblyId: GRCh38 }) { variant { genotypes(sampleIds: ["NA18526"]) { nodes { gt zygosity callSetId } } } } }`,
    );
    const { nodes } = variant.variant.genotypes;
    expect(nodes.map(({ zygosity }) => zygosity).sort()).toEqual(["HOM_ALT", "NOT_ASSAYED"]);
    expect(nodes.find(({ zygosity }) => zygosity === "HOM_ALT")?.gt).toBe("1|1");
  });

  itShared("flags the man who is diploid on X, and the sample with two ancestries", async () => {
    const { callSets } = await service.query<{
      callSets: { name: string; samples: number; sampleFlags: { sampleId: string; flag: string }[] }[];
    }>("{ callSets { name samples sampleFlags { sampleId flag } } }");
    const flags = callSets
      .find(({ name }) => name === "1000G")
      ?.sampleFlags.map(({ sampleId, flag }) => `${sampleId} ${flag}`);
    expect(flags?.sort()).toEqual(["HG01783 multiAncestry", "HG02300 sexPloidyMismatch"]);
  });

  itShared("answers HOM_REF with the lowest GQ inside a reference block, NOT_ASSAYED outside", async () => {
    const at = async (id: string): Promise<unknown> => {
      const { variant } = await service.query<{ variant: { error: string; genotypes: { nodes: unknown[] } } }>(
        `query At($id: String!) { variant(id: { id: $id, assemblyId: GRCh37 }) { error genotypes(sampleIds: ["NA12878"], callSetId: "CEU") { nodes { zygosity gq gt } } } }`,
        { id },
      );
      return [variant.error, variant.genotypes.nodes];
    };
    // The blocks of the file cover contigs 20 and 21, and no others.
    expect(await at("21-10000050-C-G")).toEqual(["NOT_FOUND", [{ zygosity: "HOM_REF", gq: 3, gt: "0/0" }]]);
    expect(await at("20-10000050-A-G")).toEqual(["NOT_FOUND", [{ zygosity: "HOM_REF", gq: 99, gt: "0/0" }]]);
    expect(await at("22-20000000-A-G")).toEqual(["NOT_ASSAYED", [{ zygosity: "NOT_ASSAYED", gq: null, gt: "." }]]);
  });

  it("needs no public data to start", async () => {
    const empty = await startService();
    expect(await empty.query("{ serviceInfo { snapshotId profile } variants(filter: {}) { nodes { id } } }")).toEqual({
      serviceInfo: { snapshotId: "0", profile: "embedded" },
      variants: { nodes: [] },
    });
    expect(await empty.stop()).toBe(0);
    await removeFolder(empty.directory);
  });
});
