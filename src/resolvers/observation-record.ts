import { findObservationCode } from "../domain/observation/code.js";
import { LOINC, UCUM } from "../domain/person.js";
import type { Coding } from "../schema/coding.js";
import { Layer } from "../schema/enums.js";
import type { Observation, Quantity, ReadingFlag } from "../schema/observation.js";
import { statedTime, type ServedObservation } from "../views/observation.js";
import { freshnessOf } from "./answered.js";
import { observationOf } from "./clinical-record.js";

/** Values that are one of a few words, such as A, C, V, P and U. */
const ANSWERS = "https://vitalome.org/answer";

/** A LOINC code with its name, where it is known. */
export function loincOf(code: string): Coding {
  return { system: LOINC, code, display: findObservationCode(code)?.name ?? null };
}

/** An observation of either layer as the schema names it. */
export function servedObservation(one: ServedObservation): Observation {
  return one.kind === "record" ? recordOf(one) : readingOf(one);
}

function recordOf({ row, reader, patientId, isError }: Extract<ServedObservation, { kind: "record" }>): Observation {
  const record = observationOf(row, reader);
  return {
    ...record,
    patientId,
    status: isError ? "entered-in-error" : record.status,
    receivedAt: null,
    source: null,
    device: null,
    originalCode: null,
    originalQuantity: null,
    late: false,
    flags: [],
    quality: [],
    replaces: null,
    revision: 0,
    simulated: row["simulated"] === true,
    freshness: freshnessOf(reader.catalog),
  };
}

function readingOf({ reading, asOf, watermark }: Extract<ServedObservation, { kind: "reading" }>): Observation {
  const { value, unit, originalValue, originalUnit, comparator, codedValue } = reading;
  const code = loincOf(reading.code);
  const { category } = findObservationCode(reading.code) ?? { category: null };
  return {
    id: reading.eventId,
    patientId: reading.patientId,
    code,
    codings: [code],
    category: category === null ? [] : [category],
    status: reading.status,
    effectiveDateTime: statedTime(reading),
    effectiveEnd: null,
    issued: null,
    valueQuantity: value === null ? null : quantityOf(value, unit, comparator, UCUM),
    valueCodeableConcept: codedValue === null ? null : { system: ANSWERS, code: codedValue, display: null },
    valueString: null,
    component: [],
    dataAbsentReason: value === null && codedValue === null ? "unknown" : null,
    encounterId: null,
    provenance: null,
    receivedAt: reading.receivedAt,
    source: reading.source,
    device: reading.deviceId,
    originalCode: reading.originalCode,
    originalQuantity: originalValue === null ? null : quantityOf(originalValue, originalUnit, comparator, null),
    late: reading.late,
    flags: reading.flags as readonly ReadingFlag[],
    quality: reading.quality,
    replaces: reading.replaces,
    revision: reading.revision,
    simulated: reading.simulated,
    freshness: { layer: Layer[reading.layer], asOf, watermark, isFinal: reading.layer === "BATCH" },
  };
}

function quantityOf(value: string, unit: string | null, comparator: string | null, system: string | null): Quantity {
  const number = Number(value);
  return {
    value: Number.isFinite(number) ? number : null,
    comparator,
    unit,
    code: system === null ? null : unit,
    system,
  };
}
