import { createHash } from "node:crypto";
import type { Build } from "../domain/contig.js";
import { COUNT_WIDTH, countsAt, type GenotypeCountValues } from "../domain/counts.js";
import { createRowReader, createRowWriter } from "./row-bytes.js";

/** What one call set says about one allele. */
export interface VariantRow {
  readonly callSetId: string;
  readonly build: Build;
  readonly contig: string;
  readonly pos: number;
  readonly ref: string;
  readonly alt: string;
  readonly variantType: string;
  readonly normalisation: string;
  readonly ids: string | null;
  readonly qual: number | null;
  /** `PASS`, names joined by `;`, or null where filters were not run. */
  readonly filters: string | null;
  readonly info: string | null;
  readonly originalPos: number;
  readonly originalRef: string;
  readonly originalAlts: string;
  readonly altIndex: number;
  /** Genotype of every sample that has no row in `calls`; null in a file without genotypes. */
  readonly baseGt: string | null;
  readonly samples: number;
  readonly groupsId: string;
  /** Flattened: group × COUNT_WIDTH; group 0 is everybody. */
  readonly groupCounts: Int32Array;
  readonly sourceFile: string;
  readonly sourceLine: number;
  readonly runId: string;
}

const writer = createRowWriter();

/** Counts are runs of zeros with a few numbers between: stored as such. */
export function encodeVariantRow(row: VariantRow): Uint8Array {
  writer
    .text(row.callSetId)
    .text(row.build)
    .text(row.contig)
    .integer(row.pos)
    .text(row.ref)
    .text(row.alt)
    .text(row.variantType)
    .text(row.normalisation)
    .text(row.ids)
    .double(row.qual)
    .text(row.filters)
    .text(row.info)
    .integer(row.originalPos)
    .text(row.originalRef)
    .text(row.originalAlts)
    .integer(row.altIndex)
    .text(row.baseGt)
    .integer(row.samples)
    .text(row.groupsId)
    .text(row.sourceFile)
    .integer(row.sourceLine)
    .text(row.runId)
    .integer(row.groupCounts.length);
  for (let index = 0; index < row.groupCounts.length;) {
    const value = row.groupCounts[index] ?? 0;
    let run = 1;
    if (value === 0) while (row.groupCounts[index + run] === 0) run += 1;
    writer.integer(value);
    if (value === 0) writer.integer(run);
    index += run;
  }
  return writer.take();
}

export function decodeVariantRow(bytes: Uint8Array): VariantRow {
  const reader = createRowReader(bytes);
  const required = (): string => reader.text() ?? "";
  const row = {
    callSetId: required(),
    build: required() as Build,
    contig: required(),
    pos: reader.integer(),
    ref: required(),
    alt: required(),
    variantType: required(),
    normalisation: required(),
    ids: reader.text(),
    qual: reader.double(),
    filters: reader.text(),
    info: reader.text(),
    originalPos: reader.integer(),
    originalRef: required(),
    originalAlts: required(),
    altIndex: reader.integer(),
    baseGt: reader.text(),
    samples: reader.integer(),
    groupsId: required(),
    sourceFile: required(),
    sourceLine: reader.integer(),
    runId: required(),
  };
  const groupCounts = new Int32Array(reader.integer());
  for (let index = 0; index < groupCounts.length;) {
    const value = reader.integer();
    groupCounts[index] = value;
    index += value === 0 ? reader.integer() : 1;
  }
  return { ...row, groupCounts };
}

export function overallCounts(row: VariantRow): GenotypeCountValues {
  return countsAt(row.groupCounts, 0);
}

export function groupTotal(row: VariantRow): number {
  return row.groupCounts.length / COUNT_WIDTH;
}

/** A short, stable name for a set of things, such as the files of a snapshot. */
export function digestOf(parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part}\n`);
  return hash.digest("hex").slice(0, 16);
}
