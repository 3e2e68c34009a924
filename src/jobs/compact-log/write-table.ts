import { join } from "node:path";
import { quoteText, type Engine } from "../../engine/duckdb.js";
import { parquetRows, writeParquet } from "../../engine/parquet.js";
import { runSqlFile } from "../../engine/sql-file.js";
import type { DataFile } from "../../lake/catalog.js";
import { columnsOf, factsOf, type LogTable } from "../../lake/log-tables.js";
import type { JobContext, WrittenFile } from "../context.js";
import { planFiles, type Part } from "./plan-files.js";

export interface TableChange {
  readonly add: readonly WrittenFile[];
  readonly remove: readonly string[];
  /** Rows that came in, or took another's place. */
  readonly fresh: number;
  /** Events that are in the table by now and were not before: of an alert each step is one. */
  readonly accepted: number;
}

/** A part, and what selects its rows. */
interface Source extends Part {
  /** Null: the fresh rows. */
  readonly file: DataFile | null;
  readonly query: string;
}

const SQL: Readonly<Record<LogTable, string>> = {
  vitals: "vitals",
  vital_windows: "vital-windows",
  alerts: "alerts",
  jobs: "jobs",
};
/** What of the table's own rows its statement looks at. */
const HELD: Readonly<Record<LogTable, readonly string[]>> = {
  vitals: ["patient_id", "event_id"],
  vital_windows: ["patient_id", "code", "size", "start_at", "through_offset"],
  alerts: ["id", "version", "steps"],
  jobs: ["id", "version"],
};

const NEW_STEPS = `(SELECT DISTINCT s.id, s.version FROM staged_alerts s LEFT JOIN held_alerts h ON h.id = s.id
  WHERE h.version IS NULL OR h.version < s.version) steps`;

/**
 * Brings the staged rows into the table: those that are new become files, a file with a row that has a later version now is
 * written again without it, and small files become one. No rows, no change.
 */
export async function writeTable(context: JobContext, engine: Engine, table: LogTable): Promise<TableChange> {
  const files = await filesAround(context, engine, table);
  const local = new Map<string, DataFile>();
  for (const file of files) local.set(await context.localPath(file.path), file);
  const types = columnsOf(table);
  const none = `SELECT ${HELD[table].map((name) => `CAST(NULL AS ${types[name] === "text" ? "VARCHAR" : "BIGINT"}) AS ${name}`).join(", ")} WHERE false`;
  const held = local.size === 0 ? none : `SELECT ${HELD[table].join(", ")} FROM ${parquetRows([...local.keys()])}`;
  await engine.run(`CREATE VIEW held_${table} AS ${held}`);
  await runSqlFile(engine, SQL[table], context.signal);
  const countOf = async (rows: string): Promise<number> =>
    Number((await engine.rows(`SELECT count(*) AS n FROM ${rows}`))[0]?.["n"] ?? 0);
  const fresh = await countOf(`fresh_${table}`);
  const accepted = table === "alerts" ? await countOf(NEW_STEPS) : fresh;
  if (fresh === 0) return { add: [], remove: [], fresh, accepted };

  const gone = await supersededIn(engine, table, [...local.keys()]);
  const columns = Object.keys(types).join(", ");
  const sources: Source[] = [
    { rows: fresh, isDirty: true, file: null, query: `SELECT ${columns} FROM fresh_${table}` },
  ];
  for (const file of await context.tableFileEntries(table)) {
    const path = await context.localPath(file.path);
    const lost = gone.get(path) ?? 0;
    const stand = lost === 0 ? "" : ` h WHERE NOT EXISTS (SELECT 1 FROM fresh_${table} s WHERE ${sameKey(table)})`;
    const query = `SELECT ${columns} FROM read_parquet(${quoteText(path)})${stand}`;
    sources.push({ rows: file.rows - lost, isDirty: lost > 0, file, query });
  }
  const written: WrittenFile[] = [];
  const groups = planFiles(sources);
  for (const [index, group] of groups.entries()) {
    const path = `data/${table}-${String(index)}.parquet`;
    const query = `SELECT ${columns} FROM (${group.map((source) => source.query).join(" UNION ALL ")}) rows ORDER BY ${factsOf(table).sortedBy.join(", ")}`;
    const file = await writeParquet(engine, query, join(context.workDirectory, path), context.signal);
    if (file === null) continue;
    const meta = await timesOf(engine, table, join(context.workDirectory, path));
    written.push({ table, path: `runs/${context.spec.id}/${path}`, ...file, meta });
  }
  const rewritten = new Set(groups.flat());
  const remove = sources.flatMap((source) => {
    const isGone = source.file !== null && (rewritten.has(source) || source.rows === 0);
    return isGone ? [source.file.path] : [];
  });
  return { add: written, remove, fresh, accepted };
}

/** Files that may hold a row of a key that was staged: where rows have a time, those around the staged times. */
async function filesAround(context: JobContext, engine: Engine, table: LogTable): Promise<readonly DataFile[]> {
  const files = await context.tableFileEntries(table);
  // A reading that comes again may come with another time: its id is looked for in all of them.
  const { time } = factsOf(table);
  if (time === null || table === "vitals") return files;
  const [range] = await engine.rows(`SELECT min(${time[0]}) AS low, max(${time[1]}) AS high FROM staged_${table}`);
  if (range?.["low"] == null) return [];
  const [low, high] = [Number(range["low"]), Number(range["high"])];
  return files.filter(({ meta }) => !(Number(meta["from"]) > high || Number(meta["to"]) < low));
}

/** Per file the rows whose place a fresh one takes. */
async function supersededIn(
  engine: Engine,
  table: LogTable,
  paths: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (paths.length === 0 || table === "vitals") return new Map();
  const rows = await engine.rows(
    `SELECT h.filename AS path, count(*) AS n FROM read_parquet([${paths.map(quoteText).join(", ")}], filename = true) h
     WHERE EXISTS (SELECT 1 FROM fresh_${table} s WHERE ${sameKey(table)}) GROUP BY h.filename`,
  );
  return new Map(rows.map((row) => [String(row["path"]), Number(row["n"])]));
}

function sameKey(table: LogTable): string {
  return factsOf(table)
    .key.map((column) => `s.${column} = h.${column}`)
    .join(" AND ");
}

/** From when until when the rows of a file are, for whoever looks for a time. */
async function timesOf(engine: Engine, table: LogTable, path: string): Promise<WrittenFile["meta"]> {
  const { time } = factsOf(table);
  if (time === null) return {};
  const [row] = await engine.rows(
    `SELECT min(${time[0]}) AS low, max(${time[1]}) AS high FROM read_parquet(${quoteText(path)})`,
  );
  return { from: Number(row?.["low"]), to: Number(row?.["high"]) };
}
