import type { VitalAccepted } from "../events/observation.js";
import { countsInWindow } from "./counts.js";
import { fromScaled, toScaled } from "./decimal.js";
import type { WindowPart } from "./merge.js";

/** A reading as its part keeps it: short, because there is one for each. */
export type PartEntry = readonly [
  /** In the partition of accepted readings, as decimal digits. */
  offset: string,
  eventId: string,
  effectiveTime: number,
  /** Scaled, as decimal digits; null where it only takes back another one. */
  value: string | null,
  replaces: string | null,
];

/** Everything that touched one part so far, in the order of the log. */
export interface PartReadings {
  readonly scale: number;
  readonly simulated: boolean;
  readonly entries: readonly PartEntry[];
}

/** One reading that touched a part, with its offset in the partition of accepted readings. */
export type Touch = readonly [reading: VitalAccepted, offset: bigint];

/** What some readings add to a part. */
export function pieceOf(touches: readonly Touch[], scale: number): Pick<PartReadings, "simulated" | "entries"> {
  return {
    simulated: touches.some(([{ simulated }]) => simulated),
    entries: touches.map(([reading, offset]): PartEntry => {
      const { eventId, effectiveTime, value, replaces } = reading;
      const scaled = value !== null && countsInWindow(reading) ? String(toScaled(value, scale)) : null;
      return [String(offset), eventId, effectiveTime, scaled, replaces];
    }),
  };
}

/**
 * What the part says. A repeat of an event changes nothing. Of a reading and its corrections the one that came last holds, also
 * where it came before what it corrects; if that one is no number, none of them counts.
 */
export function summarise({ scale, simulated, entries }: PartReadings): Omit<WindowPart, "start" | "end" | "unit"> {
  const values: bigint[] = [];
  const times: number[] = [];
  for (const [, , time, value] of holding(entries)) {
    if (value === null) continue;
    values.push(BigInt(value));
    times.push(time);
  }
  const sorted = [...values].sort((left, right) => (left < right ? -1 : 1));
  const [min, max] = [sorted[0], sorted.at(-1)];
  return {
    count: values.length,
    sum: String(values.reduce((sum, value) => sum + value, 0n)),
    sumOfSquares: String(values.reduce((sum, value) => sum + value * value, 0n)),
    scale,
    min: min === undefined ? null : fromScaled(min, scale),
    max: max === undefined ? null : fromScaled(max, scale),
    firstAt: times.length === 0 ? null : times.reduce((left, right) => Math.min(left, right)),
    lastAt: times.length === 0 ? null : times.reduce((left, right) => Math.max(left, right)),
    simulated,
    throughOffset: entries.at(-1)?.[0] ?? "0",
  };
}

/** Without repeats, and without what was corrected. */
function holding(entries: readonly PartEntry[]): readonly PartEntry[] {
  const byId = new Map<string, PartEntry>();
  for (const entry of entries) if (!byId.has(entry[1])) byId.set(entry[1], entry);
  /** By event id of a correction: the first of its chain. */
  const roots = new Map<string, string>();
  /** By the first of a chain: the last of it. */
  const last = new Map<string, string>();
  for (const [, id, , , replaces] of byId.values()) {
    if (replaces === null || replaces === id) continue;
    const root = roots.get(replaces) ?? replaces;
    roots.set(id, root);
    last.set(root, id);
  }
  return [...byId.values()].filter(([, id]) => (last.get(roots.get(id) ?? id) ?? id) === id);
}
