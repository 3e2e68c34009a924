import { join } from "node:path";
import { quoteText } from "../engine/duckdb.js";
import { writeParquet } from "../engine/parquet.js";
import { VitalomeError } from "../errors.js";
import type { JobContext, JobResult, WrittenFile } from "./context.js";
import { parseParameters, removeCallSetParameters } from "./parameters.js";
import { withEngine } from "./scratch.js";

const TABLES: Readonly<Record<string, string>> = {
  variants: "variant_row",
  calls: "variant_row, sample_index",
  calls_by_sample: "call_set_id, sample_id, variant_row",
  structural_variants: "build, contig_rank, contig, pos, ref, alt, call_set_id",
  reference_blocks: "build, contig_rank, contig, start_pos, call_set_id, sample_id, end_pos",
  call_sets: "call_set_id, file_index",
  samples: "call_set_id, sample_index",
};

/** Takes a call set out of the next snapshot: files that hold only it leave, shared files are written again without it. */
export async function removeCallSet(context: JobContext): Promise<JobResult> {
  const { callSetId } = parseParameters(removeCallSetParameters, context.spec.parameters);
  const add: WrittenFile[] = [];
  const remove: Record<string, string[]> = {};
  await withEngine(context, async (engine) => {
    for (const [table, order] of Object.entries(TABLES)) {
      for (const [index, file] of (await context.tableFileEntries(table)).entries()) {
        const callSets = file.meta["callSets"];
        if (!Array.isArray(callSets) || !callSets.includes(callSetId)) continue;
        context.signal.throwIfAborted();
        context.progress(null, `removing from ${table}`);
        (remove[table] ??= []).push(file.path);
        const rest = callSets.filter((id) => id !== callSetId);
        if (rest.length === 0) continue;
        const name = `data/${table}-${String(index)}.parquet`;
        const query = `SELECT * FROM read_parquet(${quoteText(await context.localPath(file.path))})
          WHERE call_set_id <> ${quoteText(callSetId)} ORDER BY ${order}`;
        const written = await writeParquet(engine, query, join(context.workDirectory, name), context.signal);
        if (written !== null)
          add.push({ table, path: `runs/${context.spec.id}/${name}`, ...written, meta: { callSets: rest } });
      }
    }
  });
  if (Object.keys(remove).length === 0) {
    throw new VitalomeError("NOT_FOUND", "there is no such call set", { details: { field: "id" } });
  }
  return {
    jobId: context.spec.id,
    kind: context.spec.kind,
    baseSnapshot: context.spec.baseSnapshot,
    add,
    remove,
    files: [],
    estimate: null,
  };
}
