import type { VitalWindowed } from "../events/observation.js";
import { fromScaled, quotient, toScaled } from "./decimal.js";

/** One part to merge: a window of any size, of the same patient and code as the others, that shares no reading with them. */
export type WindowPart = Omit<VitalWindowed, "schema" | "patientId" | "code" | "size">;

/** What the parts say together. Of no reading at all: `count` 0, and null for whatever there is nothing to say about. */
export interface WindowSummary extends Pick<WindowPart, "count" | "min" | "max" | "unit" | "firstAt" | "lastAt"> {
  /** In the unit of the parts. */
  readonly mean: number | null;
  /** Of a sample (n - 1), as SQL's `stddev`; null below two readings. */
  readonly stddev: number | null;
  /** At least one of the readings is made up or replayed. */
  readonly simulated: boolean;
  /** The highest offset of accepted readings that any part has read; null without a part. */
  readonly throughOffset: string | null;
}

/**
 * Merges parts exactly: counts and sums are added as whole numbers and divided once, so that neither the order of parts nor how
 * readings are spread over them matters. Means are never averaged.
 */
export function mergeWindows(parts: readonly WindowPart[]): WindowSummary {
  const { scale, sum, sumOfSquares, throughOffset, ...merged } = addParts(parts);
  const n = BigInt(merged.count);
  const unitSize = 10n ** BigInt(scale);
  const scatter = n * BigInt(sumOfSquares) - BigInt(sum) ** 2n;
  return {
    ...merged,
    mean: n === 0n ? null : quotient(BigInt(sum), n * unitSize),
    stddev: n < 2n ? null : Math.sqrt(quotient(scatter, n * (n - 1n) * unitSize * unitSize)),
    throughOffset: parts.length === 0 ? null : throughOffset,
  };
}

/** The parts as one, in the finest of their scales. */
export function addParts(parts: readonly WindowPart[]): Omit<WindowPart, "start" | "end"> {
  const scale = Math.max(0, ...parts.map((part) => part.scale));
  let [count, sum, squares, through] = [0, 0n, 0n, 0n];
  let min: bigint | null = null;
  let max: bigint | null = null;
  let firstAt: number | null = null;
  let lastAt: number | null = null;
  let unit: string | null = null;
  let simulated = false;
  for (const part of parts) {
    const factor = 10n ** BigInt(scale - part.scale);
    count += part.count;
    sum += BigInt(part.sum) * factor;
    squares += BigInt(part.sumOfSquares) * factor * factor;
    min = least(min, part.min === null ? null : toScaled(part.min, scale));
    max = greatest(max, part.max === null ? null : toScaled(part.max, scale));
    firstAt = least(firstAt, part.firstAt);
    lastAt = greatest(lastAt, part.lastAt);
    unit ??= part.unit;
    simulated ||= part.simulated;
    through = greatest(through, BigInt(part.throughOffset)) ?? through;
  }
  return {
    count,
    sum: String(sum),
    sumOfSquares: String(squares),
    scale,
    min: min === null ? null : fromScaled(min, scale),
    max: max === null ? null : fromScaled(max, scale),
    unit,
    firstAt,
    lastAt,
    simulated,
    throughOffset: String(through),
  };
}

function least<T extends bigint | number>(left: T | null, right: T | null): T | null {
  if (left === null || right === null) return left ?? right;
  return right < left ? right : left;
}

function greatest<T extends bigint | number>(left: T | null, right: T | null): T | null {
  if (left === null || right === null) return left ?? right;
  return right > left ? right : left;
}
