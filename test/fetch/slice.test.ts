import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseTabixIndex } from "../../src/fetch/tabix-index.js";
import { readVcfFile } from "./read-back.js";
import { itShared, requireShared } from "../helpers/shared.js";
import {
  PATH,
  buildCohort,
  buildSparse,
  createRandom,
  createSetting,
  overlapping,
  positions,
  type Setting,
} from "./setting.js";

const REGION = "chr10:94760000-94760200";
const WIDE = "chr10:94700000-94899999";
let setting: Setting;
beforeEach(async () => {
  setting = await createSetting();
});
afterEach(() => setting.close());

describe("a slice", () => {
  it("holds the records that overlap the region by POS, by the length of REF and by END, both ends inside", async () => {
    const report = await setting.slice(REGION);
    const found = positions(await setting.text());
    expect(found).toEqual([80_000_000, 94_759_900, 94_760_000, 94_760_050, 94_760_100, 94_760_150, 94_760_200]);
    expect(report).toMatchObject({ records: 7, region: REGION, etag: '"data-1"', isIndexVerified: false });
    await setting.slice("chr10:94760001-94760199");
    expect(positions(await setting.text())).toEqual([80_000_000, 94_759_900, 94_760_050, 94_760_100, 94_760_150]);
    await setting.slice("chr10:94760049-94760049");
    expect(positions(await setting.text())).toEqual([94_759_900]);
    await setting.slice("chr10:94760050-94760050");
    expect(positions(await setting.text())).toEqual([94_760_050]);
  });

  it("is a valid bgzip VCF with the source's header and where it came from", async () => {
    await setting.slice(REGION);
    const text = await setting.text();
    const [header = ""] = buildCohort().split("#CHROM");
    expect(text.startsWith(header)).toBe(true);
    expect(text).toContain(
      `\n##vitalomeFetch=url=${setting.server.url}${PATH};etag="data-1";region=${REGION}\n#CHROM\t`,
    );
    const read = await readVcfFile(join(setting.folder, "slice.vcf.gz"));
    expect(read).toEqual({ records: 7, rejections: 0 });
  });

  it("fetches the header, the blocks the index names, and little else", async () => {
    // A line that does not compress, so that the records lie far behind one another.
    let state = 1;
    const noise = Array.from({ length: 400_000 }, () => ((state = (state * 48_271) % 2_147_483_647) % 36).toString(36));
    const lines = buildCohort()
      .replace("r94720000\t", `${noise.join("")}\t`)
      .replace("r94880000\t", `${noise.join("")}\t`);
    await setting.close();
    setting = await createSetting(lines, 60_000);
    const size = setting.server.files.get(PATH)!.bytes.length;
    let received = 0;
    const onBytes = (bytes: number): void => {
      received += bytes;
    };
    const report = await setting.slice("chr10:94890000-94890100", {}, { ...setting.tools, onBytes });
    expect(report.records).toBe(3);
    expect(received).toBeLessThan(size - 200_000);
    const [header, ...blocks] = setting.server.asked.filter(({ path }) => path === PATH);
    expect(header).toMatchObject({ range: "bytes=0-262143", status: 206 });
    expect(blocks.length).toBeGreaterThan(0);
    expect(blocks.every(({ ifRange, status }) => ifRange === '"data-1"' && status === 206)).toBe(true);
  });

  it.each(["10", "chr10", "NC_000010.11"])("finds the contig the user calls %s", async (name) => {
    const report = await setting.slice(`${name}:94760050-94760050`);
    expect(report).toMatchObject({ records: 1, region: "chr10:94760050-94760050" });
  });

  it("finds chr10 where the source says 10", async () => {
    await setting.close();
    setting = await createSetting(buildCohort().replaceAll("chr", ""));
    expect(await setting.slice(REGION)).toMatchObject({ records: 7, region: REGION.replace("chr", "") });
  });

  it("without records is a valid, empty VCF", async () => {
    for (const region of ["chr10:1000-2000", "chr10:120000000-120000010", "chr11:1-10"]) {
      expect(await setting.slice(region)).toMatchObject({ records: 0 });
      expect(await readVcfFile(join(setting.folder, "slice.vcf.gz"))).toEqual({ records: 0, rejections: 0 });
    }
  });

  it("of a contig that only the header knows is empty, of one nobody knows is NOT_FOUND", async () => {
    await setting.close();
    setting = await createSetting(buildCohort().replace(/\nchr11\t.*\n/, "\n"));
    expect(await setting.slice("11:1-10000")).toMatchObject({ records: 0 });
    await expect(setting.slice("chr12:1-10")).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringContaining("chr9, chr10"),
    });
  });

  it("is the same through .csi where there is no .tbi", async () => {
    await setting.slice(REGION);
    const expected = await setting.text();
    setting.server.files.delete(`${PATH}.tbi`);
    const report = await setting.slice(REGION);
    expect(report.indexUrl).toBe(`${setting.server.url}${PATH}.csi`);
    expect(await setting.text()).toBe(expected);
  });

  it.each([".tbi", ".csi"])(
    "by %s holds what a search of every line finds, wherever the region lies",
    async (suffix) => {
      const vcf = buildSparse(7);
      await setting.close();
      setting = await createSetting(vcf, 300);
      const random = createRandom(11);
      const indexUrl = `${setting.server.url}${PATH}${suffix}`;
      let found = 0;
      for (let index = 0; index < 60; index += 1) {
        const start = 1 + (index % 2 === 0 ? random(132_000_000) : 59_900_000 + random(2_200_000));
        const end = start + 2 ** random(22);
        await setting.slice(`chr10:${String(start)}-${String(end)}`, { indexUrl });
        const records = positions(await setting.text());
        expect(records).toEqual(overlapping(vcf, "chr10", start, end));
        found += records.length;
      }
      expect(found).toBeGreaterThan(100);
    },
  );

  it("asks for a kept index only whether it is still the same", async () => {
    expect(await setting.slice(REGION)).toMatchObject({ isIndexCached: false });
    expect(await setting.slice(REGION)).toMatchObject({ isIndexCached: true, records: 7 });
    const index = setting.server.files.get(`${PATH}.tbi`)!;
    index.etag = '"index-9"';
    expect(await setting.slice(REGION)).toMatchObject({ isIndexCached: false, records: 7 });
    const statuses = setting.server.asked.filter(({ path }) => path === `${PATH}.tbi`).map(({ status }) => status);
    expect(statuses).toEqual([200, 304, 200, 200]);
  });

  it("leaves a file that is there alone unless told to replace it", async () => {
    await writeFile(join(setting.folder, "slice.vcf.gz"), "mine");
    await expect(setting.slice(REGION, { force: false })).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await readFile(join(setting.folder, "slice.vcf.gz"), "utf8")).toBe("mine");
  });
});

