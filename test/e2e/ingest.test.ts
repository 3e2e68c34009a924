import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder, runCli, startService, type Service } from "../helpers/service.js";
import { buildVcf, generateVcf, writeVcf } from "../helpers/vcf.js";

let service: Service;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vitalome-vcf-"));
  service = await startService();
});

afterAll(async () => {
  expect(await service.stop()).toBe(0);
  await removeFolder(service.directory);
  await removeFolder(folder);
});

async function ingest(
  name: string,
  text: string,
  ...options: string[]
): Promise<{ code: number | null; line: Record<string, unknown> }> {
  const run = await service.cli("ingest", await writeVcf(folder, name, text), "--output", "json", ...options);
  const [line = {}] = run.lines();
  return { code: run.code, line };
}

async function ids(filter: object, orderBy = "POSITION"): Promise<string[]> {
  const { variants } = await service.query<{ variants: { nodes: { id: string }[] } }>(
    "query Ids($filter: VariantFilter!, $orderBy: VariantOrder!) { variants(filter: $filter, orderBy: $orderBy, first: 1000) { nodes { id } } }",
    { filter, orderBy },
  );
  return variants.nodes.map(({ id }) => id.replace("GRCh38:", ""));
}

describe("ingest", () => {
  it("counts what the genotypes say, not what INFO says", async () => {
    const text = buildVcf(
      ["100 . A G . PASS AC=99 GT 0/1 1|1 1 0 ./1 ./.", "200 . A G,* . PASS . GT 0/1 1|2 2 . 0|2 0/0"],
      ["a", "b", "c", "d", "e", "f"],
      ['##INFO=<ID=AC,Number=A,Type=Integer,Description="x">'],
    );
    expect((await ingest("counting.vcf", text, "--call-set", "counting")).line).toMatchObject({
      accepted: 2,
      balanced: true,
      alleles: { read: 2, accepted: 2 },
    });
    const { variantsByIds } = await service.query<{
      variantsByIds: { variant: { frequencies: object[]; genotypeCounts: object[] } }[];
    }>(
      `{ variantsByIds(ids: [{ id: "1-100-A-G", assemblyId: GRCh38 }, { id: "1-200-A-G", assemblyId: GRCh38 }]) { variant {
        frequencies { focusAlleleCount locusAlleleCount } genotypeCounts { homRef het hetAlt homAlt hemiRef hemiAlt otherAlt halfMissing missing samplesWithData } } } }`,
    );
    expect(variantsByIds.map(({ variant }) => variant.frequencies[0])).toEqual([
      { focusAlleleCount: 5, locusAlleleCount: 7 },
      { focusAlleleCount: 2, locusAlleleCount: 9 },
    ]);
    expect(variantsByIds[0]?.variant.genotypeCounts[0]).toEqual({
      homRef: 0,
      het: 1,
      hetAlt: 0,
      homAlt: 1,
      hemiRef: 1,
      hemiAlt: 1,
      otherAlt: 0,
      halfMissing: 1,
      missing: 1,
      samplesWithData: 5,
    });
    expect(variantsByIds[1]?.variant.genotypeCounts[0]).toEqual({
      homRef: 1,
      het: 1,
      hetAlt: 1,
      homAlt: 0,
      hemiRef: 0,
      hemiAlt: 0,
      otherAlt: 2,
      halfMissing: 0,
      missing: 1,
      samplesWithData: 5,
    });
  });

  it("serves the genotype of the original record after splitting", async () => {
    await ingest("split.vcf", buildVcf(["300 . A C,T . PASS . GT 1/2 0/1 ./2"]), "--call-set", "split");
    const { variant } = await service.query<{
      variant: { variant: { genotypes: { nodes: object[] }; records: object[] } };
    }>(
      `{ variant(id: { id: "1-300-A-C", assemblyId: GRCh38 }) { variant {
        genotypes(sampleIds: ["S1", "S2", "S3"]) { nodes { sampleId gt zygosity dosage otherAltDosage } } records { originalRef originalAlts altIndex provenance { sourceLine rules } } } } }`,
    );
    expect(variant.variant.genotypes.nodes).toEqual([
      { sampleId: "S1", gt: "1/2", zygosity: "HET_ALT", dosage: 1, otherAltDosage: 1 },
      { sampleId: "S2", gt: "0/1", zygosity: "HET", dosage: 1, otherAltDosage: 0 },
      { sampleId: "S3", gt: "./2", zygosity: "HALF_MISSING", dosage: 0, otherAltDosage: 1 },
    ]);
    expect(variant.variant.records).toEqual([
      {
        originalRef: "A",
        originalAlts: ["C", "T"],
        altIndex: 1,
        provenance: { sourceLine: 5, rules: ["SPLIT", "TRIMMED"] },
      },
    ]);
  });

  it("adds nothing when the same file comes again, and quarantines a contradiction with its text", async () => {
    const text = buildVcf(["400 . A C 30 PASS . GT 0/1 0/0 0/0", "410 . G T 30 PASS . GT 0/1 0/0 0/0"]);
    expect((await ingest("again.vcf", text, "--call-set", "again")).line).toMatchObject({ accepted: 2, duplicates: 0 });
    const before = (await service.query<{ serviceInfo: { snapshotId: string } }>("{ serviceInfo { snapshotId } }"))
      .serviceInfo.snapshotId;
    expect((await ingest("again.vcf", text, "--call-set", "again")).line).toMatchObject({
      accepted: 0,
      duplicates: 2,
      balanced: true,
    });
    const after = (await service.query<{ serviceInfo: { snapshotId: string } }>("{ serviceInfo { snapshotId } }"))
      .serviceInfo.snapshotId;
    expect(after).toBe(before);
    const other = await ingest(
      "other.vcf",
      text.replace("410 . G T 30".replaceAll(" ", "\t"), "410 . G T 99".replaceAll(" ", "\t")),
      "--call-set",
      "again",
      "--strict",
    );
    expect(other.code).toBe(3);
    expect(other.line).toMatchObject({
      accepted: 0,
      duplicates: 1,
      quarantined: 1,
      quarantinedByRule: { CONFLICTING_DUPLICATE: 1 },
      balanced: true,
      status: "partial",
    });
    const quarantine = await readFile(join(service.directory, String(other.line["quarantineUri"])), "utf8");
    expect(JSON.parse(quarantine)).toMatchObject({
      source: "other.vcf",
      line: 6,
      rule: "CONFLICTING_DUPLICATE",
      raw: "chr1\t410\t.\tG\tT\t99\tPASS\t.\tGT\t0/1\t0/0\t0/0",
    });
  });

  it("filters by quality, PASS and frequency, and says what each filter removed", async () => {
    const text = buildVcf([
      "500 . A C 10 PASS . GT 0/1 0/0 0/0",
      "510 . A C 90 q10 . GT 0/1 0/0 0/0",
      "520 . A C 90 . . GT 0/1 0/0 0/0",
      "530 . A C . PASS . GT 0/1 0/0 0/0",
      "540 . A C 90 PASS . GT 1/1 1/1 1/1",
      "550 . A C 90 PASS . GT 0/0 0/0 0/0",
      "560 . A C,T 90 PASS . GT 0/1 2/2 2/2",
    ]);
    const { line } = await ingest(
      "filters.vcf",
      text,
      "--call-set",
      "filters",
      "--min-qual",
      "30",
      "--pass-only",
      "--min-af",
      "0.1",
      "--max-af",
      "0.5",
    );
    expect(line).toMatchObject({
      recordsRead: 7,
      accepted: 1,
      filteredByRule: { MIN_QUAL: 2, PASS_ONLY: 2, MAX_AF: 1, MIN_AF: 1 },
      balanced: true,
      alleles: { read: 8, accepted: 1, filtered: 7, balanced: true },
    });
  });

  it("refuses a file whose build nobody states, or which contradicts the caller, and takes the others", async () => {
    const good = await writeVcf(folder, "good.vcf", buildVcf(["600 . A C . PASS . GT 0/1 0/0 0/0"]));
    const unknown = await writeVcf(
      folder,
      "unknown.vcf",
      buildVcf(["600 . A C . PASS . GT 0/1 0/0 0/0"]).replace(",length=248956422", ""),
    );
    const run = await service.cli("ingest", unknown, good, "--call-set", "mixed", "--output", "json");
    expect(run.code).toBe(1);
    expect(run.lines()).toMatchObject([
      { file: "unknown.vcf", status: "refused", code: "INGEST_REJECTED", field: "##contig" },
      { file: "good.vcf", status: "accepted", accepted: 1 },
    ]);
    const against = await service.cli("ingest", good, "--assembly", "GRCh37", "--output", "json");
    expect(against.lines()).toMatchObject([
      { status: "refused", message: expect.stringContaining("the header says GRCh38") },
    ]);
  });

  it("puts a record beyond the end of its contig to quarantine, and takes the telomere", async () => {
    const records = [
      "248956422 . A C 10 PASS . GT 0/1 0/0 0/0",
      "248956423 . N C 10 PASS . GT 0/1 0/0 0/0",
      "248956424 . A C 10 PASS . GT 0/1 0/0 0/0",
      "248956422 . AC A 10 PASS . GT 0/1 0/0 0/0",
    ];
    const { code, line } = await ingest("beyond.vcf", buildVcf(records), "--call-set", "beyond", "--strict");
    expect(code).toBe(3);
    expect(line).toMatchObject({ recordsRead: 4, accepted: 2, quarantinedByRule: { POS_RANGE: 2 }, balanced: true });
    const stored = await readFile(join(service.directory, String(line["quarantineUri"])), "utf8");
    expect(
      stored
        .trim()
        .split("\n")
        .map((text) => JSON.parse(text) as object),
    ).toMatchObject([
      { field: "POS", found: "248956424", expected: "REF to end at 248956422, the last base of chr1, or before" },
      { field: "POS", found: "248956422" },
    ]);
  });

  it("lets a name stand for one set of samples of a build", async () => {
    const one = buildVcf(["5000 . A C 10 PASS . GT 0/1"], ["N1"]);
    const other = buildVcf(["5001 . A C 10 PASS . GT 0/1"], ["N2"]);
    expect((await ingest("one.vcf", one, "--call-set", "mine")).code).toBe(0);
    const refused = await ingest("other.vcf", other, "--call-set", "mine");
    expect(refused).toMatchObject({ code: 1, line: { status: "refused", field: "callSet" } });
    expect(refused.line["message"]).toContain("with other samples than this file");
    const more = buildVcf(["5002 . A C 10 PASS . GT 0/1"], ["N1"]);
    expect((await ingest("more.vcf", more, "--call-set", "mine")).code).toBe(0);
  });

  it("left-aligns with a reference, and refuses a REF that differs from it", async () => {
    const reference = "GGGCACACACAGGGTTTACGTAAAAAAGCC";
    const fasta = await writeVcf(
      folder,
      "reference.fa",
      `>chr1\n${reference.slice(0, 12)}\n${reference.slice(12, 24)}\n${reference.slice(24)}\n`,
    );
    const records = [
      "3 . GCA G . . . GT 0/1 0/0 0/0",
      "11 . A ACA . . . GT 0/1 0/0 0/0",
      "26 . AA A . . . GT 0/1 0/0 0/0",
    ];
    const { line } = await ingest("align.vcf", buildVcf(records), "--call-set", "aligned", "--reference", fasta);
    expect(line).toMatchObject({ accepted: 3, quarantined: 0 });
    const filter = { cohortAlleleFrequency: { source: "aligned", af: { gte: 0 } } };
    expect(await ids(filter)).toEqual(["1-3-G-GCA", "1-3-GCA-G", "1-21-TA-T"]);
    const wrong = await ingest(
      "wrong.vcf",
      buildVcf(["3 . TCA T . . . GT 0/1 0/0 0/0"]),
      "--call-set",
      "wrong",
      "--reference",
      fasta,
    );
    expect(wrong.line).toMatchObject({ status: "refused", field: "REF", line: 5 });
  });

  it("keeps symbolic alleles and breakends out of the variants, and counts them", async () => {
    const text = buildVcf(
      [
        "700 . A <DEL> . PASS SVTYPE=DEL;END=800 GT 0/1 0/0 0/0",
        "710 . A A[chr2:321[ . PASS SVTYPE=BND GT 0/1 0/0 0/0",
      ],
      undefined,
      ['##ALT=<ID=DEL,Description="Deletion">'],
    );
    expect((await ingest("sv.vcf", text, "--call-set", "sv")).line).toMatchObject({
      accepted: 2,
      alleles: { read: 2, accepted: 2 },
    });
    expect(await ids({ regions: [{ referenceName: "1", start: 690, end: 720, assemblyId: "GRCh38" }] })).toEqual([]);
  });

  it("publishes nothing in a dry run, and estimates", async () => {
    const run = await service.cli(
      "ingest",
      await writeVcf(folder, "dry.vcf", buildVcf(["900 . A C . PASS . GT 0/1 0/0 0/0"])),
      "--call-set",
      "dry",
      "--dry-run",
      "--output",
      "json",
    );
    expect(run.lines()).toMatchObject([
      { accepted: 1, snapshotId: null, dryRun: true, estimate: { rows: expect.any(Number) } },
    ]);
    expect(await ids({ ids: ["GRCh38:1-900-A-C"] })).toEqual([]);
  });

  it("answers the same job for the same key, and refuses the key with other parameters", async () => {
    const path = await writeVcf(folder, "key.vcf", buildVcf(["950 . A C . PASS . GT 0/1 0/0 0/0"]));
    const first = await service.cli(
      "ingest",
      path,
      "--call-set",
      "key",
      "--idempotency-key",
      "one",
      "--output",
      "json",
    );
    const second = await service.cli(
      "ingest",
      path,
      "--call-set",
      "key",
      "--idempotency-key",
      "one",
      "--output",
      "json",
    );
    expect(second.lines()[0]?.["jobId"]).toBe(first.lines()[0]?.["jobId"]);
    expect(second.lines()[0]).toMatchObject({ accepted: 1 });
    expect((await service.cli("ingest", path, "--call-set", "other", "--idempotency-key", "one")).code).toBe(5);
  });

  it("removes a call set from the next snapshot, while a page pinned before still sees it", async () => {
    await ingest(
      "removed.vcf",
      buildVcf(["1000 . A C . PASS . GT 0/1 0/0 0/0", "1001 . A C . PASS . GT 0/1 0/0 0/0"]),
      "--call-set",
      "removed",
    );
    const filter = { cohortAlleleFrequency: { source: "removed", af: { gte: 0 } } };
    const page = `query Page($filter: VariantFilter!, $after: Cursor) { variants(filter: $filter, first: 1, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } }`;
    interface Answer {
      variants: { nodes: { id: string }[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
    }
    const first = await service.query<Answer>(page, { filter, after: null });
    const { callSets } = await service.query<{ callSets: { id: string; name: string }[] }>("{ callSets { id name } }");
    const id = callSets.find(({ name }) => name === "removed")?.id;
    const { removeCallSet } = await service.query<{ removeCallSet: { id: string } }>(
      `mutation Remove($id: ID!) { removeCallSet(id: $id, reason: "a test") { id } }`,
      { id },
    );
    for (;;) {
      const { job } = await service.query<{ job: { state: string } }>(
        `query State($id: ID!) { job(id: $id) { state } }`,
        { id: removeCallSet.id },
      );
      if (job.state === "COMPLETE") break;
      expect(job.state).not.toBe("EXECUTOR_ERROR");
    }
    expect(await ids(filter)).toEqual([]);
    const second = await service.query<Answer>(page, { filter, after: first.variants.pageInfo.endCursor });
    expect(second.variants.nodes).toEqual([{ id: "GRCh38:1-1001-A-C" }]);
  });

  it("cancels a running job, which then publishes nothing, and runs it again on request", async () => {
    const path = await writeVcf(folder, "large.vcf", generateVcf(6_000, 200, 7));
    const before = (await service.query<{ serviceInfo: { snapshotId: string } }>("{ serviceInfo { snapshotId } }"))
      .serviceInfo.snapshotId;
    const upload = await fetch(new URL("/files?name=large.vcf", service.url), {
      method: "PUT",
      headers: { authorization: `Bearer ${service.token}` },
      body: await readFile(path),
    });
    const { id: uri } = (await upload.json()) as { id: string };
    const { ingestVariants } = await service.query<{ ingestVariants: { id: string } }>(
      "mutation Start($input: VariantIngestInput!) { ingestVariants(input: $input) { id } }",
      { input: { uris: [uri], callSet: "cancelled", idempotencyKey: "cancel me" } },
    );
    await service.query("mutation Cancel($id: ID!) { cancelJob(id: $id) { state } }", { id: ingestVariants.id });
    const end = async (id: string): Promise<string> => {
      for (;;) {
        const { job } = await service.query<{ job: { state: string; endedAt: string | null } }>(
          "query State($id: ID!) { job(id: $id) { state endedAt } }",
          { id },
        );
        if (job.endedAt !== null) return job.state;
      }
    };
    expect(await end(ingestVariants.id)).toBe("CANCELED");
    expect(
      (await service.query<{ serviceInfo: { snapshotId: string } }>("{ serviceInfo { snapshotId } }")).serviceInfo
        .snapshotId,
    ).toBe(before);
    const { retryJob } = await service.query<{ retryJob: { id: string; retryOf: string } }>(
      "mutation Retry($id: ID!) { retryJob(id: $id) { id retryOf } }",
      { id: ingestVariants.id },
    );
    expect(retryJob.retryOf).toBe(ingestVariants.id);
    expect(await end(retryJob.id)).toBe("COMPLETE");
  });

  it("goes on where it ended: jobs and data are there after a restart", async () => {
    const before = await ids({});
    expect(await service.stop()).toBe(0);
    service = await startService(service.directory);
    expect(await ids({})).toEqual(before);
    const { jobs } = await service.query<{ jobs: { nodes: { state: string }[] } }>(
      "{ jobs(first: 100) { nodes { state } } }",
    );
    expect(jobs.nodes.length).toBeGreaterThan(10);
    expect(jobs.nodes.some(({ state }) => state === "RUNNING")).toBe(false);
  });

  it("refuses a second process on the same folder with 78", async () => {
    const second = await runCli(["up", "--data", service.directory, "--port", "0"]);
    expect([second.code, second.stderr]).toEqual([78, expect.stringContaining("in use by process")]);
  });
});
