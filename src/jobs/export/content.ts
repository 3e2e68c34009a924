import { createReadStream } from "node:fs";
import { join } from "node:path";
import { bgzfBlocks, createBgzfWriter } from "../../bgzf.js";
import type { ExportColumn, ExportFormat } from "../../domain/export.js";
import type { Engine } from "../../engine/duckdb.js";
import type { JobContext } from "../context.js";
import type { ExportBatch, ExportCell, TextFormat } from "./cells.js";
import { CSV } from "./csv.js";
import { NDJSON } from "./ndjson.js";
import { exportRows, writeExportParquet, type ExportQuery } from "./rows.js";
import { createVcfText } from "./vcf.js";

/** Bytes of text handed on at once. */
const PIECE = 1 << 18;

/** The bytes of the file, as the rows come; `count` is told of them. */
export async function* exportContent(
  context: JobContext,
  engine: Engine,
  asked: { readonly format: ExportFormat; readonly columns: readonly ExportColumn[]; readonly query: ExportQuery },
  count: (rows: number) => void,
): AsyncGenerator<Uint8Array> {
  const { format, columns, query } = asked;
  const rows = counting(exportRows(engine, query, context.signal), count);
  switch (format) {
    case "CSV":
      yield* textFile(CSV, columns, rows);
      break;
    case "NDJSON":
      yield* textFile(NDJSON, columns, rows);
      break;
    case "ARROW_IPC": {
      // Hundreds of modules, which no other job and no start should wait for.
      const { arrowFile } = await import("./arrow-file.js");
      yield* arrowFile(columns, rows);
      break;
    }
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
  yield* pieces(format.head(columns), batches, (cells) => format.row(columns, cells));
}

/** Records wait in a local file for the header, which names what they hold. */
async function* vcfFile(batches: AsyncIterable<ExportBatch>, local: string): AsyncGenerator<Uint8Array> {
  const vcf = createVcfText();
  const records = createBgzfWriter(local);
  try {
    for await (const piece of pieces("", batches, (cells) => vcf.record(cells))) await records.write(piece);
    await records.end();
  } finally {
    await records.abandon();
  }
  yield bgzfBlocks(Buffer.from(vcf.header()));
  yield* createReadStream(local, { highWaterMark: PIECE }) as AsyncIterable<Uint8Array>;
}

/** The text of all rows after a beginning, cut where it is long enough: one row may be as long as a whole batch of others. */
async function* pieces(
  head: string,
  batches: AsyncIterable<ExportBatch>,
  textOf: (cells: readonly ExportCell[]) => string,
): AsyncGenerator<Buffer> {
  let text = head;
  for await (const { rows, columns } of batches) {
    for (let row = 0; row < rows; row += 1) {
      text += textOf(columns.map((column) => column[row] ?? null));
      if (text.length < PIECE) continue;
      yield Buffer.from(text);
      text = "";
    }
  }
  if (text !== "") yield Buffer.from(text);
}
