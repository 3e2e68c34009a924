import { codeKeys, type Code } from "../../../domain/person.js";
import { fault } from "./types.js";

/** A JSON object of unknown content: nothing of it is trusted before it is looked at. */
export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function objectAt(parent: Json, field: string, path = field): Json | null {
  const value = parent[field];
  if (value === undefined || value === null) return null;
  if (!isObject(value)) throw fault(path, "TYPE", value);
  return value;
}

export function listAt(parent: Json, field: string, path = field): readonly Json[] {
  const value = parent[field];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every(isObject)) throw fault(path, "TYPE", value);
  return value;
}

export function textAt(parent: Json, field: string, path = field): string | null {
  const value = parent[field];
  if (value === undefined || value === null) return null;
  if (typeof value !== "string") throw fault(path, "TYPE", value);
  if (value.includes("\0")) throw fault(path, "ENCODING", value);
  const text = value.trim();
  return text === "" ? null : text;
}

export function booleanAt(parent: Json, field: string, path = field): boolean | null {
  const value = parent[field];
  if (value === undefined || value === null) return null;
  if (typeof value !== "boolean") throw fault(path, "TYPE", value);
  return value;
}

export function numberAt(parent: Json, field: string, path = field): number | null {
  const value = parent[field];
  if (value === undefined || value === null) return null;
  if (typeof value !== "number" || !Number.isFinite(value)) throw fault(path, "NUMBER", value);
  return value;
}

/** A code of a closed value set; null when the field is absent and may be. */
export function codeAt(parent: Json, field: string, allowed: readonly string[]): string | null {
  const value = textAt(parent, field);
  if (value !== null && !allowed.includes(value)) throw fault(field, "CODE", value);
  return value;
}

const DATE = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?)?)?$/;

/** FHIR date, dateTime or instant, as given: a year stays a year. The day must exist. */
export function dateAt(parent: Json, field: string, path = field): string | null {
  const value = textAt(parent, field, path);
  if (value === null) return null;
  const match = DATE.exec(value);
  if (match === null) throw fault(path, "DATE", value);
  const [, year = "", month = "01", day = "01", hour = "0", minute = "0", second = "0"] = match;
  const isDay = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
    .toISOString()
    .startsWith(`${year}-${month}-${day}`);
  if (!isDay || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) throw fault(path, "DATE", value);
  return value;
}

export function codingsOf(concept: Json | null, path: string): readonly Code[] {
  if (concept === null) return [];
  return listAt(concept, "coding", `${path}.coding`).flatMap((coding, index) => {
    const at = `${path}.coding[${String(index)}]`;
    const code = textAt(coding, "code", `${at}.code`);
    if (code === null) return [];
    return [
      {
        system: textAt(coding, "system", `${at}.system`) ?? "",
        code,
        display: textAt(coding, "display", `${at}.display`),
      },
    ];
  });
}

/** The cells of a coded column: the first coding is the code, all of them are kept. */
export function codedCells(
  concept: Json | null,
  path: string,
): {
  readonly system: string | null;
  readonly code: string | null;
  readonly display: string | null;
  readonly codings: string | null;
  readonly code_keys: string | null;
} {
  const codings = codingsOf(concept, path);
  const [first] = codings;
  const text = concept === null ? null : textAt(concept, "text", `${path}.text`);
  if (first === undefined && text === null) throw fault(path, "CODING", concept);
  return {
    system: first?.system ?? null,
    code: first?.code ?? null,
    display: first?.display ?? text,
    codings: codings.length === 0 ? null : JSON.stringify(codings),
    code_keys: codings.length === 0 ? null : codeKeys(codings),
  };
}

/** The code of a concept's first coding. */
export function firstCode(parent: Json, field: string): string | null {
  return codingsOf(objectAt(parent, field), field)[0]?.code ?? null;
}

/** `Patient/x`, an absolute URL that ends so, or `urn:uuid:` of an entry of the same Bundle. */
export function referencedId(
  parent: Json,
  field: string,
  type: string,
  entries: ReadonlyMap<string, string>,
): string | null {
  const reference = objectAt(parent, field);
  const text = reference === null ? null : textAt(reference, "reference", `${field}.reference`);
  if (text === null) return null;
  const entry = entries.get(text);
  const full = entry ?? text;
  const match = /(?:^|\/)([A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[^/]+)?$/.exec(full);
  if (match?.[1] !== type) return null;
  return match[2] ?? null;
}
