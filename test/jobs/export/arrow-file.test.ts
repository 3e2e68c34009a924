import { describe, expect, it } from "@jest/globals";
import { tableFromIPC } from "apache-arrow";
import type { ExportColumn } from "../../../src/domain/export.js";
import { arrowFile } from "../../../src/jobs/export/arrow-file.js";
import type { ExportBatch } from "../../../src/jobs/export/cells.js";

const COLUMNS: readonly ExportColumn[] = [
  { name: "name", type: "string" },
  { name: "pos", type: "int" },
  { name: "af", type: "double" },
];

async function written(...batches: readonly ExportBatch[]): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of arrowFile(COLUMNS, each(batches))) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function* each(batches: readonly ExportBatch[]): AsyncGenerator<ExportBatch> {
  for (const batch of batches) yield await Promise.resolve(batch);
}

describe("an Arrow file", () => {
  it("gives back names, types, nulls and every kind of text", async () => {
    const rows = [
      ["rs1", 1, 0.5],
      [null, null, null],
      ["", -5, Number.NaN],
      ["🧬 ä \u0000", 2147483647, 1e-300],
    ] as const;
    const columns = COLUMNS.map((_, at) => rows.map((row) => row[at] ?? null));
    const file = await written({ rows: rows.length, columns });
    expect(file.subarray(0, 6).toString()).toBe("ARROW1");
    expect(file.subarray(-6).toString()).toBe("ARROW1");
    const table = tableFromIPC(file);
    expect(table.schema.fields.map((field) => `${field.name} ${String(field.type)}`)).toEqual([
      "name Utf8",
      "pos Int32",
      "af Float64",
    ]);
    expect(COLUMNS.map((_, at) => [...(table.getChildAt(at) ?? [])] as unknown[])).toEqual(columns);
  });

  it("without rows has its columns", async () => {
    const table = tableFromIPC(await written());
    expect([table.numRows, table.schema.fields.length]).toEqual([0, 3]);
  });

  it("holds many rows in batches of bounded size", async () => {
    const rows = 40_000;
    const numbers = Array.from({ length: rows }, (_, row) => row);
    const columns = [numbers.map(String), numbers, numbers.map((number) => number / 2)];
    const table = tableFromIPC(await written({ rows, columns }));
    expect(table.batches.map((batch) => batch.numRows)).toEqual([16_384, 16_384, 7_232]);
    expect(table.get(39_999)?.toJSON()).toEqual({ name: "39999", pos: 39_999, af: 19_999.5 });
  });
});
