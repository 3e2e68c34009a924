import { DuckDBIntegerVector, DuckDBListVector, type DuckDBDataChunk, type DuckDBValue } from "@duckdb/node-api";
import type { Cell } from "../backend/index.js";
import type { Engine } from "./duckdb.js";

/** Rows of a query one by one, as cells by column; each is valid until the next is asked for. */
export async function* cellRows(engine: Engine, query: string): AsyncGenerator<(column: number) => unknown> {
  for await (const chunk of engine.stream(query)) {
    // The driver counts the rows again each time it is asked.
    const rows = chunk.rowCount;
    for (let row = 0; row < rows; row += 1) yield (column) => chunk.getColumnVector(column).getItem(row);
  }
}

/** The values of an INTEGER column that holds no null, without a copy: valid as long as the chunk. */
export function integersOf(chunk: DuckDBDataChunk, column: number): Int32Array {
  const vector = chunk.getColumnVector(column);
  if (!(vector instanceof DuckDBIntegerVector)) throw new TypeError(`column ${String(column)} is not INTEGER`);
  return (vector as unknown as { readonly items: Int32Array }).items;
}

/** The elements of one row of an INTEGER[] column, or null. */
export function integerListOf(chunk: DuckDBDataChunk, column: number, row: number): Int32Array | null {
  const vector = chunk.getColumnVector(column);
  if (!(vector instanceof DuckDBListVector)) throw new TypeError(`column ${String(column)} is not a list`);
  const child = vector.getItemVector(row);
  return child === null ? null : Int32Array.from(child.toArray() as number[]);
}

/**
 * One value as the Tables interface promises it: decimals as exact text, dates and times as ISO 8601
 * text in UTC, lists as arrays, 64-bit integers as bigint.
 */
export function cellOf(value: DuckDBValue): Cell {
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  if (typeof value === "bigint" || typeof value === "boolean") return value;
  if (typeof value === "object" && "items" in value && Array.isArray(value.items)) {
    return value.items.map((item) => cellOf(item as DuckDBValue));
  }
  if (typeof value === "object" && "bytes" in value && value.bytes instanceof Uint8Array) return value.bytes;
  if (typeof value === "object" && "entries" in value) {
    return Array.isArray(value.entries)
      ? value.entries.map((entry: { key: DuckDBValue; value: DuckDBValue }) => [cellOf(entry.key), cellOf(entry.value)])
      : JSON.stringify(value.entries, (_key, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner));
  }
  return isoText(String(value));
}

/** DuckDB prints `2024-01-02 03:04:05.678`; ISO 8601 in UTC is `2024-01-02T03:04:05.678Z`. */
function isoText(text: string): string {
  const match = /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(?:\+00)?$/.exec(text);
  return match === null ? text : `${match[1] ?? ""}T${match[2] ?? ""}Z`;
}
