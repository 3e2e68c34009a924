import type { DuckDBDataChunk } from "@duckdb/node-api";
import { join } from "node:path";
import { stat } from "node:fs/promises";
import type { Build } from "../domain/contig.js";
import { integerListOf } from "../engine/columns.js";
import { quoteText, type Engine } from "../engine/duckdb.js";
import { hashFile } from "../engine/parquet.js";
import { geneDiseaseEntries, geneEntries, statementEntries } from "./annotation-entries.js";
import { encodeBlock } from "./block-row.js";
import { encodeCalls, type CallRow } from "./call-row.js";
import type { IndexFile } from "./catalog.js";
import { buildKeyIndex, type IndexEntry } from "./key-index.js";
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
] as const;
export type IndexedTable = (typeof INDEXED_TABLES)[number];

/** An index file as the catalog lists it. */
export type BuiltIndex = IndexFile;

/** Reads one data file in key order and writes its index beside it. `path` is relative to the local `root`. */
export async function buildTableIndex(
  engine: Engine,
  table: IndexedTable,
  root: string,
  path: string,
): Promise<BuiltIndex> {
  const source = `read_parquet(${quoteText(join(root, path))})`;
  const indexPath = path.replace(/\.parquet$/, "") + ".idx";
  const local = join(root, indexPath);
  const built = await buildKeyIndex(local, ENTRIES[table](engine, source));
  return { name: table, path: indexPath, bytes: (await stat(local)).size, sha256: await hashFile(local), ...built };
}

const ENTRIES: Readonly<Record<IndexedTable, (engine: Engine, source: string) => AsyncGenerator<IndexEntry>>> = {
  variants: variantEntries,
  calls: callEntries,
  reference_blocks: blockEntries,
  annotations: statementEntries,
  genes: geneEntries,
  gene_disease: geneDiseaseEntries,
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
  const query = `SELECT variant_row, sample_index, coalesce(dp, -1), coalesce(gq, -1), coalesce(ad_ref, -1),
      coalesce(ad_alt, -1), gts.code, phase_set, filters, call_set_id, build, contig, pos, ref, alt
    FROM ${source} calls JOIN gts ON gts.gt = calls.gt ORDER BY variant_row, sample_index`;
  let current = -1;
  let key: Buffer = Buffer.alloc(0);
  let calls: CallRow[] = [];
  for await (const chunk of engine.stream(query)) {
    const columns = Array.from({ length: 9 }, (_, column) => chunk.getColumnVector(column));
    const integer = (column: number, row: number): number => columns[column]?.getItem(row) as number;
    const optional = (column: number, row: number): number | null => {
      const value = integer(column, row);
      return value < 0 ? null : value;
    };
    for (let row = 0; row < chunk.rowCount; row += 1) {
      const variantRow = integer(0, row);
      if (variantRow !== current) {
        if (calls.length > 0) yield { key, value: encodeCalls(calls) };
        calls = [];
        current = variantRow;
        const cell = (column: number): string => chunk.getColumnVector(column).getItem(row) as string;
        const pos = chunk.getColumnVector(12).getItem(row) as number;
        const place = { build: cell(10) as Build, contig: cell(11), pos, ref: cell(13), alt: cell(14) };
        key = callSetAlleleKey("call", place, cell(9));
      }
      calls.push({
        sampleIndex: integer(1, row),
        gt: gts[integer(6, row)] ?? "",
        phaseSet: columns[7]?.getItem(row) as string | null,
        dp: optional(2, row),
        gq: optional(3, row),
        adRef: optional(4, row),
        adAlt: optional(5, row),
        filters: columns[8]?.getItem(row) as string | null,
      });
    }
  }
  if (calls.length > 0) yield { key, value: encodeCalls(calls) };
}

async function* blockEntries(engine: Engine, source: string): AsyncGenerator<IndexEntry> {
  const query = `SELECT call_set_id, sample_id, build, contig, start_pos, end_pos, gt, min_gq, min_dp
    FROM ${source} ORDER BY build, contig_rank, contig, start_pos, call_set_id, sample_id, end_pos`;
  for await (const chunk of engine.stream(query)) {
    for (let row = 0; row < chunk.rowCount; row += 1) {
      const cell = (column: number): unknown => chunk.getColumnVector(column).getItem(row);
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
}
