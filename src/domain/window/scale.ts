import { OBSERVATION_CODES } from "../observation/code.js";

/** Of a code this version does not know. */
const DEFAULT_SCALE = 3;

const SCALES: ReadonlyMap<string, number> = new Map(
  OBSERVATION_CODES.flatMap((code) => (code.kind === "measured" ? [[code.code, code.decimals] as const] : [])),
);

/** Decimals that windows over a code keep; a value with more is rounded half to even before it is added. */
export function scaleOf(code: string): number {
  return SCALES.get(code) ?? DEFAULT_SCALE;
}
