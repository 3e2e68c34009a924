import { VitalomeError } from "../../../errors.js";
import { checkRef, isContigName, parseAlts, parseFilters, parseIds, parsePosition, parseQual } from "./fixed-columns.js";
import { createGenotypeReader, type GenotypeReader } from "./genotypes.js";
import { createHeaderReader, missingColumns } from "./header.js";
import { createInfoChecker, type InfoCheck } from "./info.js";
import { decompress } from "./input.js";
import { lineWindows } from "./lines.js";
import { VCF_LIMITS, VCF_RULES, type RecordFault, type VcfHeader, type VcfLimits, type VcfSink, type VcfSummary } from "./types.js";

export { readLines } from "./lines.js";
export * from "./types.js";

export interface ReadVcfOptions {
  readonly signal?: AbortSignal;
  readonly limits?: Partial<VcfLimits>;
  /** `words` compares fixed-width genotypes four bytes at a time; both give the same. */
  readonly scanner?: "plain" | "words";
}

const RAW_BYTES = 64 * 1024;

/**
 * Reads VCF 4.1 to 4.5, plain or compressed. Every line after the header that is not empty is one record, and
 * ends in exactly one call of `record` or `reject`. A fault of the header or of the compression throws
 * INGEST_REJECTED. Memory does not grow with the number of records.
 */
export async function readVcf(chunks: AsyncIterable<Uint8Array>, sink: VcfSink, options: ReadVcfOptions = {}): Promise<VcfSummary> {
  const limits = { ...VCF_LIMITS, ...options.limits };
  let bytes = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      yield chunk;
    }
  };
  const headerReader = createHeaderReader(limits);
  let scanner: RecordScanner | null = null;
  let line = 0;
  let headerBytes = 0;
  for await (const { text, tooLong } of lineWindows(decompress(counted(), limits), limits.lineBytes)) {
    options.signal?.throwIfAborted();
    for (let at = 0; at < text.length; ) {
      const newline = text.indexOf(10, at);
      let end = newline < 0 ? text.length : newline;
      const next = end + 1;
      if (end > at && text[end - 1] === 13) end -= 1;
      line += 1;
      if (scanner === null) {
        headerBytes += end - at;
        if (headerBytes > limits.headerBytes || tooLong) throw headerTooLong(limits, headerBytes, line);
        if (headerReader.take(text.toString("utf8", at, end), line)) {
          const header = headerReader.finish();
          sink.header(header);
          scanner = createRecordScanner(header, limits, sink, options.scanner !== "plain");
        }
      } else if (end > at) {
        if (tooLong) scanner.tooLong(text, at, end, line);
        else scanner.scan(text, at, end, line);
      }
      at = next;
    }
    await sink.flush({ bytesRead: bytes, recordsRead: scanner?.summary.recordsRead ?? 0 });
  }
  if (scanner === null) {
    if (line === 0) headerReader.finish();
    throw missingColumns(line);
  }
  return { ...scanner.summary, bytes };
}

function headerTooLong(limits: VcfLimits, actual: number, line: number): VitalomeError {
  return new VitalomeError("INGEST_REJECTED", `line ${String(line)}: the header is longer than the limit`, {
    details: { line, field: "header", limit: "headerBytes", max: limits.headerBytes, actual },
  });
}

interface RecordScanner {
  scan(text: Buffer, from: number, to: number, line: number): void;
  tooLong(text: Buffer, from: number, to: number, line: number): void;
  readonly summary: { recordsRead: number; accepted: number; rejected: number };
}

