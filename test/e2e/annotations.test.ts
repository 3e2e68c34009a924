import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildClinVar } from "../helpers/clinvar.js";
import { removeFolder, startService, type CliRun, type Service } from "../helpers/service.js";
import { buildVcf, writeVcf } from "../helpers/vcf.js";

let service: Service;
let folder: string;

const GENES = [
  "chrom\tstart\tend\tensembl_id\tsymbol\tdescription",
  "1\t100\t200\tENSG1\tFIRST\tends where the next begins",
  "1\t200\t300\tENSG2\tSECOND\toverlaps by one base",
  "1\t131000\t131200\tENSG3\tTWOBINS\tcrosses a multiple of 2^17",
  "",
].join("\n");

const CLINVAR = [
  "100 11 A C CLNSIG=Pathogenic/Likely_pathogenic|drug_response;CLNREVSTAT=reviewed_by_expert_panel;CLNDN=Some_disease;CLNDISDB=MONDO:MONDO:0000001,OMIM:1;GENEINFO=FIRST:1",
  "200 12 A C CLNSIG=Conflicting_classifications_of_pathogenicity;CLNSIGCONF=Pathogenic(1)|Uncertain_significance(2);CLNREVSTAT=criteria_provided,_conflicting_classifications",
  "200 13 A G CLNSIG=Benign;CLNREVSTAT=no_assertion_criteria_provided;ONC=Oncogenic;ONCREVSTAT=criteria_provided,_single_submitter",
  "300 14 A T CLNSIG=Pathogenic;CLNREVSTAT=practice_guideline",
  "131072 15 A C CLNSIG=Uncertain_significance",
  "400 16 A C GENEINFO=FIRST:1",
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vitalome-annotations-"));
  service = await startService();
  const records = [
    "98 . ACG A 10 PASS . GT 0/1 0/0 0/0",
    "100 . A C 10 PASS . GT 0/1 0/0 0/0",
    "200 . A C,G 10 q10 . GT 0/1 0/2 0/0",
    "300 . A C 10 . . GT 0/1 0/0 0/0",
    "301 . A C 10 PASS . GT 0/1 0/0 0/0",
    "131070 . ACGT A 10 PASS . GT 0/1 0/0 0/0",
    "131072 . A C 10 PASS . GT 0/1 0/0 0/0",
  ];
  const path = await writeVcf(folder, "people.vcf", buildVcf(records));
  expect((await service.cli("ingest", path, "--call-set", "people")).code).toBe(0);
});

afterAll(async () => {
  expect(await service.stop()).toBe(0);
  await removeFolder(service.directory);
  await removeFolder(folder);
});

async function ingest(name: string, text: string | Buffer, ...options: readonly string[]): Promise<CliRun> {
  const path = await writeVcf(folder, name, text as string);
  return service.cli("ingest-annotations", path, "--output", "json", ...options);
}

const release = (version: string, source = "clinvar"): readonly string[] => [
  ...["--source", source, "--release", version],
];

async function ids(filter: object): Promise<string> {
  const { variants } = await service.query<{ variants: { nodes: { id: string }[]; count: { value: number } } }>(
    "query L($filter: VariantFilter!) { variants(filter: $filter) { nodes { id } count(mode: EXACT) { value } } }",
    { filter },
  );
  expect(variants.count.value).toBe(variants.nodes.length);
  return variants.nodes.map(({ id }) => id.replace("GRCh38:1-", "")).join(" ");
}

