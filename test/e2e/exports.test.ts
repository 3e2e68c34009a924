import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { removeFolder, startService, type Service } from "../helpers/service.js";
import { buildVcf, generateVcf, writeVcf } from "../helpers/vcf.js";

const DOCUMENT = `mutation Export($filter: VariantFilter!, $format: ExportFormat!, $fields: [String!], $snapshotId: ID, $key: String!) {
  exportVariants(filter: $filter, format: $format, fields: $fields, snapshotId: $snapshotId, idempotencyKey: $key) { id parameters exportUrl }
}`;
const RECORDS = [
  "100 rs1 A C,G 12.5 PASS DP=3 GT 0/1 1/2 0/0",
  "200 =x;rs2 AC A . q10 . GT 0/1 ./. 0/0",
  "300 . A T 99 . . GT ./. ./. ./.",
];

let folder: string;
let service: Service;
let keys = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vitalome-exports-"));
  service = await startService();
  await ingest("mine.vcf", RECORDS, "mine");
}, 60_000);
afterAll(async () => {
  await service.stop();
  await removeFolder(service.directory);
  await removeFolder(folder);
});

async function ingest(name: string, records: readonly string[], callSet: string, samples?: string[]): Promise<void> {
  const path = await writeVcf(folder, name, buildVcf(records, samples, ['##FILTER=<ID=q10,Description="low">']));
  expect(await service.cli("ingest", path, "--call-set", callSet, "--output", "json")).toMatchObject({ code: 0 });
}

interface Submitted {
  readonly id: string;
  readonly parameters: Record<string, unknown>;
  readonly exportUrl: string | null;
}

async function submit(format: string, options: Record<string, unknown> = {}): Promise<Submitted> {
  const variables = { filter: {}, format, key: `key ${String((keys += 1))}`, ...options };
  return (await service.query<{ exportVariants: Submitted }>(DOCUMENT, variables)).exportVariants;
}

interface Ended {
  readonly state: string;
  readonly exportUrl: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

async function ended(id: string): Promise<Ended> {
  for (;;) {
    const document = "query J($id: ID!) { job(id: $id) { state exportUrl error { code message } } }";
    const { job } = await service.query<{ job: Ended }>(document, { id });
    if (["COMPLETE", "EXECUTOR_ERROR", "CANCELED"].includes(job.state)) return job;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function download(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(new URL(path, service.url), { headers: { authorization: `Bearer ${service.token}`, ...headers } });
}

async function bytesOf(format: string, options: Record<string, unknown> = {}): Promise<Buffer> {
  const { id } = await submit(format, options);
  const { exportUrl, error } = await ended(id);
  expect(error).toBeNull();
  expect(exportUrl).toBe(`/exports/${id}`);
  const response = await download(String(exportUrl));
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(response.headers.get("etag")).toBe(`"${createHash("sha256").update(bytes).digest("hex")}"`);
  return bytes;
}

async function rowsOf(options: Record<string, unknown> = {}): Promise<readonly Record<string, unknown>[]> {
  const text = (await bytesOf("NDJSON", options)).toString("utf8");
  return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Record<string, unknown>]));
}

