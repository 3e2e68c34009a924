import type { Comparator, ThresholdSpec } from "./rule.js";

const MIRRORED: Readonly<Record<string, string>> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

/**
 * Whether a value breaks a limit. A value with a comparator is a bound: `< 50` breaks `< 90`, `> 5` says nothing of `< 90`,
 * which is null.
 */
export function breaks(limit: ThresholdSpec, value: number, comparator: string | null): boolean | null {
  if (!isLower(limit)) {
    const mirrored = { ...limit, comparator: MIRRORED[limit.comparator] as Comparator, value: -limit.value };
    return breaks(mirrored, -value, comparator === null ? null : (MIRRORED[comparator] ?? comparator));
  }
  const inside = limit.comparator === "<" ? value < limit.value : value <= limit.value;
  switch (comparator) {
    case "<":
      return value <= limit.value ? true : null;
    case "<=":
      return inside ? true : null;
    case ">":
      return value >= limit.value ? false : null;
    case ">=":
      return inside ? null : false;
    default:
      return inside;
  }
}

/** Whether what lies below breaks it. */
export function isLower({ comparator }: ThresholdSpec): boolean {
  return comparator === "<" || comparator === "<=";
}

/** `< 90 %`. */
export function limitText({ comparator, value, unit }: ThresholdSpec): string {
  return unit === null ? `${comparator} ${String(value)}` : `${comparator} ${String(value)} ${unit}`;
}
