import { filesOf, type Catalog, type DataFile } from "../lake/catalog.js";
import type { Sql } from "./sql.js";

/** Tables of a snapshot that a statement names, at least: each whose name stands in its text as a word. */
export function tablesNamed({ strings }: Sql, catalog: Catalog): readonly string[] {
  const words = new Set(strings.join(" ").match(/\w+/g));
  return Object.keys(catalog.tables).filter((table) => words.has(table));
}

export function filesNamed(statement: Sql, catalog: Catalog): readonly DataFile[] {
  return tablesNamed(statement, catalog).flatMap((table) => filesOf(catalog, table));
}
