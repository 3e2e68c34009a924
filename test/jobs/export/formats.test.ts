import { describe, expect, it } from "@jest/globals";
import { deflateRawSync } from "node:zlib";
import { exportColumns } from "../../../src/domain/export.js";
import { CSV } from "../../../src/jobs/export/csv.js";
import { NDJSON } from "../../../src/jobs/export/ndjson.js";
import type { TextFormat } from "../../../src/jobs/export/cells.js";
import { decodeStatement, encodeStatement } from "../../../src/jobs/export/statement.js";
import { createVcfText, VCF_COLUMNS } from "../../../src/jobs/export/vcf.js";
import { sql } from "../../../src/backend/sql.js";
import { cellsOf, COLUMNS, expected, ROWS } from "./rows.js";

function textOf(format: TextFormat): string {
  return format.head(COLUMNS) + ROWS.map((row) => format.row(COLUMNS, row)).join("");
}

/** By the grammar of RFC 4180, and with the sign that keeps formulas away taken off. */
function parseCsv(text: string): (string | null)[][] {
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  const lines: (string | null)[][] = [[]];
  for (const [, quoted, plain = "", end] of text.matchAll(cell)) {
    const value = quoted?.replaceAll('""', '"') ?? (plain === "" ? null : plain);
    lines.at(-1)?.push(value?.startsWith("'") === true ? value.slice(1) : value);
    if (end === "\r\n") lines.push([]);
  }
  return lines.slice(0, -1);
}

describe("the text formats of an export", () => {
  it("write CSV byte for byte as the Python twin does", () => {
    expect(textOf(CSV)).toBe(expected("rows.csv"));
  });

  it("write NDJSON byte for byte as the Python twin does", () => {
    expect(textOf(NDJSON)).toBe(expected("rows.ndjson"));
  });

  it("write VCF byte for byte as the Python twin does", () => {
    const vcf = createVcfText();
    const records = cellsOf(VCF_COLUMNS).map((cells) => vcf.record(cells));
    expect(vcf.header() + records.join("")).toBe(expected("rows.vcf"));
  });

  it("lose nothing in CSV: null is not empty text, and a formula is text again", () => {
    const [head, ...rows] = parseCsv(textOf(CSV));
    expect(head).toEqual(COLUMNS.map(({ name }) => name));
    expect(rows).toEqual(ROWS.map((row) => row.map((cell) => (typeof cell === "number" ? String(cell) : cell))));
    expect(textOf(CSV)).not.toMatch(/(^|,)"?[=+@]/m);
  });

  it("lose nothing in NDJSON", () => {
    const lines = textOf(NDJSON).trimEnd().split("\n");
    expect(lines.map((line) => Object.values(JSON.parse(line) as Record<string, unknown>))).toEqual(ROWS);
  });

  it("write what is no number as null in JSON, and by its name in CSV", () => {
    const columns = exportColumns(["qual", "af"]);
    expect(NDJSON.row(columns, [Infinity, NaN])).toBe('{"qual":null,"af":null}\n');
    expect(CSV.row(columns, [-Infinity, NaN])).toBe("-Infinity,NaN\r\n");
  });

  it("write a header alone where there are no rows", () => {
    expect(createVcfText().header()).toMatch(
      /^##fileformat=VCFv4\.3\n(##.*\n)+#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n$/,
    );
  });

  it("refuse a second build in one VCF file", () => {
    const vcf = createVcfText();
    const [first = [], second = []] = cellsOf(VCF_COLUMNS);
    vcf.record(first);
    expect(() => vcf.record(["GRCh37", ...second.slice(1)])).toThrow("alleles of one build");
  });
});

describe("a statement in a job", () => {
  it("keeps text and values apart, whatever is in them", () => {
    const statement = sql`SELECT ${"'; DROP TABLE x --"}, ${1.5}, ${-7}, ${true}, ${null}, ${"\u{1F600}\u0000"} AS "a"`;
    expect(decodeStatement(encodeStatement(statement))).toEqual(statement);
  });

  it("is refused when it is none", () => {
    const of = (value: unknown): string => deflateRawSync(JSON.stringify(value)).toString("base64");
    const wrong = [{}, { strings: ["SELECT 1"], values: [1] }, { strings: ["SELECT ", ""], values: [{}] }];
    for (const text of ["", "x", Buffer.from("{}").toString("base64"), ...wrong.map(of)])
      expect(() => decodeStatement(text)).toThrow("statement: is none");
  });

  it("is refused when it is too large for the log", () => {
    const random = Array.from({ length: 60_000 }, () => Math.random().toString(36)).join("");
    expect(() => encodeStatement(sql`SELECT ${random}`)).toThrow("names too much");
  });
});