/** What the reference programs find in the same file; null where they are not installed. */
function byTabix(file: string, region: string): string | null {
  try {
    return execFileSync("tabix", [file, region], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: 1 << 28,
    });
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === "ENOENT") return null;
    throw thrown;
  }
}

/** Makes an index with the reference program; null where it is not installed. */
function indexByTabix(file: string, ...options: readonly string[]): string | null {
  try {
    return execFileSync("tabix", [...options, "-p", "vcf", file], { encoding: "utf8", stdio: "pipe" });
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === "ENOENT") return null;
    throw thrown;
  }
}

const recordsOf = (text: string): string => text.replace(/^#.*\n/gm, "");

describe("against the reference program and real files", () => {
  it("finds what tabix finds, in regions of every size", async () => {
    const file = join(setting.folder, "cohort.vcf.gz");
    await writeFile(file, setting.server.files.get(PATH)!.bytes);
    await writeFile(`${file}.tbi`, setting.server.files.get(`${PATH}.tbi`)!.bytes);
    for (const region of [REGION, "chr10:1-200000000", "chr10:94716000-94717000", "chr9:1-100", "chr11:4999-5001"]) {
      const expected = byTabix(file, region);
      if (expected === null) return;
      await setting.slice(region);
      expect(recordsOf(await setting.text())).toBe(expected);
    }
  });

  itShared.each([
    ["genomes/1kgp-grch37/CYP2C19.vcf.gz", "10:96521657-96541616"],
    ["annotations/clinvar/clinvar_20260226_cancer_genes_GRCh38.vcf.gz", "13:32315000-32400000"],
    ["annotations/vep/split-vep.vcf.gz", "1:1-250000000"],
  ])("slices %s as tabix does", async (name, region) => {
    const path = requireShared(name);
    const { files, url } = setting.server;
    files.set("/real.vcf.gz", { bytes: await readFile(path) });
    files.set("/real.vcf.gz.tbi", { bytes: await readFile(`${path}.tbi`) });
    const report = await setting.slice(region.replace(/^/, "chr"), { url: `${url}/real.vcf.gz` });
    expect(report.records).toBeGreaterThan(100);
    expect(await readVcfFile(join(setting.folder, "slice.vcf.gz"))).toMatchObject({ records: report.records });
    const expected = byTabix(path, region);
    // Compared as a whole: a difference of thousands of lines tells no more than one.
    if (expected !== null) expect(recordsOf(await setting.text()) === expected).toBe(true);
  });

  it("gives tabix a file it can index, and reads the .csi that tabix makes", async () => {
    await setting.slice(WIDE);
    const file = join(setting.folder, "slice.vcf.gz");
    const expected = await setting.text();
    if (indexByTabix(file, "-C", "-m", "12") === null) return;
    const { files, url } = setting.server;
    files.set("/again.vcf.gz", { bytes: await readFile(file) });
    files.set("/again.vcf.gz.csi", { bytes: await readFile(`${file}.csi`) });
    for (const region of [WIDE, REGION, "chr10:94816384-94816385"]) {
      await setting.slice(region, { url: `${url}/again.vcf.gz`, path: join(setting.folder, "again.vcf.gz") });
      const again = recordsOf(await setting.text("again.vcf.gz"));
      expect(again === byTabix(file, region)).toBe(true);
      if (region === WIDE) expect(again).toBe(recordsOf(expected));
    }
  });
});

describe("an index", () => {
  it.each([
    ["another format", Buffer.from("BAI\u0001 and more")],
    ["half an index", Buffer.from("TBI\u0001\u0001\u0000\u0000\u0000", "latin1")],
    ["a count that cannot be", Buffer.concat([Buffer.from("TBI\u0001"), Buffer.alloc(60, 0x7f)])],
  ])("that is %s is refused", (_what, bytes) => {
    expect(() => parseTabixIndex(bytes)).toThrow(expect.objectContaining({ code: "INGEST_REJECTED" }));
  });
});
