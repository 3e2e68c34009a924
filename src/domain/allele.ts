/** One alternate allele after splitting: 1-based position, upper-case bases. */
export interface Allele {
  readonly pos: number;
  readonly ref: string;
  readonly alt: string;
}

/** Bases of one contig, 1-based and closed; empty where the reference ends. */
export type ReferenceBases = (start: number, end: number) => string;

export type AlleleKind =
  | "sequence"
  /** `.`: the record states that no alternate allele was seen. */
  | "none"
  /** `*`: the allele is absent because of an overlapping deletion. */
  | "overlapping_deletion"
  /** `<NON_REF>` or `<*>`: any allele not listed (gVCF). */
  | "unspecified"
  /** Symbolic or breakend. */
  | "structural";

/** Source: VCF 4.3 to 4.5, sections 1.4.1 and 5. */
export function classifyAlt(alt: string): AlleleKind {
  if (alt === "." || alt === "") return "none";
  if (alt === "*") return "overlapping_deletion";
  if (alt === "<NON_REF>" || alt === "<*>") return "unspecified";
  return /^[ACGTNURYSWKMBDHVacgtnuryswkmbdhv]+$/.test(alt) ? "sequence" : "structural";
}

/**
 * The shortest form at the same place: shared last bases go first, then shared first bases while both
 * alleles keep one. With a reference the allele is also shifted as far left as it goes.
 */
export function normaliseAllele(allele: Allele, reference: ReferenceBases | null): Allele {
  let { pos, ref, alt } = allele;
  if (ref === alt) return allele;
  if (reference === null) {
    let end = 0;
    const shortest = Math.min(ref.length, alt.length);
    while (end < shortest - 1 && ref.at(-1 - end) === alt.at(-1 - end)) end += 1;
    if (end > 0) {
      ref = ref.slice(0, -end);
      alt = alt.slice(0, -end);
    }
  } else {
    for (;;) {
      if (
        ref.length > 0 &&
        alt.length > 0 &&
        ref.at(-1) === alt.at(-1) &&
        (ref.length > 1 || alt.length > 1 || pos > 1)
      ) {
        ref = ref.slice(0, -1);
        alt = alt.slice(0, -1);
      } else if ((ref.length === 0 || alt.length === 0) && pos > 1) {
        const before = reference(pos - 1, pos - 1);
        if (before === "") break;
        pos -= 1;
        ref = before + ref;
        alt = before + alt;
      } else break;
    }
    if (ref.length === 0 || alt.length === 0) {
      const after = reference(pos + ref.length, pos + ref.length);
      ref += after;
      alt += after;
    }
  }
  let start = 0;
  while (start < Math.min(ref.length, alt.length) - 1 && ref[start] === alt[start]) start += 1;
  return { pos: pos + start, ref: ref.slice(start), alt: alt.slice(start) };
}

/** Sequence Ontology term of a normalised allele. */
export type VariantType = "SNV" | "MNV" | "insertion" | "deletion" | "delins";

/** An insertion or deletion has its padding base before it, or behind it where it reaches the first base of the contig. */
export function variantTypeOf(ref: string, alt: string): VariantType {
  if (ref.length === 1 && alt.length === 1) return "SNV";
  if (ref.length === alt.length) return "MNV";
  if (alt.startsWith(ref) || alt.endsWith(ref)) return "insertion";
  if (ref.startsWith(alt) || ref.endsWith(alt)) return "deletion";
  return "delins";
}
