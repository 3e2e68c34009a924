import type { MeasuredCode } from "./code.js";
import type { Decimal } from "./decimal.js";

/** The UCUM unit a text means for this code; null: not understood, and so never assumed. */
export function ucumOf(code: MeasuredCode, unit: string): string | null {
  if (code.conversions.has(unit)) return unit;
  return code.spellings.get(unit) ?? null;
}

/** In the canonical unit of the code, exactly; null where the unit is not understood. */
export function toCanonical(code: MeasuredCode, value: Decimal, unit: string): Decimal | null {
  const ucum = ucumOf(code, unit);
  const conversion = ucum === null ? undefined : code.conversions.get(ucum);
  return conversion === undefined ? null : value.minus(conversion.minus).times(conversion.times).div(conversion.by);
}

/** From the canonical unit of the code into another; null where that is not understood. */
export function fromCanonical(code: MeasuredCode, value: Decimal, unit: string): Decimal | null {
  const ucum = ucumOf(code, unit);
  const conversion = ucum === null ? undefined : code.conversions.get(ucum);
  return conversion === undefined ? null : value.times(conversion.by).div(conversion.times).plus(conversion.minus);
}
