import type { Code } from "../domain/person.js";
import type { ClinicalRow } from "../lake/clinical-tables.js";
import type { SnapshotReader } from "../lake/snapshot-reader.js";
import type { Coding } from "../schema/coding.js";
import type { Observation, ObservationComponent, Quantity } from "../schema/observation.js";
import type { Condition, Consent, Encounter, MedicationRequest } from "../schema/patient.js";
import type { Provenance } from "../schema/variant.js";

/** Rows of the tables of people as the schema names them. */

export function conditionOf(row: ClinicalRow, reader: SnapshotReader): Condition {
  return {
    ...codedOf(row),
    clinicalStatus: text(row, "clinical_status"),
    verificationStatus: text(row, "verification_status"),
    onset: text(row, "onset"),
    recorded: text(row, "recorded"),
    encounterId: text(row, "encounter_id"),
    provenance: provenanceOf(row, reader),
  };
}

export function medicationOf(row: ClinicalRow, reader: SnapshotReader): MedicationRequest {
  return {
    ...codedOf(row),
    status: text(row, "status") ?? "unknown",
    intent: text(row, "intent") ?? "",
    authoredOn: text(row, "authored_on"),
    dosage: text(row, "dosage"),
    encounterId: text(row, "encounter_id"),
    provenance: provenanceOf(row, reader),
  };
}

export function encounterOf(row: ClinicalRow): Encounter {
  return {
    id: String(row["id"]),
    status: text(row, "status") ?? "unknown",
    class: text(row, "class"),
    start: text(row, "start_at"),
    end: text(row, "end_at"),
    location: text(row, "location"),
  };
}

export function consentOf(row: ClinicalRow): Consent {
  return {
    id: String(row["id"]),
    status: text(row, "status") ?? "",
    scope: text(row, "scope"),
    decision: text(row, "decision"),
    policy: text(row, "policy"),
    dateTime: text(row, "date_time"),
  };
}

/** What a record says by itself. */
export type ObservationRecord = Pick<
  Observation,
  | "id"
  | "code"
  | "codings"
  | "category"
  | "status"
  | "effectiveDateTime"
  | "effectiveEnd"
  | "issued"
  | "valueQuantity"
  | "valueCodeableConcept"
  | "valueString"
  | "component"
  | "dataAbsentReason"
  | "encounterId"
  | "provenance"
>;

export function observationOf(row: ClinicalRow, reader: SnapshotReader): ObservationRecord {
  const { text: _display, ...coded } = codedOf(row);
  return {
    ...coded,
    category: text(row, "category")?.split(",") ?? [],
    status: text(row, "status") ?? "unknown",
    effectiveDateTime: text(row, "effective_at"),
    effectiveEnd: text(row, "effective_end"),
    issued: text(row, "issued"),
    ...valueOf(row),
    component: listOf<ClinicalRow & { readonly codings: readonly Code[] }>(row, "components").map(componentOf),
    dataAbsentReason: text(row, "data_absent_reason"),
    encounterId: text(row, "encounter_id"),
    provenance: provenanceOf(row, reader),
  };
}

function componentOf(part: ClinicalRow & { readonly codings: readonly Code[] }): ObservationComponent {
  return { code: part.codings[0] ?? null, ...valueOf(part), dataAbsentReason: text(part, "data_absent_reason") };
}

function valueOf(row: ClinicalRow): {
  readonly valueQuantity: Quantity | null;
  readonly valueCodeableConcept: Coding | null;
  readonly valueString: string | null;
} {
  const value = typeof row["value"] === "number" ? row["value"] : null;
  const unit = text(row, "unit");
  const code = text(row, "unit_code");
  const hasQuantity = value !== null || unit !== null || code !== null;
  const quantity = { value, comparator: text(row, "comparator"), unit, code, system: text(row, "unit_system") };
  return {
    valueQuantity: hasQuantity ? quantity : null,
    valueCodeableConcept: listOf<Code>(row, "value_code")[0] ?? null,
    valueString: text(row, "value_text"),
  };
}

function codedOf(row: ClinicalRow): {
  readonly id: string;
  readonly code: Coding | null;
  readonly codings: readonly Coding[];
  readonly text: string | null;
} {
  const codings = listOf<Code>(row, "codings");
  return { id: String(row["id"]), code: codings[0] ?? null, codings, text: text(row, "display") };
}

function provenanceOf(row: ClinicalRow, reader: SnapshotReader): Provenance {
  return {
    ingestRunId: String(row["run_id"]),
    snapshotId: String(reader.catalog.snapshot),
    sourceFile: text(row, "source_file"),
    sourceLine: typeof row["source_line"] === "number" ? row["source_line"] : null,
    rules: [],
  };
}

export function text(row: ClinicalRow, column: string): string | null {
  const value = row[column];
  return typeof value === "string" ? value : null;
}

export function listOf<T>(row: ClinicalRow, column: string): readonly T[] {
  const value = row[column];
  return typeof value === "string" ? (JSON.parse(value) as T[]) : [];
}
