import { detectBuild, type StatedContig } from "../../../domain/contig.js";
import { VitalomeError } from "../../../errors.js";
import { parseMetaLine, type MetaField } from "./meta-line.js";
import { reservedFormat, reservedInfo } from "./reserved.js";
import type { FieldDefinition, FieldType, VcfHeader, VcfLimits } from "./types.js";

const FIXED = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"] as const;
const TYPES: readonly string[] = ["Integer", "Float", "Flag", "Character", "String"];
const ALT_PREFIXES: readonly string[] = ["DEL", "INS", "DUP", "INV", "CNV", "BND", "CN", "NON_REF", "*", "CNV:TR", "TR"];
const NUMBER = /^(?:\d+|A|R|G|\.|P|LA|LR|LG|M)$/;

/** Collects the lines before the first record. Every fault of the header refuses the file. */
export interface HeaderReader {
  /** True once `#CHROM` has been read. */
  take(line: string, lineNumber: number): boolean;
  finish(): VcfHeader;
}

export function createHeaderReader(limits: VcfLimits): HeaderReader {
  let version: string | null = null;
  let source: string | null = null;
  let samples: readonly string[] = [];
  let lines = 0;
  const contigs: StatedContig[] = [];
  const infos = new Map<string, FieldDefinition>();
  const formats = new Map<string, FieldDefinition>();
  const seen = new Set<string>();

  function takeMeta(line: string, at: number): void {
    const meta = parseMetaLine(line);
    if ("fault" in meta) throw refused(at, "header", meta.fault, line);
    const { key, fields } = meta;
    if (key === "source" || key.startsWith("source_")) source ??= meta.value;
    switch (key) {
      case "INFO":
      case "FORMAT": {
        const definition = fieldDefinition(key, fields, at, line, version ?? "4.3");
        if (seen.has(`${key} ${definition.id}`)) throw refused(at, `##${key}`, "each ID once", line);
        (key === "INFO" ? infos : formats).set(definition.id, definition);
        break;
      }
      case "FILTER":
        requireDescribed(key, fields, at, line);
        if (idOf(fields) === "0") throw refused(at, "##FILTER", "an ID other than 0", line);
        break;
      case "ALT":
        checkAlt(requireDescribed(key, fields, at, line), at, line);
        break;
      case "contig":
        contigs.push(contigOf(fields, at, line));
        break;
      case "SAMPLE":
        checkSample(fields, at, line, version ?? "4.3");
        break;
      case "META":
        checkMeta(fields, at, line);
        break;
      case "PEDIGREE":
        checkPedigree(fields, at, line, version ?? "4.3");
        break;
      case "assembly":
      case "pedigreeDB":
        checkAddress(key, meta.value, at, line);
        break;
      default:
        break;
    }
    const id = fields === null ? null : idOf(fields);
    if (id !== null && ["INFO", "FORMAT", "FILTER", "ALT", "contig", "SAMPLE", "META", "PEDIGREE"].includes(key)) {
      seen.add(`${key} ${id}`);
    }
  }

  function takeColumns(line: string, at: number): void {
    const columns = line.split("\t");
    FIXED.forEach((name, index) => {
      if (columns[index] !== name) throw refused(at, "#CHROM", `column ${String(index + 1)} to be ${name}, tab-separated`, line);
    });
    if (columns.length > 8 && columns[8] !== "FORMAT") throw refused(at, "#CHROM", "column 9 to be FORMAT", line);
    if (columns.length === 9) throw refused(at, "#CHROM", "at least one sample after FORMAT", line);
    samples = columns.slice(9);
    if (samples.length > limits.samples) {
      throw new VitalomeError("INGEST_REJECTED", `line ${String(at)}: more samples than the limit`, {
        details: { line: at, field: "#CHROM", limit: "samples", max: limits.samples, actual: samples.length },
      });
    }
    const names = new Set<string>();
    for (const sample of samples) {
      if (sample.trim() === "" || /[\0-\x1f\x7f]/.test(sample)) throw refused(at, "#CHROM", "sample names that are not empty", line);
      if (names.has(sample)) throw refused(at, "#CHROM", `each sample once; ${sample} comes twice`, line);
      names.add(sample);
    }
  }

  return {
    take(line, at) {
      lines = at;
      if (at === 1) {
        const match = /^##fileformat=VCFv(4\.[0-5])$/.exec(line.replace(/^\uFEFF/, ""));
        if (match === null) throw refused(1, "##fileformat", "##fileformat=VCFv4.1 to VCFv4.5 on the first line", line);
        version = match[1] ?? null;
        return false;
      }
      if (line.startsWith("##")) {
        takeMeta(line, at);
        return false;
      }
      if (line.startsWith("#")) {
        takeColumns(line, at);
        return true;
      }
      throw refused(at, "header", "a ## line or the #CHROM line", line);
    },
    finish() {
      if (version === null) throw refused(1, "##fileformat", "a VCF file; this one is empty", "");
      for (const [id, definition] of reservedInfo(version)) if (!infos.has(id)) infos.set(id, definition);
      for (const [id, definition] of reservedFormat(version)) if (!formats.has(id)) formats.set(id, definition);
      return { version, samples, contigs, build: detectBuild(contigs), source, infos, formats, lines };
    },
  };
}

