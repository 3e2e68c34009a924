import type { ReadingFlag, VitalAccepted } from "../events/observation.js";

const UNCOUNTED: ReadonlySet<ReadingFlag> = new Set(["EXTREME", "CONFLICT", "NO_VALUE"]);

/**
 * Whether a reading is part of the windows its effective time lies in: numeric, no bound, on time, plausible, uncontested and
 * not withdrawn. One of a wrong clock counts, at the time it was received.
 */
export function countsInWindow({ late, value, comparator, status, flags }: VitalAccepted): boolean {
  const isNumeric = value !== null && comparator === null;
  return isNumeric && !late && status !== "entered-in-error" && !flags.some((flag) => UNCOUNTED.has(flag));
}

/**
 * Whether a reading may alter windows: it counts, or it takes back one that did. A late one never does, whatever it corrects.
 * A window that has read it carries its offset or a higher one, also where it altered nothing.
 */
export function touchesWindows(reading: VitalAccepted): boolean {
  return countsInWindow(reading) || (reading.replaces !== null && !reading.late);
}
