import reference from "../../../reference/windows.json" with { type: "json" };

export interface WindowSize {
  /** ISO 8601 duration, such as `PT1M`. */
  readonly name: string;
  readonly ms: number;
}

/** Smallest first; the first is the part that other lengths are merged from. */
export const WINDOW_SIZES: readonly WindowSize[] = reference.sizes;

/** Start of the window of a size that a time lies in; both in milliseconds since the epoch. */
export function windowStart(time: number, sizeMs: number): number {
  return Math.floor(time / sizeMs) * sizeMs;
}
