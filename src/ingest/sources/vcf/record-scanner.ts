import { isAscii, isUtf8 } from "node:buffer";
import type { Build } from "../../../domain/contig.js";
import { createContigLengths } from "./contig-lengths.js";
import { parseFixedColumns, type FixedColumns } from "./fixed-columns.js";
import { planFormat, type FormatPlan } from "./format-plan.js";
import { createGenotypeBuffers, createGenotypeTexts } from "./genotype-buffers.js";
import { createGenotypeScanner } from "./genotype-scan.js";
import { createWordScanner } from "./genotype-words.js";
import { createGenotypeReader } from "./genotypes.js";
import { createInfoScanner } from "./info-scan.js";
import { createInfoChecker, isSince43 } from "./info.js";
import {
  VCF_RULES,
  type RecordFault,
  type RecordGenotypes,
  type VcfHeader,
  type VcfLimits,
  type VcfSink,
  type VcfSummary,
} from "./types.js";

export interface RecordScanner {
  /** Must be called with every window before its lines. */
  enter(text: Buffer): void;
  /** One line of the window, without its line break. */
  scan(from: number, to: number, line: number): void;
  readonly summary: Omit<VcfSummary, "bytes">;
}

const TAB = 9;
const RAW_BYTES = 64 * 1024;
const FOUND_CHARACTERS = 200;
const FIXED = 7;
const MAX_PLANS = 1000;

/**
 * Checks records and hands them on. With `useWords` a record is first read on its bytes; whatever that does not accept
 * is read again as text, which alone decides on faults, so both ways give the same.
 */
