import type { ClinicalStatement } from "../../../domain/clinical.js";
import type { Build } from "../../../domain/contig.js";
import type { Gene, GeneDisease } from "../../../domain/gene.js";

/** Every reason a row of a gene or ClinVar table is put into quarantine; ClinVar as VCF adds the rules of VCF. */
export const ANNOTATION_RULES = {
  COLUMN_COUNT: "a row has as many cells as the header names columns",
  LINE_TOO_LONG: "a line is at most 8 MiB",
  ENCODING: "text is UTF-8 without control characters",
  CONTIG_SYNTAX: "a contig is a name without white space",
  POS_SYNTAX: "a position is a whole number of at least 1",
  POS_RANGE: "a position lies on its contig; one beyond its end is of another build",
  GENE_ORDER: "a gene ends where it begins or after it",
  GENE_ID: "a gene has an HGNC id or an Ensembl id",
  SYMBOL: "a gene has a symbol without white space",
  ALLELE_SYNTAX: "REF and ALT are bases and differ",
  ONE_ALT: "a record has one alternate: what is said could not be told apart for two",
  VARIATION_ID: "a record has the id of its variation",
  SIGNIFICANCE: "a classification is at most 1,000 characters without control characters",
  DATE_SYNTAX: "a date is YYYY-MM-DD or Mon DD, YYYY, a dash, or empty",
  DISEASE: "a disease has an id and a name, or one of both",
  ASSEMBLY: "the row's assembly is that of the file, or GRCh37 or GRCh38",
} as const;
export type AnnotationRule = keyof typeof ANNOTATION_RULES;

/** Rows that hold nothing to keep. */
export const ANNOTATION_FILTERS = {
  NO_CLASSIFICATION: "the record states no classification",
  NO_ALTERNATE: "the record names no alternate allele",
  OTHER_ASSEMBLY: "the row is of neither GRCh37 nor GRCh38",
} as const;
export type AnnotationFilter = keyof typeof ANNOTATION_FILTERS;

/** A row that breaks a rule, with what a person needs to mend it. */
export interface AnnotationRejection {
  readonly line: number;
  readonly field: string;
  /** Of `ANNOTATION_RULES`, or of the VCF reader. */
  readonly rule: string;
  readonly expected: string;
  readonly found: string;
  /** At most 64 KiB of the line; null where it has to be fetched from the file. */
  readonly raw: string | null;
}

/** Everything a source says, before the job adds which release it is. */
export type Unsourced<T> = Omit<T, "source">;

/** What one row of one file says. `statements` holds one member per kind of classification, all of one allele. */
export type AnnotationRecord =
  | { readonly kind: "gene"; readonly gene: Unsourced<Gene> }
  | { readonly kind: "geneDisease"; readonly geneDisease: Unsourced<GeneDisease> }
  | { readonly kind: "clinical"; readonly statements: readonly Unsourced<ClinicalStatement>[] };

export interface AnnotationSink {
  record(record: AnnotationRecord, line: number): void;
  filter(rule: AnnotationFilter, line: number): void;
  reject(rejection: AnnotationRejection): void;
  /** Between windows of text: the place for back-pressure and cancellation. */
  flush(bytesRead: number): Promise<void>;
}

/** Each record read ended in exactly one call of `record`, `filter` or `reject`. */
export interface AnnotationSummary {
  readonly layout: AnnotationLayout;
  readonly recordsRead: number;
  /** ISO 8601 date of the release, where the file states it. */
  readonly released: string | null;
}

export type AnnotationLayout = "genes" | "gene-disease" | "clinvar-table" | "clinvar-vcf";

export interface ReadAnnotationsOptions {
  readonly signal?: AbortSignal;
  /** The build the caller states; null where the file has to. */
  readonly build: Build | null;
}
