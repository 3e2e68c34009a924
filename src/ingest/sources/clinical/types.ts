import type { QuarantinedRecord } from "../../../domain/ledger.js";
import type { ClinicalRow, ClinicalTable } from "../../../lake/clinical-tables.js";

/** Rules a record can break, and what each expects. A table adds the rules of its text. */
export const CLINICAL_RULES = {
  LINE_TOO_LONG: "a record of at most 16 MiB",
  ENCODING: "UTF-8 text",
  JSON: "one JSON object a line, or a Bundle",
  DEPTH: "JSON nested at most 200 levels deep",
  RESOURCE_TYPE: "a resourceType",
  ID: "an id of 1 to 64 letters, digits, - and .",
  REFERENCE: "a reference to a Patient: Patient/<id>, or urn:uuid of an entry of the same Bundle",
  CODE: "a code from the FHIR value set of the field",
  CODING: "a CodeableConcept with a coding, or a text",
  DATE: "a FHIR date or dateTime that exists",
  NUMBER: "a finite number",
  TYPE: "a value of the type FHIR R4 gives the field",
  SUBJECT: "an id of 1 to 64 letters, digits, _, - and .",
  SUBJECT_SEX: "male, female, M, F, 1, 2 or empty",
  UNKNOWN_SUBJECT: "a subject that one person in the store is known by, in the system that was given",
  AMBIGUOUS_SUBJECT: "a subject that one person alone is known by",
  SEX_MISMATCH: "the sex that is known of the person",
  CONFLICTING_DUPLICATE: "each id once, or repeats with the same content, or a later meta.lastUpdated",
} as const;
export type ClinicalRule = keyof typeof CLINICAL_RULES;

/** `line` is the line of NDJSON or of a table, or the number of the entry of a Bundle, from 1. */
export type ClinicalRejection = Omit<QuarantinedRecord, "source" | "position">;

/** One row for one table. */
export interface StagedRow {
  readonly table: ClinicalTable;
  readonly row: ClinicalRow;
}

export interface ClinicalRecord {
  readonly line: number;
  readonly raw: string;
  readonly lastUpdated: string | null;
  /** Labelled as test or simulated data by its source. */
  readonly simulated: boolean;
  readonly rows: readonly StagedRow[];
}

export interface ClinicalSink {
  record(record: ClinicalRecord): void;
  /** A record that holds nothing to keep: counted, by kind. */
  filter(rule: string): void;
  reject(rejection: ClinicalRejection): void;
  flush(bytesRead: number): Promise<void>;
}

/** Someone in the store a subject may be. */
export interface KnownPerson {
  readonly patientId: string;
  readonly gender: string | null;
}

export interface ClinicalOptions {
  /** Identifier systems whose values are names of samples. */
  readonly sampleSystems: readonly string[];
  /** Who is known by a subject's id; null: subjects of a table are people of their own. */
  readonly knownBy: ((subject: string) => readonly KnownPerson[]) | null;
  readonly signal?: AbortSignal | undefined;
}

/** A rule broken inside one record; caught where the line is known. */
export interface ClinicalFault {
  readonly kind: "clinical-fault";
  readonly field: string;
  readonly rule: ClinicalRule;
  readonly found: string;
}

export function fault(field: string, rule: ClinicalRule, found: unknown): ClinicalFault {
  const text = typeof found === "string" ? found : (JSON.stringify(found) ?? "nothing");
  return { kind: "clinical-fault", field, rule, found: text.slice(0, 200) };
}

export function isFault(thrown: unknown): thrown is ClinicalFault {
  return typeof thrown === "object" && thrown !== null && (thrown as { kind?: unknown }).kind === "clinical-fault";
}

export function rejectionOf({ field, rule, found }: ClinicalFault, line: number, raw: string): ClinicalRejection {
  return { line, field, rule, expected: CLINICAL_RULES[rule], found, raw };
}
