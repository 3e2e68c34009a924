import type { CodedCode, MeasuredCode, ObservationCode } from "../../domain/observation/code.js";
import { decimalText, parseDecimal } from "../../domain/observation/decimal.js";
import { plausibilityOf } from "../../domain/observation/plausibility.js";
import { toCanonical } from "../../domain/observation/unit.js";
import { refusal, type ReadingValue } from "./types.js";

/** The source says that there is no value. */
export const NO_VALUE: ReadingValue = {
  value: null,
  comparator: null,
  unit: null,
  codedValue: null,
  originalValue: null,
  originalUnit: null,
  isExtreme: false,
};

const BOUND = /^(<=|>=|<|>)\s*/;

/** A number in a unit, converted; throws a refusal. `field` names the value in the record, `unitField` its unit. */
export function measuredValue(
  code: MeasuredCode,
  given: { readonly value: number | string; readonly comparator?: string | null; readonly unit: string | null },
  field: string,
  unitField: string,
): ReadingValue {
  const text = typeof given.value === "number" ? String(given.value) : given.value.trim();
  const bound = BOUND.exec(text);
  const digits = bound === null ? text : text.slice(bound[0].length);
  const value = parseDecimal(digits);
  if (value === null) throw refusal("VALUE_SYNTAX", field, given.value);
  if (given.unit === null) throw refusal("UNKNOWN_UNIT", unitField, undefined, expectedUnits(code));
  const canonical = toCanonical(code, value, given.unit);
  if (canonical === null) throw refusal("UNKNOWN_UNIT", unitField, given.unit, expectedUnits(code));
  const plausibility = plausibilityOf(code, canonical);
  if (plausibility === "IMPOSSIBLE") {
    const [least, most] = code.possible;
    throw refusal("IMPOSSIBLE", field, `${text} ${given.unit}`, `${least.toFixed()} to ${most.toFixed()} ${code.unit}`);
  }
  return {
    value: decimalText(canonical, code.decimals),
    comparator: given.comparator ?? bound?.[1] ?? null,
    unit: code.unit,
    codedValue: null,
    originalValue: text,
    originalUnit: given.unit,
    isExtreme: plausibility === "EXTREME",
  };
}

/** One of the answers of a code, by any of its names; throws a refusal. */
export function statedValue(code: CodedCode, names: readonly string[], field: string): ReadingValue {
  const answers = new Set(
    names.flatMap((name) => code.answerOf.get(name) ?? code.answerOf.get(name.trim().toUpperCase()) ?? []),
  );
  const [answer] = answers;
  if (answer === undefined || answers.size > 1) {
    throw refusal("UNKNOWN_ANSWER", field, names.length === 1 ? names[0] : names, `one of ${code.answers.join(", ")}`);
  }
  return { ...NO_VALUE, codedValue: answer, originalValue: names[0] ?? null };
}

export function expectedOf(code: ObservationCode): string {
  return code.kind === "coded" ? `one of ${code.answers.join(", ")}` : `a number in ${code.unit}`;
}

function expectedUnits(code: MeasuredCode): string {
  return `one of ${[...code.conversions.keys()].join(", ")}`;
}