export function missingColumns(lines: number): VitalomeError {
  return refused(lines, "#CHROM", "a #CHROM line after the header", "");
}

function refused(line: number, field: string, expected: string, found: string): VitalomeError {
  const shown = found === "" ? "" : `, found ${JSON.stringify(found.slice(0, 120))}`;
  return new VitalomeError("INGEST_REJECTED", `line ${String(line)}, ${field}: expected ${expected}${shown}`, {
    details: { line, field, expected },
  });
}

function idOf(fields: readonly MetaField[] | null): string | null {
  return fields?.find((field) => field.key === "ID")?.value ?? null;
}

function requireFields(key: string, fields: readonly MetaField[] | null, at: number, line: string): readonly MetaField[] {
  if (fields === null) throw refused(at, `##${key}`, "a structured value: <ID=…>", line);
  const [first] = fields;
  if (first?.key !== "ID" || first.value === "") throw refused(at, `##${key}`, "ID as the first field", line);
  return fields;
}

function requireDescribed(key: string, fields: readonly MetaField[] | null, at: number, line: string): readonly MetaField[] {
  const known = requireFields(key, fields, at, line);
  const description = known.find((field) => field.key === "Description");
  if (description?.isQuoted !== true) throw refused(at, `##${key}`, "a Description in double quotes", line);
  return known;
}

function checkOrder(key: string, fields: readonly MetaField[], at: number, line: string): void {
  const order = ["ID", "Number", "Type", "Description"];
  const places = fields.map((field) => order.indexOf(field.key)).filter((place) => place >= 0);
  if (places.some((place, index) => index > 0 && place <= (places[index - 1] ?? 0))) {
    throw refused(at, `##${key}`, "the fields ID, Number, Type, Description in this order, each once", line);
  }
}

function fieldDefinition(
  key: "INFO" | "FORMAT",
  fields: readonly MetaField[] | null,
  at: number,
  line: string,
  version: string,
): FieldDefinition {
  const known = requireDescribed(key, fields, at, line);
  checkOrder(key, known, at, line);
  const value = (name: string): string => known.find((field) => field.key === name)?.value ?? "";
  const number = value("Number");
  const type = value("Type");
  if (!NUMBER.test(number)) throw refused(at, `##${key}`, "Number to be a count, A, R, G or a dot", line);
  const allowed = key === "INFO" ? TYPES : TYPES.filter((name) => name !== "Flag");
  if (!allowed.includes(type)) throw refused(at, `##${key}`, `Type to be one of ${allowed.join(", ")}`, line);
  const definition: FieldDefinition = {
    id: value("ID"),
    number: /^\d+$/.test(number) ? Number(number) : number,
    type: type as FieldType,
  };
  const reserved = (key === "INFO" ? reservedInfo(version) : reservedFormat(version)).get(definition.id);
  // Callers do write a dot where the specification gives a number: less is said, nothing wrong.
  const contradicts = definition.number !== "." && reserved?.number !== definition.number;
  if (reserved !== undefined && (contradicts || reserved.type !== definition.type)) {
    throw refused(at, `##${key}`, `${definition.id} to have Number=${String(reserved.number)}, Type=${reserved.type}`, line);
  }
  return definition;
}

