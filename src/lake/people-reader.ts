import { indexedColumns, type ClinicalRow, type ClinicalTable } from "./clinical-tables.js";
import type { KeyIndex } from "./key-index.js";
import { afterPrefix, ownerPrefix, type IndexSection } from "./variant-keys.js";

/** Tables whose rows belong to one person each. */
export type PersonTable = Exclude<ClinicalTable, "links">;

/** What one snapshot holds about people, straight from its key indexes. Nothing here runs SQL. */
export interface PeopleReader {
  patient(id: string): ClinicalRow | null;
  /** Rows of one person, by id; those after an id where one is given. */
  rowsOf(table: PersonTable, patientId: string, after?: string): Generator<ClinicalRow>;
  /** Every statement about whose a sample is. */
  linksOfSample(sampleId: string): readonly ClinicalRow[];
  linksOfPatient(patientId: string): readonly ClinicalRow[];
}

export function createPeopleReader(indexesOf: (table: ClinicalTable) => readonly KeyIndex[]): PeopleReader {
  const indexes = new Map<ClinicalTable, readonly KeyIndex[]>();
  const open = (table: ClinicalTable): readonly KeyIndex[] => {
    const known = indexes.get(table) ?? indexesOf(table);
    indexes.set(table, known);
    return known;
  };

  function links(section: IndexSection, owner: string): readonly ClinicalRow[] {
    const from = ownerPrefix(section, owner);
    return open("links").flatMap((index) =>
      [...index.scan(from, afterPrefix(from))].map(({ value }) => rowOf("links", value)),
    );
  }

  return {
    patient(id) {
      const key = Buffer.concat([ownerPrefix("patients", id), Buffer.from(id)]);
      for (const index of open("patients")) {
        const found = index.get(key);
        if (found !== null) return rowOf("patients", found);
      }
      return null;
    },
    *rowsOf(table, patientId, after) {
      const prefix = ownerPrefix(table, patientId);
      const from = after === undefined ? prefix : Buffer.concat([prefix, Buffer.from(`${after}\0`)]);
      const sources = open(table).map((index) => index.scan(from, afterPrefix(prefix)));
      if (sources.length <= 1) {
        for (const source of sources) for (const { value } of source) yield rowOf(table, value);
        return;
      }
      // Files of a person's rows are few: they are read whole and put in order.
      const found = sources.flatMap((source) => [...source]);
      found.sort((left, right) => Buffer.compare(left.key, right.key));
      for (const { value } of found) yield rowOf(table, value);
    },
    linksOfSample: (sampleId) => links("links", sampleId),
    linksOfPatient: (patientId) => links("linksOfPatient", patientId),
  };
}

function rowOf(table: ClinicalTable, bytes: Uint8Array): ClinicalRow {
  const cells = JSON.parse(Buffer.from(bytes).toString("utf8")) as ClinicalRow[string][];
  return Object.fromEntries(indexedColumns(table).map((column, index) => [column, cells[index] ?? null]));
}
