/** The system of the ids of a subject table, where nothing else names them. */
export const SUBJECT_SYSTEM = "https://vitalome.org/subject";

/** Systems of what is measured, and of its unit. */
export const LOINC = "http://loinc.org";
export const UCUM = "http://unitsofmeasure.org";

/** A code of a vocabulary (FHIR Coding). */
export interface Code {
  readonly system: string;
  readonly code: string;
  readonly display: string | null;
}

/** Verification states that say a condition is not there: they never match a question about who has it. Source: FHIR R4. */
export const REFUTED_STATES = ["refuted", "entered-in-error"] as const;

/** Status of records that were never true. */
export const ENTERED_IN_ERROR = "entered-in-error";

/** FHIR data-absent-reason codes this product states itself. */
export const ABSENT = { unknown: "unknown", error: "error" } as const;

/** `\n` and `system|code` for each coding, and `\n` at the end: text in which one code is found whole. */
export function codeKeys(codings: readonly Code[]): string {
  return `\n${codings.map(({ system, code }) => `${system}|${code}`).join("\n")}\n`;
}

/** What `codeKeys` holds of a code; of any system when null. */
export function codeKey(system: string | null, code: string): string {
  return system === null ? `|${code}\n` : `\n${system}|${code}\n`;
}
