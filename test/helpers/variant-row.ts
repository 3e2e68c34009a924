import { COUNT_WIDTH } from "../../src/domain/counts.js";
import type { VariantRow } from "../../src/lake/variant-row.js";

/** rs4244285 in one call set, with genotypes and nobody who carries it. */
export function buildVariantRow(overrides: Partial<VariantRow> = {}): VariantRow {
  return {
    callSetId: "cs-0123456789abcdef",
    build: "GRCh38",
    contig: "10",
    pos: 94_781_859,
    ref: "G",
    alt: "A",
    variantType: "SNV",
    normalisation: "TRIMMED",
    ids: "rs4244285",
    qual: 50.5,
    filters: "PASS",
    info: "DB;AF=0.2155",
    originalPos: 94_781_859,
    originalRef: "G",
    originalAlts: "A,C",
    altIndex: 1,
    baseGt: "0|0",
    samples: 3_202,
    groupsId: "g-1",
    groupCounts: new Int32Array(COUNT_WIDTH),
    sourceFile: "CYP2C19.vcf.gz",
    sourceLine: 42,
    runId: "run-1",
    ...overrides,
  };
}
