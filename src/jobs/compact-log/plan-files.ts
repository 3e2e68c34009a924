/** Rows that are to lie in the table: those of a file of it that stand, or what is new. */
export interface Part {
  readonly rows: number;
  /** Whether it has to be written: it is new, or not all rows of its file stand. */
  readonly isDirty: boolean;
}

/** Below each of these a file is small, and joins others as small as it. */
const TIERS = [4_000, 32_000, 256_000] as const;
/** So many files of one tier lie side by side. */
const SIDE_BY_SIDE = 8;

/**
 * Which parts are written as one file. What is dirty is written in any case; where more than eight parts are of one tier they
 * become one file, so a row is written again once per tier, and a table of n rows has some n / 256,000 + 24 files.
 */
export function planFiles<P extends Part>(parts: readonly P[]): readonly (readonly P[])[] {
  const files: P[][] = [];
  let below = 0;
  for (const tier of [...TIERS, Number.POSITIVE_INFINITY]) {
    const own = parts.filter(({ rows }) => rows > 0 && rows >= below && rows < tier);
    if (Number.isFinite(tier) && own.length > SIDE_BY_SIDE) files.push(own);
    else files.push(...own.filter(({ isDirty }) => isDirty).map((part) => [part]));
    below = tier;
  }
  return files;
}
