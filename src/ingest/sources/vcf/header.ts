import { isUtf8 } from "node:buffer";
import { buildOfText, detectBuild, isKnownLength, type Build, type StatedContig } from "../../../domain/contig.js";
import type { VitalomeError } from "../../../errors.js";
import { headerFault, headerLimit } from "./header-fault.js";
import { isSince43 } from "./info.js";
import { parseMetaLine, type MetaLine } from "./meta-line.js";
import {
  checkAddress,
  checkAlt,
  checkMeta,
  checkPedigree,
  checkSample,
  contigDefinition,
  fieldDefinition,
  filterDefinition,
  type StructuredLine,
} from "./meta-rules.js";
import { reservedFormat, reservedInfo, type ReservedField } from "./reserved.js";
import type { FieldDefinition, FilterDefinition, VcfHeader, VcfLimits } from "./types.js";

const FIXED = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"] as const;
const FILE_FORMAT = /^##fileformat=VCFv(4\.[0-5])$/;
const BCF = Buffer.from("BCF");
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Collects the lines before the first record. Every fault of the header refuses the file. */
export interface HeaderReader {
  /** True once `#CHROM` has been read. `isCut` tells of a line longer than any line may be. */
  take(bytes: Buffer, line: number, isCut: boolean): boolean;
  finish(): VcfHeader;
}

export function createHeaderReader(limits: VcfLimits): HeaderReader {
  let version = "";
  let source: string | null = null;
  let fileDate: string | null = null;
  let samples: readonly string[] = [];
  let lines = 0;
  let length = 0;
  const contigs: StatedContig[] = [];
  const infos = new Map<string, FieldDefinition>();
  const formats = new Map<string, FieldDefinition>();
  const filters = new Map<string, FilterDefinition>();
  /** What `##reference` and `##assembly` say. */
  const references: string[] = [];

  function define(definitions: Map<string, FieldDefinition>, from: StructuredLine): void {
    const definition = fieldDefinition(from);
    if (definitions.has(definition.id)) throw headerFault(from.line, `##${from.key}`, "each ID once", from.text);
    definitions.set(definition.id, definition);
  }

  function takeMeta(meta: MetaLine, line: number, text: string): void {
    const { key, value, fields } = meta;
    const from: StructuredLine = { key, fields, line, text, version };
    if (key === "source" || key.startsWith("source_")) source ??= value;
    if (key === "fileDate") fileDate ??= value;
    if (key === "reference" || key === "assembly") references.push(value);
    switch (key) {
      case "INFO":
        define(infos, from);
        break;
      case "FORMAT":
        define(formats, from);
        break;
      case "FILTER": {
        const filter = filterDefinition(from);
        filters.set(filter.id, filter);
        break;
      }
      case "ALT":
        checkAlt(from);
        break;
      case "contig":
        contigs.push(contigDefinition(from));
        break;
      case "SAMPLE":
        checkSample(from);
        break;
      case "META":
        checkMeta(from);
        break;
      case "PEDIGREE":
        checkPedigree(from);
        break;
      case "assembly":
      case "pedigreeDB":
        checkAddress(from, value);
        break;
      default:
        break;
    }
  }

  function takeColumns(text: string, line: number): void {
    const columns = text.split("\t");
    FIXED.forEach((name, index) => {
      if (columns[index] !== name) {
        throw headerFault(line, "#CHROM", `column ${String(index + 1)} to be ${name}, separated by tabs`, text);
      }
    });
    if (columns.length > 8 && columns[8] !== "FORMAT") throw headerFault(line, "#CHROM", "column 9 to be FORMAT", text);
    if (columns.length === 9) throw headerFault(line, "#CHROM", "at least one sample after FORMAT", text);
    samples = columns.slice(9);
    if (samples.length > limits.samples) throw headerLimit(line, "#CHROM", "samples", limits.samples, samples.length);
    const names = new Set<string>();
    for (const sample of samples) {
      if (sample.trim() === "" || /[\0-\x1f\x7f]/.test(sample)) {
        throw headerFault(line, "#CHROM", "sample names that can be read", sample);
      }
      if (names.has(sample)) throw headerFault(line, "#CHROM", `each sample once; ${sample} comes twice`, text);
      names.add(sample);
    }
  }

  function textOf(bytes: Buffer, line: number): string {
    if (bytes.includes(0)) throw headerFault(line, "header", "text without NUL bytes", "");
    if (isUtf8(bytes)) return bytes.toString("utf8");
    // Before 4.3 the specification names no encoding; a sample name must be certain all the same.
    if (version === "" || isSince43(version) || !bytes.toString("latin1").startsWith("##")) {
      throw headerFault(line, "header", "UTF-8 text", bytes.toString("latin1"));
    }
    return bytes.toString("latin1");
  }

  function takeFileFormat(bytes: Buffer): void {
    if (bytes.subarray(0, 3).equals(BYTE_ORDER_MARK)) {
      throw headerFault(1, "##fileformat", "no byte order mark before ##fileformat", "");
    }
    if (bytes.subarray(0, 3).equals(BCF)) throw headerFault(1, "##fileformat", "VCF text; this file is BCF", "");
    const text = textOf(bytes, 1);
    const found = FILE_FORMAT.exec(text)?.[1];
    if (found === undefined) {
      throw headerFault(1, "##fileformat", "##fileformat=VCFv4.0 to VCFv4.5 on the first line", text);
    }
    version = found;
  }

  return {
    take(bytes, line, isCut) {
      lines = line;
      length += bytes.length + 1;
      if (isCut) throw headerLimit(line, "header", "lineBytes", limits.lineBytes, bytes.length);
      if (length > limits.headerBytes) throw headerLimit(line, "header", "headerBytes", limits.headerBytes, length);
      if (line === 1) {
        takeFileFormat(bytes);
        return false;
      }
      const text = textOf(bytes, line);
      if (text.startsWith("##")) {
        const meta = parseMetaLine(text);
        if ("fault" in meta) throw headerFault(line, "header", meta.fault, text);
        takeMeta(meta, line, text);
        return false;
      }
      if (!text.startsWith("#")) throw headerFault(line, "header", "a ## line or the #CHROM line", text);
      takeColumns(text, line);
      return true;
    },
    finish() {
      if (version === "") throw headerFault(1, "##fileformat", "a VCF file; this one is empty", "");
      addReserved(infos, reservedInfo(version));
      addReserved(formats, reservedFormat(version));
      const build = buildOf(contigs, references);
      return { version, samples, contigs, build, source, fileDate, filters, infos, formats, lines };
    },
  };
}

/** A reserved key the header leaves out keeps its meaning, as far as there is but one. */
function addReserved(definitions: Map<string, FieldDefinition>, reserved: ReadonlyMap<string, ReservedField>): void {
  for (const { id, numbers, types } of reserved.values()) {
    if (types.length === 1 && !definitions.has(id)) definitions.set(id, { id, number: numbers[0], type: types[0] });
  }
}

/** Lengths decide; only a header without any is taken by the names it gives its reference. */
function buildOf(contigs: readonly StatedContig[], references: readonly string[]): Build | null {
  if (contigs.some(isKnownLength)) return detectBuild(contigs);
  const named = [...contigs.flatMap(({ assembly }) => assembly ?? []), ...references];
  const builds = new Set(named.map(buildOfText).filter((build) => build !== null));
  return builds.size === 1 ? ([...builds][0] ?? null) : null;
}

export function missingColumns(line: number): VitalomeError {
  return headerFault(line, "#CHROM", "a #CHROM line after the header", "");
}
