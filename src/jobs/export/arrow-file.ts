import {
  AsyncByteQueue,
  Field,
  Float64,
  Int32,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  Utf8,
  makeData,
  type Data,
} from "apache-arrow";
import type { ExportColumn } from "../../domain/export.js";
import type { ExportBatch, ExportCell } from "./cells.js";

const BATCH_ROWS = 16_384;
/** Text of a batch, in UTF-16 units: far below what 32-bit offsets hold. */
const BATCH_TEXT = 32 << 20;

/** Rows as an Arrow IPC file without compression, batch by batch: memory holds one. */
export async function* arrowFile(
  columns: readonly ExportColumn[],
  batches: AsyncIterable<ExportBatch>,
): AsyncGenerator<Buffer> {
  const schema = new Schema(columns.map(({ name, type }) => new Field(name, arrowType(type), true)));
  const written: Buffer[] = [];
  // The library's own queue takes everything at once, however slowly it is read.
  const sink = Object.assign(new AsyncByteQueue(), {
    write(piece: Uint8Array) {
      if (piece.length > 0) written.push(Buffer.from(piece));
    },
  });
  const writer = new RecordBatchFileWriter();
  writer.reset(sink, schema);
  for await (const cells of gathered(columns.length, batches)) {
    writer.write(recordBatch(schema, columns, cells));
    yield* written.splice(0);
  }
  writer.finish();
  yield* written.splice(0);
}

/** The same rows in batches of bounded size. */
async function* gathered(width: number, batches: AsyncIterable<ExportBatch>): AsyncGenerator<ExportCell[][]> {
  const empty = (): ExportCell[][] => Array.from({ length: width }, () => []);
  let cells = empty();
  let text = 0;
  for await (const { rows, columns } of batches) {
    for (let row = 0; row < rows; row += 1) {
      columns.forEach((column, at) => {
        const cell = column[row] ?? null;
        cells[at]?.push(cell);
        if (typeof cell === "string") text += cell.length;
      });
      if ((cells[0]?.length ?? 0) < BATCH_ROWS && text < BATCH_TEXT) continue;
      yield cells;
      cells = empty();
      text = 0;
    }
  }
  if ((cells[0]?.length ?? 0) > 0) yield cells;
}

function arrowType(type: ExportColumn["type"]): Utf8 | Int32 | Float64 {
  switch (type) {
    case "string":
      return new Utf8();
    case "int":
      return new Int32();
    case "double":
      return new Float64();
  }
}

function recordBatch(
  schema: Schema,
  columns: readonly ExportColumn[],
  cells: readonly (readonly ExportCell[])[],
): RecordBatch {
  const children = columns.map(({ type }, at) => columnData(type, cells[at] ?? []));
  const length = cells[0]?.length ?? 0;
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }));
}

function columnData(type: ExportColumn["type"], column: readonly ExportCell[]): Data {
  const { length } = column;
  const nullCount = column.reduce<number>((sum, cell) => sum + (cell === null ? 1 : 0), 0);
  const common = { length, nullCount, nullBitmap: nullCount === 0 ? null : validity(column) };
  const number = (cell: ExportCell): number => (typeof cell === "number" ? cell : 0);
  switch (type) {
    case "string":
      return makeData({ type: new Utf8(), ...common, ...texts(column) });
    case "int":
      return makeData({ type: new Int32(), ...common, data: Int32Array.from(column, number) });
    case "double":
      return makeData({ type: new Float64(), ...common, data: Float64Array.from(column, number) });
  }
}

/** A bit for each cell that is not null, the lowest first. */
function validity(column: readonly ExportCell[]): Uint8Array {
  const bits = new Uint8Array((column.length + 7) >> 3);
  column.forEach((cell, row) => {
    if (cell !== null) bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7));
  });
  return bits;
}

/** Offsets, and the text they lead into. */
function texts(column: readonly ExportCell[]): { readonly valueOffsets: Int32Array; readonly data: Uint8Array } {
  const valueOffsets = new Int32Array(column.length + 1);
  const words = column.map((cell) => (typeof cell === "string" ? cell : ""));
  words.forEach((word, row) => {
    valueOffsets[row + 1] = (valueOffsets[row] ?? 0) + Buffer.byteLength(word, "utf8");
  });
  return { valueOffsets, data: Buffer.from(words.join(""), "utf8") };
}
