import { join } from "node:path";
import { quoteText, type Engine } from "../../engine/duckdb.js";
import { writeParquet } from "../../engine/parquet.js";
import { sqlFile } from "../../engine/sql-file.js";
import { KNOWLEDGE_TABLES, releaseOf, type KnowledgeTable } from "../../lake/annotation-reader.js";
import type { KnowledgeSource } from "../../domain/clinical.js";
import type { JobContext, WrittenFile } from "../context.js";
import { ROW_KEYS } from "./staging.js";

const ORDERS: Readonly<Record<KnowledgeTable, string>> = {
  annotations: "build, contig_rank, contig, pos, ref, alt, variation_id, kind",
  genes: "build, contig_rank, contig, start_pos, gene_id",
  gene_disease: "symbol, system, code",
};

/** Sources are told apart by name in any case. */
function isSame(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

/** Makes `staged_keys` and `existing_keys`: the rows of this job, and those the base snapshot has of the same release. */
export async function bindKeys(context: JobContext, engine: Engine, release: KnowledgeSource): Promise<void> {
  const staged = KNOWLEDGE_TABLES.map(
    (table) =>
      `SELECT '${table}' AS table_name, row_index, file_index, line, row_key, content_hash FROM staged_${table}`,
  );
  await engine.run(`CREATE VIEW staged_keys AS ${staged.join(" UNION ALL ")}`);
  const existing = ["SELECT '' AS table_name, '' AS row_key, CAST(0 AS BIGINT) AS content_hash WHERE false"];
  for (const table of KNOWLEDGE_TABLES) {
    for (const file of await context.tableFileEntries(table)) {
      const { source } = releaseOf(file);
      if (!isSame(source.name, release.name) || source.version !== release.version) continue;
      existing.push(
        `SELECT '${table}' AS table_name, concat_ws('\t', ${ROW_KEYS[table].join(", ")}) AS row_key, content_hash
         FROM read_parquet(${quoteText(await context.localPath(file.path))})`,
      );
    }
  }
  await engine.run(`CREATE VIEW existing_keys AS ${existing.join(" UNION ALL ")}`);
}

export interface ReleaseChange {
  readonly add: readonly WrittenFile[];
  readonly remove: Readonly<Record<string, readonly string[]>>;
}

/**
 * Writes what is kept, one file per table and build. Each takes the place of other versions of the source in that table
 * and build; a table or build the release says nothing about keeps what it has.
 */
export async function writeRelease(
  context: JobContext,
  engine: Engine,
  files: readonly { readonly fileIndex: number; readonly name: string }[],
  release: KnowledgeSource,
): Promise<ReleaseChange> {
  await engine.run("CREATE TABLE staged_files (file_index INTEGER, name VARCHAR, run_id VARCHAR)");
  for (const { fileIndex, name } of files)
    await engine.run("INSERT INTO staged_files VALUES ($1, $2, $3)", [fileIndex, name, context.spec.id]);
  await engine.run("CREATE TABLE release (source VARCHAR, version VARCHAR, released_at DATE)");
  await engine.run("INSERT INTO release VALUES ($1, $2, CAST($3 AS DATE))", [
    release.name,
    release.version,
    release.released,
  ]);
  const add: WrittenFile[] = [];
  const remove: Record<string, readonly string[]> = {};
  for (const table of KNOWLEDGE_TABLES) {
    const step = table.replace("_", "-");
    const builds = table === "gene_disease" ? [null] : (["GRCh37", "GRCh38"] as const);
    const gone: string[] = [];
    for (const build of builds) {
      const name = `data/${table}${build === null ? "" : `-${build}`}.parquet`;
      const only = build === null ? "" : ` WHERE build = ${quoteText(build)}`;
      const query = `SELECT * FROM (${sqlFile(step)}) kept${only} ORDER BY ${ORDERS[table]}`;
      const written = await writeParquet(engine, query, join(context.workDirectory, name), context.signal);
      if (written === null) continue;
      const meta = { source: release.name, version: release.version, released: release.released, build };
      add.push({ table, path: `runs/${context.spec.id}/${name}`, ...written, meta });
      for (const file of await context.tableFileEntries(table)) {
        const held = releaseOf(file);
        const isOlder = isSame(held.source.name, release.name) && held.source.version !== release.version;
        if (isOlder && held.build === build) gone.push(file.path);
      }
    }
    if (gone.length > 0) remove[table] = gone;
  }
  return { add, remove };
}
