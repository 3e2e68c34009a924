import { createTable, type AppendValue, type ColumnType, type TableAppender } from "../../engine/appender.js";
import type { Engine } from "../../engine/duckdb.js";
import type { ClinicalRecord } from "../../ingest/sources/clinical/index.js";
import { CLINICAL_COLUMNS, CLINICAL_ORIGIN, CLINICAL_TABLES, type ClinicalTable } from "../../lake/clinical-tables.js";
import { createContentHash } from "../ingest-variants/content-hash.js";

const ROW = {
  row_index: "integer",
  row_key: "text",
  record_index: "integer",
  file_index: "integer",
  line: "integer",
} as const;

/** Columns of a table of people as it is written, but for its source. */
export function columnsOf(table: ClinicalTable): Readonly<Record<string, ColumnType>> {
  return { ...CLINICAL_COLUMNS[table], ...CLINICAL_ORIGIN };
}

/** The columns that tell a row. A link is a statement: one sample may be claimed by several people. */
const KEYS: Readonly<Record<ClinicalTable, readonly string[]>> = {
  patients: ["id"],
  conditions: ["id"],
  medications: ["id"],
  encounters: ["id"],
  consents: ["id"],
  observations: ["id"],
  links: ["id", "patient_id", "system", "stated_by"],
};

/** Rows on their way into the tables, and the text of their records, on disk. */
export interface ClinicalStaging {
  stage(fileIndex: number, record: ClinicalRecord): void;
  flush(): void;
}

export async function createClinicalStaging(engine: Engine): Promise<ClinicalStaging> {
  const appenders = new Map<ClinicalTable, TableAppender>();
  for (const table of CLINICAL_TABLES) {
    appenders.set(table, await createTable(engine, `staged_${table}`, { ...ROW, ...columnsOf(table) }));
  }
  const texts = await createTable(engine, "staged_records", {
    record_index: "integer",
    file_index: "integer",
    line: "integer",
    raw: "text",
  });
  let rows = 0;
  return {
    stage(fileIndex, { line, raw, lastUpdated, simulated, rows: own }) {
      const record = texts.rows;
      texts.append([record, fileIndex, line, raw]);
      for (const { table, row } of own) {
        const cells: AppendValue[] = Object.keys(CLINICAL_COLUMNS[table]).map((column) => row[column] ?? null);
        const hash = createContentHash();
        for (const cell of [...cells, simulated]) hash.addText(cell === null ? "\0" : String(cell));
        const key = KEYS[table].map((column) => String(row[column])).join("\t");
        const place = [rows, key, record, fileIndex, line];
        appenders.get(table)?.append([...place, ...cells, simulated, lastUpdated, hash.digest()]);
        rows += 1;
      }
    },
    flush() {
      texts.flush();
      for (const appender of appenders.values()) appender.flush();
    },
  };
}

/** The expression that gives a written row the key it was staged under. */
export function rowKeyOf(table: ClinicalTable): string {
  return KEYS[table].join(" || '\t' || ");
}
