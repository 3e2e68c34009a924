import type { TextFormat } from "./cells.js";

/** One JSON object a line, with every column; null is null. */
export const NDJSON: TextFormat = {
  head: () => "",
  row: (columns, cells) =>
    `{${columns.map(({ name }, at) => `${JSON.stringify(name)}:${JSON.stringify(cells[at] ?? null)}`).join(",")}}\n`,
};
