import { isDeeper, isObject, jsonText } from "../../domain/observation/json.js";
import { isOversizeLine } from "../../domain/observation/lines.js";
import { LIVE } from "../../domain/observation/live.js";
import { readFhirObservation } from "./fhir.js";
import { readShortForm } from "./short-form.js";
import { isRefusal, refusal, type RecordReading } from "./types.js";

/**
 * What one record says: the short form of this service, or a FHIR R4 Observation. Never throws: what is wrong with the whole
 * is its one refusal, and what is wrong with a component stands in its place beside the others.
 */
export function readRecord(record: unknown): RecordReading {
  try {
    if (!isObject(record)) throw refusal("JSON", "record", record);
    if (isOversizeLine(record)) throw refusal("TOO_LARGE", "record", record.oversize.bytes);
    const size = Buffer.byteLength(jsonText(record));
    if (size > LIVE.recordBytes) throw refusal("TOO_LARGE", "record", size);
    if (isDeeper(record, LIVE.recordDepth)) throw refusal("TOO_DEEP", "record", record);
    return Object.hasOwn(record, "resourceType") ? readFhirObservation(record) : readShortForm(record);
  } catch (thrown) {
    if (isRefusal(thrown)) return { readings: [thrown], receivedAt: null };
    throw thrown;
  }
}
