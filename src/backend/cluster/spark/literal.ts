import { VitalomeError } from "../../../errors.js";
import type { SqlValue } from "../../sql.js";

const INT32 = 0x7fffffff;
const INT64 = 1n << 63n;

/**
 * A value as text of Spark SQL, which binds no parameters. A text goes as hexadecimal: no sign of it can end the literal,
 * and Spark still compares files' statistics with it. Negative numbers stand in parentheses, since `- -1` is a comment
 * without its space.
 */
export function literalOf(value: SqlValue): string {
  if (value === null) return "NULL";
  switch (typeof value) {
    case "boolean":
      return value ? "TRUE" : "FALSE";
    case "string":
      return textLiteral(value);
    case "bigint":
      if (value < -INT64 || value >= INT64) throw refused("an integer of more than 64 bits");
      return value < 0n ? `(${String(value)}L)` : `${String(value)}L`;
    case "number":
      return numberLiteral(value);
  }
}

function textLiteral(value: string): string {
  if (/\p{Surrogate}/u.test(value)) throw refused("text with half a character");
  return `CAST(X'${Buffer.from(value, "utf8").toString("hex")}' AS STRING)`;
}

/** Whole numbers of 32 bits are integers, all others are doubles: as the embedded profile binds them. */
function numberLiteral(value: number): string {
  if (!Number.isFinite(value)) return `CAST('${String(value)}' AS DOUBLE)`;
  const isInteger = Number.isInteger(value) && Math.abs(value) <= INT32;
  // -0 is no other integer than 0.
  const text = isInteger ? String(value) : `${String(value)}D`;
  return value < 0 ? `(${text})` : text;
}

function refused(what: string): VitalomeError {
  return new VitalomeError("BAD_USER_INPUT", `a value of the statement cannot be used: ${what}`);
}
