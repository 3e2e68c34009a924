import { isId } from "../../domain/observation/key.js";
import type { Hl7Segment } from "./message.js";

/** Of several identifiers the record number of the hospital; else the first. Null where none can be used. */
export function patientIdAt(segment: Hl7Segment, field: number): string | null {
  const all = Array.from({ length: segment.count(field) }, (_, repetition) => ({
    id: segment.at(field, 1, repetition),
    type: segment.at(field, 5, repetition),
  }));
  const usable = all.flatMap(({ id, type }) => (id !== null && isId(id) ? [{ id, type }] : []));
  return (usable.find(({ type }) => type === "MR") ?? usable[0])?.id ?? null;
}
