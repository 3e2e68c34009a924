import type { RecordFault, VcfLimits } from "./types.js";

const BASES = /^[ACGTNacgtn]+$/;
/** IUPAC codes are legal in REF since 4.3 only when reduced to A, C, G, T, N by the writer; some sources keep them. */
const ALT = /^(?:[ACGTNacgtn]+|\*|\.|<[^<>\s,]+>|\.[ACGTNacgtn]+|[ACGTNacgtn]+\.|[ACGTNacgtn.]*[[\]](?:[^[\]<>\s,]+|<[^<>\s,]+>):\d+[[\]][ACGTNacgtn.]*)$/;
const CONTIG = /^[^\s,:*<>[\]()"'`{}\\][^\s,*<>[\]()"'`{}\\]*$/;
const QUAL = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$|^\+?(?:inf|infinity|nan)$/i;

export interface FixedColumns {
  readonly contig: string;
  readonly pos: number;
  readonly ids: readonly string[];
  readonly ref: string;
  readonly alts: readonly string[];
  readonly qual: number | null;
  readonly filters: readonly string[] | null;
}

type Checked<T> = { readonly value: T } | { readonly fault: RecordFault };

const fault = (field: string, rule: RecordFault["rule"], found: string, expected?: string): { fault: RecordFault } => ({
  fault: { field, rule, found, ...(expected === undefined ? {} : { expected }) },
});

export function isContigName(text: string): boolean {
  return (CONTIG.test(text) && !text.includes(":")) || /^HLA-[^\s,<>]+$/.test(text) || /^<[^<>\s,]+>$/.test(text);
}

/** POS as a number, or null. */
export function parsePosition(text: string): number | null {
  return /^\d{1,10}$/.test(text) && Number(text) <= 2_147_483_647 ? Number(text) : null;
}

export function parseIds(text: string): Checked<readonly string[]> {
  if (text === ".") return { value: [] };
  const ids = text.split(";");
  if (text === "" || ids.includes("") || /\s/.test(text)) return fault("ID", "ID_SYNTAX", text);
  if (ids.length > 1 && new Set(ids).size !== ids.length) return fault("ID", "ID_SYNTAX", text, "each ID once");
  return { value: ids };
}

export function checkRef(text: string, limits: VcfLimits): RecordFault | null {
  if (text.length > limits.alleleBytes) return fault("REF", "REF_SYNTAX", text.slice(0, 50), "at most 1 MiB of bases").fault;
  return BASES.test(text) ? null : fault("REF", "REF_SYNTAX", text, "one or more of A, C, G, T, N").fault;
}

export function parseAlts(text: string, ref: string, limits: VcfLimits): Checked<readonly string[]> {
  if (text === ".") return { value: [] };
  if (text.length > limits.alleleBytes) return fault("ALT", "ALT_SYNTAX", text.slice(0, 50), "at most 1 MiB of bases");
  const alts = text.split(",");
  const wrong = alts.find((alt) => !ALT.test(alt) || (alt === "." && alts.length > 1));
  if (wrong !== undefined) return fault("ALT", "ALT_SYNTAX", wrong);
  const breakend = alts.find((alt) => /[[\]]/.test(alt) && !isBreakend(alt));
  if (breakend !== undefined) return fault("ALT", "ALT_SYNTAX", breakend, "a breakend: bases, two equal brackets, a place");
  const upper = alts.map((alt) => (alt.startsWith("<") ? alt : alt.toUpperCase()));
  if (upper.includes(ref)) return fault("ALT", "ALT_DUPLICATE", text, "alternates that differ from REF");
  if (alts.length > 1 && new Set(upper).size !== alts.length) return fault("ALT", "ALT_DUPLICATE", text);
  return { value: alts };
}

/** `t[p[`, `t]p]`, `]p]t`, `[p[t`: the brackets are equal and bases stand on exactly one side. */
function isBreakend(alt: string): boolean {
  const match = /^([ACGTNacgtn.]*)([[\]])([^[\]]+)([[\]])([ACGTNacgtn.]*)$/.exec(alt);
  if (match === null) return false;
  const [, before = "", open, , close, after = ""] = match;
  return open === close && (before === "") !== (after === "");
}

export function parseQual(text: string): Checked<number | null> {
  if (text === ".") return { value: null };
  if (!QUAL.test(text)) return fault("QUAL", "QUAL_SYNTAX", text);
  const value = Number(text.replace(/^\+?inf(?:inity)?$/i, "Infinity"));
  if (value < 0) return fault("QUAL", "QUAL_SYNTAX", text, "a number of at least 0");
  return { value: Number.isFinite(value) ? value : null };
}

const PASS: readonly string[] = [];

export function parseFilters(text: string): Checked<readonly string[] | null> {
  if (text === "PASS") return { value: PASS };
  if (text === ".") return { value: null };
  const filters = text.split(";");
  if (text === "" || /[\s,]/.test(text) || filters.includes("") || filters.includes("0")) return fault("FILTER", "FILTER_SYNTAX", text);
  if (filters.length > 1 && (new Set(filters).size !== filters.length || filters.includes("PASS"))) {
    return fault("FILTER", "FILTER_SYNTAX", text, "each filter once, PASS alone");
  }
  return { value: filters };
}
