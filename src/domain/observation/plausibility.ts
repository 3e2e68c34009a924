import type { MeasuredCode } from "./code.js";
import type { Decimal } from "./decimal.js";

/**
 * IMPOSSIBLE lies outside what there is: an error of unit or transmission. EXTREME is kept and calls: it may be the patient,
 * and it may be the sensor.
 */
export type Plausibility = "IMPOSSIBLE" | "EXTREME" | "ORDINARY";

/** Of a value in the canonical unit of its code. */
export function plausibilityOf(code: MeasuredCode, value: Decimal): Plausibility {
  if (isOutside(value, code.possible)) return "IMPOSSIBLE";
  return code.ordinary !== null && isOutside(value, code.ordinary) ? "EXTREME" : "ORDINARY";
}

function isOutside(value: Decimal, [least, most]: readonly [Decimal, Decimal]): boolean {
  return value.lt(least) || value.gt(most);
}
