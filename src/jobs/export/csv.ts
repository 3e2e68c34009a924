import type { ExportCell, TextFormat } from "./cells.js";

/**
 * RFC 4180 with a header line. Null is an empty cell, empty text is `""`. A text that begins with a sign which spreadsheets
 * take for a formula gets a `'` in front, and so does one that begins with `'`: taking one away gives every text back.
 */
export const CSV: TextFormat = {
  head: (columns) => `${columns.map(({ name }) => name).join(",")}\r\n`,
  row: (_, cells) => `${cells.map(csvCell).join(",")}\r\n`,
};

function csvCell(cell: ExportCell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const text = /^[=+\-@'\t\r]/.test(cell) ? `'${cell}` : cell;
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
