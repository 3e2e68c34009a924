import type { Build } from "../../domain/contig.js";
import type { Engine } from "../../engine/duckdb.js";
import { parquetRows } from "../../engine/parquet.js";
import { VitalomeError } from "../../errors.js";
import type { JobContext } from "../context.js";

/** What tells one call set from another. */
export interface NamedCallSet {
  readonly id: string;
  readonly name: string | null;
  readonly build: Build;
}

/** Every call set of the base snapshot that has a name. */
export async function readNamedCallSets(context: JobContext, engine: Engine): Promise<readonly NamedCallSet[]> {
  const paths = await context.tableFiles("call_sets");
  if (paths.length === 0) return [];
  const rows = await engine.rows(
    `SELECT DISTINCT call_set_id, name, build FROM ${parquetRows(paths)} WHERE name IS NOT NULL`,
  );
  return rows.map((row) => ({
    id: String(row["call_set_id"]),
    name: String(row["name"]),
    build: row["build"] as Build,
  }));
}

/** A name stands for one set of samples per build: else a frequency asked for by name would have two answers. */
export function refuseOtherSamples(draft: NamedCallSet, known: readonly NamedCallSet[]): void {
  const { id, name, build } = draft;
  const other = known.find((one) => name !== null && one.name === name && one.build === build && one.id !== id);
  if (other === undefined) return;
  const expected = `the samples of ${other.id}, or another name`;
  throw new VitalomeError(
    "INGEST_REJECTED",
    `the call set ${name ?? ""} of ${build} is ${other.id} already, with other samples than this file: name it otherwise`,
    { details: { field: "callSet", expected } },
  );
}
