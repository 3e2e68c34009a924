import type { DuckDBDataChunk } from "@duckdb/node-api";
import { stat } from "node:fs/promises";
import type { Build } from "../domain/contig.js";
import { cellRows, integerListOf, integersOf } from "../engine/columns.js";
import { quoteText, type Engine } from "../engine/duckdb.js";
import { hashFile } from "../engine/parquet.js";
import { clinicalEntries, linkEntries } from "./clinical-entries.js";
import { CLINICAL_TABLES } from "./clinical-tables.js";
import { geneDiseaseEntries, geneEntries, statementEntries } from "./annotation-entries.js";
import { encodeBlock } from "./block-row.js";
import { encodeCalls, type CallRow } from "./call-row.js";
import type { IndexFile } from "./catalog.js";
import { buildKeyIndex, type IndexEntry } from "./key-index.js";
import { recordEntries, vitalEntries, windowEntries } from "./log-entries.js";
import { LOG_TABLES } from "./log-tables.js";
import { callSetAlleleKey, idPrefix, placePrefix, positionBytes } from "./variant-keys.js";
import { encodeVariantRow, type VariantRow } from "./variant-row.js";

/** Tables whose data files get a key index, and what it holds. */
export const INDEXED_TABLES = [
  "variants",
  "calls",
  "reference_blocks",
  "annotations",
  "genes",
  "gene_disease",
  ...CLINICAL_TABLES,
  ...LOG_TABLES,
] as const;
export type IndexedTable = (typeof INDEXED_TABLES)[number];

/** An index file as the catalog lists it, but for its path in the store. */
export type BuiltIndex = Omit<IndexFile, "path">;

/** A data file to index: local paths of the file and of the index to write. */
export interface IndexTask {
  readonly table: IndexedTable;
  readonly data: string;
  readonly index: string;
}

/** Reads one data file in key order and writes its index. */
export async function buildTableIndex(engine: Engine, { table, data, index }: IndexTask): Promise<BuiltIndex> {
  const built = await buildKeyIndex(index, ENTRIES[table](engine, `read_parquet(${quoteText(data)})`));
  return { name: table, bytes: (await stat(index)).size, sha256: await hashFile(index), ...built };
}

const ENTRIES: Readonly<Record<IndexedTable, (engine: Engine, source: string) => AsyncGenerator<IndexEntry>>> = {
  variants: variantEntries,
  calls: callEntries,
  reference_blocks: blockEntries,
  annotations: statementEntries,
  genes: geneEntries,
  gene_disease: geneDiseaseEntries,
  patients: clinicalEntries("patients"),
  conditions: clinicalEntries("conditions"),
  medications: clinicalEntries("medications"),
  encounters: clinicalEntries("encounters"),
  consents: clinicalEntries("consents"),
  observations: clinicalEntries("observations"),
  links: linkEntries,
  vitals: vitalEntries,
  vital_windows: windowEntries,
  alerts: recordEntries("alerts"),
  jobs: recordEntries("jobs"),
};

const VARIANT_FIELDS = [
  "call_set_id",
  "build",
  "contig",
  "pos",
  "ref",
  "alt",
  "variant_type",
  "normalisation",
  "ids",
  "qual",
  "filters",
  "info",
  "original_pos",
  "original_ref",
  "original_alts",
  "alt_index",
  "base_gt",
  "sample_count",
  "groups_id",
  "source_file",
  "source_line",
  "run_id",
  "group_counts",
] as const;

async function* variantEntries(engine: Engine, source: string): AsyncGenerator<IndexEntry> {
  const named: { readonly name: string; readonly key: Buffer }[] = [];
  for await (const chunk of engine.stream(`SELECT ${VARIANT_FIELDS.join(", ")} FROM ${source} ORDER BY variant_row`)) {
    for (let row = 0; row < chunk.rowCount; row += 1) {
      const variant = variantOf(chunk, row);
      const key = callSetAlleleKey("variant", variant, variant.callSetId);
      const prefix = placePrefix("variant", variant.build, variant.contig);
      for (const name of variant.ids?.split(";") ?? []) if (/^rs\d+$/i.test(name)) named.push({ name, key });
      yield {
        key,
        value: encodeVariantRow(variant),
        prefixLength: prefix.length,
        end: variant.pos + variant.ref.length,
      };
    }
  }
  const byName = named.map(({ name, key }) => ({ key: Buffer.concat([idPrefix(name), key]), value: key }));
  byName.sort((left, right) => Buffer.compare(left.key, right.key));
  for (const [index, entry] of byName.entries()) {
    if (index > 0 && byName[index - 1]?.key.equals(entry.key) === true) continue;
    yield entry;
  }
}