describe("an export of variants", () => {
  it("has a row for each allele and call set that matches the filter, with the columns asked for", async () => {
    const csv = await bytesOf("CSV", {
      filter: { regions: [{ referenceName: "1", start: 100, end: 200, assemblyId: "GRCh38" }] },
      fields: ["variant_id", "af", "ac", "ids", "qual", "filters", "call_set_name"],
    });
    expect(csv.toString("utf8")).toBe(
      [
        "variant_id,af,ac,ids,qual,filters,call_set_name",
        "GRCh38:1-100-A-C,0.3333333333333333,2,rs1,12.5,PASS,mine",
        "GRCh38:1-100-A-G,0.16666666666666666,1,rs1,12.5,PASS,mine",
        "GRCh38:1-200-AC-A,0.25,1,'=x;rs2,,q10,mine",
        "",
      ].join("\r\n"),
    );
  });

  it("agrees with the list of variants, filter by filter, in the same order", async () => {
    await ingest("theirs.vcf", ["100 . A C 50 PASS . GT 1/1", "400 . G GT 5 q10 . GT 0/1"], "theirs", ["T1"]);
    const filters = [
      {},
      { passOnly: true },
      { qual: { gte: 20, includeMissing: true } },
      { subject: { sampleIds: ["S2"], zygosity: ["HET_ALT"] } },
      { cohortAlleleFrequency: { source: "mine", af: { gte: 0.2 } } },
      { or: [{ variantTypes: ["insertion"] }, { filter: ["q10'; DROP TABLE x; --"] }] },
    ];
    for (const filter of filters) {
      const document =
        "query L($filter: VariantFilter!) { variants(filter: $filter) { nodes { id records { callSetId } } } }";
      const { variants } = await service.query<{
        variants: { nodes: readonly { id: string; records: readonly { callSetId: string }[] }[] };
      }>(document, { filter });
      const listed = variants.nodes.flatMap(({ id, records }) =>
        records.map(({ callSetId }) => `${id} ${callSetId}`).sort(),
      );
      const exported = await rowsOf({ filter, fields: ["call_set_id", "variant_id"] });
      expect([filter, exported.map((row) => `${String(row["variant_id"])} ${String(row["call_set_id"])}`)]).toEqual([
        filter,
        listed,
      ]);
    }
    const parquet = await bytesOf("PARQUET", { filter: { passOnly: true, qual: { gte: 20 } } });
    expect([parquet.subarray(0, 4).toString(), parquet.subarray(-4).toString()]).toEqual(["PAR1", "PAR1"]);
  });

  it("reads the snapshot it names, whatever was published since, and the newest by itself", async () => {
    const sites = async (options: object): Promise<unknown[]> =>
      (await rowsOf({ fields: ["position"], ...options })).map((row) => row["position"]);
    expect(await sites({ snapshotId: "1" })).toEqual([100, 100, 200, 300]);
    expect(await sites({})).toEqual([100, 100, 100, 200, 300, 400]);
    await expect(submit("CSV", { snapshotId: "99" })).rejects.toThrow("snapshot");
  });

  it("as VCF is read again with the same alleles, and ends with the block that bgzip writes", async () => {
    const vcf = await bytesOf("VCF_BGZ", { snapshotId: "1" });
    expect(vcf.subarray(-28).toString("hex")).toBe("1f8b08040000000000ff0600424302001b0003000000000000000000");
    const text = gunzipSync(vcf).toString("utf8");
    expect(text).toContain("1\t100\trs1\tA\tC\t12.5\tPASS\tAC=2;AN=6;AF=0.3333333333333333;CALLSET=cs-");
    const other = await startService();
    try {
      await writeFile(join(folder, "again.vcf.gz"), vcf);
      const run = await other.cli("ingest", join(folder, "again.vcf.gz"), "--call-set", "again", "--output", "json");
      expect(run.lines()).toMatchObject([{ status: "accepted", quarantined: 0 }]);
      const document = "{ variants(filter: {}) { nodes { id } } }";
      const { variants } = await other.query<{ variants: { nodes: { id: string }[] } }>(document);
      const ids = text.split("\n").flatMap((line) => {
        const [contig, pos, , ref, alt] = line.split("\t");
        return line === "" || line.startsWith("#")
          ? []
          : [`GRCh38:${String(contig)}-${String(pos)}-${String(ref)}-${String(alt)}`];
      });
      expect(variants.nodes.map(({ id }) => id)).toEqual(ids);
    } finally {
      await other.stop();
      await removeFolder(other.directory);
    }
  });

  it("of nothing is a file without rows", async () => {
    const filter = { ids: ["rs404"] };
    expect((await bytesOf("CSV", { filter, fields: ["contig", "af"] })).toString()).toBe("contig,af\r\n");
    expect((await bytesOf("NDJSON", { filter })).length).toBe(0);
    expect(gunzipSync(await bytesOf("VCF_BGZ", { filter })).toString()).toMatch(/\tINFO\n$/);
    expect((await bytesOf("PARQUET", { filter })).subarray(0, 4).toString()).toBe("PAR1");
    expect((await bytesOf("ARROW_IPC", { filter })).subarray(0, 6).toString()).toBe("ARROW1");
    expect((await bytesOf("CSV", { snapshotId: "0", fields: ["contig"] })).toString()).toBe("contig\r\n");
  });

  it("is the same job for the same key, and refused for the same key with something else", async () => {
    const asked = { key: "again", fields: ["contig"] };
    const first = await submit("CSV", asked);
    await ended(first.id);
    await ingest("later.vcf", ["500 . A C . PASS . GT 0/1"], "later", ["L1"]);
    expect((await submit("CSV", asked)).id).toBe(first.id);
    expect(first.parameters).toEqual({ filter: {}, format: "CSV", fields: ["contig"], snapshot: expect.any(Number) });
    expect((await submit("CSV", { ...asked, snapshotId: String(first.parameters["snapshot"]) })).id).toBe(first.id);
    for (const other of [{ fields: ["position"] }, { filter: { passOnly: true } }, { snapshotId: "1" }])
      await expect(submit("CSV", { ...asked, ...other })).rejects.toThrow("other parameters");
    await expect(submit("NDJSON", asked)).rejects.toThrow("other parameters");
  });

  it("names what is wrong with its columns", async () => {
    await expect(submit("CSV", { fields: ["contig", "genotype"] })).rejects.toThrow(
      /fields: expected columns of variant_id, assembly.*found "genotype"/,
    );
    await expect(submit("CSV", { fields: [] })).rejects.toThrow("fields: expected one column or more");
    await expect(submit("CSV", { fields: ["af", "af"] })).rejects.toThrow("each column once");
    await expect(submit("VCF_BGZ", { fields: ["af"] })).rejects.toThrow("fields: expected none with VCF_BGZ");
  });

  it("as VCF of two builds ends with the reason, and leaves no file", async () => {
    const old = buildVcf(["100 . A C . PASS . GT 0/1"], ["O1"]).replace(/^##contig.*\n/m, "");
    const path = await writeVcf(folder, "old.vcf", old);
    await service.cli("ingest", path, "--call-set", "old", "--assembly", "GRCh37", "--output", "json");
    const { id } = await submit("VCF_BGZ");
    expect(await ended(id)).toMatchObject({
      state: "EXECUTOR_ERROR",
      exportUrl: null,
      error: { code: "BAD_USER_INPUT", message: expect.stringContaining("filter: expected alleles of one build") },
    });
    expect((await download(`/exports/${id}`)).status).toBe(404);
  });

  it("is fetched by who may read variants, and by nobody without a token", async () => {
    const { id } = await submit("CSV", { filter: { subject: { sampleIds: ["S1"] } } });
    const { exportUrl } = await ended(id);
    const operator = (await service.cli("token", "--role", "operator", "--data", service.directory)).stdout.trim();
    expect((await download(String(exportUrl), { authorization: `Bearer ${operator}` })).status).toBe(403);
    expect((await fetch(new URL(String(exportUrl), service.url))).status).toBe(401);
    const asOperator = async (document: string): Promise<unknown> => {
      const response = await fetch(service.url, {
        method: "POST",
        headers: { authorization: `Bearer ${operator}`, "content-type": "application/json" },
        body: JSON.stringify({ query: document }),
      });
      return response.json();
    };
    // Whom it is about is not for them either.
    expect(await asOperator(`{ job(id: "${id}") { parameters } }`)).toMatchObject({
      data: { job: { parameters: { filter: null, format: "CSV" } } },
    });
    expect(
      await asOperator('mutation { exportVariants(filter: {}, format: CSV, idempotencyKey: "o") { id } }'),
    ).toMatchObject({ errors: [{ extensions: { code: "FORBIDDEN" } }] });
  });

  it("is started by its mutation alone", async () => {
    await expect(
      service.query('mutation { submitBatchJob(input: { kind: "export", params: {}, idempotencyKey: "b" }) { id } }'),
    ).rejects.toThrow("kind: expected");
  });

  it("that is cancelled leaves nothing to fetch", async () => {
    const path = await writeVcf(folder, "large.vcf", generateVcf(30_000, 4, 3));
    await service.cli("ingest", path, "--call-set", "large", "--output", "json");
    const { id } = await submit("NDJSON");
    await service.cli("jobs", "cancel", id);
    expect((await ended(id)).state).toBe("CANCELED");
    expect((await download(`/exports/${id}`)).status).toBe(404);
  });

  it("comes to a file by the command line, which never writes over one", async () => {
    const out = join(folder, "mine.csv");
    const args = ["export", "variants", "-o", out, "--snapshot", "1", "--fields", "position, ac"];
    const run = await service.cli(...args, "--filter", '{"ids": ["rs1"]}');
    expect([run.code, run.lines()]).toEqual([0, [expect.objectContaining({ file: out, bytes: 27 })]]);
    expect(await readFile(out, "utf8")).toBe("position,ac\r\n100,2\r\n100,1\r\n");
    expect(await service.cli(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining("is there already") });
    const wrong: readonly (readonly [string[], string])[] = [
      [["-o", join(folder, "a.txt")], "tells no format"],
      [["-o", join(folder, "none", "a.csv")], "there is no folder"],
      [["-o", join(folder, "a.csv"), "--filter", "[]"], "--filter: expected a JSON object"],
      [["-o", join(folder, "a.csv"), "--resume"], "no export to"],
      [["-o", join(folder, "a.csv"), "--fields", "genotype"], "fields: expected columns of variant_id"],
    ];
    for (const [options, said] of wrong)
      expect(await service.cli("export", "variants", ...options)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(said),
      });
    expect((await readdir(folder)).filter((name) => /\.(?:part|export)$/.test(name))).toEqual([]);
  });

  it("goes on by the command line where a download broke, and is brought again where what is there is not its start", async () => {
    const { id } = await submit("NDJSON", { snapshotId: "1" });
    await ended(id);
    const response = await download(`/exports/${id}`);
    const whole = Buffer.from(await response.arrayBuffer());
    const out = join(folder, "resumed.ndjson");
    const resume = async (part: Buffer): ReturnType<Service["cli"]> => {
      await writeFile(`${out}.part`, part);
      await writeFile(`${out}.export`, JSON.stringify({ jobId: id, tag: response.headers.get("etag") }));
      return service.cli("export", "variants", "-o", out, "--resume");
    };
    for (const part of [whole.subarray(0, 100), Buffer.alloc(0)]) {
      expect(await resume(part)).toMatchObject({ code: 0 });
      expect(await readFile(out)).toEqual(whole);
      await rm(out);
    }
    // Longer than the file, as long, and as long as a part of it, with other bytes.
    for (const length of [whole.length + 5, whole.length]) {
      expect(await resume(Buffer.alloc(length, "x"))).toMatchObject({ code: 0 });
      expect(await readFile(out)).toEqual(whole);
      await rm(out);
    }
    expect(await resume(Buffer.alloc(50, "x"))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("not what was written"),
    });
    expect(await service.cli("export", "variants", "-o", out, "--resume")).toMatchObject({ code: 0 });
    expect(await readFile(out)).toEqual(whole);
  });

  it("that was running when the service was killed leaves nothing to fetch, and can be tried again", async () => {
    const { id } = await submit("NDJSON");
    const document = "query S($id: ID!) { job(id: $id) { state } }";
    while ((await service.query<{ job: { state: string } }>(document, { id })).job.state === "QUEUED")
      await new Promise((resolve) => setTimeout(resolve, 20));
    await service.kill();
    service = await startService(service.directory);
    expect(await ended(id)).toMatchObject({ state: "EXECUTOR_ERROR", exportUrl: null });
    expect((await download(`/exports/${id}`)).status).toBe(404);
    const again = String((await service.cli("jobs", "retry", id)).lines()[0]?.["id"]);
    expect((await ended(again)).state).toBe("COMPLETE");
    const lines = (await (await download(`/exports/${again}`)).text()).trimEnd().split("\n");
    expect(lines.length).toBeGreaterThan(30_000);
  });

  it("is there after a restart, by range", async () => {
    const { id } = await submit("CSV", { fields: ["contig"], filter: { ids: ["rs1"] } });
    await ended(id);
    await service.kill();
    service = await startService(service.directory);
    const response = await download(`/exports/${id}`, { range: "bytes=0-5" });
    expect([response.status, await response.text()]).toEqual([206, "contig"]);
  });
});
