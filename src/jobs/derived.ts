import { filesOf, type Catalog } from "../lake/catalog.js";
import type { JobResult } from "./context.js";

export const VARIANT_ANNOTATIONS = "variant_annotations";

/** Tables made from others of the same snapshot, and what they are made from. */
const DERIVED: Readonly<Record<string, readonly string[]>> = {
  [VARIANT_ANNOTATIONS]: ["variants", "genes", "annotations"],
};

/**
 * A derived table never outlives what it was made from: a run that changes one of its inputs takes it out of the next
 * snapshot, until it is made again. So whoever finds it finds the join of exactly that snapshot.
 */
export function withoutStale(result: JobResult, base: Catalog): JobResult {
  const changed = new Set([...result.add.map(({ table }) => table), ...Object.keys(result.remove)]);
  const remove = { ...result.remove };
  for (const [table, inputs] of Object.entries(DERIVED)) {
    const paths = filesOf(base, table).map((file) => file.path);
    if (!changed.has(table) && paths.length > 0 && inputs.some((input) => changed.has(input))) remove[table] = paths;
  }
  return { ...result, remove };
}
