import type { ExportColumn } from "../../domain/export.js";

export type ExportCell = string | number | null;

/** Rows by column, `columns[c][r]`, in the order of the export. */
export interface ExportBatch {
  readonly rows: number;
  readonly columns: readonly (readonly ExportCell[])[];
}

/** Rows as text, one after the other: what the Python twin writes too, byte for byte. */
export interface TextFormat {
  head(columns: readonly ExportColumn[]): string;
  row(columns: readonly ExportColumn[], cells: readonly ExportCell[]): string;
}
