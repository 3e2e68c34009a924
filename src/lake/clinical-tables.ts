import type { ColumnType } from "../engine/appender.js";

/** What is served of one record; a column's name is its name in SQL. Codes and parts are JSON text. */
export type ClinicalRow = Readonly<Record<string, string | number | boolean | null>>;

const CODED = { system: "text", code: "text", display: "text", codings: "text", code_keys: "text" } as const;

/**
 * Tables of people, FHIR-shaped. `patient_id` and `id` make a row; every table is sorted by them. Dates are text as the
 * source gives them: a year stays a year.
 */
export const CLINICAL_COLUMNS = {
  patients: {
    patient_id: "text",
    id: "text",
    gender: "text",
    birth_date: "text",
    birth_date_absent: "text",
    deceased: "boolean",
    deceased_at: "text",
    identifiers: "text",
    active: "boolean",
  },
  conditions: {
    patient_id: "text",
    id: "text",
    ...CODED,
    clinical_status: "text",
    verification_status: "text",
    onset: "text",
    recorded: "text",
    encounter_id: "text",
  },
  medications: {
    patient_id: "text",
    id: "text",
    ...CODED,
    status: "text",
    intent: "text",
    authored_on: "text",
    dosage: "text",
    encounter_id: "text",
  },
  encounters: {
    patient_id: "text",
    id: "text",
    status: "text",
    class: "text",
    start_at: "text",
    end_at: "text",
    location: "text",
  },
  consents: {
    patient_id: "text",
    id: "text",
    status: "text",
    scope: "text",
    decision: "text",
    policy: "text",
    date_time: "text",
    provisions: "text",
  },
  observations: {
    patient_id: "text",
    id: "text",
    ...CODED,
    status: "text",
    category: "text",
    effective_at: "text",
    effective_end: "text",
    issued: "text",
    value: "double",
    comparator: "text",
    unit: "text",
    unit_code: "text",
    unit_system: "text",
    value_code: "text",
    value_text: "text",
    components: "text",
    data_absent_reason: "text",
    encounter_id: "text",
  },
  /** An explicit statement that a sample is a person's: `id` is the sample. */
  links: { patient_id: "text", id: "text", system: "text", stated_by: "text" },
} as const satisfies Readonly<Record<string, Readonly<Record<string, ColumnType>>>>;

export type ClinicalTable = keyof typeof CLINICAL_COLUMNS;
export const CLINICAL_TABLES = [
  "patients",
  "conditions",
  "medications",
  "encounters",
  "consents",
  "observations",
  "links",
] as const satisfies readonly ClinicalTable[];

/** Columns every table has beside its own. */
export const CLINICAL_ORIGIN = {
  simulated: "boolean",
  last_updated: "text",
  content_hash: "bigint",
} as const satisfies Readonly<Record<string, ColumnType>>;

/** Where a row comes from. */
export const CLINICAL_SOURCE = ["source_file", "source_line", "run_id"] as const;

/** Columns of a row as the key index holds it, in its order. */
export function indexedColumns(table: ClinicalTable): readonly string[] {
  return [...Object.keys(CLINICAL_COLUMNS[table]), "simulated", "last_updated", ...CLINICAL_SOURCE];
}
