import { isSince43 } from "./info.js";
import type { FieldType } from "./types.js";

/** A key whose meaning the specification fixes. The first number and type are the specification's; others are in wide use. */
export interface ReservedField {
  readonly id: string;
  readonly numbers: readonly [number | string, ...(number | string)[]];
  readonly types: readonly [FieldType, ...FieldType[]];
}

type Row = readonly [
  id: string,
  numbers: number | string | ReservedField["numbers"],
  types: FieldType | ReservedField["types"],
];

/** Sources: VCF 4.1 to 4.3, sections 1.4.1 (INFO) and 1.4.2 (FORMAT). */
const INFO_ALL: readonly Row[] = [
  ["AA", 1, "String"],
  ["AC", "A", "Integer"],
  ["AF", "A", "Float"],
  ["AN", 1, "Integer"],
  ["BQ", 1, "Float"],
  ["CIGAR", "A", "String"],
  ["DB", 0, "Flag"],
  ["DP", 1, "Integer"],
  ["END", 1, "Integer"],
  ["H2", 0, "Flag"],
  ["H3", 0, "Flag"],
  // 4.1 and 4.2 leave the type open: GATK writes Float, samtools Integer.
  ["MQ", 1, ["Float", "Integer"]],
  ["MQ0", 1, "Integer"],
  ["NS", 1, "Integer"],
  ["SOMATIC", 0, "Flag"],
  ["VALIDATED", 0, "Flag"],
  ["1000G", 0, "Flag"],
  ["IMPRECISE", 0, "Flag"],
  ["NOVEL", 0, "Flag"],
];
const INFO_43: readonly Row[] = [
  ["AD", "R", "Integer"],
  ["ADF", "R", "Integer"],
  ["ADR", "R", "Integer"],
];
/** Samtools once wrote the three likelihoods of a diploid site as Number=3. */
const PER_GENOTYPE = ["G", 3] as const;
const FORMAT_ALL: readonly Row[] = [
  ["GT", 1, "String"],
  ["DP", 1, "Integer"],
  ["FT", 1, "String"],
  // Freebayes writes Float.
  ["GQ", 1, ["Integer", "Float"]],
  ["HQ", 2, "Integer"],
  ["MQ", 1, "Integer"],
  // Sets are kept as text: some callers name them.
  ["PS", 1, ["Integer", "String"]],
  ["PQ", 1, "Integer"],
  ["EC", "A", "Integer"],
  ["GL", PER_GENOTYPE, "Float"],
  ["GP", PER_GENOTYPE, "Float"],
  ["PL", PER_GENOTYPE, "Integer"],
];
const FORMAT_BEFORE_43: readonly Row[] = [["GLE", "G", "String"]];
const FORMAT_43: readonly Row[] = [
  ["AD", "R", "Integer"],
  ["ADF", "R", "Integer"],
  ["ADR", "R", "Integer"],
];

function table(rows: readonly Row[]): ReadonlyMap<string, ReservedField> {
  return new Map(
    rows.map(([id, numbers, types]) => [
      id,
      {
        id,
        numbers: typeof numbers === "object" ? numbers : [numbers],
        types: typeof types === "object" ? types : [types],
      },
    ]),
  );
}

const INFO = { before: table(INFO_ALL), since: table([...INFO_ALL, ...INFO_43]) };
const FORMAT = { before: table([...FORMAT_ALL, ...FORMAT_BEFORE_43]), since: table([...FORMAT_ALL, ...FORMAT_43]) };

export function reservedInfo(version: string): ReadonlyMap<string, ReservedField> {
  return isSince43(version) ? INFO.since : INFO.before;
}

export function reservedFormat(version: string): ReadonlyMap<string, ReservedField> {
  return isSince43(version) ? FORMAT.since : FORMAT.before;
}
