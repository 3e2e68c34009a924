/** A small generator of numbers that look random and are the same for the same seed. */
export interface Random {
  /** An integer from 0 up to, not including, `below`. */
  below(below: number): number;
  pick<T>(values: readonly T[]): T;
  /** The value, or null one time in three. */
  maybe<T>(value: T): T | null;
  bases(length: number, alphabet?: string): string;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0 || 1;
  const below = (limit: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
  return {
    below,
    pick: (values) => values[below(values.length)]!,
    maybe: (value) => (below(3) === 0 ? null : value),
    bases: (length, alphabet = "ACGT") => Array.from({ length }, () => alphabet[below(alphabet.length)]).join(""),
  };
}
