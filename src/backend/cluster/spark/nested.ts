import type { Cell } from "../../index.js";
import { isoTime } from "./iso-time.js";
import type { SparkType } from "./spark-type.js";

/**
 * What `to_json` is told: the text that Spark sends for a nested value otherwise is no JSON (T17), and without options a
 * field that is null is missing and times end at milliseconds.
 */
export const TO_JSON_OPTIONS =
  "map('ignoreNullFields', 'false', 'timestampFormat', 'yyyy-MM-dd HH:mm:ss.SSSSSS', 'timestampNTZFormat', 'yyyy-MM-dd HH:mm:ss.SSSSSS')";

/** An array is a list of cells, a map a list of pairs, a struct its JSON text: as in the embedded profile. */
export function parseNested(json: string, type: SparkType): Cell {
  // Numbers become text, so that 64-bit integers and decimals stay exact; the type says what a text is.
  const exact = json.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    token.startsWith('"') ? token : `"${token}"`,
  );
  return cellOf(JSON.parse(exact), type);
}

function cellOf(value: unknown, type: SparkType): Cell {
  if (value === null || value === undefined) return null;
  if (type.kind === "array") return (value as readonly unknown[]).map((item) => cellOf(item, type.element));
  if (type.kind === "map") {
    return Object.entries(value).map(([key, item]) => [cellOf(key, type.key), cellOf(item, type.value)]);
  }
  if (type.kind === "struct") {
    const fields = value as Readonly<Record<string, unknown>>;
    const cells = type.fields.map(([name, field]): [string, Cell] => [name, cellOf(fields[name], field)]);
    return JSON.stringify(Object.fromEntries(cells), (_key, cell: unknown) =>
      typeof cell === "bigint" ? String(cell) : cell,
    );
  }
  const text = value as string | boolean;
  switch (type.name) {
    case "boolean":
      return text === true || text === "true";
    case "tinyint":
    case "smallint":
    case "int":
    case "double":
      return Number(text);
    case "float":
      return Math.fround(Number(text));
    case "bigint":
      return BigInt(text);
    case "decimal":
      return plainDecimal(String(text));
    case "binary":
      return Uint8Array.from(Buffer.from(String(text), "base64"));
    case "timestamp":
    case "timestamp_ntz":
      return isoTime(String(text).replace(/\.?0+$/, ""));
    default:
      return String(text);
  }
}

/** `1.5E-8` as `0.000000015`: JSON writes small decimals with an exponent. */
function plainDecimal(text: string): string {
  const parts = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d+)$/.exec(text);
  if (parts === null) return text;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = parts;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point >= digits.length) return `${sign}${digits.padEnd(point, "0")}`;
  const padded = digits.padStart(digits.length - point + 1, "0");
  const at = padded.length - (digits.length - point);
  return `${sign}${padded.slice(0, at)}.${padded.slice(at)}`;
}
