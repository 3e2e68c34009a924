import { canonicalContig, contigOfAccession, type Build } from "./contig.js";

/** One allele at one place of one build: what a `Variant` is, whatever the number of call sets that hold it. 1-based. */
export interface VariantKey {
  readonly build: Build;
  /** Canonical, without `chr`. */
  readonly contig: string;
  readonly pos: number;
  readonly ref: string;
  readonly alt: string;
}

export function variantId(key: VariantKey): string {
  return `${key.build}:${key.contig}-${String(key.pos)}-${key.ref}-${key.alt}`;
}

export function spdiOf(key: VariantKey, accession: string): string {
  return `${accession}:${String(key.pos - 1)}:${key.ref}:${key.alt}`;
}

export const VARIANT_ID_TYPES = ["AUTO", "VCF", "RSID", "HGVS", "SPDI", "VRS", "CLINVAR_VARIATION", "CAID"] as const;
export type VariantIdType = (typeof VARIANT_ID_TYPES)[number];

/** What a text names. `name` is an alias such as an rsID: it may name several alleles. */
export type ParsedVariantId =
  | {
      readonly kind: "key";
      readonly type: VariantIdType;
      readonly build: Build | null;
      readonly key: Omit<VariantKey, "build">;
    }
  | { readonly kind: "name"; readonly type: VariantIdType; readonly name: string }
  | { readonly kind: "invalid" }
  | { readonly kind: "unsupported"; readonly type: VariantIdType };

/** A name of a contig may hold `-`: what follows it is told from the end. */
const VCF_ID = /^(?:(GRCh3[78])[:|-])?([^\s:]+)[:-](\d{1,10})[:-]([ACGTNacgtn]+)[:>-]([ACGTNacgtn]+)$/;
const SPDI_ID = /^(NC_\d{6}\.\d+):(\d{1,10}):([ACGTNacgtn]+):([ACGTNacgtn]+)$/;
const HGVS = /:[cgmnopr]\./;
const HGVS_SUBSTITUTION = /^(NC_\d{6}\.\d+):g\.(\d{1,10})([ACGTacgt])>([ACGTacgt])$/;

/**
 * `chr10-94781859-G-A`, `10:94781859:G:A`, this API's own ids, `rs4244285`, SPDI, and HGVS g. substitutions.
 * Other HGVS forms and VRS digests need the reference sequence and are reported as unsupported, never guessed.
 */
export function parseVariantId(text: string, type: VariantIdType): ParsedVariantId {
  const parsed = readVariantId(text, type);
  return parsed.kind === "key" && parsed.key.pos > MAX_POSITION ? { kind: "invalid" } : parsed;
}

/** Positions are 32-bit integers, as in VCF and BCF. */
export const MAX_POSITION = 2_147_483_647;

function readVariantId(text: string, type: VariantIdType): ParsedVariantId {
  const input = text.trim();
  const wants = (candidate: VariantIdType): boolean => type === "AUTO" || type === candidate;
  if (wants("SPDI")) {
    const match = SPDI_ID.exec(input);
    const place = match === null ? null : placeOf(match[1] ?? "");
    if (match !== null) return place === null ? { kind: "invalid" } : keyOf("SPDI", place, Number(match[2]) + 1, match);
  }
  if (wants("HGVS") && HGVS.test(input)) {
    const match = HGVS_SUBSTITUTION.exec(input);
    if (match === null) return { kind: "unsupported", type: "HGVS" };
    const place = placeOf(match[1] ?? "");
    return place === null ? { kind: "invalid" } : keyOf("HGVS", place, Number(match[2]), match);
  }
  if (wants("RSID") && /^rs\d{1,12}$/i.test(input)) return { kind: "name", type: "RSID", name: input.toLowerCase() };
  if (wants("VRS") && input.startsWith("ga4gh:")) return { kind: "unsupported", type: "VRS" };
  if (type === "CLINVAR_VARIATION" || type === "CAID") return { kind: "unsupported", type };
  if (wants("VCF")) {
    const match = VCF_ID.exec(input);
    if (match !== null) {
      const [, build, contig = "", pos, ref = "", alt = ""] = match;
      const key = { contig: canonicalContig(contig), pos: Number(pos), ref: ref.toUpperCase(), alt: alt.toUpperCase() };
      return { kind: "key", type: "VCF", build: build === "GRCh37" || build === "GRCh38" ? build : null, key };
    }
  }
  return { kind: "invalid" };
}

interface Place {
  /** Null for MT: its sequence is the same in both builds. */
  readonly build: Build | null;
  readonly contig: string;
}

function placeOf(accession: string): Place | null {
  const place = contigOfAccession(accession);
  if (place !== null) return place;
  return canonicalContig(accession) === "MT" ? { build: null, contig: "MT" } : null;
}

function keyOf(type: VariantIdType, place: Place, pos: number, match: RegExpExecArray): ParsedVariantId {
  const [ref = "", alt = ""] = match.slice(3).map((bases) => bases.toUpperCase());
  return { kind: "key", type, build: place.build, key: { contig: place.contig, pos, ref, alt } };
}
