import { afterAll, beforeAll, describe, expect } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { openEngine } from "../../src/engine/duckdb.js";
import { removeFolder, startService, type Service } from "../helpers/service.js";
import { itShared, requireShared, sharedPath } from "../helpers/shared.js";

const CLINVAR = "annotations/clinvar/clinvar_20241215_P_LP_2star_GRCh38.tsv.gz";
const GENES = ["G6PD", "CFTR", "SLCO1B1", "UGT1A1", "F5"];

/** Gene, allele, ClinVar id, class, AC, AN, het, hom or hemizygous: computed with bcftools on these very files. */
const MATCHES = `
G6PD X-154536002-C-T 37123 Pathogenic/Likely_pathogenic 187 4806 109 67
CFTR 7-117559590-ATCT-A 7105 Pathogenic 25 6404 25 0
SLCO1B1 12-21222355-C-T 30437 Pathogenic 17 6404 15 1
G6PD X-154533025-A-G 10388 Pathogenic/Likely_pathogenic 16 4806 10 6
G6PD X-154533044-C-T 10401 Pathogenic/Likely_pathogenic 10 4806 4 6
G6PD X-154532257-C-T 100059 Pathogenic 6 4806 3 3
G6PD X-154532269-C-A 100058 Pathogenic 6 4806 3 3
G6PD X-154533122-C-T 10386 Pathogenic/Likely_pathogenic 6 4806 3 3
UGT1A1 2-233772413-T-G 12281 Pathogenic/Likely_pathogenic 5 6404 5 0
G6PD X-154534419-G-A 100057 Pathogenic/Likely_pathogenic 4 4806 4 0
CFTR 7-117548798-T-C 35821 Pathogenic 3 6404 3 0
CFTR 7-117592008-A-G 53403 Pathogenic/Likely_pathogenic 3 6404 3 0
SLCO1B1 12-21196975-C-T 30439 Pathogenic 3 6404 3 0
CFTR 7-117509127-CTT-C 7232 Pathogenic 2 6404 2 0
CFTR 7-117540230-C-T 7139 Pathogenic 2 6404 2 0
CFTR 7-117559576-T-C 53272 Pathogenic 2 6404 2 0
CFTR 7-117587738-G-A 7112 Pathogenic 2 6404 2 0
G6PD X-154532390-G-A 93493 Pathogenic 2 4806 1 1
G6PD X-154533596-C-G 10372 Pathogenic 2 4806 1 1`
  .trim()
  .split("\n");

interface Listed {
  readonly id: string;
  readonly frequencies: readonly {
    readonly focusAlleleCount: number;
    readonly locusAlleleCount: number;
    readonly homozygotes: number;
    readonly hemizygotes: number;
  }[];
  readonly genotypeCounts: readonly { readonly het: number }[];
  readonly annotations: {
    readonly genes: readonly { readonly symbol: string }[];
    readonly clinical: readonly Readonly<Record<string, unknown>>[];
    readonly source: readonly Readonly<Record<string, unknown>>[];
  };
}

const LIST = `query List($filter: VariantFilter!) {
  variants(filter: $filter, first: 1000) {
    count(mode: EXACT) { value }
    nodes {
      id frequencies { focusAlleleCount locusAlleleCount homozygotes hemizygotes } genotypeCounts { het }
      annotations { genes { symbol } clinical { significance variationId } source { name version releasedAt } }
    }
  }
}`;

let service: Service;

const isThere = sharedPath(CLINVAR) !== null;

beforeAll(async () => {
  if (!isThere) return;
  service = await startService();
  const slices = GENES.map((gene) => requireShared(`genomes/1kgp-grch38/${gene}.vcf.gz`));
  const sheet = requireShared("genomes/samples/igsr_samples.tsv");
  const options = ["--assembly", "GRCh38", "--call-set", "1000G", "--samples", sheet];
  const ingested = await service.cli("ingest", ...slices, ...options);
  expect(ingested.code).toBe(0);
}, 120_000);

afterAll(async () => {
  if (!isThere) return;
  expect(await service.stop()).toBe(0);
  await removeFolder(service.directory);
});

async function list(filter: object): Promise<readonly Listed[]> {
  const { variants } = await service.query<{ variants: { nodes: Listed[]; count: { value: number } } }>(LIST, {
    filter,
  });
  expect(variants.count.value).toBe(variants.nodes.length);
  return variants.nodes;
}

