import type { VariantKey } from "./variant.js";

/** What a classification is about. Each kind is judged apart and has its own review status. */
export const CLINICAL_KINDS = ["germline", "oncogenicity", "somatic_impact"] as const;
export type ClinicalKind = (typeof CLINICAL_KINDS)[number];

/** A condition as the source codes it: `system` is the source's own name of the vocabulary, such as MONDO. */
export interface ConditionCoding {
  readonly system: string;
  readonly code: string;
  readonly display: string | null;
}

/** Which release of which source says something. */
export interface KnowledgeSource {
  readonly name: string;
  readonly version: string;
  /** ISO 8601 date; null where neither the file nor the caller states it. */
  readonly released: string | null;
}

/** What one source says about exactly one normalised allele. Bases in upper case, position 1-based. */
export interface ClinicalStatement extends VariantKey {
  readonly source: KnowledgeSource;
  /** The source's own id of the variation; not its allele id. */
  readonly variationId: string;
  readonly kind: ClinicalKind;
  /** Spelt as in the ClinVar VCF: `Pathogenic/Likely_pathogenic|drug_response`. */
  readonly significance: string;
  /** The classifications inside `significance`; where submitters conflict, those they gave. */
  readonly classifications: readonly string[];
  readonly conflicting: boolean;
  readonly group: SignificanceGroup;
  readonly reviewStatus: string | null;
  /** 0 to 4; null where the review status is missing or is none that has a number of stars. */
  readonly goldStars: number | null;
  readonly conditions: readonly ConditionCoding[];
  /** ISO 8601 date. */
  readonly lastEvaluated: string | null;
  /** Genes the source itself names. */
  readonly geneSymbols: readonly string[];
  /** Submissions, or the counts of conflicting classifications, as the source writes them. */
  readonly evidence: string | null;
}

export const SIGNIFICANCE_GROUPS = ["P/LP", "VUS+conflicting", "B/LB", "other"] as const;
export type SignificanceGroup = (typeof SIGNIFICANCE_GROUPS)[number];

/** One spelling for all layouts: white space becomes `_`, the separators `;` and `,` of other tables become `|`. */
export function canonicalSignificance(text: string): string {
  return text
    .trim()
    .replace(/\s*[;|]\s*/g, "|")
    .replace(/\s+/g, "_")
    .replace(/,_?(?!_?low_penetrance)/gi, "|")
    .replace(/,_?(?=low_penetrance)/gi, ",_");
}

/** `Pathogenic/Likely_pathogenic|drug_response` holds three. A low penetrance belongs to its classification. */
export function classificationsIn(significance: string): readonly string[] {
  return [...new Set(significance.split(/[/|]/).filter((part) => part !== ""))];
}

export function isConflicting(significance: string): boolean {
  return /(^|\|)conflicting_/i.test(significance);
}

/** `Pathogenic(1)|Uncertain_significance(3)`: what submitters said, without how many did. */
export function conflictingClassifications(text: string): readonly string[] {
  const parts = canonicalSignificance(text).split("|");
  return [...new Set(parts.map((part) => part.replace(/\(\d+\)$/, "")).filter((part) => part !== ""))];
}

/** Groups of germline pathogenicity; what is not about pathogenicity is `other`. */
export function significanceGroup(kind: ClinicalKind, significance: string): SignificanceGroup {
  if (kind !== "germline") return "other";
  if (isConflicting(significance)) return "VUS+conflicting";
  const parts = classificationsIn(significance).map((part) => part.toLowerCase().replace(/,_low_penetrance$/, ""));
  if (parts.includes("pathogenic") || parts.includes("likely_pathogenic")) return "P/LP";
  if (parts.includes("uncertain_significance")) return "VUS+conflicting";
  return parts.includes("benign") || parts.includes("likely_benign") ? "B/LB" : "other";
}

/** Gold stars of a ClinVar review status; null for a text that has none. */
export function goldStarsOf(reviewStatus: string | null): number | null {
  const status = (reviewStatus ?? "").toLowerCase().replaceAll("_", " ").trim();
  if (status === "practice guideline") return 4;
  if (status === "reviewed by expert panel") return 3;
  if (status === "criteria provided, multiple submitters, no conflicts") return 2;
  if (/^criteria provided, (single submitter|conflicting (classifications|interpretations))$/.test(status)) return 1;
  return /^no (assertion|classification)/.test(status) ? 0 : null;
}

/**
 * Whether a statement is of one of the wanted kinds of significance: a whole significance, one classification in it,
 * or a group, in any case, with spaces or underscores. What only some of conflicting submitters said does not count.
 */
export function hasSignificance(statement: ClinicalStatement, wanted: ReadonlySet<string>): boolean {
  const own = [statement.significance, statement.group, ...classificationsIn(statement.significance)];
  return own.some((text) => wanted.has(significanceToken(text)));
}

/** The form in which two spellings of a significance are compared. */
export function significanceToken(text: string): string {
  return canonicalSignificance(text).toLowerCase();
}
