import type { ExportColumn } from "../../domain/export.js";
import { createFlatBuffer, type FlatBuffer } from "./flat-buffer.js";

/** Where a message lies in the file: its start, its length without the body, its body's length. */
export interface ArrowBlock {
  readonly offset: number;
  readonly head: number;
  readonly body: number;
}

/** Of one column in one batch. */
export interface ArrowNode {
  readonly rows: number;
  readonly nulls: number;
}

/** Numbers of the schemas Message.fbs, Schema.fbs and File.fbs of Apache Arrow 1.0 and later. */
const VERSION_5 = 4;
const HEADER = { schema: 1, batch: 3 } as const;
const TYPE = { int: 2, double: 3, string: 5 } as const;
const DOUBLE_PRECISION = 2;
const CONTINUES = Buffer.from([0xff, 0xff, 0xff, 0xff]);

/** The message that comes first and says what the columns are. */
export function schemaMessage(columns: readonly ExportColumn[]): Buffer {
  const flat = createFlatBuffer();
  return message(flat, HEADER.schema, schemaOf(flat, columns), 0);
}

/** The head of a batch; its body is the buffers one after the other, each at a multiple of 8. */
export function batchMessage(rows: number, nodes: readonly ArrowNode[], lengths: readonly number[]): Buffer {
  const flat = createFlatBuffer();
  let at = 0;
  const buffers = lengths.map((length) => {
    const place = [BigInt(at), BigInt(length)];
    at += padded(length);
    return place;
  });
  const placed = flat.structs(buffers);
  const counted = flat.structs(nodes.map((node) => [BigInt(node.rows), BigInt(node.nulls)]));
  const batch = flat.table({
    0: flat.int64(BigInt(rows)),
    1: flat.reference(counted),
    2: flat.reference(placed),
  });
  return message(flat, HEADER.batch, batch, at);
}

/** What ends the file: the schema again, and where each batch lies. */
export function footer(columns: readonly ExportColumn[], blocks: readonly ArrowBlock[]): Buffer {
  const flat = createFlatBuffer();
  const batches = flat.structs(blocks.map(({ offset, head, body }) => [BigInt(offset), BigInt(head), BigInt(body)]));
  const none = flat.structs([]);
  const schema = schemaOf(flat, columns);
  const root = flat.table({
    0: flat.int16(VERSION_5),
    1: flat.reference(schema),
    2: flat.reference(none),
    3: flat.reference(batches),
  });
  return flat.finish(root);
}

export function padded(length: number): number {
  return (length + 7) & ~7;
}

function message(flat: FlatBuffer, kind: number, header: number, bodyLength: number): Buffer {
  const root = flat.table({
    3: flat.int64(BigInt(bodyLength)),
    2: flat.reference(header),
    0: flat.int16(VERSION_5),
    1: flat.int8(kind),
  });
  const metadata = flat.finish(root);
  const length = Buffer.alloc(4);
  length.writeInt32LE(metadata.length);
  return Buffer.concat([CONTINUES, length, metadata]);
}

function schemaOf(flat: FlatBuffer, columns: readonly ExportColumn[]): number {
  const fields = columns.map(({ name, type }) => {
    const kind = typeOf(flat, type);
    const children = flat.references([]);
    const text = flat.text(name);
    return flat.table({
      0: flat.reference(text),
      3: flat.reference(kind),
      5: flat.reference(children),
      1: flat.int8(1),
      2: flat.int8(TYPE[type]),
    });
  });
  const list = flat.references(fields);
  return flat.table({ 1: flat.reference(list) });
}

function typeOf(flat: FlatBuffer, type: ExportColumn["type"]): number {
  switch (type) {
    case "int":
      return flat.table({ 0: flat.int32(32), 1: flat.int8(1) });
    case "double":
      return flat.table({ 0: flat.int16(DOUBLE_PRECISION) });
    case "string":
      return flat.table({});
  }
}