function variantOf(chunk: DuckDBDataChunk, row: number): VariantRow {
  const cell = (column: number): unknown => chunk.getColumnVector(column).getItem(row);
  const text = (column: number): string => cell(column) as string;
  const optional = (column: number): string | null => cell(column) as string | null;
  const integer = (column: number): number => cell(column) as number;
  return {
    callSetId: text(0),
    build: text(1) as Build,
    contig: text(2),
    pos: integer(3),
    ref: text(4),
    alt: text(5),
    variantType: text(6),
    normalisation: text(7),
    ids: optional(8),
    qual: cell(9) as number | null,
    filters: optional(10),
    info: optional(11),
    originalPos: integer(12),
    originalRef: text(13),
    originalAlts: text(14),
    altIndex: integer(15),
    baseGt: optional(16),
    samples: integer(17),
    groupsId: text(18),
    sourceFile: text(19),
    sourceLine: integer(20),
    runId: text(21),
    groupCounts: integerListOf(chunk, 22, row) ?? new Int32Array(0),
  };
}

/** All calls of one allele in one call set are one entry. Genotype texts come as codes: they are few. */
async function* callEntries(engine: Engine, source: string): AsyncGenerator<IndexEntry> {
  await engine.run(
    `CREATE OR REPLACE TABLE gts AS SELECT CAST(row_number() OVER () - 1 AS INTEGER) AS code, gt FROM (SELECT DISTINCT gt FROM ${source})`,
  );
  const gts = (await engine.rows("SELECT gt FROM gts ORDER BY code")).map((row) => String(row["gt"]));
  const keys = await callKeys(engine, source);
  // Integers only: what the rows of one allele share, and the rare texts, are not dragged through the sort.
  const query = `SELECT variant_row, sample_index, coalesce(dp, -1), coalesce(gq, -1), coalesce(ad_ref, -1),
      coalesce(ad_alt, -1), gts.code, CAST(phase_set IS NOT NULL OR filters IS NOT NULL AS INTEGER), phase_set, filters
    FROM ${source} calls JOIN gts ON gts.gt = calls.gt ORDER BY variant_row, sample_index`;
  let current = -1;
  let calls: CallRow[] = [];
  const entry = (): IndexEntry => {
    const key = keys.get(current);
    if (key === undefined) throw new Error(`variant row ${String(current)} has calls and no key`);
    return { key, value: encodeCalls(calls) };
  };
  for await (const chunk of engine.stream(query)) {
    const [variantRows, samples, dps, gqs, adRefs, adAlts, codes, hasText] = CALL_INTEGERS.map((column) =>
      integersOf(chunk, column),
    ) as [Int32Array, ...Int32Array[]];
    const textOf = (column: number, row: number): string | null =>
      hasText?.[row] === 1 ? (chunk.getColumnVector(column).getItem(row) as string | null) : null;
    const rows = variantRows.length;
    for (let row = 0; row < rows; row += 1) {
      const variantRow = variantRows[row] ?? 0;
      if (variantRow !== current) {
        if (calls.length > 0) yield entry();
        calls = [];
        current = variantRow;
      }
      calls.push({
        sampleIndex: samples?.[row] ?? 0,
        gt: gts[codes?.[row] ?? 0] ?? "",
        phaseSet: textOf(8, row),
        dp: known(dps, row),
        gq: known(gqs, row),
        adRef: known(adRefs, row),
        adAlt: known(adAlts, row),
        filters: textOf(9, row),
      });
    }
  }
  if (calls.length > 0) yield entry();
}

const CALL_INTEGERS = [0, 1, 2, 3, 4, 5, 6, 7] as const;

function known(values: Int32Array | undefined, row: number): number | null {
  const value = values?.[row] ?? -1;
  return value < 0 ? null : value;
}

/** The key of each allele of a file of calls, by its row. */
async function callKeys(engine: Engine, source: string): Promise<ReadonlyMap<number, Buffer>> {
  const keys = new Map<number, Buffer>();
  const query = `SELECT variant_row, any_value(call_set_id), any_value(build), any_value(contig), any_value(pos),
      any_value(ref), any_value(alt) FROM ${source} GROUP BY variant_row`;
  for await (const cell of cellRows(engine, query)) {
    const place = {
      build: cell(2) as Build,
      contig: cell(3) as string,
      pos: cell(4) as number,
      ref: cell(5) as string,
      alt: cell(6) as string,
    };
    keys.set(cell(0) as number, callSetAlleleKey("call", place, cell(1) as string));
  }
  return keys;
}

async function* blockEntries(engine: Engine, source: string): AsyncGenerator<IndexEntry> {
  const query = `SELECT call_set_id, sample_id, build, contig, start_pos, end_pos, gt, min_gq, min_dp
    FROM ${source} ORDER BY build, contig_rank, contig, start_pos, call_set_id, sample_id, end_pos`;
  for await (const cell of cellRows(engine, query)) {
    const block = {
      callSetId: cell(0) as string,
      sampleId: cell(1) as string,
      startPos: cell(4) as number,
      endPos: cell(5) as number,
      gt: cell(6) as string,
      minGq: cell(7) as number | null,
      minDp: cell(8) as number | null,
    };
    const prefix = placePrefix("block", cell(2) as Build, cell(3) as string);
    const key = Buffer.concat([
      prefix,
      positionBytes(block.startPos),
      Buffer.from(`${block.callSetId}\0${block.sampleId}\0`),
      positionBytes(block.endPos),
    ]);
    yield { key, value: encodeBlock(block), prefixLength: prefix.length, end: block.endPos + 1 };
  }
}
