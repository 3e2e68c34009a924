import { afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { ensureBuilt } from "../helpers/built.js";
import { runCli } from "../helpers/service.js";
import { PATH, createSetting, positions, type Setting } from "../fetch/setting.js";

const BIN = resolve(import.meta.dirname, "../../bin/vitalome");
const PANEL = "/panel/1kGP_high_coverage_Illumina.chr10.filtered.SNV_INDEL_SV_phased_panel.vcf.gz";
let setting: Setting;
beforeAll(async () => {
  await ensureBuilt();
});
beforeEach(async () => {
  setting = await createSetting();
  const { files } = setting.server;
  const index = files.get(`${PATH}.tbi`)!;
  files.set(PANEL, files.get(PATH)!);
  files.set(`${PANEL}.tbi`, index);
  const digest = createHash("md5").update(index.bytes).digest("hex");
  files.set("/panel/20220804_manifest.txt", { bytes: Buffer.from(`${PANEL.slice(7)}.tbi ${digest}\n`) });
});
afterEach(() => setting.close());

const fetching = (...args: string[]): ReturnType<typeof runCli> =>
  runCli(["fetch", ...args, "--out", join(setting.folder, "out")]);

describe("vitalome fetch", () => {
  it("writes a slice per gene and region of a source, and says what it wrote", async () => {
    const base = `${setting.server.url}/panel`;
    const places = ["--gene", "CYP2C19", "--region", "chr10:94760000-94760010"];
    const run = await fetching("1000genomes", ...places, "--base-url", base);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    const [gene, region] = run.lines();
    const out = join(setting.folder, "out");
    expect(gene).toMatchObject({
      file: join(out, "1000genomes.GRCh38.CYP2C19.vcf.gz"),
      source: "1000genomes",
      assembly: "GRCh38",
      region: "chr10:94759681-94858547",
      isIndexVerified: true,
      isIndexCached: false,
    });
    expect(region).toMatchObject({ records: 3, isIndexCached: true });
    const written = gunzipSync(await readFile(join(out, "1000genomes.GRCh38.10_94760000-94760010.vcf.gz"))).toString();
    expect(positions(written)).toEqual([80_000_000, 94_759_900, 94_760_000]);
  });

  it("writes a whole file with its digest checked, and not over one that is there", async () => {
    const bytes = Buffer.from("a table");
    const { files, url } = setting.server;
    files.set("/clinvar/tab_delimited/variant_summary.txt.gz", { bytes });
    const digest = createHash("md5").update(bytes).digest("hex");
    files.set("/clinvar/tab_delimited/variant_summary.txt.gz.md5", { bytes: Buffer.from(`${digest}  x\n`) });
    const run = await fetching("clinvar-summary", "--base-url", `${url}/clinvar/`);
    expect(run.lines()[0]).toMatchObject({ bytes: 7, isVerified: true, source: "clinvar-summary" });
    const again = await fetching("clinvar-summary", "--base-url", `${url}/clinvar/`);
    expect(again).toMatchObject({ code: 1, stdout: "" });
    expect(again.stderr).toContain("--force");
  });

  it("holds a file of any address against the digests it is told of", async () => {
    const { files, url } = setting.server;
    const digest = createHash("sha256").update(files.get(PATH)!.bytes).digest("hex");
    files.set("/SHA256SUMS", { bytes: Buffer.from(`${digest}  cohort.vcf.gz\n${"0".repeat(64)}  other\n`) });
    const run = await fetching("--url", `${url}${PATH}`, "--checksum-url", `${url}/SHA256SUMS`);
    expect(run.lines()[0]).toMatchObject({ isVerified: true, sha256: digest });
    files.set("/SHA256SUMS", { bytes: Buffer.from(`${"0".repeat(64)}  cohort.vcf.gz\n`) });
    const wrong = await fetching("--url", `${url}${PATH}`, "--checksum-url", `${url}/SHA256SUMS`, "--force");
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain(digest);
  });

  it("takes any address, and says in text what to do next", async () => {
    const run = await fetching("--url", `${setting.server.url}${PATH}`, "--region", "10:94760050", "--output", "text");
    expect(run.code).toBe(0);
    expect(run.stdout).toContain("1 records of chr10:94760050-94760050");
    expect(run.stderr).toContain("next: vitalome ingest ");
  });

  it("lists its sources, none of them tried", async () => {
    const run = await runCli(["fetch"]);
    expect(run.lines().map(({ source, assembly, tried }) => [source, assembly, tried])).toEqual([
      ["1000genomes", "GRCh38", false],
      ["1000genomes", "GRCh37", false],
      ["clinvar", "GRCh38", false],
      ["clinvar", "GRCh37", false],
      ["clinvar-summary", null, false],
    ]);
    expect((await runCli(["fetch", "--help"])).stdout).toContain("NOT YET TRIED against the real hosts");
  });

  it.each([
    ["a source nobody knows", ["gnomad", "--gene", "CYP2C19"]],
    ["a cohort without a region", ["1000genomes"]],
    ["a region that is none", ["clinvar", "--region", "CYP2C19"]],
    ["a gene in the other build", ["clinvar", "--gene", "CYP2C19", "--assembly", "GRCh37"]],
    ["a build that is none", ["clinvar", "--assembly", "hg19"]],
    ["a source and an address", ["clinvar", "--url", "http://127.0.0.1:9/x.vcf.gz"]],
    ["digests of nothing", ["clinvar", "--checksum-url", "http://127.0.0.1:9/md5"]],
    ["an address that is none", ["--url", "ftp://127.0.0.1/x.vcf.gz"]],
    ["a slice of a table", ["clinvar-summary", "--gene", "CFTR"]],
  ])("ends with 2 for %s", async (_what, args) => {
    const run = await fetching(...args);
    expect(run).toMatchObject({ code: 2, stdout: "" });
    expect(run.stderr).toMatch(/^vitalome: /);
  });

  it("ends with 1 where there is no such file, with 4 where there is no server", async () => {
    const missing = await fetching("clinvar", "--base-url", `${setting.server.url}/nowhere/`);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain("NOT_FOUND");
    setting.server.troubles.set(PATH, (_request, response) => {
      response.writeHead(503, { "retry-after": "3600" }).end();
      return true;
    });
    const busy = await fetching("--url", `${setting.server.url}${PATH}`);
    expect(busy.code).toBe(4);
  });

  it("ends with 130 at an interrupt and leaves nothing half done", async () => {
    const started = new Promise<void>((resolve) => {
      setting.server.troubles.set(PATH, (_request, response) => {
        response.writeHead(200, { "content-length": 1_000_000 });
        response.write("some", () => {
          resolve();
        });
        return true;
      });
    });
    const out = join(setting.folder, "out");
    const args = ["fetch", "--url", `${setting.server.url}${PATH}`, "--out", out];
    const child = spawn(BIN, args, { env: { ...process.env, NODE_OPTIONS: "" }, stdio: "ignore" });
    await started;
    child.kill("SIGINT");
    expect(await once(child, "close")).toEqual([130, null]);
    expect(await readdir(out)).toEqual([]);
  });
});
