import type { ExportColumn } from "../../domain/export.js";
import { batchMessage, footer, padded, schemaMessage, type ArrowBlock, type ArrowNode } from "./arrow-message.js";
import type { ExportBatch, ExportCell } from "./cells.js";

const MAGIC = "ARROW1";
const END_OF_STREAM = Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
const BATCH_ROWS = 16_384;
/** Text of a batch, in UTF-16 units: far below what 32-bit offsets hold. */
const BATCH_TEXT = 32 << 20;

/** Rows as an Arrow IPC file (format version 5, no compression), batch by batch: memory holds one. */
export async function* arrowFile(
  columns: readonly ExportColumn[],
  batches: AsyncIterable<ExportBatch>,
): AsyncGenerator<Buffer> {
  const blocks: ArrowBlock[] = [];
  let offset = 0;
  const place = (bytes: Buffer): Buffer => {
    offset += bytes.length;
    return bytes;
  };
  yield place(Buffer.from(`${MAGIC}\0\0`));
  yield place(schemaMessage(columns));
  for await (const cells of gathered(columns.length, batches)) {
    const { head, body } = encode(columns, cells);
    blocks.push({ offset, head: head.length, body: body.length });
    yield place(head);
    yield place(body);
  }
  yield END_OF_STREAM;
  const end = footer(columns, blocks);
  const length = Buffer.alloc(4);
  length.writeInt32LE(end.length);
  yield Buffer.concat([end, length, Buffer.from(MAGIC)]);
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

function encode(columns: readonly ExportColumn[], cells: readonly ExportCell[][]): { head: Buffer; body: Buffer } {
  const nodes: ArrowNode[] = [];
  const buffers: Buffer[] = [];
  columns.forEach(({ type }, at) => {
    const column = cells[at] ?? [];
    const nulls = column.reduce<number>((sum, cell) => sum + (cell === null ? 1 : 0), 0);
    nodes.push({ rows: column.length, nulls });
    buffers.push(nulls === 0 ? Buffer.alloc(0) : validity(column));
    if (type === "string") buffers.push(...texts(column));
    else buffers.push(numbers(column, type === "int" ? Int32Array : Float64Array));
  });
  const rows = cells[0]?.length ?? 0;
  const lengths = buffers.map((buffer) => buffer.length);
  const parts = buffers.flatMap((buffer) => [buffer, Buffer.alloc(padded(buffer.length) - buffer.length)]);
  return { head: batchMessage(rows, nodes, lengths), body: Buffer.concat(parts) };
}

/** A bit for each cell that is not null, the lowest first. */
function validity(column: readonly ExportCell[]): Buffer {
  const bits = Buffer.alloc((column.length + 7) >> 3);
  column.forEach((cell, row) => {
    if (cell !== null) bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7));
  });
  return bits;
}

function numbers(column: readonly ExportCell[], kind: typeof Int32Array | typeof Float64Array): Buffer {
  const values = new kind(column.length);
  column.forEach((cell, row) => (values[row] = typeof cell === "number" ? cell : 0));
  return Buffer.from(values.buffer);
}

/** Offsets, and the text they lead into. */
function texts(column: readonly ExportCell[]): readonly [Buffer, Buffer] {
  const offsets = new Int32Array(column.length + 1);
  const data = Buffer.from(column.map((cell) => (typeof cell === "string" ? cell : "")).join(""), "utf8");
  column.forEach((cell, row) => {
    offsets[row + 1] = (offsets[row] ?? 0) + (typeof cell === "string" ? Buffer.byteLength(cell, "utf8") : 0);
  });
  return [Buffer.from(offsets.buffer), data];
}
