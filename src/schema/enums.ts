import { registerEnumType } from "type-graphql";

export enum ReferenceGenome {
  GRCh37 = "GRCh37",
  GRCh38 = "GRCh38",
}
registerEnumType(ReferenceGenome, {
  name: "ReferenceGenome",
  description: "Human reference build. A question always names one; coordinates are never lifted over silently.",
});

export enum CoordinateSystem {
  ONE_BASED_CLOSED = "ONE_BASED_CLOSED",
  ZERO_BASED_HALF_OPEN = "ZERO_BASED_HALF_OPEN",
}
registerEnumType(CoordinateSystem, {
  name: "CoordinateSystem",
  description: "How start and end count bases.",
  valuesConfig: {
    ONE_BASED_CLOSED: { description: "VCF, HGVS, GFF and region strings: the first base is 1, the end is included." },
    ZERO_BASED_HALF_OPEN: { description: "BED, SPDI, VRS and BAM: the first base is 0, the end is excluded." },
  },
});

export enum CountMode {
  NONE = "NONE",
  APPROXIMATE = "APPROXIMATE",
  EXACT = "EXACT",
}
registerEnumType(CountMode, {
  name: "CountMode",
  description: "Whether a list counts all its members. APPROXIMATE is answered exactly where that is as cheap.",
});

export enum Granularity {
  BOOLEAN = "BOOLEAN",
  COUNT = "COUNT",
  AGGREGATED = "AGGREGATED",
  RECORD = "RECORD",
}
registerEnumType(Granularity, {
  name: "Granularity",
  description: "How fine an answer is (GA4GH Beacon v2): coarser than asked at most, never finer.",
});

export enum Layer {
  BATCH = "BATCH",
  SPEED = "SPEED",
}
registerEnumType(Layer, { name: "Layer", description: "Which layer of the Lambda architecture a value comes from." });

export enum Zygosity {
  HOM_REF = "HOM_REF",
  HET = "HET",
  HET_ALT = "HET_ALT",
  HOM_ALT = "HOM_ALT",
  HEMI_REF = "HEMI_REF",
  HEMI_ALT = "HEMI_ALT",
  OTHER_ALT = "OTHER_ALT",
  HALF_MISSING = "HALF_MISSING",
  MISSING = "MISSING",
  NOT_ASSAYED = "NOT_ASSAYED",
  HETEROPLASMIC = "HETEROPLASMIC",
  HOMOPLASMIC = "HOMOPLASMIC",
}
registerEnumType(Zygosity, {
  name: "Zygosity",
  description: "Allelic state of a sample at an allele (LOINC 53034-5, and what a file can say beside it).",
  valuesConfig: {
    HOM_REF: { description: "Every called allele is REF; the site or an interval over it was looked at." },
    HET: { description: "One REF and one copy of this alternate." },
    HET_ALT: { description: "This alternate and another one, no REF." },
    HOM_ALT: { description: "Only this alternate." },
    HEMI_REF: { description: "Haploid REF." },
    HEMI_ALT: { description: "Haploid, this alternate." },
    OTHER_ALT: { description: "Carries only other alternates of the original record." },
    HALF_MISSING: { description: "One allele called, one missing." },
    MISSING: { description: "The file lists the sample at the site without a call." },
    NOT_ASSAYED: { description: "Nobody looked: absent is never reference." },
    HETEROPLASMIC: { description: "Mitochondrial, a mixture of alleles." },
    HOMOPLASMIC: { description: "Mitochondrial, only this alternate." },
  },
});

export enum VariantOrder {
  POSITION = "POSITION",
  QUAL_DESC = "QUAL_DESC",
  AF_ASC = "AF_ASC",
}
registerEnumType(VariantOrder, {
  name: "VariantOrder",
  description: "Order of a list of variants; ties go by position, and missing values come last.",
  valuesConfig: {
    POSITION: { description: "Build, contig (1 to 22, X, Y, MT, others by name), POS, REF, ALT." },
    QUAL_DESC: { description: "Highest QUAL of any record first." },
    AF_ASC: { description: "Lowest allele frequency of any call set first." },
  },
});

export enum VariantIdType {
  AUTO = "AUTO",
  VCF = "VCF",
  RSID = "RSID",
  HGVS = "HGVS",
  SPDI = "SPDI",
  VRS = "VRS",
  CLINVAR_VARIATION = "CLINVAR_VARIATION",
  CAID = "CAID",
}
registerEnumType(VariantIdType, {
  name: "VariantIdType",
  description: "Kind of an identifier.",
  valuesConfig: {
    AUTO: { description: "Told from the text." },
    VCF: { description: "contig-pos-ref-alt, with or without chr, such as chr10-94781859-G-A; pos is 1-based." },
    RSID: { description: "dbSNP id. An alias: it may name several alleles." },
    HGVS: { description: "g. substitutions such as NC_000010.11:g.94781859G>A." },
    SPDI: { description: "NC_000010.11:94781858:G:A; the position is 0-based." },
    VRS: { description: "GA4GH VRS id; answered UNSUPPORTED_ID in this release." },
    CLINVAR_VARIATION: { description: "ClinVar VariationID; answered UNSUPPORTED_ID in this release." },
    CAID: { description: "ClinGen allele id; answered UNSUPPORTED_ID in this release." },
  },
});

