import type { VitalAccepted } from "../../src/domain/events/observation.js";

/** As `reference/live.json` has it. */
const LATENESS = 120_000;

/** As the worker stamps them, one after the other in one partition: the watermark after each, and who is late. */
export function stamped(readings: readonly VitalAccepted[]): readonly VitalAccepted[] {
  let watermark: number | null = null;
  return readings.map((reading) => {
    const before = watermark;
    const isPlausible = !reading.flags.some((flag) => flag === "CLOCK_FAST" || flag === "CLOCK_SLOW");
    if (isPlausible) watermark = Math.max(watermark ?? -Infinity, reading.effectiveTime - LATENESS);
    return { ...reading, watermark, late: before !== null && reading.effectiveTime < before };
  });
}