function createRecordScanner(header: VcfHeader, limits: VcfLimits, sink: VcfSink, useWords: boolean): RecordScanner {
  const summary = { recordsRead: 0, accepted: 0, rejected: 0 };
  const checkInfo: (info: string, alternates: number) => InfoCheck = createInfoChecker(header);
  const genotypes: GenotypeReader = createGenotypeReader(header, useWords);
  const fixed = header.samples.length === 0 ? 8 : 9;
  const tabs = new Int32Array(9);
  const finished = new Set<string>();
  let contig = "";
  let lastPos = -1;

  function reject(text: Buffer, from: number, to: number, line: number, fault: RecordFault): void {
    summary.rejected += 1;
    sink.reject({
      line,
      field: fault.field,
      rule: fault.rule,
      expected: fault.expected ?? VCF_RULES[fault.rule],
      found: fault.found.slice(0, 200),
      raw: text.toString("utf8", from, Math.min(to, from + RAW_BYTES)),
    });
  }

  function scan(text: Buffer, from: number, to: number, line: number): void {
    summary.recordsRead += 1;
    const fault = take(text, from, to, line);
    if (fault === null) summary.accepted += 1;
    else reject(text, from, to, line, fault);
  }

  /** Null when the record was handed on. */
  function take(text: Buffer, from: number, to: number, line: number): RecordFault | null {
    let columns = 0;
    for (let at = from; columns < fixed; columns += 1) {
      const tab = text.indexOf(9, at);
      if (tab < 0 || tab >= to) break;
      tabs[columns] = tab;
      at = tab + 1;
    }
    if (columns < fixed - (header.samples.length === 0 ? 1 : 0)) {
      return { field: "columns", rule: "COLUMN_COUNT", found: `${String(columns + 1)} columns`, expected: columnText(header) };
    }
    if (header.samples.length === 0 && columns === 8) {
      return { field: "columns", rule: "COLUMN_COUNT", found: "more than 8 columns", expected: columnText(header) };
    }
    const column = (index: number): string => {
      const start = index === 0 ? from : (tabs[index - 1] ?? 0) + 1;
      const end = index === 7 && header.samples.length === 0 ? to : (tabs[index] ?? to);
      return text.toString("utf8", start, end);
    };
    const name = column(0);
    if (name !== contig && !isContigName(name)) return { field: "CHROM", rule: "CHROM_SYNTAX", found: name };
    const pos = parsePosition(column(1));
    if (pos === null) return { field: "POS", rule: "POS_SYNTAX", found: column(1) };
    if (name !== contig && finished.has(name)) return { field: "CHROM", rule: "CHROM_CONTIGUOUS", found: name };
    if (name === contig && pos < lastPos) {
      return { field: "POS", rule: "POS_ORDER", found: String(pos), expected: `a position of at least ${String(lastPos)}` };
    }
    const ids = parseIds(column(2));
    if ("fault" in ids) return ids.fault;
    const ref = column(3);
    const refFault = checkRef(ref, limits);
    if (refFault !== null) return refFault;
    const upperRef = ref.toUpperCase();
    const alts = parseAlts(column(4), upperRef, limits);
    if ("fault" in alts) return alts.fault;
    const qual = parseQual(column(5));
    if ("fault" in qual) return qual.fault;
    const filters = parseFilters(column(6));
    if ("fault" in filters) return filters.fault;
    const info = column(7);
    const checked = checkInfo(info, alts.value.length);
    if (checked.fault !== null) return checked.fault;
    if (header.samples.length === 0) genotypes.none();
    else {
      const fault = genotypes.read(text, (tabs[8] ?? 0) + 1, to, column(8), alts.value.length);
      if (fault !== null) return fault;
    }
    if (name !== contig) {
      if (contig !== "") finished.add(contig);
      contig = name;
    }
    lastPos = pos;
    sink.record({
      line,
      contig: name,
      pos,
      ids: ids.value,
      ref: upperRef,
      alts: alts.value,
      qual: qual.value,
      filters: filters.value,
      info: info === "." ? "" : info,
      endPos: checked.endPos,
      genotypes: genotypes.genotypes,
    });
    return null;
  }

  return {
    scan,
    tooLong(text, from, to, line) {
      summary.recordsRead += 1;
      reject(text, from, to, line, { field: "line", rule: "LINE_TOO_LONG", found: text.toString("utf8", from, from + 100) });
    },
    summary,
  };
}

function columnText(header: VcfHeader): string {
  return header.samples.length === 0 ? "8 columns" : `9 fixed columns and ${String(header.samples.length)} samples`;
}
