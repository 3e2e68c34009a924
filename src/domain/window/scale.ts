import { findObservationCode } from "../observation/code.js";

/** Of a code this version does not know. */
const DEFAULT_SCALE = 3;

/** Decimals that windows over a code keep; a value with more is rounded half to even before it is added. */
export function scaleOf(code: string): number {
  const known = findObservationCode(code);
  return known?.kind === "measured" ? known.decimals : DEFAULT_SCALE;
}

/** The canonical unit of a code, which every accepted value has; null where there is none. */
export function unitOf(code: string): string | null {
  const known = findObservationCode(code);
  return known?.kind === "measured" ? known.unit : null;
}
