import type { FieldDefinition, FieldType } from "./types.js";

/** Keys whose meaning the specification fixes. Sources: VCF 4.1 to 4.3, sections 1.4.1 (INFO) and 1.4.2 (FORMAT). */
type Row = readonly [id: string, number: number | string, type: FieldType];

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
  ["MQ0", 1, "Integer"],
  ["NS", 1, "Integer"],
  ["SB", ".", "String"],
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
const FORMAT_ALL: readonly Row[] = [
  ["GT", 1, "String"],
  ["DP", 1, "Integer"],
  ["FT", 1, "String"],
  ["GQ", 1, "Integer"],
  ["HQ", 2, "Integer"],
  ["MQ", 1, "Integer"],
  ["PQ", 1, "Integer"],
  ["EC", "A", "Integer"],
  ["GL", "G", "Float"],
  ["GP", "G", "Float"],
  ["PL", "G", "Integer"],
];
const FORMAT_43: readonly Row[] = [
  ["AD", "R", "Integer"],
  ["ADF", "R", "Integer"],
  ["ADR", "R", "Integer"],
];

function table(rows: readonly Row[]): ReadonlyMap<string, FieldDefinition> {
  return new Map(rows.map(([id, number, type]) => [id, { id, number, type }]));
}

const since43 = (version: string): boolean => Number(version.split(".")[1]) >= 3;

export function reservedInfo(version: string): ReadonlyMap<string, FieldDefinition> {
  return table(since43(version) ? [...INFO_ALL, ...INFO_43] : INFO_ALL);
}

export function reservedFormat(version: string): ReadonlyMap<string, FieldDefinition> {
  return table(since43(version) ? [...FORMAT_ALL, ...FORMAT_43] : FORMAT_ALL);
}
