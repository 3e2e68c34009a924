import type { Cell } from "../../index.js";
import { isoTime } from "./iso-time.js";
import { parseNested } from "./nested.js";
import type { SparkType } from "./spark-type.js";
import type { RawColumn, RawColumnDescription, RawInt64, RawValues } from "./wire.js";

/** Types of TCLIService.thrift that need more than their values as they come. */
export const TYPE = { float: 5, timestamp: 8, array: 10, map: 11, struct: 12 } as const;

export interface ResultColumn {
  readonly name: string;
  readonly type: number;
  /** Of a value that comes as JSON; else null. */
  readonly nested: SparkType | null;
}

export function isNested(type: number): boolean {
  return type === TYPE.array || type === TYPE.map || type === TYPE.struct;
}

export function typeOf(column: RawColumnDescription): number {
  return column.typeDesc.types[0]?.primitiveEntry?.type ?? -1;
}

/**
 * The cells of one column, as `Tables` promises them. The driver's own decoding is not used: it turns large integers into
 * Infinity and decimals into doubles, and empties what it cannot parse (T17).
 */
export function cellsOf(raw: RawColumn, column: ResultColumn): readonly Cell[] {
  if (raw.i64Val !== null) return decode(raw.i64Val, int64);
  if (raw.i32Val !== null) return decode(raw.i32Val, same);
  if (raw.doubleVal !== null) return decode(raw.doubleVal, column.type === TYPE.float ? Math.fround : same);
  if (raw.stringVal !== null) return decode(raw.stringVal, textDecoder(column));
  if (raw.boolVal !== null) return decode(raw.boolVal, same);
  if (raw.i16Val !== null) return decode(raw.i16Val, same);
  if (raw.byteVal !== null) return decode(raw.byteVal, signedByte);
  if (raw.binaryVal !== null) return decode(raw.binaryVal, bytes);
  throw new TypeError(`the column ${column.name} came without values`);
}

/** A null has a bit, and some value of its type in its place. */
function decode<T>({ values, nulls }: RawValues<T>, cell: (value: T) => Cell): readonly Cell[] {
  if (!nulls.some((byte) => byte !== 0)) return values.map(cell);
  return values.map((value, row) => (((nulls[row >> 3] ?? 0) >> (row & 7)) & 1 ? null : cell(value)));
}

const same = <T extends Cell>(value: T): Cell => value;
/** A column of one byte comes as 0 to 255 or as -128 to 127, by the version of the generated code. */
const signedByte = (value: number): Cell => (value << 24) >> 24;
const int64 = ({ buffer, offset }: RawInt64): Cell => buffer.readBigInt64BE(offset);
/** A copy: the buffer is a part of the whole block. */
const bytes = (value: Buffer): Cell => Uint8Array.from(value);

function textDecoder({ type, nested }: ResultColumn): (value: string) => Cell {
  if (nested !== null) return (value) => parseNested(value, nested);
  return type === TYPE.timestamp ? isoTime : same;
}
