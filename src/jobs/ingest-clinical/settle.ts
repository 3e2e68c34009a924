import { join } from "node:path";
import { isBalanced, type ItemLedger } from "../../domain/ledger.js";
import { quoteText, type Engine } from "../../engine/duckdb.js";
import { writeParquet } from "../../engine/parquet.js";
import { runSqlFile } from "../../engine/sql-file.js";
import { VitalomeError } from "../../errors.js";
import { CLINICAL_RULES } from "../../ingest/sources/clinical/index.js";
import { CLINICAL_TABLES } from "../../lake/clinical-tables.js";
import type { FileOutcome, JobContext, WrittenFile } from "../context.js";
import type { ReadFile } from "./read-file.js";
import { columnsOf, rowKeyOf } from "./staging.js";

type StagedFile = Extract<ReadFile, { readonly status: "staged" }>;

const NO_ALLELES: ItemLedger = { read: 0, accepted: 0, filtered: {}, quarantined: {}, duplicates: 0 };
const CONFLICT = "CONFLICTING_DUPLICATE";

/** Decides repeats, revisions and contradictions, and closes the ledger of each file. */
export async function settleClinicalFiles(
  context: JobContext,
  engine: Engine,
  files: readonly StagedFile[],
): Promise<ReadonlyMap<number, FileOutcome>> {
  // What a refused file left counts for nothing.
  const kept = files.map(({ fileIndex }) => String(fileIndex)).join(", ") || "-1";
  const staged = CLINICAL_TABLES.map(
    (table) =>
      `SELECT '${table}' AS table_name, row_index, row_key, record_index, file_index, last_updated, content_hash FROM staged_${table} WHERE file_index IN (${kept})`,
  );
  await engine.run(`CREATE VIEW staged_keys AS ${staged.join(" UNION ALL ")}`);
  const existing = [
    "SELECT '' AS table_name, '' AS row_key, '' AS last_updated, CAST(0 AS BIGINT) AS content_hash WHERE false",
  ];
  for (const table of CLINICAL_TABLES) {
    for (const path of await context.tableFiles(table)) {
      existing.push(
        `SELECT '${table}', ${rowKeyOf(table)}, last_updated, content_hash FROM read_parquet(${quoteText(path)})`,
      );
    }
  }
  await engine.run(`CREATE VIEW existing_keys AS ${existing.join(" UNION ALL ")}`);
  await runSqlFile(engine, "clinical-outcomes", context.signal);
  await runSqlFile(engine, "clinical-record-outcomes", context.signal);
  const outcomes = new Map<number, FileOutcome>();
  for (const file of files) outcomes.set(file.fileIndex, await settleFile(context, engine, file));
  return outcomes;
}

async function settleFile(context: JobContext, engine: Engine, file: StagedFile): Promise<FileOutcome> {
  const { name, uri, quarantine, fileIndex } = file;
  const rows = await engine.rows(
    "SELECT outcome, count(*) AS n FROM clinical_record_outcomes WHERE file_index = $1 GROUP BY outcome",
    [fileIndex],
  );
  const count = (outcome: string): number => Number(rows.find((row) => row["outcome"] === outcome)?.["n"] ?? 0);
  const conflicts = await engine.rows(
    `SELECT s.line, s.raw FROM staged_records s JOIN clinical_record_outcomes o USING (record_index)
     WHERE s.file_index = $1 AND o.outcome = 'conflict' ORDER BY record_index`,
    [fileIndex],
  );
  for (const conflict of conflicts) {
    const line = Number(conflict["line"]);
    quarantine.add({
      source: name,
      position: `line ${String(line)}`,
      line,
      field: "id",
      rule: CONFLICT,
      expected: CLINICAL_RULES[CONFLICT],
      found: "an id that is known, with other content and no later meta.lastUpdated",
      raw: String(conflict["raw"]),
    });
    await quarantine.drained();
  }
  await quarantine.close();
  const older = count("older");
  const records: ItemLedger = {
    read: file.recordsRead,
    accepted: count("accepted"),
    filtered: older === 0 ? file.filtered : { ...file.filtered, OLDER_VERSION: older },
    quarantined: quarantine.byRule,
    duplicates: count("duplicate"),
  };
  if (!isBalanced(records)) {
    throw new VitalomeError("INTERNAL_SERVER_ERROR", "a ledger does not balance: nothing of this job is published", {
      cause: new Error(JSON.stringify(records)),
    });
  }
  return {
    file: name,
    uri,
    callSetId: null,
    status: quarantine.count > 0 ? "partial" : "accepted",
    ledger: { records, alleles: NO_ALLELES },
    quarantineUri: quarantine.count > 0 ? `quarantine/${context.spec.id}/${String(fileIndex)}.ndjson` : null,
    quarantined: quarantine.samples,
  };
}

export interface ClinicalChange {
  readonly add: readonly WrittenFile[];
  readonly remove: Readonly<Record<string, readonly string[]>>;
}

/**
 * Writes what is kept, one file per table. A file of the base snapshot that holds a row with a later version is written
 * again without it: every id is in a snapshot once.
 */
export async function writeClinicalTables(
  context: JobContext,
  engine: Engine,
  files: readonly StagedFile[],
): Promise<ClinicalChange> {
  await engine.run("CREATE TABLE staged_files (file_index INTEGER, name VARCHAR, run_id VARCHAR)");
  for (const { fileIndex, name } of files)
    await engine.run("INSERT INTO staged_files VALUES ($1, $2, $3)", [fileIndex, name, context.spec.id]);
  const add: WrittenFile[] = [];
  const remove: Record<string, readonly string[]> = {};
  const write = async (table: string, name: string, query: string): Promise<void> => {
    const path = `data/${name}.parquet`;
    const ordered = `${query} ORDER BY patient_id, id`;
    const written = await writeParquet(engine, ordered, join(context.workDirectory, path), context.signal);
    if (written !== null) add.push({ table, path: `runs/${context.spec.id}/${path}`, ...written, meta: {} });
  };
  for (const table of CLINICAL_TABLES) {
    const columns = Object.keys(columnsOf(table));
    const kept = `SELECT ${columns.map((column) => `s.${column}`).join(", ")}, f.name AS source_file, s.line AS source_line, f.run_id
      FROM staged_${table} s
      JOIN clinical_outcomes o ON o.row_index = s.row_index AND o.outcome = 'accepted'
      JOIN clinical_record_outcomes r ON r.record_index = s.record_index AND r.outcome = 'accepted'
      JOIN staged_files f ON f.file_index = s.file_index`;
    await write(table, table, kept);
    const gone: string[] = [];
    const revised = `SELECT o.row_key FROM clinical_outcomes o JOIN clinical_record_outcomes r USING (record_index)
      WHERE o.table_name = '${table}' AND o.outcome = 'accepted' AND r.outcome = 'accepted' AND o.revises`;
    for (const [index, file] of (await context.tableFileEntries(table)).entries()) {
      const source = `read_parquet(${quoteText(await context.localPath(file.path))})`;
      const [held] = await engine.rows(`SELECT count(*) AS n FROM ${source} WHERE ${rowKeyOf(table)} IN (${revised})`);
      if (Number(held?.["n"] ?? 0) === 0) continue;
      gone.push(file.path);
      await write(
        table,
        `${table}-rest-${String(index)}`,
        `SELECT * FROM ${source} WHERE ${rowKeyOf(table)} NOT IN (${revised})`,
      );
    }
    if (gone.length > 0) remove[table] = gone;
  }
  return { add, remove };
}
