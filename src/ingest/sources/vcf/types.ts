import type { Build, StatedContig } from "../../../domain/contig.js";
import type { GenotypeText } from "../../../domain/genotype.js";

export type FieldType = "Integer" | "Float" | "Flag" | "Character" | "String";

/** `Number` of a header line: a count, or A, R, G, `.`, and P, LA, LR, LG, M of later versions. */
export interface FieldDefinition {
  readonly id: string;
  readonly number: number | string;
  readonly type: FieldType;
}

export interface FilterDefinition {
  readonly id: string;
  readonly description: string;
}

export interface VcfHeader {
  /** Such as `4.3`. */
  readonly version: string;
  readonly samples: readonly string[];
  readonly contigs: readonly StatedContig[];
  /** What the contig lengths say; without lengths, what `assembly` of the contigs, `##reference` or `##assembly` name. */
  readonly build: Build | null;
  /** The first `##source`. */
  readonly source: string | null;
  /** The first `##fileDate`, as written. */
  readonly fileDate: string | null;
  readonly filters: ReadonlyMap<string, FilterDefinition>;
  readonly infos: ReadonlyMap<string, FieldDefinition>;
  readonly formats: ReadonlyMap<string, FieldDefinition>;
  /** Lines up to and including `#CHROM`. */
  readonly lines: number;
}

/** Depths of all alleles of each listed sample: sample × allele, REF first; -1 is missing. */
export interface AlleleDepths {
  readonly values: Int32Array;
  readonly alleles: number;
}

/**
 * The genotypes of one record, sparse and by column. A sample that is not listed has exactly the genotype
 * `texts[base]` and no other kept value. The buffers are reused: they are valid until the next record.
 */
export interface RecordGenotypes {
  /** Distinct genotype texts of the file; grows, codes never change. */
  readonly texts: readonly GenotypeText[];
  /** Code of the text of every sample that is not listed, homozygous reference; -1 when every sample is listed, or none has a genotype. */
  readonly base: number;
  readonly count: number;
  /** Column of each listed sample, from 0, ascending. */
  readonly sample: Uint32Array;
  readonly code: Uint16Array;
  readonly dp: Int32Array | null;
  readonly gq: Int32Array | null;
  readonly minDp: Int32Array | null;
  readonly ad: AlleleDepths | null;
  readonly ps: readonly (string | null)[] | null;
  readonly filters: readonly (string | null)[] | null;
}

export interface VcfRecord {
  /** 1-based, in the decompressed text. */
  readonly line: number;
  /** As written. */
  readonly contig: string;
  /** 1-based; 0 and one past the end are telomeres. */
  readonly pos: number;
  readonly ids: readonly string[];
  /** Upper case. */
  readonly ref: string;
  /** Bases in upper case; symbolic alleles and breakends as written. */
  readonly alts: readonly string[];
  readonly qual: number | null;
  /** Null: `.`, filters were not run. Empty: PASS. */
  readonly filters: readonly string[] | null;
  /** The column's text; empty for `.`. */
  readonly info: string;
  readonly endPos: number | null;
  readonly genotypes: RecordGenotypes;
}

/** A record that breaks a rule, with what a person needs to mend it. */
export interface Rejection {
  readonly line: number;
  readonly field: string;
  readonly rule: VcfRule;
  readonly expected: string;
  /** At most 200 characters. */
  readonly found: string;
  /** The whole line, at most 64 KiB of it. */
  readonly raw: string;
}

export interface VcfSink {
  header(header: VcfHeader): void | Promise<void>;
  record(record: VcfRecord): void;
  reject(rejection: Rejection): void;
  /** Between windows of text: the place for back-pressure and cancellation. */
  flush(progress: { readonly bytesRead: number; readonly recordsRead: number }): Promise<void>;
}

export interface VcfSummary {
  readonly recordsRead: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Of the input as stored. */
  readonly bytes: number;
}

export interface VcfLimits {
  readonly headerBytes: number;
  readonly lineBytes: number;
  readonly alleleBytes: number;
  /** Alternates of one record: each is a row, with the counts of every group. */
  readonly alternates: number;
  readonly samples: number;
  /** Decompressed over compressed bytes, checked past the first 16 MiB. */
  readonly ratio: number;
}

export const VCF_LIMITS: VcfLimits = {
  headerBytes: 16 << 20,
  lineBytes: 8 << 20,
  alleleBytes: 1 << 20,
  alternates: 1_000,
  samples: 200_000,
  ratio: 200,
};

/** Every reason a record is put into quarantine. */
export const VCF_RULES = {
  COLUMN_COUNT: "a record has the eight fixed columns, FORMAT, and one column per sample",
  CHROM_SYNTAX: "CHROM is a name without white space, colons, commas, or characters the specification excludes",
  CHROM_CONTIGUOUS: "the records of one contig form one block",
  POS_SYNTAX: "POS is an integer of at least 0",
  POS_RANGE: "REF lies on its contig, or one base past the end (a telomere)",
  ID_SYNTAX: "ID is a list of distinct names without white space",
  REF_SYNTAX: "REF is one or more bases",
  ALT_SYNTAX: "ALT is a list of bases, *, symbolic alleles or breakends",
  ALT_DUPLICATE: "bases of an alternate are given once and differ from REF",
  QUAL_SYNTAX: "QUAL is a number of at least 0 or a dot",
  FILTER_SYNTAX: "FILTER is PASS, a dot, or a list of distinct names that are not 0",
  INFO_SYNTAX: "INFO is a dot or a list of keys with values",
  INFO_DUPLICATE: "an INFO key is given once",
  INFO_TYPE: "an INFO value has the type its definition states",
  INFO_NUMBER: "an INFO key has as many values as its definition states",
  INFO_VALUE: "an INFO value lies in the range its key allows",
  FORMAT_SYNTAX: "FORMAT is a list of distinct keys, GT first",
  SAMPLE_SYNTAX: "a sample has no more fields than FORMAT names",
  SAMPLE_TYPE: "a sample value has the type its definition states",
  SAMPLE_NUMBER: "a sample has as many values as its definition states",
  GENOTYPE_SYNTAX: "GT is alleles separated by / or |, at most 1,024 characters",
  GENOTYPE_VARIETY: "a file has at most 65,535 different genotype texts",
  ALLELE_RANGE: "GT names alleles the record has",
  LINE_TOO_LONG: "a line is at most 8 MiB",
  ENCODING: "text is UTF-8 without control characters",
} as const;

export type VcfRule = keyof typeof VCF_RULES;

/** A rule broken inside one record; caught where the line is known. */
export interface RecordFault {
  readonly field: string;
  readonly rule: VcfRule;
  readonly found: string;
  readonly expected?: string;
}
