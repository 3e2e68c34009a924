import type { AppendValue } from "../../engine/appender.js";
import { VitalomeError } from "../../errors.js";
import type { LogColumn, LogTableFacts } from "../../lake/log-tables.js";

/** An event makes a row, is none of those that do, or is not what its topic carries. */
export type ReadRow =
  | { readonly kind: "row"; readonly cells: readonly AppendValue[] }
  | { readonly kind: "other" }
  | { readonly kind: "unreadable"; readonly field: string; readonly expected: string };

const EXPECTED: Readonly<Record<LogColumn["kind"], string>> = {
  text: "text",
  int: "a whole number of 32 bits",
  bigint: "a whole number of at most 2^53",
  digits: "a whole number as text, of at most 18 digits",
  boolean: "true or false",
  json: "a value",
};
const DIGITS = /^\d{1,18}$/;
const LARGEST_INT = 2 ** 31 - 1;

/** The cells of an event's row, but for its place in the log. STORAGE_NEWER when a later release wrote the event. */
export function readRow({ columns, only }: LogTableFacts, event: unknown): ReadRow {
  const schema = fieldAt(event, ["schema"]);
  if (typeof schema === "number" && schema > 1)
    throw new VitalomeError("STORAGE_NEWER", "a later release wrote an event of the log");
  if (schema !== 1) return { kind: "unreadable", field: "schema", expected: "1" };
  for (const [name, wanted] of Object.entries(only)) if (fieldAt(event, [name]) !== wanted) return { kind: "other" };
  const cells: AppendValue[] = [];
  for (const column of columns) {
    const cell = cellOf(column, fieldAt(event, column.path));
    if (cell === undefined)
      return { kind: "unreadable", field: column.path.join("."), expected: EXPECTED[column.kind] };
    cells.push(cell);
  }
  return { kind: "row", cells };
}

/** Undefined where there is none. */
export function fieldAt(value: unknown, path: readonly string[]): unknown {
  let at = value;
  for (const name of path) {
    if (typeof at !== "object" || at === null || Array.isArray(at) || !Object.hasOwn(at, name)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[name];
  }
  return at;
}

/** Undefined for what no cell of the column may hold. */
function cellOf({ kind, nullable }: LogColumn, value: unknown): AppendValue | undefined {
  if (value === null && nullable) return null;
  switch (kind) {
    case "text":
      return typeof value === "string" ? value : undefined;
    case "boolean":
      return typeof value === "boolean" ? value : undefined;
    case "int":
      return Number.isSafeInteger(value) && Math.abs(value as number) <= LARGEST_INT ? (value as number) : undefined;
    case "bigint":
      return Number.isSafeInteger(value) ? BigInt(value as number) : undefined;
    case "digits":
      return typeof value === "string" && DIGITS.test(value) ? BigInt(value) : undefined;
    case "json":
      return value === undefined || value === null ? undefined : JSON.stringify(value);
  }
}
