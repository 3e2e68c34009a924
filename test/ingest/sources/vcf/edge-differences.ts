export type Verdict = "ingested" | "quarantined" | "refused";

export interface EdgeDifference {
  /** Below `edge/`. */
  readonly file: string;
  readonly verdict: Verdict;
  readonly reason: string;
}

const duplicates = (version: string): readonly EdgeDifference[] =>
  ["001", "003"].map((number) => ({
    file: `vcf/${version}/failed/failed_body_duplicated_${number}.vcf`,
    verdict: "ingested",
    reason: "two spellings of one variant break no rule of the format; they meet under one key after normalisation",
  }));

const passed = (version: string): readonly EdgeDifference[] => [
  {
    file: `vcf/${version}/passed/passed_body_alt.vcf`,
    verdict: "quarantined",
    reason: "line 22 has the genotype 0|1 and no alternate allele: GT names an allele that is not there",
  },
  {
    file: `vcf/${version}/passed/passed_body_info.vcf`,
    verdict: "quarantined",
    reason: "EXPLAIN is defined with Number=1 and its value holds a comma, which separates values, quoted or not",
  },
];

const newline = (file: string): EdgeDifference => ({
  file,
  verdict: "ingested",
  reason: "a missing last line break loses nothing; the suite's own 4.5/passed/zero_length_LAA.vcf has none either",
});

const anyNumber = (file: string): EdgeDifference => ({
  file,
  verdict: "ingested",
  reason: "Number=. for AA says less than the specification, nothing else: real headers write a dot for AC, DP and AD",
});

const formatKey = (version: string): EdgeDifference => ({
  file: `vcf/${version}/failed/failed_body_format_003.vcf`,
  verdict: "ingested",
  reason: "an underscore in a FORMAT key: GATK writes MIN_DP and others in 4.1 and 4.2",
});

const altId = (version: string): EdgeDifference => ({
  file: `vcf/${version}/failed/failed_meta_alt_000.vcf`,
  verdict: "ingested",
  reason:
    "an ALT ID outside DEL, INS, DUP, INV, CNV: 1000 Genomes (CN0), GATK (NON_REF) and SURVIVOR (TRA) define such",
});

const wrongAssembly = (name: string): EdgeDifference => ({
  file: `wrong-assembly/${name}/${name}.vcf`,
  verdict: "ingested",
  reason:
    "REF differs from a reference sequence, which is not part of the file; the ingest compares it where one is given",
});

/** Files of the public edge cases whose verdict here differs from their own suite's. */
export const EDGE_DIFFERENCES: readonly EdgeDifference[] = [
  ...["4.1", "4.2", "4.3"].flatMap(duplicates),
  ...["4.1", "4.2", "4.3"].flatMap(passed),
  ...["4.1", "4.2"].flatMap((version) => [formatKey(version), altId(version)]),
  anyNumber("vcf/4.1/failed/failed_meta_info_006.vcf"),
  anyNumber("vcf/4.2/failed/failed_meta_info_005.vcf"),
  anyNumber("vcf/4.3/failed/failed_meta_info_005.vcf"),
  ...["000", "002", "003"].map((number) => newline(`vcf/4.3/failed/failed_body_no_newline_${number}.vcf`)),
  newline("vcf/compressed_4.3/readable/failed/failed_compressed.vcf.gz"),
  {
    file: "vcf/compressed_4.3/readable/passed/passed_compressed.vcf.bz2",
    verdict: "refused",
    reason: "bzip2 is not read: plain text, gzip and bgzip are",
  },
  {
    file: "vcf/compressed_4.3/readable/passed/passed_compressed.vcf.gz",
    verdict: "quarantined",
    reason: "the same records as passed_body_alt.vcf: GT names an allele that is not there",
  },
  wrongAssembly("failed_multiplemismatch_multipleentry"),
  wrongAssembly("failed_singlemismatch_singleentry"),
];

/** What becomes of the files that come without a verdict. */
export const EDGE_WITHOUT_VERDICT: Readonly<Record<string, Verdict>> = {
  "vcf/compressed_4.3/non_readable/compressed.vcf.tar.Z": "refused",
  "vcf/compressed_4.3/non_readable/compressed.vcf.tar.xz": "refused",
  "vcf/compressed_4.3/non_readable/compressed.vcf.tar.zip": "refused",
  "vcf/compressed_4.3/non_readable/compressed.vcf.z": "refused",
  "vcf/cyvcf2_bug.vcf.gz": "ingested",
  "vcf/glow/misnumbered_info.vcf": "quarantined",
  "vcf/gz/notbgz.vcf.gz": "ingested",
  "vcf/headers/vcfjs_breakends.vcf": "refused",
  "vcf/multi_contig.vcf.gz": "ingested",
  "vcf/pharmcat/NamedAlleleMatcher-sortError.vcf": "quarantined",
  "vcf/pharmcat/VcfReaderTest-AD-invalid.vcf": "refused",
  "vcf/pharmcat/VcfReaderTest-alleleOrder.vcf": "ingested",
  "vcf/pharmcat/VcfReaderTest-badAllele.vcf": "quarantined",
  "vcf/pharmcat/VcfReaderTest-structuralAlt.vcf": "ingested",
  "vcf/pharmcat/raw_bad_chr.vcf": "ingested",
  "vcf/weird_info_and_missing_format.vcf": "refused",
};