export function createRecordScanner(
  header: VcfHeader,
  limits: VcfLimits,
  sink: VcfSink,
  useWords: boolean,
  build: Build | null,
): RecordScanner {
  const summary = { recordsRead: 0, accepted: 0, rejected: 0 };
  const samples = header.samples.length;
  const rules = {
    limits,
    allowsEmpty: !isSince43(header.version),
    contigLength: createContigLengths(header.contigs, build),
  };
  const texts = createGenotypeTexts();
  const buffers = createGenotypeBuffers(samples, texts);
  const reader = createGenotypeReader(header, texts, buffers);
  const words = createWordScanner(samples, texts, buffers);
  const scanner = createGenotypeScanner(samples, texts, buffers);
  const checkInfo = createInfoChecker(header);
  const infoScanner = createInfoScanner(header);
  const plans = new Map<string, FormatPlan | RecordFault>();
  const finished = new Set<string>();
  let contig = "";
  let text: Buffer = Buffer.alloc(0);
  let isTextAscii = true;
  let isTextUtf8 = true;

  const decode = (from: number, to: number): string => text.toString(isTextAscii ? "latin1" : "utf8", from, to);

  function planOf(format: string): FormatPlan | RecordFault {
    let plan = plans.get(format);
    if (plan === undefined) {
      plan = planFormat(format, header);
      if (plans.size < MAX_PLANS) plans.set(format, plan);
    }
    return plan;
  }

  function hand(
    line: number,
    fixed: FixedColumns,
    info: string,
    endPos: number | null,
    genotypes: RecordGenotypes,
  ): void {
    if (fixed.contig !== contig) {
      if (contig !== "") finished.add(contig);
      contig = fixed.contig;
    }
    summary.accepted += 1;
    sink.record({ line, ...fixed, info: info === "." ? "" : info, endPos, genotypes });
  }

  function tabAfter(from: number, to: number): number {
    let at = from;
    while (at < to && text[at] !== TAB) at += 1;
    return at;
  }

  /** False when the record has to be read as text. */
  function takeBytes(from: number, to: number, line: number): boolean {
    if (!isTextUtf8) return false;
    let at = from;
    for (let column = 0; column < FIXED; column += 1) {
      const tab = tabAfter(at, to);
      if (tab >= to) return false;
      at = tab + 1;
    }
    const fixed = parseFixedColumns(decode(from, at - 1).split("\t"), contig, rules);
    if ("fault" in fixed || (fixed.value.contig !== contig && finished.has(fixed.value.contig))) return false;
    const alternates = fixed.value.alts.length;
    const infoEnd = infoScanner.scan(text, at, to, alternates);
    if (infoEnd < 0) return false;
    if (samples === 0) {
      if (infoEnd !== to) return false;
      hand(line, fixed.value, decode(at, infoEnd), infoScanner.endPos, buffers.none());
      return true;
    }
    if (infoEnd >= to) return false;
    const formatEnd = tabAfter(infoEnd + 1, to);
    if (formatEnd >= to) return false;
    const plan = planOf(decode(infoEnd + 1, formatEnd));
    if ("rule" in plan) return false;
    const isGenotypeAlone = plan.hasGenotype && plan.fields.length === 1;
    const genotypes =
      (isGenotypeAlone ? words.scan(formatEnd + 1, to, alternates) : null) ??
      scanner.scan(text, formatEnd + 1, to, plan, alternates);
    if (genotypes === null) return false;
    hand(line, fixed.value, decode(at, infoEnd), infoScanner.endPos, genotypes);
    return true;
  }

  /** Null when the record was handed on. */
  function takeText(from: number, to: number, line: number): RecordFault | null {
    const encoding = encodingFault(from, to);
    if (encoding !== null) return encoding;
    const wanted = samples === 0 ? FIXED : FIXED + 2;
    const tabs: number[] = [];
    for (let at = tabAfter(from, to); at < to && tabs.length < wanted; at = tabAfter(at + 1, to)) tabs.push(at);
    if (tabs.length < wanted) return columnFault(`${String(tabs.length + 1)} columns`);
    const fixedEnd = tabs[FIXED - 1] ?? to;
    const infoEnd = samples === 0 ? to : (tabs[FIXED] ?? to);
    if (samples === 0 && tabAfter(fixedEnd + 1, to) < to) return columnFault("more than 8 columns");
    const fixed = parseFixedColumns(decode(from, fixedEnd).split("\t"), contig, rules);
    if ("fault" in fixed) return fixed.fault;
    if (fixed.value.contig !== contig && finished.has(fixed.value.contig)) {
      return { field: "CHROM", rule: "CHROM_CONTIGUOUS", found: fixed.value.contig };
    }
    const info = decode(fixedEnd + 1, infoEnd);
    const alternates = fixed.value.alts.length;
    const checked = checkInfo(info, alternates);
    if (checked.fault !== null) return checked.fault;
    let genotypes = buffers.none();
    if (samples > 0) {
      const formatEnd = tabs[FIXED + 1] ?? to;
      const plan = planOf(decode(infoEnd + 1, formatEnd));
      if ("rule" in plan) return plan;
      const read = reader.read(text, formatEnd + 1, to, plan, alternates);
      if ("fault" in read) return read.fault;
      genotypes = read.genotypes;
    }
    hand(line, fixed.value, info, checked.endPos, genotypes);
    return null;
  }

  function encodingFault(from: number, to: number): RecordFault | null {
    if (!isTextUtf8 && !isUtf8(text.subarray(from, to))) {
      return { field: "line", rule: "ENCODING", found: text.toString("latin1", from, to).replace(/^[\0-\x7f]*/, "") };
    }
    for (let at = from; at < to; at += 1) {
      const byte = text[at]!;
      if (byte < 32 && byte !== TAB) {
        return {
          field: "line",
          rule: "ENCODING",
          found: `byte ${String(byte)} at ${String(at - from + 1)} of the line`,
        };
      }
    }
    return null;
  }

  function columnFault(found: string): RecordFault {
    const expected = samples === 0 ? "8 columns" : `9 fixed columns and ${String(samples)} samples, separated by tabs`;
    return { field: "columns", rule: "COLUMN_COUNT", found, expected };
  }

  function reject(from: number, to: number, line: number, fault: RecordFault): void {
    summary.rejected += 1;
    sink.reject({
      line,
      field: fault.field,
      rule: fault.rule,
      expected: fault.expected ?? VCF_RULES[fault.rule],
      found: fault.found.slice(0, FOUND_CHARACTERS),
      raw: text.toString("utf8", from, Math.min(to, from + RAW_BYTES)),
    });
  }

  return {
    enter(next) {
      text = next;
      isTextAscii = isAscii(next);
      isTextUtf8 = isTextAscii || isUtf8(next);
      words.enter(next);
    },
    scan(from, to, line) {
      summary.recordsRead += 1;
      if (to - from > limits.lineBytes) {
        reject(from, to, line, {
          field: "line",
          rule: "LINE_TOO_LONG",
          found: text.toString("utf8", from, from + FOUND_CHARACTERS),
        });
        return;
      }
      if (useWords && takeBytes(from, to, line)) return;
      const fault = takeText(from, to, line);
      if (fault !== null) reject(from, to, line, fault);
    },
    summary,
  };
}
