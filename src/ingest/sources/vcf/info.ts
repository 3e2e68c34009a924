import type { FieldDefinition, RecordFault, VcfHeader } from "./types.js";
import { expectedCount, hasType } from "./values.js";

/** Keys whose values are counts or frequencies. */
export const NOT_NEGATIVE: ReadonlySet<string> = new Set(["AC", "AF", "AN", "DP", "MQ0", "NS", "BQ", "END"]);
const CIGAR = /^(?:\d+[MIDNSHPX=])+$/;
const CONTROL = /[\0-\x1f\x7f]/;
/** Since 4.3 the specification states the characters of a key; before, it only keeps separators out. */
const KEY_43 = /^(?:[A-Za-z_][0-9A-Za-z_.]*|1000G)$/;
const KEY = /^[^\s\0-\x1f\x7f;=,]+$/;

export interface InfoCheck {
  readonly fault: RecordFault | null;
  readonly endPos: number | null;
}

export function isSince43(version: string): boolean {
  return Number(version.split(".")[1]) >= 3;
}

export function infoKeySyntax(version: string): RegExp {
  return isSince43(version) ? KEY_43 : KEY;
}

const EMPTY: InfoCheck = { fault: null, endPos: null };

/** Checks the INFO column against the header's definitions and the reserved ones. Keys without a definition are text. */
export function createInfoChecker(header: VcfHeader): (info: string, alternates: number) => InfoCheck {
  const keySyntax = infoKeySyntax(header.version);
  const allowsEmpty = !isSince43(header.version);

  return (info, alternates) => {
    if (info === "." || (info === "" && allowsEmpty)) return EMPTY;
    if (info === "" || CONTROL.test(info)) return bad("INFO", "INFO_SYNTAX", info);
    let endPos: number | null = null;
    const parts = info.split(";");
    if (parts.length > 1 && parts.at(-1) === "") parts.pop();
    const seen = new Set<string>();
    for (const part of parts) {
      const equals = part.indexOf("=");
      const key = equals < 0 ? part : part.slice(0, equals);
      const value = equals < 0 ? null : part.slice(equals + 1);
      if (!keySyntax.test(key)) return bad("INFO", "INFO_SYNTAX", part);
      if (seen.has(key)) return bad(`INFO/${key}`, "INFO_DUPLICATE", part);
      seen.add(key);
      const definition = header.infos.get(key);
      if (definition === undefined) continue;
      const fault = checkValue(definition, value, alternates);
      if (fault !== null) return { fault, endPos: null };
      // A list of ends, which a header may allow, is none.
      if (key === "END" && value !== null && value !== "." && !value.includes(",")) endPos = Number(value);
    }
    return { fault: null, endPos };
  };
}

function bad(field: string, rule: RecordFault["rule"], found: string): InfoCheck {
  return { fault: { field, rule, found }, endPos: null };
}

function checkValue(definition: FieldDefinition, value: string | null, alternates: number): RecordFault | null {
  const field = `INFO/${definition.id}`;
  if (definition.type === "Flag") {
    return value === null || value === "0" || value === "1"
      ? null
      : { field, rule: "INFO_TYPE", found: value, expected: "a flag without a value" };
  }
  const expected = `Number=${String(definition.number)} values`;
  if (value === null) return { field, rule: "INFO_NUMBER", found: "no value", expected };
  if (value === "." || (value === "" && definition.type === "String")) return null;
  const values = value.split(",");
  const wrong = values.find((item) => !hasType(item, definition.type));
  if (wrong !== undefined)
    return { field, rule: "INFO_TYPE", found: wrong, expected: `a value of type ${definition.type}` };
  if (NOT_NEGATIVE.has(definition.id)) {
    const negative = values.find((item) => item.startsWith("-"));
    if (negative !== undefined)
      return { field, rule: "INFO_VALUE", found: negative, expected: "a value of at least 0" };
  }
  if (definition.id === "CIGAR") {
    const wrongCigar = values.find((item) => item !== "." && !CIGAR.test(item));
    if (wrongCigar !== undefined) return { field, rule: "INFO_VALUE", found: wrongCigar, expected: "a CIGAR string" };
  }
  const wanted = infoCount(definition, alternates);
  return wanted === null || values.length === wanted ? null : { field, rule: "INFO_NUMBER", found: value, expected };
}

/**
 * How many values an INFO key must have; null where any number is right. Without alternates the counts per allele say
 * nothing, and the specification does not define one value per genotype for a record as a whole.
 */
export function infoCount(definition: FieldDefinition, alternates: number): number | null {
  const { number } = definition;
  if (typeof number === "number") return number;
  return alternates === 0 || number === "G" ? null : expectedCount(definition, alternates, 2);
}
