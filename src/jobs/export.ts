import { createReadStream } from "node:fs";
import { join } from "node:path";
import { bgzfBlocks, createBgzfWriter } from "../bgzf.js";
import { exportColumns, exportFolder, exportPath, type ExportColumn, type ExportFormat } from "../domain/export.js";
import type { Engine } from "../engine/duckdb.js";
import type { JobContext, JobResult } from "./context.js";
import { arrowFile } from "./export/arrow-file.js";
import type { ExportBatch, TextFormat } from "./export/cells.js";
import { CSV } from "./export/csv.js";
import { NDJSON } from "./export/ndjson.js";
import { exportQuery, exportRows, writeExportParquet, type ExportQuery } from "./export/rows.js";
import { decodeStatement } from "./export/statement.js";
import { createVcfText, VCF_COLUMNS } from "./export/vcf.js";
import { exportParameters, parseParameters } from "./parameters.js";
import { withEngine } from "./scratch.js";

/** Bytes of text handed on at once. */
const PIECE = 1 << 18;

/**
 * Writes what a caller selected as one file, `exports/<job>/variants.<format>`: a row per allele and call set, in key order.
 * The statement came with the job; it has the filter and the caller's policy in it. Publishes nothing.
 */
export async function exportVariants(context: JobContext): Promise<JobResult> {
  const { id, kind, baseSnapshot, parameters } = context.spec;
  const { format, fields, snapshot, statement } = parseParameters(exportParameters, parameters);
  const columns = format === "VCF_BGZ" ? VCF_COLUMNS : exportColumns(fields);
  const path = exportPath(id, format);
  try {
    return await withEngine(context, async (engine) => {
      context.progress(0.05, "selecting rows");
      const query = await exportQuery(context, engine, { snapshot, statement: decodeStatement(statement), columns });
      let rows = 0;
      const count = (more: number): void => {
        rows += more;
        context.progress(null, `${String(rows)} rows`);
      };
      const written = await context.files.write(path, contentOf(context, engine, format, columns, query, count));
      context.signal.throwIfAborted();
      const file = { path, format, rows, ...written };
      return { jobId: id, kind, baseSnapshot, add: [], remove: {}, files: [], estimate: null, export: file };
    });
  } catch (thrown) {
    await context.files.remove(exportFolder(id)).catch(() => undefined);
    throw thrown;
  }
}

async function* contentOf(
  context: JobContext,
  engine: Engine,
  format: ExportFormat,
  columns: readonly ExportColumn[],
  query: ExportQuery,
  count: (rows: number) => void,
): AsyncGenerator<Uint8Array> {
  const rows = counting(exportRows(engine, query, context.signal), count);
  switch (format) {
    case "CSV":
      yield* textFile(CSV, columns, rows);
      break;
    case "NDJSON":
      yield* textFile(NDJSON, columns, rows);
      break;
    case "ARROW_IPC":
      yield* arrowFile(columns, rows);
      break;
    case "VCF_BGZ":
      yield* vcfFile(rows, join(context.workDirectory, "scratch", "records.vcf.gz"));
      break;
    case "PARQUET": {
      const local = join(context.workDirectory, "scratch", "variants.parquet");
      count(await writeExportParquet(engine, query, local, context.signal));
      yield* createReadStream(local, { highWaterMark: PIECE }) as AsyncIterable<Uint8Array>;
    }
  }
}

async function* counting(
  batches: AsyncIterable<ExportBatch>,
  count: (rows: number) => void,
): AsyncGenerator<ExportBatch> {
  for await (const batch of batches) {
    yield batch;
    count(batch.rows);
  }
}

async function* textFile(
  format: TextFormat,
  columns: readonly ExportColumn[],
  batches: AsyncIterable<ExportBatch>,
): AsyncGenerator<Uint8Array> {
  let text = format.head(columns);
  for await (const batch of batches) {
    for (let row = 0; row < batch.rows; row += 1) {
      text += format.row(
        columns,
        batch.columns.map((column) => column[row] ?? null),
      );
    }
    if (text.length < PIECE) continue;
    yield Buffer.from(text);
    text = "";
  }
  if (text !== "") yield Buffer.from(text);
}

/** Records wait in a local file for the header, which names what they hold. */
async function* vcfFile(batches: AsyncIterable<ExportBatch>, local: string): AsyncGenerator<Uint8Array> {
  const vcf = createVcfText();
  const records = createBgzfWriter(local);
  try {
    for await (const batch of batches) {
      let text = "";
      for (let row = 0; row < batch.rows; row += 1)
        text += vcf.record(batch.columns.map((column) => column[row] ?? null));
      await records.write(Buffer.from(text));
    }
    await records.end();
  } finally {
    await records.abandon();
  }
  yield bgzfBlocks(Buffer.from(vcf.header()));
  yield* createReadStream(local, { highWaterMark: PIECE }) as AsyncIterable<Uint8Array>;
}
