import type { LoggedEvent } from "../../backend/index.js";
import type { TopicName } from "../../domain/events/index.js";
import {
  observationRejectedSchema,
  observationsCountedSchema,
  observationsSubmittedSchema,
  observedRecordSchema,
  vitalAcceptedSchema,
  vitalWindowedSchema,
  type ObservationRejected,
  type ObservationsCounted,
  type ObservationsSubmitted,
  type ObservedRecord,
  type VitalAccepted,
  type VitalWindowed,
} from "../../domain/events/observation.js";
import { readEvent } from "./read.js";

export const VITALS_OBSERVED = "vitals.observed.v1" satisfies TopicName;
export const LABS_OBSERVED = "labs.observed.v1" satisfies TopicName;
export const VITALS_ACCEPTED = "vitals.accepted.v1" satisfies TopicName;
export const OBSERVATIONS_REJECTED = "observations.rejected.v1" satisfies TopicName;
export const OBSERVATIONS_COUNTED = "observations.counted.v1" satisfies TopicName;
export const OBSERVATIONS_SUBMITTED = "observations.submitted.v1" satisfies TopicName;
export const VITALS_WINDOWED = "vitals.windowed.v1" satisfies TopicName;

/** What is no envelope of ours is the bare record of a foreign producer, which its key names and the log has dated. */
export function readObserved(event: LoggedEvent): ObservedRecord {
  const parsed = observedRecordSchema.safeParse(event.value);
  if (parsed.success) return parsed.data;
  const record = event.value;
  const named = (record as { readonly source?: unknown } | null)?.source;
  return {
    schema: 1,
    submission: null,
    line: null,
    source: typeof named === "string" && named !== "" ? named : event.topic,
    by: null,
    receivedAt: event.at,
    simulated: false,
    record,
  };
}

export function parseAccepted(event: LoggedEvent): VitalAccepted {
  return readEvent(event, vitalAcceptedSchema);
}

export function parseRejected(event: LoggedEvent): ObservationRejected {
  return readEvent(event, observationRejectedSchema);
}

export function parseCounted(event: LoggedEvent): ObservationsCounted {
  return readEvent(event, observationsCountedSchema);
}

export function parseSubmitted(event: LoggedEvent): ObservationsSubmitted {
  return readEvent(event, observationsSubmittedSchema);
}

export function parseWindowed(event: LoggedEvent): VitalWindowed {
  return readEvent(event, vitalWindowedSchema);
}