const PATHOGENIC = { clinicalSignificance: ["P/LP"] };

describe("annotations of the public panel", () => {
  itShared("are empty, with no source asked, while none is loaded", async () => {
    expect(await list(PATHOGENIC)).toEqual([]);
    const { serviceInfo } = await service.query<{ serviceInfo: object }>(
      "{ serviceInfo { annotationSources { name } } }",
    );
    expect(serviceInfo).toEqual({ annotationSources: [] });
    await expect(list({ geneIds: ["CFTR"] })).rejects.toThrow("no gene table of this snapshot knows CFTR");
  });

  itShared("are seen at once when ClinVar and a gene table come, without ingesting the variants again", async () => {
    const clinvar = await service.cli(
      ...["ingest-annotations", requireShared(CLINVAR), "--source", "clinvar", "--release", "2024-12-15"],
      ...["--assembly", "GRCh38", "--output", "json"],
    );
    expect(clinvar.lines()).toMatchObject([
      { status: "accepted", recordsRead: 72_582, accepted: 72_582, quarantined: 0, balanced: true },
    ]);
    const genes = await service.cli(
      ...["ingest-annotations", requireShared("annotations/genes/genes_ensembl110_GRCh38.tsv.gz")],
      ...["--source", "ensembl", "--release", "110", "--assembly", "GRCh38", "--output", "json"],
    );
    expect(genes.lines()).toMatchObject([{ recordsRead: 32_075, accepted: 32_075, balanced: true }]);
    const { serviceInfo } = await service.query<{ serviceInfo: object }>(
      "{ serviceInfo { annotationSources { name version releasedAt } } }",
    );
    expect(serviceInfo).toEqual({
      annotationSources: [
        { name: "clinvar", version: "2024-12-15", releasedAt: "2024-12-15T00:00:00.000Z" },
        { name: "ensembl", version: "110", releasedAt: null },
      ],
    });
  });

  itShared("match the 19 alleles of ClinVar exactly, with their counts", async () => {
    const found = (await list(PATHOGENIC)).map((variant) => {
      const [clinical] = variant.annotations.clinical;
      expect(variant.annotations.clinical).toHaveLength(1);
      const [frequency] = variant.frequencies;
      return [
        variant.id.replace("GRCh38:", ""),
        clinical?.["variationId"],
        clinical?.["significance"],
        frequency?.focusAlleleCount,
        frequency?.locusAlleleCount,
        variant.genotypeCounts[0]?.het,
        (frequency?.homozygotes ?? 0) + (frequency?.hemizygotes ?? 0),
      ].join(" ");
    });
    expect([...found].sort()).toEqual(MATCHES.map((line) => line.slice(line.indexOf(" ") + 1)).sort());
  });

  itShared("name the genes at each match that ClinVar's own table names by position", async () => {
    const expected = new Map<string, string>();
    for (const line of gunzipSync(readFileSync(requireShared(CLINVAR)))
      .toString()
      .split("\n")
      .slice(1)) {
      const cells = line.split("\t");
      expected.set(`GRCh38:${[cells[0], cells[1], cells[3], cells[4]].join("-")}`, cells[13] ?? "");
    }
    for (const { id, annotations } of await list(PATHOGENIC)) {
      const symbols = annotations.genes.map(({ symbol }) => symbol);
      expect({ id, symbols: [...symbols].sort() }).toEqual({ id, symbols: expected.get(id)?.split(/[;,|]/).sort() });
    }
  });

  itShared("do not match the 17 alleles that share a position with another allele of ClinVar", async () => {
    const positions = new Map<string, Set<string>>();
    for (const line of gunzipSync(readFileSync(requireShared(CLINVAR)))
      .toString()
      .split("\n")
      .slice(1)) {
      const [contig = "", pos = "", , ref = "", alt = ""] = line.split("\t");
      const place = `GRCh38:${contig}-${pos}`;
      positions.set(place, (positions.get(place) ?? new Set()).add(`${place}-${ref}-${alt}`));
    }
    const near: string[] = [];
    for (let after: string | null = null, more = true; more;) {
      const { variants }: Page = await service.query<Page>(
        `query Page($after: Cursor) { variants(filter: {}, first: 1000, after: $after) {
           nodes { id annotations { clinical { variationId } } } pageInfo { hasNextPage endCursor } } }`,
        { after },
      );
      for (const { id, annotations } of variants.nodes) {
        const known = positions.get(id.split("-").slice(0, 2).join("-"));
        if (known === undefined) continue;
        expect(annotations.clinical.length > 0).toBe(known.has(id));
        if (!known.has(id)) near.push(id);
      }
      more = variants.pageInfo.hasNextPage;
      after = variants.pageInfo.endCursor;
    }
    expect(near).toHaveLength(17);
  });

  itShared(
    "say of F508del that it is pathogenic, by whom, with stars, conditions and the gene it lies in",
    async () => {
      const { variant } = await service.query<{ variant: object }>(
        `{ variant(id: { id: "chr7-117559590-ATCT-A", assemblyId: GRCh38 }) { variant { annotations {
           genes { symbol ensemblId start end source { name version } diseases { disease { code display } evidence } }
           clinical { significance classifications group kind conflicting reviewStatus goldStars variationId
             conditions { system code display } source { name version releasedAt } }
           source { name version }
         } } } }`,
      );
      expect(variant).toEqual({
        variant: {
          annotations: {
            genes: [
              {
                symbol: "CFTR",
                ensemblId: "ENSG00000001626",
                start: 117_287_120,
                end: 117_715_971,
                source: { name: "ensembl", version: "110" },
                diseases: [],
              },
            ],
            clinical: [
              {
                significance: "Pathogenic",
                classifications: ["Pathogenic"],
                group: "P/LP",
                kind: "germline",
                conflicting: false,
                reviewStatus: "practice_guideline",
                goldStars: 4,
                variationId: "7105",
                conditions: expect.arrayContaining([
                  { system: "MONDO", code: "MONDO:0009061", display: "Cystic fibrosis" },
                ]),
                source: { name: "clinvar", version: "2024-12-15", releasedAt: "2024-12-15T00:00:00.000Z" },
              },
            ],
            source: [
              { name: "clinvar", version: "2024-12-15" },
              { name: "ensembl", version: "110" },
            ],
          },
        },
      });
    },
  );

  itShared(
    "do not call F5 Leiden benign: it is not in the file, so it is neither pathogenic nor its opposite",
    async () => {
      const leiden = { ids: ["1-169549811-C-T"] };
      expect(await list(leiden)).toMatchObject([{ annotations: { clinical: [], genes: [{ symbol: "F5" }] } }]);
      expect(await list({ and: [leiden, PATHOGENIC] })).toEqual([]);
      expect(await list({ and: [leiden, { not: PATHOGENIC }] })).toEqual([]);
    },
  );

  itShared("count by gene, significance and stars over the whole filter", async () => {
    const { geneVariants } = await service.query<{ geneVariants: { facets: unknown; count: unknown; nodes: unknown } }>(
      `query Gene($filter: VariantFilter) { geneVariants(symbol: "cftr", filter: $filter, first: 2) {
         count(mode: EXACT) { value } nodes { id }
         facets(by: [{ field: "gene", size: 1 }, { field: "significance" }, { field: "reviewStars" }, { field: "type" }]) {
           field buckets { key label count { value exact } } otherCount { value } missing { value } } } }`,
      { filter: PATHOGENIC },
    );
    const bucket = (key: string, value: number, label: string | null = null): object => ({
      key,
      label,
      count: { value, exact: true },
    });
    expect(geneVariants.nodes).toHaveLength(2);
    expect(geneVariants.count).toEqual({ value: 7 });
    expect(geneVariants.facets).toMatchObject([
      { field: "gene", buckets: [bucket("ENSG00000001626", 7, "CFTR")], missing: { value: 0 } },
      {
        field: "significance",
        buckets: [bucket("Pathogenic", 6), bucket("Pathogenic/Likely_pathogenic", 1)],
        otherCount: { value: 0 },
      },
      { field: "reviewStars" },
      { field: "type", buckets: [bucket("SNV", 5), bucket("deletion", 2)] },
    ]);
  });

  itShared(
    "are written as a table by annotate-variants: the same 19 statements, each gene of an allele once",
    async () => {
      const job = await runJob("annotate-variants");
      const outputs = job.outputs as readonly { readonly table: string; readonly uri: string }[];
      expect(outputs.map(({ table }) => table)).toEqual(["variant_annotations"]);
      const engine = await openEngine({
        database: ":memory:",
        directories: [service.directory],
        spillDirectory: null,
        memoryLimit: "500MB",
        threads: 1,
      });
      const [counted] = await engine.rows(
        `SELECT count(*) FILTER (annotation = 'clinical') AS clinical,
         count(DISTINCT CASE WHEN annotation = 'gene' THEN concat_ws('-', contig, pos, ref, alt, gene_id) END) AS pairs,
         count(*) FILTER (annotation = 'gene') AS genes,
         count(*) FILTER (annotation = 'clinical' AND version = '2024-12-15') AS versioned
       FROM read_parquet($1)`,
        [join(service.directory, outputs[0]?.uri ?? "")],
      );
      engine.close();
      expect(counted).toMatchObject({ clinical: 19n, versioned: 19n });
      expect(counted?.["genes"]).toBe(counted?.["pairs"]);
    },
  );

  itShared(
    "are carried by people: 3,201 of FHIR, none of NA12236, no sex mismatch, 2,504 with their table",
    async () => {
      const system = "https://gtexportal.org/home/downloads/adult-gtex/metadata";
      const fhir = ["Patient", "Specimen"].map((name) => requireShared(`clinical/fhir-1kgenomes/${name}.ndjson.gz`));
      const people = await service.cli("ingest-clinical", ...fhir, "--sample-system", system, "--output", "json");
      expect(people.lines()).toMatchObject([
        { recordsRead: 3_500, accepted: 3_500, quarantined: 0, balanced: true },
        { recordsRead: 3_500, accepted: 0, filteredByRule: { NO_SAMPLE_IDENTIFIER: 3_500 }, balanced: true },
      ]);
      const table = requireShared("clinical/cineca-uk1/uk1.tsv");
      const subjects = await service.cli("ingest-clinical", table, "--subject-system", system, "--output", "json");
      expect(subjects.lines()).toMatchObject([{ recordsRead: 2_504, accepted: 2_504, quarantined: 0, balanced: true }]);

      const linked = new Map<string, LinkedPerson>();
      for (let after: string | null = null, more = true; more;) {
        const { patients }: People = await service.query<People>(PEOPLE, { after });
        for (const person of patients.nodes) {
          for (const link of person.sampleLinks) if (link.callSetIds.length > 0) linked.set(link.sampleId, person);
        }
        more = patients.pageInfo.hasNextPage;
        after = patients.pageInfo.endCursor;
      }
      expect(linked.size).toBe(3_201);
      expect(linked.has("NA12236")).toBe(false);
      const links = [...linked.values()].flatMap((person) => person.sampleLinks);
      expect(links.every(({ status, sexMismatch }) => status === "LINKED" && sexMismatch === false)).toBe(true);
      const withTable = [...linked.values()].filter(({ observations }) => observations.nodes.length > 0);
      expect(withTable).toHaveLength(2_504);
      // Ages of this table are Excel errors, one triglyceride is below 0: without a value, with the reason.
      expect(linked.get("HG00419")).toMatchObject({
        birthDate: null,
        observations: {
          nodes: [
            { code: { code: "Age at recruitment-0.0" }, valueQuantity: null, dataAbsentReason: "error" },
            { code: { code: "Triglycerides-0.0" }, valueString: "-0.1797", dataAbsentReason: "error" },
          ],
        },
      });
    },
    120_000,
  );

  itShared("lead to the people who carry them, and from a person to theirs", async () => {
    const { patients, deletion } = await service.query<Carriers>(CARRIERS);
    // 289 people carry one of the 19 alleles in the panel; counted from the genotypes of the files.
    const carriers = new Set<string>();
    const { variants } = await service.query<{
      variants: { nodes: readonly { genotypes: { nodes: readonly { sampleId: string }[] } }[] };
    }>(
      "query C($filter: VariantFilter!) { variants(filter: $filter) { nodes { genotypes(first: 1000) { nodes { sampleId } } } } }",
      { filter: PATHOGENIC },
    );
    for (const { genotypes } of variants.nodes) for (const { sampleId } of genotypes.nodes) carriers.add(sampleId);
    carriers.delete("NA12236");
    expect(patients.count.value).toBe(carriers.size);
    expect(carriers.size).toBe(289);
    expect(deletion.variant.genotypes.nodes).toHaveLength(25);
    for (const { sampleId, patient } of deletion.variant.genotypes.nodes) {
      expect(patient?.samples).toEqual([sampleId]);
      expect(patient?.variants.nodes.map(({ id }) => id)).toContain("GRCh38:7-117559590-ATCT-A");
    }
  });

  itShared("of an older version leave when a new version comes; the same version again adds nothing", async () => {
    const again = await service.cli(
      ...["ingest-annotations", requireShared(CLINVAR), "--source", "ClinVar", "--release", "2024-12-15"],
      ...["--assembly", "GRCh38", "--output", "json"],
    );
    expect(again.lines()).toMatchObject([{ accepted: 0, duplicates: 72_582, balanced: true, snapshotId: null }]);
    const next = await service.cli(
      ...["ingest-annotations", requireShared("annotations/clinvar/clinvar_20260226_cancer_genes_GRCh38.vcf.gz")],
      ...["--source", "clinvar", "--release", "2026-02", "--output", "json"],
    );
    expect(next.lines()).toMatchObject([
      {
        recordsRead: 69_302,
        accepted: 67_094,
        filteredByRule: { NO_CLASSIFICATION: 2_199, NO_ALTERNATE: 9 },
        balanced: true,
      },
    ]);
    expect(await list(PATHOGENIC)).toEqual([]);
    const { serviceInfo } = await service.query<{ serviceInfo: object }>(
      "{ serviceInfo { annotationSources { name version releasedAt } } }",
    );
    expect(serviceInfo).toEqual({
      annotationSources: [
        { name: "clinvar", version: "2026-02", releasedAt: "2026-02-26T00:00:00.000Z" },
        { name: "ensembl", version: "110", releasedAt: null },
      ],
    });
  });
});

