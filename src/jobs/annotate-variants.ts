import { join } from "node:path";
import { quoteText, type Engine } from "../engine/duckdb.js";
import { writeParquet } from "../engine/parquet.js";
import { sqlFile } from "../engine/sql-file.js";
import { releaseOf } from "../lake/annotation-reader.js";
import type { JobContext, JobResult, WrittenFile } from "./context.js";
import { VARIANT_ANNOTATIONS } from "./derived.js";
import { annotateVariantsParameters, parseParameters } from "./parameters.js";
import { withEngine } from "./scratch.js";

const ORDER = "build, contig_rank, contig, pos, ref, alt, annotation, source, gene_id, variation_id, kind";
/** Bins of 2^17 bases one interval may touch: more than any contig has. */
const STEPS = 1 << 14;

/** What the statement needs of a table that is still empty. */
const EMPTY_COLUMNS: Readonly<Record<string, string>> = {
  variants: "build VARCHAR, contig VARCHAR, contig_rank INTEGER, pos INTEGER, ref VARCHAR, alt VARCHAR",
  genes:
    "source VARCHAR, version VARCHAR, released_at DATE, build VARCHAR, contig VARCHAR, start_pos INTEGER, end_pos INTEGER, gene_id VARCHAR, symbol VARCHAR",
  annotations:
    "source VARCHAR, version VARCHAR, released_at DATE, build VARCHAR, contig VARCHAR, pos INTEGER, ref VARCHAR, alt VARCHAR, gene_symbols VARCHAR, variation_id VARCHAR, kind VARCHAR, significance VARCHAR, classifications VARCHAR, conflicting BOOLEAN, significance_group VARCHAR, review_status VARCHAR, gold_stars INTEGER, conditions VARCHAR, last_evaluated VARCHAR",
};

/**
 * Joins all variants of the base snapshot with its genes and clinical statements into `variant_annotations`, for SQL and
 * exports. The API does not read it: it joins at read time. The table takes the place of the one before.
 */
export async function annotateVariants(context: JobContext): Promise<JobResult> {
  parseParameters(annotateVariantsParameters, context.spec.parameters);
  const add: WrittenFile[] = [];
  await withEngine(context, async (engine) => {
    for (const table of Object.keys(EMPTY_COLUMNS)) await bindInput(context, engine, table);
    await engine.run(`CREATE TABLE steps AS SELECT CAST(range AS INTEGER) AS step FROM range(0, ${String(STEPS)})`);
    context.progress(0.1, "joining");
    const name = `data/${VARIANT_ANNOTATIONS}.parquet`;
    const query = `SELECT * FROM (${sqlFile("variant-annotations")}) joined ORDER BY ${ORDER}`;
    const written = await writeParquet(engine, query, join(context.workDirectory, name), context.signal);
    if (written !== null) {
      const knowledge = [
        ...(await context.tableFileEntries("genes")),
        ...(await context.tableFileEntries("annotations")),
      ];
      const sources = knowledge.map((file) => releaseOf(file).source);
      add.push({ table: VARIANT_ANNOTATIONS, path: `runs/${context.spec.id}/${name}`, ...written, meta: { sources } });
    }
  });
  const before = (await context.tableFileEntries(VARIANT_ANNOTATIONS)).map((file) => file.path);
  const { id, kind, baseSnapshot } = context.spec;
  const remove: Readonly<Record<string, readonly string[]>> =
    before.length === 0 ? {} : { [VARIANT_ANNOTATIONS]: before };
  return { jobId: id, kind, baseSnapshot, add, remove, files: [], estimate: null };
}

async function bindInput(context: JobContext, engine: Engine, table: string): Promise<void> {
  const paths = await context.tableFiles(table);
  if (paths.length === 0) await engine.run(`CREATE TABLE input_${table} (${EMPTY_COLUMNS[table] ?? ""})`);
  else {
    const list = paths.map(quoteText).join(", ");
    await engine.run(`CREATE VIEW input_${table} AS SELECT * FROM read_parquet([${list}], union_by_name = true)`);
  }
}