describe("annotations", () => {
  it("are taken with a ledger per file, and need a build", async () => {
    const unknown = await ingest("genes.tsv", GENES, ...release("1", "ensembl"));
    expect(unknown.code).toBe(1);
    expect(unknown.lines()).toMatchObject([{ status: "refused", field: "assemblyId", line: 1 }]);
    const genes = await ingest("genes.tsv", GENES, ...release("1", "ensembl"), "--assembly", "GRCh38");
    expect(genes.lines()).toMatchObject([{ status: "accepted", recordsRead: 3, accepted: 3, balanced: true }]);
    const clinvar = await ingest("clinvar.vcf", buildClinVar(CLINVAR), ...release("one"));
    expect(clinvar.lines()).toMatchObject([
      {
        status: "accepted",
        recordsRead: 6,
        accepted: 5,
        filteredByRule: { NO_CLASSIFICATION: 1 },
        alleles: { read: 5, accepted: 5, balanced: true },
      },
    ]);
    const diseases = "symbol\tdisease\tvariants\nFIRST\tMONDO:0000001|Some disease\t3\n";
    expect((await ingest("d.tsv", diseases, ...release("one"))).lines()).toMatchObject([{ accepted: 1 }]);
  });

  it("filter by gene with both ends, by symbol in any case or id; a deletion that reaches in counts", async () => {
    expect(await ids({ geneIds: ["first"] })).toBe("98-ACG-A 100-A-C 200-A-C 200-A-G");
    expect(await ids({ geneIds: ["ENSG2"] })).toBe("200-A-C 200-A-G 300-A-C");
    expect(await ids({ geneIds: ["FIRST", "SECOND"] })).toBe("98-ACG-A 100-A-C 200-A-C 200-A-G 300-A-C");
    expect(await ids({ not: { geneIds: ["FIRST"] } })).toBe("300-A-C 301-A-C 131070-ACGT-A 131072-A-C");
    await expect(ids({ geneIds: ["NOBODY"] })).rejects.toThrow("no gene table of this snapshot knows NOBODY");
  });

  it("filter by significance in its parts and groups; a conflict is not the classification of one submitter", async () => {
    expect(await ids({ clinicalSignificance: ["Pathogenic"] })).toBe("100-A-C");
    expect(await ids({ clinicalSignificance: ["likely pathogenic"] })).toBe("100-A-C");
    expect(await ids({ clinicalSignificance: ["drug_response"] })).toBe("100-A-C");
    expect(await ids({ clinicalSignificance: ["VUS+conflicting"] })).toBe("200-A-C 131072-A-C");
    expect(await ids({ clinicalSignificance: ["B/LB", "Oncogenic"] })).toBe("200-A-G");
    expect(await ids({ clinicalSignificance: ["Uncertain_significance"] })).toBe("131072-A-C");
  });

  it("leave an allele without a statement unknown, and stars without a review status", async () => {
    expect(await ids({ not: { clinicalSignificance: ["Pathogenic"] } })).toBe("200-A-C 200-A-G 131072-A-C");
    expect(await ids({ minReviewStars: 1 })).toBe("100-A-C 200-A-C 200-A-G");
    expect(await ids({ not: { minReviewStars: 1 } })).toBe("");
    expect(await ids({ minReviewStars: 1, clinicalSignificance: ["Benign"] })).toBe("");
    expect(await ids({ minReviewStars: 0, clinicalSignificance: ["Benign"] })).toBe("200-A-G");
    await expect(ids({ minReviewStars: 5 })).rejects.toThrow("filter.minReviewStars: expected 0 to 4");
  });

  it("are served with what submitters said where they conflict, and each kind apart", async () => {
    const { variants } = await service.query<{ variants: { nodes: object[] } }>(
      `{ variants(filter: { regions: [{ referenceName: "1", start: 200, end: 300, assemblyId: GRCh38 }] }) { nodes { id
           annotations { genes { id symbol } clinical { significance classifications conflicting group kind goldStars evidence } } } } }`,
    );
    const genes = [
      { id: "ENSG1", symbol: "FIRST" },
      { id: "ENSG2", symbol: "SECOND" },
    ];
    expect(variants.nodes).toEqual([
      {
        id: "GRCh38:1-200-A-C",
        annotations: {
          genes,
          clinical: [
            {
              significance: "Conflicting_classifications_of_pathogenicity",
              classifications: ["Pathogenic", "Uncertain_significance"],
              conflicting: true,
              group: "VUS+conflicting",
              kind: "germline",
              goldStars: 1,
              evidence: "Pathogenic(1)|Uncertain_significance(2)",
            },
          ],
        },
      },
      {
        id: "GRCh38:1-200-A-G",
        annotations: {
          genes,
          clinical: [
            expect.objectContaining({ significance: "Benign", kind: "germline", goldStars: 0, group: "B/LB" }),
            expect.objectContaining({ significance: "Oncogenic", kind: "oncogenicity", goldStars: 1, group: "other" }),
          ],
        },
      },
      // The same position with another allele says nothing.
      { id: "GRCh38:1-300-A-C", annotations: { genes: [genes[1]], clinical: [] } },
    ]);
  });

  it("are counted by facets over the whole filter, whatever the page", async () => {
    const { variants } = await service.query<{ variants: { facets: unknown } }>(
      `{ variants(filter: {}, first: 1) { facets(by: [{ field: "gene", size: 1 }, { field: "significance", size: 2 },
           { field: "filter" }, { field: "chromosome" }, { field: "type" }]) {
           field buckets { key count { value } } otherCount { value } missing { value } } } }`,
    );
    const bucket = (key: string, value: number): object => ({ key, count: { value } });
    const facet = (field: string, buckets: object[], other: number, missing: number): object => ({
      field,
      buckets,
      otherCount: { value: other },
      missing: { value: missing },
    });
    expect(variants.facets).toEqual([
      facet("gene", [bucket("ENSG1", 4)], 5, 1),
      facet("significance", [bucket("Benign", 1), bucket("Conflicting_classifications_of_pathogenicity", 1)], 2, 4),
      facet("filter", [bucket("PASS", 5), bucket("q10", 2)], 0, 1),
      facet("chromosome", [bucket("1", 8)], 0, 0),
      facet("type", [bucket("SNV", 6), bucket("deletion", 2)], 0, 0),
    ]);
    await expect(
      service.query('{ variants(filter: {}) { facets(by: [{ field: "banana" }]) { field } } }'),
    ).rejects.toThrow("by.0.field: expected gene");
  });

  it("are written as a table: a gene that touches two bins once, and nothing for another allele", async () => {
    const job = await runJob("annotate-variants", "first");
    // FIRST 4, SECOND 3, TWOBINS 2, one of which touches two bins too; statements of 100, 200 (1 and 2) and 131072.
    expect(job["outputs"]).toMatchObject([{ table: "variant_annotations", rows: 9 + 5 }]);
    await expect(
      service.query('mutation { submitBatchJob(input: { kind: "rm", idempotencyKey: "x" }) { id } }'),
    ).rejects.toThrow("kind: expected annotate-variants");
  });

  it("change with a new release at once, and take the stale table with them; half a release changes nothing", async () => {
    const before = await ids({ clinicalSignificance: ["Pathogenic"] });
    const good = await writeVcf(folder, "good.vcf", buildClinVar(["100 11 A C CLNSIG=Benign"]));
    const bad = await writeVcf(folder, "bad.vcf", "##fileformat=VCFv4.1\nnonsense\n");
    const half = await service.cli("ingest-annotations", good, bad, ...release("two"), "--output", "json");
    expect(half.code).toBe(1);
    expect(half.lines()).toMatchObject([{ status: "refused" }, { status: "refused" }]);
    expect(await ids({ clinicalSignificance: ["Pathogenic"] })).toBe(before);

    const whole = await service.cli("ingest-annotations", good, ...release("two"), "--output", "json");
    expect(whole.lines()).toMatchObject([{ accepted: 1 }]);
    expect(await ids({ clinicalSignificance: ["Pathogenic"] })).toBe("");
    expect(await ids({ clinicalSignificance: ["Benign"] })).toBe("100-A-C");
    const { snapshotId } = whole.lines()[0] as { snapshotId: string };
    const catalog = await readFile(
      join(service.directory, "snapshots", `${snapshotId.padStart(12, "0")}.json`),
      "utf8",
    );
    expect(catalog).not.toContain("variant_annotations");
    // Genes with diseases of the release before stay: the new one says nothing about them.
    const { serviceInfo } = await service.query<{ serviceInfo: object }>(
      "{ serviceInfo { annotationSources { name version releasedAt } } }",
    );
    expect(serviceInfo).toMatchObject({
      annotationSources: [
        { name: "clinvar", version: "one" },
        { name: "clinvar", version: "two", releasedAt: "2026-01-31T00:00:00.000Z" },
        { name: "ensembl", version: "1" },
      ],
    });
  });

  it("given again add nothing; with other content under the same version they go to quarantine", async () => {
    const same = await ingest("good.vcf", buildClinVar(["100 11 A C CLNSIG=Benign"]), ...release("two", "ClinVar"));
    expect(same.lines()).toMatchObject([{ accepted: 0, duplicates: 1, snapshotId: null, balanced: true }]);
    const other = await ingest(
      "other.vcf",
      buildClinVar(["100 11 A C CLNSIG=Pathogenic", "101 17 A C CLNSIG=Pathogenic"]),
      ...release("two"),
      "--strict",
    );
    expect(other.code).toBe(3);
    expect(other.lines()).toMatchObject([
      {
        status: "partial",
        accepted: 1,
        quarantinedByRule: { CONFLICTING_DUPLICATE: 1 },
        balanced: true,
        quarantineSamples: [
          { source: "other.vcf", position: "line 14", raw: "1\t100\t11\tA\tC\t.\t.\tCLNSIG=Pathogenic" },
        ],
      },
    ]);
    expect(await ids({ clinicalSignificance: ["Benign"] })).toBe("100-A-C");
  });
});

async function runJob(kind: string, idempotencyKey: string): Promise<Record<string, unknown>> {
  const { submitBatchJob } = await service.query<{ submitBatchJob: { id: string } }>(
    "mutation Run($input: BatchJobInput!) { submitBatchJob(input: $input) { id } }",
    { input: { kind, idempotencyKey } },
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
