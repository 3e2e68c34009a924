import type { ReadingFlag, VitalAccepted } from "../events/observation.js";
import { PART_MS, windowStart } from "./sizes.js";

const UNCOUNTED: ReadonlySet<ReadingFlag> = new Set(["EXTREME", "CONFLICT", "NO_VALUE"]);
/** What Spark casts, rounds and adds exactly: sums of squares stay within 38 digits. */
const NUMBER = /^-?\d{1,9}(\.\d{1,18})?$/;

/**
 * Whether a reading is part of the windows its effective time lies in: a number and no bound, on time, plausible, uncontested
 * and not withdrawn. One of a wrong clock counts, at the time it was received.
 */
export function countsInWindow(reading: VitalAccepted): boolean {
  const { value, comparator, status, flags } = reading;
  const isNumeric = value !== null && comparator === null && NUMBER.test(value);
  return isNumeric && isOnTime(reading) && status !== "entered-in-error" && !flags.some((flag) => UNCOUNTED.has(flag));
}

/**
 * Whether a reading touches the windows its effective time lies in: it counts there, or takes back one that did. A late one
 * never does, whatever it corrects. What has read it carries its offset or a higher one, also where it altered nothing.
 */
export function touchesWindows(reading: VitalAccepted): boolean {
  return countsInWindow(reading) || (reading.replaces !== null && isOnTime(reading));
}

/** Not late, and its smallest window is not final for whoever has read the partition up to it. */
function isOnTime({ late, watermark, effectiveTime }: VitalAccepted): boolean {
  return !late && (watermark === null || windowStart(effectiveTime, PART_MS) + PART_MS > watermark);
}
