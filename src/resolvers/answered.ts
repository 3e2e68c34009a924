import type { Catalog } from "../lake/catalog.js";
import { Granularity, Layer } from "../schema/enums.js";
import type { CountResult, Freshness } from "../schema/list.js";

/** A number that was counted exactly and is shown. */
export function counted(value: number): CountResult {
  return { value, granularity: Granularity.COUNT, exact: true, suppressed: false, minCell: null };
}

/** What is read from one snapshot alone never changes. */
export function freshnessOf(catalog: Catalog): Freshness {
  return { layer: Layer.BATCH, asOf: catalog.createdAt, watermark: null, isFinal: true };
}
