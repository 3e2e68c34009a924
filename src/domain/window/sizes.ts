import reference from "../../../reference/windows.json" with { type: "json" };

export interface WindowSize {
  /** ISO 8601 duration, such as `PT1M`. */
  readonly name: string;
  readonly ms: number;
}

/** Smallest first; each is a whole number of times the one before. */
export const WINDOW_SIZES: readonly WindowSize[] = reference.sizes;

/** Milliseconds of the smallest size: the part that everything longer is merged from. */
export const PART_MS = Math.min(...WINDOW_SIZES.map(({ ms }) => ms));

/** Start of the window of a size that a time lies in; both in milliseconds since the epoch. */
export function windowStart(time: number, sizeMs: number): number {
  return Math.floor(time / sizeMs) * sizeMs;
}
