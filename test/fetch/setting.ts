import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { createHttp, fetchSlice, parseRegion, type SliceReport, type SliceRequest } from "../../src/fetch/index.js";
import type { RemoteTools } from "../../src/fetch/index.js";
import { bgzipAndIndex } from "./bgzip.js";
import { startRangeServer, type RangeServer } from "./range-server.js";

const HEADER = [
  "##fileformat=VCFv4.3",
  "##contig=<ID=chr9,length=138394717>",
  "##contig=<ID=chr10,length=133797422>",
  '##INFO=<ID=END,Number=1,Type=Integer,Description="End">',
  "##contig=<ID=chr11,length=135086622>",
  "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO",
];

/** Records every 50 bases around chr10:94,750,000, in many bins, with a few long ones before them. */
export function buildCohort(): string {
  const row = (contig: string, pos: number, ref = "A", alt = "C", info = "."): string =>
    [contig, String(pos), `r${String(pos)}`, ref, alt, ".", "PASS", info].join("\t");
  const lines = [...HEADER, row("chr9", 100), row("chr9", 94_780_000)];
  // In one bin and one chunk, of which the second alone reaches into later windows.
  lines.push(row("chr10", 79_999_000, "A", "<DEL>", "SVTYPE=DEL;END=94740000"));
  lines.push(row("chr10", 80_000_000, "A", "<DEL>", "SVTYPE=DEL;END=94760010"));
  for (let pos = 94_700_000; pos < 94_900_000; pos += 50) {
    lines.push(pos === 94_759_900 ? row("chr10", pos, "A".repeat(150), "A") : row("chr10", pos));
  }
  return [...lines, row("chr11", 5_000), ""].join("\n");
}

export const PATH = "/data/cohort.vcf.gz";

export interface Setting {
  readonly server: RangeServer;
  readonly folder: string;
  /** Waits that were asked for, in milliseconds; none is waited. */
  readonly waits: number[];
  readonly tools: RemoteTools;
  readonly canceler: AbortController;
  slice(region: string, overrides?: Partial<SliceRequest>, tools?: RemoteTools): Promise<SliceReport>;
  /** Everything in the output folder but the cache. */
  outputs(): Promise<string[]>;
  text(name?: string): Promise<string>;
  close(): Promise<void>;
}

/** A server with an indexed cohort, a folder to write to, and a clock that does not wait. */
export async function createSetting(vcf = buildCohort(), blockText?: number): Promise<Setting> {
  const server = await startRangeServer();
  const folder = await mkdtemp(join(tmpdir(), "vitalome-fetch-"));
  const { bytes, tbi, csi } = bgzipAndIndex(vcf, blockText);
  server.files.set(PATH, { bytes, etag: '"data-1"' });
  server.files.set(`${PATH}.tbi`, { bytes: tbi, etag: '"index-1"' });
  server.files.set(`${PATH}.csi`, { bytes: csi, etag: '"index-2"' });
  const waits: number[] = [];
  const canceler = new AbortController();
  const tools: RemoteTools = {
    http: createHttp({ idleMs: 5_000 }),
    clock: {
      now: () => Date.parse("2026-01-01T00:00:00Z"),
      sleep: (ms, signal) => {
        waits.push(ms);
        signal?.throwIfAborted();
        return Promise.resolve();
      },
    },
    signal: canceler.signal,
    onBytes: () => undefined,
  };
  return {
    server,
    folder,
    waits,
    tools,
    canceler,
    slice: (region, overrides, others) =>
      fetchSlice(others ?? tools, {
        url: `${server.url}${PATH}`,
        region: parseRegion(region),
        path: join(folder, "slice.vcf.gz"),
        force: true,
        cacheFolder: join(folder, ".fetch-cache"),
        checksum: null,
        ...overrides,
      }),
    outputs: async () => (await readdir(folder)).filter((name) => name !== ".fetch-cache").sort(),
    text: async (name = "slice.vcf.gz") => gunzipSync(await readFile(join(folder, name))).toString(),
    async close() {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Positions of the records of a VCF text. */
export function positions(vcf: string): number[] {
  return vcf
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => Number(line.split("\t")[1]));
}

/** Positions of the records of a sorted VCF text that overlap a region, 1-based, both ends inside; found one by one. */
export function overlapping(vcf: string, contig: string, from: number, to: number): number[] {
  return vcf.split("\n").flatMap((line) => {
    const [name, pos = "", , ref = "", , , , info = ""] = line.split("\t");
    const start = Number(pos);
    const stated = Number(/END=(\d+)/.exec(info)?.[1] ?? 0);
    const last = stated >= start ? stated : start + ref.length - 1;
    return name === contig && start <= to && last >= from ? [start] : [];
  });
}

/** Records of very different lengths with long empty stretches between them, sorted; the same for the same seed. */
export function buildSparse(seed: number): string {
  const random = createRandom(seed);
  const records = Array.from({ length: 250 }, () => {
    const pos = 1 + (random(4) === 0 ? random(130_000_000) : 60_000_000 + random(2_000_000));
    const length = 2 ** random(26);
    return { pos, end: Math.min(133_000_000, pos + length) };
  }).sort((a, b) => a.pos - b.pos);
  const rows = records.map(({ pos, end }) => `chr10\t${String(pos)}\t.\tA\t<DEL>\t.\tPASS\tEND=${String(end)}`);
  return [...HEADER, ...rows, ""].join("\n");
}

/** Whole numbers from 0 below a limit. */
export function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}
