import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { z } from "zod";
import { systemCodeOf } from "../../../errors.js";

const FOLDER = resolve(import.meta.dirname, "../../../../pyspark/batch/schemas");

const TYPES: Readonly<Record<string, string>> = {
  string: "STRING",
  int: "INT",
  bigint: "BIGINT",
  double: "DOUBLE",
  boolean: "BOOLEAN",
  date: "DATE",
  "array<int>": "ARRAY<INT>",
  "array<string>": "ARRAY<STRING>",
};

const schema = z.object({
  table: z.string(),
  columns: z.array(z.object({ name: z.string().regex(/^[a-z_][a-z0-9_]*$/), type: z.enum(Object.keys(TYPES)) })).min(1),
});

/** The columns of a table as CREATE TABLE takes them; null for a table without a schema of record, which Spark infers. */
export async function columnsOf(table: string): Promise<string | null> {
  let text: string;
  try {
    text = await readFile(resolve(FOLDER, `${table}.json`), "utf8");
  } catch (thrown) {
    if (systemCodeOf(thrown) === "ENOENT") return null;
    throw thrown;
  }
  const { columns } = schema.parse(JSON.parse(text));
  return columns.map(({ name, type }) => `${name} ${TYPES[type] ?? ""}`).join(", ");
}
