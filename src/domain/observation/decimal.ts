import { Decimal as Base } from "decimal.js";

/** Forty digits, so that nothing a unit asks for is lost on the way; halves away from zero, as scores ask. */
const Exact = Base.clone({ precision: 40, rounding: Base.ROUND_HALF_UP, toExpNeg: -9e15, toExpPos: 9e15 });
export type Decimal = Base;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const MAX_LENGTH = 40;
const MAX_EXPONENT = 30;

/** The number a text says, digit for digit; null where it says none, or one beyond all measure. */
export function parseDecimal(text: string): Decimal | null {
  if (text.length > MAX_LENGTH || !NUMBER.test(text)) return null;
  const value = new Exact(text);
  return value.isZero() || Math.abs(value.e) <= MAX_EXPONENT ? value : null;
}

/** A number of this program's own tables. */
export function decimal(text: string): Decimal {
  return new Exact(text);
}

/** The digits without an exponent, rounded half up to so many behind the point; no minus before zero. */
export function decimalText(value: Decimal, decimals: number): string {
  const rounded = value.toDecimalPlaces(decimals);
  return rounded.isZero() ? "0" : rounded.toFixed();
}
