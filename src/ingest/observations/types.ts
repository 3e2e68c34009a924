import type { ObservationCode } from "../../domain/observation/code.js";
import { cut, jsonText } from "../../domain/observation/json.js";
import type { ObservationEventStatus } from "../../domain/events/observation.js";

/** What a record is refused for, and what was expected instead where the rule alone says it. */
export const OBSERVATION_RULES = {
  JSON: "one JSON object",
  MESSAGE: "a message of HL7 version 2 that is understood",
  TOO_LARGE: "a record of at most 64 KiB",
  TOO_DEEP: "at most 64 levels of lists and objects",
  TOO_MANY_READINGS: "at most 64 readings in a record",
  RESOURCE_TYPE: "the short form of this service, or resourceType Observation (FHIR R4)",
  UNKNOWN_FIELD: "only fields of the short form",
  FIELD_MISSING: "a value",
  FIELD_TYPE: "another type",
  STATUS: "a status under which a value is known",
  REPLACES: "the id of the event it corrects",
  UNKNOWN_CODE: "a LOINC code of reference/observations.json",
  AMBIGUOUS_CODE: "LOINC codes of one thing",
  VALUE_MISSING: "a value, or why there is none",
  VALUE_SYNTAX: "a number in decimal digits",
  UNKNOWN_UNIT: "a unit that is understood for this code",
  UNKNOWN_ANSWER: "an answer of this code",
  IMPOSSIBLE: "a value there can be",
  TIME: "ISO 8601 with at least hours and minutes",
  TIME_ZONE: "a time with an offset, or a source whose zone is known",
  RECEIVED_AT: "no receivedAt: the service itself says when it received a record",
  UNKNOWN_PATIENT: "a patient on record",
  KEY_MISMATCH: "the patient of the record as key of the event",
} as const;

export type ObservationRule = keyof typeof OBSERVATION_RULES;

/** Why a record, or one reading of it, was refused. */
export interface Refusal {
  readonly kind: "refusal";
  readonly rule: ObservationRule;
  readonly field: string;
  /** JSON text, cut. */
  readonly found: string;
  readonly expected: string;
}

const FOUND = 200;

export function refusal(rule: ObservationRule, field: string, found: unknown, expected?: string): Refusal {
  return {
    kind: "refusal",
    rule,
    field: cut(field, FOUND),
    found: found === undefined ? "nothing" : jsonText(found, FOUND),
    expected: expected ?? OBSERVATION_RULES[rule],
  };
}

export function isRefusal(thrown: unknown): thrown is Refusal {
  return (thrown as { readonly kind?: unknown } | null)?.kind === "refusal";
}

/** What was measured or stated, in the canonical unit; no value where the source says that there is none. */
export interface ReadingValue {
  readonly value: string | null;
  readonly comparator: string | null;
  readonly unit: string | null;
  readonly codedValue: string | null;
  readonly originalValue: string | null;
  readonly originalUnit: string | null;
  readonly isExtreme: boolean;
}

/** One reading of a record, before it is known whether it came before. */
export interface Reading extends ReadingValue {
  readonly kind: "reading";
  /** Tells readings of one record apart; empty for the only one. */
  readonly part: string;
  readonly ownId: string | null;
  /** Own id of the preliminary reading it takes the place of, if that came. */
  readonly follows: string | null;
  readonly deviceId: string | null;
  readonly session: string | null;
  readonly sequence: number | null;
  readonly patientId: string;
  readonly code: ObservationCode;
  readonly codeAsReceived: string;
  /** As received; read when its source's zone and the receipt are known. */
  readonly eventTime: string;
  readonly timeField: string;
  readonly quality: readonly string[];
  readonly status: ObservationEventStatus;
  readonly replaces: string | null;
  readonly simulated: boolean;
}

/** A reading whose time is read. */
export interface TimedReading extends Reading {
  /** By the clock of whoever measured, in milliseconds since the epoch. */
  readonly deviceTime: number;
}

/** Everything one record says, in its order. */
export interface RecordReading {
  readonly readings: readonly (Reading | Refusal)[];
  /** The receipt the record itself names. */
  readonly receivedAt: string | null;
}

/** What `quality` says of a reading that its source has not yet confirmed. */
export const PRELIMINARY = "preliminary";

/** The name of a source's preliminary reading, beside that of the final one. */
export function preliminaryId(id: string): string {
  return `${id}@${PRELIMINARY}`;
}

/** The name of one reading of a record that gives several. */
export function partId(id: string, part: string): string {
  return part === "" ? id : `${id}#${part}`;
}

/** Whether what a source says of a reading is that nobody measured it now. */
export function isMadeUp(quality: readonly string[]): boolean {
  return quality.some((word) => /^(?:simulated|replayed)(?::|$)/.test(word));
}
