import { VitalomeError } from "../../../errors.js";
import type { Sql } from "../../sql.js";
import { literalOf } from "./literal.js";

export interface TextOptions {
  /** The snapshot whose tables the statement may name. */
  readonly snapshot: number;
  /** The database that holds them. */
  readonly database: string;
}

/** What the same function is called by Spark. Everything else of the text is what both engines accept. */
const SPARK_NAMES: ReadonlyMap<string, string> = new Map([["list_extract", "try_element_at"]]);

/**
 * Words that no statement of ours has outside quotes: each makes a SELECT write, run a program or choose a table by text.
 * The text comes from this program; this is a net under it, not a guard for text of others.
 */
const REFUSED: ReadonlySet<string> = new Set(
  "insert overwrite merge transform reflect java_method try_reflect identifier execute immediate input_file_name".split(
    " ",
  ),
);

const TOKEN =
  /(?<space>\s+|--[^\n]*)|(?<quoted>'(?:[^']|'')*')|(?<name>"[^"]*")|(?<word>[A-Za-z_][A-Za-z0-9_]*)|(?<number>\d[A-Za-z0-9_.]*)|(?<sign>[^])/gy;

/**
 * One SELECT as text of Spark SQL, values rendered, `snap_<n>` the database of the snapshot. SQL_REJECTED for anything
 * else, and for what the two engines read differently: a backslash in quotes, a backtick, `/*`.
 */
export function sparkText(statement: Sql, options: TextOptions): string {
  const parts: string[] = [];
  let first: string | null = null;
  let isEnded = false;
  let before = "";
  statement.strings.forEach((text, index) => {
    if (index > 0) {
      const value = statement.values[index - 1];
      if (value === undefined) throw new TypeError("a statement has a value between two parts of its text");
      parts.push(` ${literalOf(value)} `);
      before = "";
    }
    for (const { groups = {} } of text.matchAll(TOKEN)) {
      const { space, quoted, name, word, number, sign } = groups;
      if (space !== undefined) {
        parts.push(" ");
        continue;
      }
      if (isEnded) throw rejected("more than one statement");
      if (quoted !== undefined) {
        if (quoted.includes("\\")) throw rejected("a backslash in quotes");
        if (before === "using") throw rejected("a program");
        parts.push(quoted);
      } else if (name !== undefined) {
        if (!/^"[A-Za-z_][A-Za-z0-9_ ]*"$/.test(name)) throw rejected("a quoted name with signs");
        parts.push(name);
      } else if (word !== undefined) {
        const lower = word.toLowerCase();
        first ??= lower;
        if (REFUSED.has(lower)) throw rejected(lower);
        parts.push(databaseOf(word, options) ?? SPARK_NAMES.get(lower) ?? word);
      } else if (number !== undefined) parts.push(number);
      else if (sign === ";") isEnded = true;
      else if (sign === undefined || sign === "'" || sign === '"' || sign === "`" || sign === "\\")
        throw rejected("a quote that does not end, or one of another dialect");
      else {
        if (sign === "*" && before === "/") throw rejected("a comment between signs");
        parts.push(sign);
      }
      before = (word ?? sign ?? "").toLowerCase();
    }
  });
  if (first !== "select" && first !== "with") throw new VitalomeError("SQL_REJECTED", "only SELECT is answered");
  return parts.join("").trim();
}

function databaseOf(word: string, { snapshot, database }: TextOptions): string | null {
  if (!/snap_\d+$/i.test(word)) return null;
  if (word !== `snap_${String(snapshot)}`) throw rejected("a table of another snapshot");
  return database;
}

function rejected(what: string): VitalomeError {
  return new VitalomeError("SQL_REJECTED", `the statement has a part that is not allowed: ${what}`);
}
