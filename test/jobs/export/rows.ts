import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { exportColumns, type ExportColumn } from "../../../src/domain/export.js";
import type { ExportBatch, ExportCell } from "../../../src/jobs/export/cells.js";

const FOLDER = resolve(import.meta.dirname, "../../fixtures/export");

/** Rows that are hard to write, and what both twins write of them: the Python tests read the same files. */
const { columns, rows } = JSON.parse(readFileSync(resolve(FOLDER, "rows.json"), "utf8")) as {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly ExportCell[])[];
};

export const COLUMNS: readonly ExportColumn[] = exportColumns(columns);
export const ROWS = rows;

/** The cells of some columns, row by row. */
export function cellsOf(names: readonly { readonly name: string }[]): readonly (readonly ExportCell[])[] {
  return rows.map((row) => names.map(({ name }) => row[columns.indexOf(name)] ?? null));
}

/** All rows in batches of two. */
export async function* batches(): AsyncGenerator<ExportBatch> {
  for (let at = 0; at < rows.length; at += 2) {
    const some = rows.slice(at, at + 2);
    yield await Promise.resolve({
      rows: some.length,
      columns: columns.map((_, column) => some.map((row) => row[column] ?? null)),
    });
  }
}

export function expected(name: string): string {
  return readFileSync(resolve(FOLDER, name), "utf8");
}