export enum LookupError {
  NOT_FOUND = "NOT_FOUND",
  INVALID_ID = "INVALID_ID",
  UNSUPPORTED_ID = "UNSUPPORTED_ID",
  AMBIGUOUS = "AMBIGUOUS",
  ASSEMBLY_MISMATCH = "ASSEMBLY_MISMATCH",
  ASSEMBLY_MISSING = "ASSEMBLY_MISSING",
  NOT_ASSAYED = "NOT_ASSAYED",
}
registerEnumType(LookupError, {
  name: "LookupError",
  description: "Why a lookup gave no single variant.",
  valuesConfig: {
    NOT_FOUND: { description: "Some call set looked at the position, none holds this allele." },
    INVALID_ID: { description: "The text is no identifier of the stated kind." },
    UNSUPPORTED_ID: {
      description: "The kind of identifier cannot be resolved without the reference sequence; never guessed.",
    },
    AMBIGUOUS: { description: "The alias names several alleles: see candidates." },
    ASSEMBLY_MISMATCH: { description: "The identifier belongs to another build than the one asked for." },
    ASSEMBLY_MISSING: { description: "State assemblyId: the identifier does not tell its build." },
    NOT_ASSAYED: { description: "No call set looked at the position." },
  },
});

export enum CallSetKind {
  FORCED_SITES = "FORCED_SITES",
  COHORT_VARIANTS_ONLY = "COHORT_VARIANTS_ONLY",
  GVCF = "GVCF",
  SINGLE_VARIANTS_ONLY = "SINGLE_VARIANTS_ONLY",
}
registerEnumType(CallSetKind, {
  name: "CallSetKind",
  description: "What the files of a call set hold. In none of them does an absent site mean reference.",
  valuesConfig: {
    FORCED_SITES: { description: "A fixed list of sites, also those where nobody carries an alternate." },
    COHORT_VARIANTS_ONLY: { description: "Sites that vary in the cohort." },
    GVCF: { description: "Variants, and intervals of confident reference." },
    SINGLE_VARIANTS_ONLY: { description: "The variants of one sample." },
  },
});

export enum RunState {
  QUEUED = "QUEUED",
  INITIALIZING = "INITIALIZING",
  RUNNING = "RUNNING",
  PAUSED = "PAUSED",
  COMPLETE = "COMPLETE",
  EXECUTOR_ERROR = "EXECUTOR_ERROR",
  SYSTEM_ERROR = "SYSTEM_ERROR",
  CANCELING = "CANCELING",
  CANCELED = "CANCELED",
  PREEMPTED = "PREEMPTED",
}
registerEnumType(RunState, {
  name: "RunState",
  description: "State of a job (GA4GH WES). COMPLETE, EXECUTOR_ERROR, SYSTEM_ERROR and CANCELED are final.",
});

export enum GapReason {
  RETENTION_PASSED = "RETENTION_PASSED",
  SLOW_CONSUMER = "SLOW_CONSUMER",
}
registerEnumType(GapReason, {
  name: "GapReason",
  description: "Why events were not delivered.",
  valuesConfig: {
    RETENTION_PASSED: { description: "The log no longer holds them." },
    SLOW_CONSUMER: { description: "The client read too slowly and was cut off; resuming gives them." },
  },
});

export enum FileStatus {
  ACCEPTED = "accepted",
  PARTIAL = "partial",
  REFUSED = "refused",
}
registerEnumType(FileStatus, {
  name: "FileStatus",
  description: "How one input file ended.",
  valuesConfig: {
    ACCEPTED: { description: "Every record was accepted, filtered, or a duplicate." },
    PARTIAL: { description: "Some records are in quarantine." },
    REFUSED: { description: "The file itself has a fault: nothing of it was taken." },
  },
});

export enum LinkStatus {
  LINKED = "LINKED",
  AMBIGUOUS = "AMBIGUOUS",
  UNLINKED = "UNLINKED",
}
registerEnumType(LinkStatus, {
  name: "LinkStatus",
  description: "Whether a sample is known to be somebody's.",
  valuesConfig: {
    LINKED: { description: "Every statement names the same person." },
    AMBIGUOUS: { description: "Statements name several people: it is nobody's until that is settled." },
    UNLINKED: { description: "There is no statement." },
  },
});

export enum ExportFormat {
  PARQUET = "PARQUET",
  ARROW_IPC = "ARROW_IPC",
  CSV = "CSV",
  NDJSON = "NDJSON",
  VCF_BGZ = "VCF_BGZ",
}
registerEnumType(ExportFormat, {
  name: "ExportFormat",
  description: "Format of an exported file.",
  valuesConfig: {
    PARQUET: { description: "Apache Parquet, zstd." },
    ARROW_IPC: { description: "Apache Arrow IPC file (Feather version 2)." },
    CSV: {
      description:
        "RFC 4180 with a header. Null is an empty cell, empty text is two quotes. A text that begins with = + - @ ' or a tab has a ' in front.",
    },
    NDJSON: { description: "One JSON object a line." },
    VCF_BGZ: { description: "VCF 4.3 compressed with bgzip: the sites alone, of one build." },
  },
});