function checkAlt(fields: readonly MetaField[], at: number, line: string): void {
  checkOrder("ALT", fields, at, line);
  const id = idOf(fields) ?? "";
  if (/[<>\s,]/.test(id)) throw refused(at, "##ALT", "an ID without white space, commas and angle brackets", line);
  if (id.includes(":") && !ALT_PREFIXES.includes(id.split(":")[0] ?? "")) {
    throw refused(at, "##ALT", "an ID that starts with DEL, INS, DUP, INV, CNV or BND", line);
  }
  const number = fields.find((field) => field.key === "Number");
  if (number !== undefined && !NUMBER.test(number.value)) throw refused(at, "##ALT", "Number to be a count, A, R, G or a dot", line);
  const type = fields.find((field) => field.key === "Type");
  if (type !== undefined && !TYPES.includes(type.value)) throw refused(at, "##ALT", `Type to be one of ${TYPES.join(", ")}`, line);
}

/** HLA contigs of GRCh38 analysis sets carry `*` and `:` in their names; others may not. */
function checkName(key: string, id: string, at: number, line: string): void {
  if (/[\s,<>[\]()"'`{}\\]/.test(id) || (/[*:]/.test(id) && !id.startsWith("HLA-"))) {
    throw refused(at, `##${key}`, "an ID of the characters the specification allows", line);
  }
}

function contigOf(fields: readonly MetaField[] | null, at: number, line: string): StatedContig {
  const known = requireFields("contig", fields, at, line);
  const value = (name: string): string | null => known.find((field) => field.key === name)?.value ?? null;
  const id = value("ID") ?? "";
  checkName("contig", id, at, line);
  if (known.some((field) => field.key === "")) throw refused(at, "##contig", "key=value fields", line);
  const length = value("length");
  if (length !== null && !/^\d+$/.test(length)) throw refused(at, "##contig", "length to be an integer", line);
  return { id, length: length === null ? null : Number(length), assembly: value("assembly") };
}

function checkSample(fields: readonly MetaField[] | null, at: number, line: string, version: string): void {
  const known = requireFields("SAMPLE", fields, at, line);
  checkName("SAMPLE", idOf(known) ?? "", at, line);
  if (Number(version.split(".")[1]) >= 3) return;
  for (const name of ["Genomes", "Mixture"]) {
    if (!known.some((field) => field.key === name)) throw refused(at, "##SAMPLE", `a field ${name}`, line);
  }
  if (!known.some((field) => field.key === "Description" && field.isQuoted)) {
    throw refused(at, "##SAMPLE", "a Description in double quotes", line);
  }
}

function checkMeta(fields: readonly MetaField[] | null, at: number, line: string): void {
  const known = requireFields("META", fields, at, line);
  const value = (name: string): string => known.find((field) => field.key === name)?.value ?? "";
  if (!NUMBER.test(value("Number"))) throw refused(at, "##META", "Number to be a count or a dot", line);
  if (!TYPES.includes(value("Type"))) throw refused(at, "##META", `Type to be one of ${TYPES.join(", ")}`, line);
  if (!/^\[.*\]$/.test(value("Values"))) throw refused(at, "##META", "Values in square brackets", line);
}

function checkPedigree(fields: readonly MetaField[] | null, at: number, line: string, version: string): void {
  if (fields === null) throw refused(at, "##PEDIGREE", "a structured value", line);
  if (Number(version.split(".")[1]) >= 3) requireFields("PEDIGREE", fields, at, line);
}

function checkAddress(key: string, text: string, at: number, line: string): void {
  const address = key === "pedigreeDB" ? text.replace(/^<(.*)>$/, "$1") : text;
  if (!/^(?:https?|ftp|file):\/\/[A-Za-z][^\s:/]*(?::\d+)?(?:\/|$)|^(?:https?|ftp):\/\/\d+\.\d+\.\d+\.\d+(?::\d+)?(?:\/|$)|^file:\/\/\/|^[^\s:<>]+$/.test(address)) {
    throw refused(at, `##${key}`, "an address", line);
  }
}