async function runJob(kind: string): Promise<Record<string, unknown>> {
  const { submitBatchJob } = await service.query<{ submitBatchJob: { id: string } }>(
    `mutation Run($kind: String!) { submitBatchJob(input: { kind: $kind, idempotencyKey: "once" }) { id } }`,
    { kind },
  );
  for (;;) {
    const { job } = await service.query<{ job: Record<string, unknown> & { state: string } }>(
      "query Job($id: ID!) { job(id: $id) { state error { message } outputs { table uri rows } } }",
      { id: submitBatchJob.id },
    );
    if (job.state === "COMPLETE") return job;
    expect(job["error"]).toBeNull();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const PEOPLE = `query People($after: Cursor) { patients(first: 500, after: $after) {
  nodes {
    id birthDate sampleLinks { sampleId status sexMismatch callSetIds }
    observations(first: 3, code: [{ code: "Age at recruitment-0.0" }, { code: "Triglycerides-0.0" }]) {
      nodes { code { code } valueQuantity { value } valueString dataAbsentReason } }
  }
  pageInfo { hasNextPage endCursor } } }`;
const CARRIERS = `{
  patients(first: 1, filter: [{ variant: { clinicalSignificance: ["P/LP"] } }]) { count(mode: EXACT) { value } }
  deletion: variant(id: { id: "chr7-117559590-ATCT-A", assemblyId: GRCh38 }) { variant {
    genotypes { nodes { sampleId patient { samples variants(filter: { geneIds: ["CFTR"] }, first: 200) { nodes { id } } } } } } }
}`;

interface LinkedPerson {
  readonly id: string;
  readonly birthDate: string | null;
  readonly sampleLinks: readonly {
    readonly sampleId: string;
    readonly status: string;
    readonly sexMismatch: boolean | null;
    readonly callSetIds: readonly string[];
  }[];
  readonly observations: { readonly nodes: readonly object[] };
}
interface People {
  readonly patients: {
    readonly nodes: readonly LinkedPerson[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}
interface Carriers {
  readonly patients: { readonly count: { readonly value: number } };
  readonly deletion: {
    readonly variant: {
      readonly genotypes: {
        readonly nodes: readonly {
          readonly sampleId: string;
          readonly patient: {
            readonly samples: readonly string[];
            readonly variants: { readonly nodes: readonly { readonly id: string }[] };
          } | null;
        }[];
      };
    };
  };
}

interface Page {
  readonly variants: {
    readonly nodes: readonly { readonly id: string; readonly annotations: Listed["annotations"] }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}
