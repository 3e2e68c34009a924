import { cellRows } from "../engine/columns.js";
import type { Engine } from "../engine/duckdb.js";
import { indexedColumns, type ClinicalTable } from "./clinical-tables.js";
import type { IndexEntry } from "./key-index.js";
import { ownerPrefix } from "./variant-keys.js";

/** Rows of a person are neighbours: patient, then id. The value is the row's cells as JSON. */
export function clinicalEntries(table: ClinicalTable): (engine: Engine, source: string) => AsyncGenerator<IndexEntry> {
  return async function* entries(engine, source) {
    const columns = indexedColumns(table);
    const query = `SELECT ${columns.join(", ")} FROM ${source} ORDER BY encode(patient_id), encode(id)`;
    for await (const cell of cellRows(engine, query)) {
      const cells = columns.map((_, column) => cell(column));
      const key = Buffer.concat([ownerPrefix(table, String(cells[0])), Buffer.from(String(cells[1]))]);
      yield { key, value: Buffer.from(JSON.stringify(cells)) };
    }
  };
}

/** `links`: by sample, then by patient. */
export async function* linkEntries(engine: Engine, source: string): AsyncGenerator<IndexEntry> {
  const columns = indexedColumns("links");
  const at = (name: string): number => columns.indexOf(name);
  const entries: IndexEntry[] = [];
  for await (const cell of cellRows(engine, `SELECT ${columns.join(", ")} FROM ${source}`)) {
    const cells = columns.map((_, column) => cell(column));
    const [patient, sample, ...statement] = ["patient_id", "id", "system", "stated_by"].map((name) =>
      String(cells[at(name)]),
    ) as [string, string, string, string];
    const value = Buffer.from(JSON.stringify(cells));
    const tail = statement.join("\0");
    entries.push(
      { key: Buffer.concat([ownerPrefix("links", sample), Buffer.from(`${patient}\0${tail}`)]), value },
      { key: Buffer.concat([ownerPrefix("linksOfPatient", patient), Buffer.from(`${sample}\0${tail}`)]), value },
    );
  }
  yield* entries.sort((left, right) => Buffer.compare(left.key, right.key));
}
