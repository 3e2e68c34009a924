import type { ObservationRejected, ObservedRecord } from "../../domain/events/observation.js";
import { cut, jsonText } from "../../domain/observation/json.js";
import { LIVE } from "../../domain/observation/live.js";
import type { ObservedPlace } from "./facts.js";
import { hashOf } from "./hash.js";
import type { Refusal } from "./types.js";

/** The event of what was refused: the record whole, cut where it is longer than any record may be. */
export function rejectionOf(
  refused: Refusal,
  index: number,
  { source, submission, line, record }: ObservedRecord,
  { input }: ObservedPlace,
  rejectedAt: number,
): ObservationRejected {
  const { rule, field, found, expected } = refused;
  return {
    schema: 1,
    rejectionId: hashOf(["rejection", input.topic, input.partition, input.offset, index]),
    ...{ source, submission, line, rule, field, found, expected },
    raw: typeof record === "string" ? cut(record, LIVE.recordBytes) : jsonText(record, LIVE.recordBytes),
    rejectedAt,
    input,
  };
}
