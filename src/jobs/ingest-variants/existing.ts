import type { Engine } from "../../engine/duckdb.js";
import { parquetRows } from "../../engine/parquet.js";

const EMPTY_COLUMNS: Readonly<Record<string, string>> = {
  variants:
    "call_set_id VARCHAR, build VARCHAR, contig VARCHAR, pos INTEGER, ref VARCHAR, alt VARCHAR, content_hash BIGINT",
  structural_variants:
    "call_set_id VARCHAR, build VARCHAR, contig VARCHAR, pos INTEGER, ref VARCHAR, alt VARCHAR, end_pos INTEGER, sv_len INTEGER, mate_id VARCHAR, ids VARCHAR, content_hash BIGINT",
  reference_blocks:
    "call_set_id VARCHAR, sample_id VARCHAR, build VARCHAR, contig VARCHAR, start_pos INTEGER, end_pos INTEGER, content_hash BIGINT",
};

/** Makes `existing_<table>` in the engine: what the base snapshot holds, or an empty table of the same shape. */
export async function bindExisting(
  engine: Engine,
  table: keyof typeof EMPTY_COLUMNS,
  paths: readonly string[],
): Promise<void> {
  if (paths.length === 0) {
    await engine.run(`CREATE TABLE existing_${table} (${EMPTY_COLUMNS[table] ?? ""})`);
    return;
  }
  await engine.run(`CREATE VIEW existing_${table} AS SELECT * FROM ${parquetRows(paths)}`);
}
