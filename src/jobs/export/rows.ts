import type { Sql } from "../../backend/sql.js";
import { EXPORT_ORDER, type ExportColumn } from "../../domain/export.js";
import { quoteText, type Binding, type Engine } from "../../engine/duckdb.js";
import { parquetRows } from "../../engine/parquet.js";
import { placeholders } from "../../engine/placeholders.js";
import type { JobContext } from "../context.js";
import type { ExportBatch, ExportCell } from "./cells.js";

/** One SELECT with its values: the rows of an export in their order. */
export interface ExportQuery {
  readonly text: string;
  readonly values: readonly Binding[];
}

const TABLES = ["variants", "call_sets", "calls_by_sample", "annotations"];
const SQL_TYPES = { string: "VARCHAR", int: "INTEGER", double: "DOUBLE" } as const;

/** The tables of the job's snapshot as the statement names them, and the statement with these columns. */
export async function exportQuery(
  context: JobContext,
  engine: Engine,
  asked: { readonly snapshot: number; readonly statement: Sql; readonly columns: readonly ExportColumn[] },
): Promise<ExportQuery> {
  const { snapshot, statement, columns } = asked;
  const schema = `snap_${String(snapshot)}`;
  await engine.run(`CREATE SCHEMA ${schema}`);
  for (const table of TABLES) {
    const paths = await context.tableFiles(table);
    if (paths.length > 0) await engine.run(`CREATE VIEW ${schema}.${table} AS SELECT * FROM ${parquetRows(paths)}`);
  }
  if ((await context.tableFiles("variants")).length === 0) {
    const none = columns.map(({ name, type }) => `CAST(NULL AS ${SQL_TYPES[type]}) AS ${name}`);
    return { text: `SELECT ${none.join(", ")} LIMIT 0`, values: [] };
  }
  const names = columns.map(({ name }) => name).join(", ");
  const rows = placeholders(statement.strings);
  return { text: `SELECT ${names} FROM (${rows}) found ORDER BY ${EXPORT_ORDER.join(", ")}`, values: statement.values };
}

export async function* exportRows(
  engine: Engine,
  { text, values }: ExportQuery,
  signal: AbortSignal,
): AsyncGenerator<ExportBatch> {
  for await (const { names, data } of engine.select(text, values, signal)) {
    yield { rows: data.rowCount, columns: names.map((_, at) => data.getColumnValues(at) as ExportCell[]) };
  }
}

/** The rows as one Parquet file, with its columns also where there are no rows. Answers their number. */
export async function writeExportParquet(
  engine: Engine,
  { text, values }: ExportQuery,
  path: string,
  signal: AbortSignal,
): Promise<number> {
  await engine.run(`COPY (${text}) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd)`, values, signal);
  const [counted] = await engine.rows(`SELECT count(*) AS rows FROM read_parquet(${quoteText(path)})`);
  return Number(counted?.["rows"] ?? 0);
}
