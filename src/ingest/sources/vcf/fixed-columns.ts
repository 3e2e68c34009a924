import { MAX_POSITION } from "../../../domain/variant.js";
import type { RecordFault, VcfLimits } from "./types.js";

/** IUPAC codes other than N are to be reduced to a base by the writer. Source: VCF 4.3, section 1.6.1, REF. */
const BASES = /^[ACGTNacgtn]+$/;
const ALT =
  /^(?:[ACGTNacgtn]+|\*|<[^<>\s,\0-\x1f]+>|\.[ACGTNacgtn]+|[ACGTNacgtn]+\.|[ACGTNacgtn.]*[[\]](?:[^[\]<>\s\0-\x1f]+|<[^<>\s\0-\x1f]+>):\d+[[\]][ACGTNacgtn.]*)$/;
const CONTIG = /^[^\s\0-\x1f,:*<>[\]()"'`{}\\]+$/;
/** Contigs of the HLA genes in GRCh38 analysis sets, and contigs of the assembly file. */
const OTHER_CONTIG = /^(?:HLA-[^\s\0-\x1f,<>]+|<[^<>\s\0-\x1f,]+>)$/;
const POSITION = /^\d{1,10}$/;
const QUAL = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$|^\+?(?:inf|infinity|nan)$/i;
const UNPRINTABLE = /[\s\0-\x1f\x7f]/;

export interface FixedColumns {
  readonly contig: string;
  readonly pos: number;
  readonly ids: readonly string[];
  /** Upper case. */
  readonly ref: string;
  readonly alts: readonly string[];
  readonly qual: number | null;
  readonly filters: readonly string[] | null;
}

export interface FixedColumnRules {
  readonly limits: VcfLimits;
  /** Before VCF 4.3 an empty ID or QUAL is read as missing. */
  readonly allowsEmpty: boolean;
  /** Bases of a contig, or null where that is not known. */
  contigLength(contig: string): number | null;
}

type Checked<T> = { readonly value: T } | { readonly fault: RecordFault };

const fault = (field: string, rule: RecordFault["rule"], found: string, expected?: string): { fault: RecordFault } => ({
  fault: { field, rule, found, ...(expected === undefined ? {} : { expected }) },
});

/** CHROM to FILTER, checked from left to right; the first fault is told. `known` is a contig name already checked. */
export function parseFixedColumns(
  columns: readonly string[],
  known: string,
  rules: FixedColumnRules,
): Checked<FixedColumns> {
  const [contig = "", position = "", id = "", reference = "", alt = "", quality = "", filter = ""] = columns;
  if (contig !== known && !CONTIG.test(contig) && !OTHER_CONTIG.test(contig))
    return fault("CHROM", "CHROM_SYNTAX", contig);
  const pos = POSITION.test(position) ? Number(position) : -1;
  if (pos < 0 || pos > MAX_POSITION) return fault("POS", "POS_SYNTAX", position);
  const ids = parseIds(id, rules.allowsEmpty);
  if ("fault" in ids) return ids;
  if (reference.length > rules.limits.alleleBytes)
    return fault("REF", "REF_SYNTAX", reference, "bases up to the limit of an allele");
  if (!BASES.test(reference)) return fault("REF", "REF_SYNTAX", reference, "one or more of A, C, G, T, N");
  const length = rules.contigLength(contig);
  if (length !== null && pos !== length + 1 && pos + reference.length - 1 > length)
    return fault(
      "POS",
      "POS_RANGE",
      position,
      `REF to end at ${String(length)}, the last base of ${contig}, or before`,
    );
  const ref = reference.toUpperCase();
  const alts = parseAlts(alt, ref, rules.limits);
  if ("fault" in alts) return alts;
  const qual = parseQual(quality, rules.allowsEmpty);
  if ("fault" in qual) return qual;
  const filters = parseFilters(filter);
  if ("fault" in filters) return filters;
  return { value: { contig, pos, ids: ids.value, ref, alts: alts.value, qual: qual.value, filters: filters.value } };
}

const NONE: Checked<readonly string[]> = { value: [] };
const NO_QUAL: Checked<null> = { value: null };
const UNFILTERED: Checked<null> = { value: null };

function parseIds(text: string, allowsEmpty: boolean): Checked<readonly string[]> {
  if (text === "." || (text === "" && allowsEmpty)) return NONE;
  const ids = text.split(";");
  if (ids.includes("") || UNPRINTABLE.test(text)) return fault("ID", "ID_SYNTAX", text);
  if (ids.length > 1 && new Set(ids).size !== ids.length) return fault("ID", "ID_SYNTAX", text, "each ID once");
  return { value: ids };
}

function parseAlts(text: string, ref: string, limits: VcfLimits): Checked<readonly string[]> {
  if (text === ".") return NONE;
  const alts = text.split(",");
  if (alts.length > limits.alternates)
    return fault("ALT", "ALT_SYNTAX", text, `at most ${String(limits.alternates)} alternates`);
  const tooLong = alts.find((alt) => alt.length > limits.alleleBytes);
  if (tooLong !== undefined) return fault("ALT", "ALT_SYNTAX", tooLong, "bases up to the limit of an allele");
  const seen = new Set<string>();
  const value: string[] = [];
  for (const alt of alts) {
    if (!ALT.test(alt)) return fault("ALT", "ALT_SYNTAX", alt);
    if (!BASES.test(alt)) {
      if (/[[\]]/.test(alt) && !isBreakend(alt))
        return fault("ALT", "ALT_SYNTAX", alt, "a breakend: bases, two equal brackets, a place");
      value.push(alt);
      continue;
    }
    const bases = alt.toUpperCase();
    if (bases === ref) return fault("ALT", "ALT_DUPLICATE", alt, "alternates that differ from REF");
    if (seen.has(bases)) return fault("ALT", "ALT_DUPLICATE", alt);
    seen.add(bases);
    value.push(bases);
  }
  return { value };
}

/** `t[p[`, `t]p]`, `]p]t`, `[p[t`: the brackets are equal and bases stand on exactly one side. */
function isBreakend(alt: string): boolean {
  const match = /^([ACGTNacgtn.]*)([[\]])([^[\]]+)([[\]])([ACGTNacgtn.]*)$/.exec(alt);
  if (match === null) return false;
  const [, before = "", open, , close, after = ""] = match;
  return open === close && (before === "") !== (after === "");
}

function parseQual(text: string, allowsEmpty: boolean): Checked<number | null> {
  if (text === "." || (text === "" && allowsEmpty)) return NO_QUAL;
  if (!QUAL.test(text)) return fault("QUAL", "QUAL_SYNTAX", text);
  const value = Number(text);
  if (value < 0) return fault("QUAL", "QUAL_SYNTAX", text, "a number of at least 0");
  return { value: Number.isFinite(value) ? value : null };
}

const PASS: Checked<readonly string[]> = { value: [] };

function parseFilters(text: string): Checked<readonly string[] | null> {
  if (text === "PASS") return PASS;
  if (text === ".") return UNFILTERED;
  const filters = text.split(";");
  if (UNPRINTABLE.test(text) || text.includes(",") || filters.includes("") || filters.includes("0")) {
    return fault("FILTER", "FILTER_SYNTAX", text);
  }
  if (filters.length > 1 && (new Set(filters).size !== filters.length || filters.includes("PASS"))) {
    return fault("FILTER", "FILTER_SYNTAX", text, "each filter once, PASS alone");
  }
  return { value: filters };
}
