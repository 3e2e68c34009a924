import { VitalomeError } from "../errors.js";
import { VCF_LIMITS } from "../ingest/sources/vcf/types.js";
import { readBlocks } from "./bgzf.js";
import { plainUrl } from "./http.js";
import type { RemoteFile } from "./remote-file.js";
import { blockOf, withinOf, type Chunk } from "./tabix-index.js";

const NEW_LINE = 10;
const RETURN = 13;
const TAB = 9;
const HASH = 35;

/** Lines of a compressed file from one place to another, each with a line feed, whatever ended it. */
async function* readLines(file: RemoteFile, chunk: Chunk | null): AsyncGenerator<Buffer> {
  const from = chunk === null ? 0 : blockOf(chunk.start);
  let carried: Buffer = Buffer.alloc(0);
  for await (const { offset, text } of readBlocks(file, from, chunk?.end ?? null)) {
    const first = chunk !== null && offset === from ? withinOf(chunk.start) : 0;
    const last = chunk !== null && offset === blockOf(chunk.end) ? withinOf(chunk.end) : text.length;
    const bytes = Buffer.concat([carried, text.subarray(first, last)]);
    let at = 0;
    for (let end = bytes.indexOf(NEW_LINE); end >= 0; end = bytes.indexOf(NEW_LINE, at)) {
      yield bytes[end - 1] === RETURN && end > at
        ? withoutReturn(bytes.subarray(at, end))
        : bytes.subarray(at, end + 1);
      at = end + 1;
    }
    carried = bytes.subarray(at);
    if (carried.length > VCF_LIMITS.lineBytes) {
      throw new VitalomeError("LIMIT_EXCEEDED", `${plainUrl(file.url)}: a line is longer than the limit`, {
        details: { limit: "lineBytes", max: VCF_LIMITS.lineBytes },
      });
    }
  }
  if (carried.length > 0) yield Buffer.concat([carried, Buffer.from("\n")]);
}

function withoutReturn(line: Buffer): Buffer {
  return Buffer.concat([line.subarray(0, -1), Buffer.from("\n")]);
}

/** The header's lines without line ends, `#CHROM` last. */
export async function readHeader(file: RemoteFile): Promise<readonly string[]> {
  const lines: string[] = [];
  let bytes = 0;
  for await (const line of readLines(file, null)) {
    if (line[0] !== HASH) break;
    bytes += line.length;
    if (bytes > VCF_LIMITS.headerBytes) break;
    const text = line.toString("utf8").trimEnd();
    lines.push(text);
    if (text.startsWith("#CHROM\t")) return lines;
  }
  throw new VitalomeError("INGEST_REJECTED", `${plainUrl(file.url)}: has no VCF header`, {
    details: { field: "header", expected: "#CHROM after lines that begin with ##" },
  });
}

/** Lines that overlap bases `start` to `end` of a contig (0-based, half-open), in file order, each once. */
export async function* readRecords(
  file: RemoteFile,
  chunks: readonly Chunk[],
  contig: string,
  start: number,
  end: number,
): AsyncGenerator<Buffer> {
  for (const chunk of chunks) {
    for await (const line of readLines(file, chunk)) {
      const extent = extentOf(line, contig);
      if (extent === null) continue;
      // The file is sorted, as an indexed file must be.
      if (extent.start >= end) return;
      if (extent.end > start) yield line;
    }
  }
}

/**
 * The bases a record covers, 0-based and half-open: those of REF, or up to INFO/END where it is given and lies behind.
 * Null on another contig. The rule of the programs that build the index.
 */
export function extentOf(line: Buffer, contig: string): { readonly start: number; readonly end: number } | null {
  const tabs: number[] = [];
  for (let at = line.indexOf(TAB); at >= 0 && tabs.length < 8; at = line.indexOf(TAB, at + 1)) tabs.push(at);
  if (line[0] === HASH || tabs.length < 7) return null;
  const column = (index: number): string =>
    line.toString("latin1", (tabs[index - 1] ?? -1) + 1, tabs[index] ?? line.length);
  if (line.toString("utf8", 0, tabs[0]) !== contig) return null;
  const start = Number(column(1)) - 1;
  const stated = /(?:^|;)END=(\d+)/.exec(column(7))?.[1];
  const end = stated === undefined ? 0 : Number(stated);
  return { start, end: end > start ? end : start + column(3).length };
}
