import { classifyAlt, normaliseAllele, type Allele } from "../../../domain/allele.js";
import { canonicalContig, contigLength, type Build } from "../../../domain/contig.js";
import { VitalomeError } from "../../../errors.js";
import { rowFault } from "./table.js";

/** Canonical name of a contig. */
export function contigOf(field: string, text: string | null): string {
  if (text === null || !/^[^\s:,]{1,200}$/.test(text)) throw rowFault(field, "CONTIG_SYNTAX", text ?? "nothing");
  return canonicalContig(text);
}

/** A 1-based position on its contig. */
export function positionOf(field: string, text: string | null, build: Build, contig: string): number {
  if (text === null || !/^[1-9]\d{0,9}$/.test(text)) throw rowFault(field, "POS_SYNTAX", text ?? "nothing");
  const pos = Number(text);
  const length = contigLength(build, contig) ?? 0x7fffffff;
  if (pos > length) throw rowFault(field, "POS_RANGE", `${text}; ${contig} of ${build} has ${String(length)} bases`);
  return pos;
}

/** Upper case, trimmed to the shortest form at the same place: the form variants are stored in. */
export function alleleOf(pos: number, ref: string, alt: string): Allele {
  const isBases = classifyAlt(ref) === "sequence" && classifyAlt(alt) === "sequence";
  const allele = { pos, ref: ref.toUpperCase(), alt: alt.toUpperCase() };
  if (!isBases || allele.ref === allele.alt) throw rowFault("REF, ALT", "ALLELE_SYNTAX", `${ref} ${alt}`);
  return normaliseAllele(allele, null);
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** `2024-12-15`, `20241215` or `Dec 15, 2024` as ISO 8601; null for missing or no calendar day. */
export function parseDate(text: string | null): string | null {
  if (text === null) return null;
  const iso = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(text);
  const named = /^([A-Za-z]{3}) (\d{1,2}), (\d{4})$/.exec(text);
  let date: string;
  if (iso !== null) date = `${iso[1] ?? ""}-${iso[2] ?? ""}-${iso[3] ?? ""}`;
  else if (named !== null) {
    const month = MONTHS.indexOf((named[1] ?? "").toLowerCase()) + 1;
    date = `${named[3] ?? ""}-${String(month).padStart(2, "0")}-${(named[2] ?? "").padStart(2, "0")}`;
  } else return null;
  const at = new Date(`${date}T00:00:00Z`);
  return Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== date ? null : date;
}

export function dateOf(field: string, text: string | null): string | null {
  const date = parseDate(text);
  if (text !== null && date === null) throw rowFault(field, "DATE_SYNTAX", text);
  return date;
}

/** The file is refused when nobody says which build its positions count in. */
export function statedBuild(build: Build | null): Build {
  if (build !== null) return build;
  throw new VitalomeError("INGEST_REJECTED", "the table does not tell the build: state it as assemblyId", {
    details: { field: "assemblyId", expected: "GRCh37 or GRCh38", line: 1 },
  });
}
