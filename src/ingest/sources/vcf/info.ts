import type { FieldDefinition, RecordFault, VcfHeader } from "./types.js";
import { expectedCount, hasType } from "./values.js";

/** Keys whose values are counts or frequencies. */
const NOT_NEGATIVE: ReadonlySet<string> = new Set(["AC", "AF", "AN", "DP", "MQ0", "NS", "BQ", "END"]);
const CIGAR = /^(?:\d+[MIDNSHPX=])+$/;

export interface InfoCheck {
  readonly fault: RecordFault | null;
  readonly endPos: number | null;
}

/** Checks the INFO column against the header's definitions and the reserved ones. Keys without a definition are text. */
export function createInfoChecker(header: VcfHeader): (info: string, alternates: number) => InfoCheck {
  const keySyntax = /^(?:[A-Za-z_][0-9A-Za-z_.]*|1000G)$/;
  const known = new Map<string, boolean>();

  function isKey(key: string): boolean {
    let valid = known.get(key);
    if (valid === undefined) {
      valid = keySyntax.test(key);
      if (known.size < 10_000) known.set(key, valid);
    }
    return valid;
  }

  return (info, alternates) => {
    if (info === ".") return { fault: null, endPos: null };
    if (info === "" || /[\s\0-\x1f\x7f]/.test(info.replaceAll(" ", "")) || hasSpaceInKey(info)) return bad("INFO", "INFO_SYNTAX", info);
    let endPos: number | null = null;
    const parts = info.split(";");
    if (parts.length > 1 && parts.at(-1) === "") parts.pop();
    const seen = new Set<string>();
    for (const part of parts) {
      const equals = part.indexOf("=");
      const key = equals < 0 ? part : part.slice(0, equals);
      const value = equals < 0 ? null : part.slice(equals + 1);
      if (!isKey(key)) return bad("INFO", "INFO_SYNTAX", part);
      if (seen.has(key)) return bad(`INFO/${key}`, "INFO_DUPLICATE", part);
      seen.add(key);
      const definition = header.infos.get(key);
      if (definition === undefined) continue;
      const fault = checkValue(definition, value, alternates);
      if (fault !== null) return { fault, endPos: null };
      if (key === "END" && value !== null && value !== ".") endPos = Number(value);
    }
    return { fault: null, endPos };
  };
}

function bad(field: string, rule: RecordFault["rule"], found: string, expected?: string): InfoCheck {
  return { fault: { field, rule, found, ...(expected === undefined ? {} : { expected }) }, endPos: null };
}

/** A space is legal inside a value of VCF 4.3 and later, never in a key. */
function hasSpaceInKey(info: string): boolean {
  if (!info.includes(" ")) return false;
  return info.split(";").some((part) => (part.split("=")[0] ?? "").includes(" "));
}

function checkValue(definition: FieldDefinition, value: string | null, alternates: number): RecordFault | null {
  const field = `INFO/${definition.id}`;
  if (definition.type === "Flag") {
    return value === null || value === "0" || value === "1"
      ? null
      : { field, rule: "INFO_TYPE", found: value, expected: "a flag without a value" };
  }
  if (value === null) return { field, rule: "INFO_NUMBER", found: "no value", expected: countText(definition) };
  if (value === "." || (value === "" && definition.type === "String")) return null;
  const values = value.split(",");
  const wrong = values.find((item) => !hasType(item, definition.type));
  if (wrong !== undefined) return { field, rule: "INFO_TYPE", found: wrong, expected: `a value of type ${definition.type}` };
  if (NOT_NEGATIVE.has(definition.id)) {
    const negative = values.find((item) => item.startsWith("-"));
    if (negative !== undefined) return { field, rule: "INFO_VALUE", found: negative, expected: "a value of at least 0" };
  }
  if (definition.id === "CIGAR") {
    const wrongCigar = values.find((item) => item !== "." && !CIGAR.test(item));
    if (wrongCigar !== undefined) return { field, rule: "INFO_VALUE", found: wrongCigar, expected: "a CIGAR string" };
  }
  // The specification does not say what one value per genotype means for a record as a whole.
  const wanted = alternates === 0 || definition.number === "G" ? null : expectedCount(definition, alternates, 2);
  const isCounted = wanted ?? (typeof definition.number === "number" ? definition.number : null);
  if (isCounted !== null && values.length !== isCounted) {
    return { field, rule: "INFO_NUMBER", found: value, expected: countText(definition) };
  }
  return null;
}

function countText(definition: FieldDefinition): string {
  return `Number=${String(definition.number)} values`;
}
