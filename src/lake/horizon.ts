import type { Catalog } from "./catalog.js";

/**
 * How much of the log a snapshot's tables hold: by topic, per partition, the next offset, as decimal digits. What lies below is in
 * the tables; what lies at it or above is in the log alone. Of a topic that is not named nothing is in a table.
 */
export type Horizon = Catalog["horizon"];

/** Per partition the first offset that is not in the tables; 0, the start of the log, where it says nothing. */
export function horizonOf({ horizon }: Pick<Catalog, "horizon">, topic: string): ReadonlyMap<number, bigint> {
  return new Map((horizon[topic] ?? []).map((next, partition) => [partition, BigInt(next)]));
}

export function isSameHorizon(left: Horizon, right: Horizon): boolean {
  const topics = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...topics].every((topic) => (left[topic] ?? []).join() === (right[topic] ?? []).join());
}
