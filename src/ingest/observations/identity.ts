import { hashOf } from "./hash.js";
import { partId, type TimedReading } from "./types.js";

/** Hexadecimal digits of an id that is made here: 128 bits. It is written many times, by whoever remembers a reading. */
const ID_DIGITS = 32;

/** The source's own id; else of what 0.18 of the domain handbook calls its key; else of all it says. */
export function eventIdOf(reading: TimedReading, source: string): string {
  const { ownId, part, patientId, deviceId, session, sequence } = reading;
  if (ownId !== null) return partId(ownId, part);
  if (deviceId !== null && session !== null && sequence !== null) {
    return hashOf(["sequence", patientId, deviceId, session, sequence, part]).slice(0, ID_DIGITS);
  }
  return hashOf(["content", source, session, sequence, ...contentOf(reading)]).slice(0, ID_DIGITS);
}

/** Everything a reading says, without how it came. */
export function contentOf(reading: TimedReading): readonly (string | null | readonly string[])[] {
  const { patientId, part, deviceId, code, value, comparator, codedValue, quality, status, replaces } = reading;
  return [
    patientId,
    part,
    deviceId,
    code.code,
    value,
    comparator,
    codedValue,
    status,
    replaces,
    quality,
    String(reading.deviceTime),
  ];
}
