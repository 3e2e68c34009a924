import { isObject } from "./json.js";

/** The patient a record names, in the short form or as FHIR; null where it names none that can be read. */
export function patientOf(record: unknown): string | null {
  if (!isObject(record)) return null;
  if (typeof record["resourceType"] === "string") {
    const subject = record["subject"];
    return isObject(subject) && typeof subject["reference"] === "string"
      ? referenced("Patient", subject["reference"])
      : null;
  }
  return typeof record["patientId"] === "string" && isId(record["patientId"]) ? record["patientId"] : null;
}

/** The key under which a record has to lie in its topic: its patient, else its source. */
export function observedKey(record: unknown, source: string): string {
  return patientOf(record) ?? source;
}

/** The id in `Type/id`, in an absolute address that ends so, or in `urn:uuid:id`. */
export function referenced(type: string, reference: string): string | null {
  const match = /(?:^|\/)([A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[^/]+)?$/.exec(reference);
  if (match !== null) return match[1] === type ? match[2]! : null;
  return /^urn:uuid:([0-9A-Fa-f-]{36})$/.exec(reference)?.[1] ?? null;
}

/** 1 to 128 characters that can be written and seen. */
export function isId(text: string): boolean {
  return text.length >= 1 && text.length <= 128 && !/[\p{Cc}\p{Cs}]/u.test(text);
}
