import { contigRank } from "../domain/contig.js";
import { alleleFrequency, countsAt } from "../domain/counts.js";
import { parseVariantId, variantId, type VariantKey } from "../domain/variant.js";
import { confiningIds, confiningRegions, type Predicate, type Region } from "../domain/variant-filter.js";
import type { SnapshotReader } from "../lake/snapshot-reader.js";
import type { VariantRow } from "../lake/variant-row.js";
import { matches, type VariantGroup } from "./variant-match.js";

export const VARIANT_ORDERS = ["POSITION", "QUAL_DESC", "AF_ASC"] as const;
export type VariantOrder = (typeof VARIANT_ORDERS)[number];

/** Where a page ended: the order's value, then the allele, which makes every order total. */
export interface VariantPosition {
  readonly value: number | null;
  readonly key: VariantKey;
}

export interface ListedVariant {
  readonly group: VariantGroup;
  readonly position: VariantPosition;
}

/** Groups looked at before other requests get a turn. */
const TURN = 500;

/** Every match in key order. */
export async function* findVariants(
  reader: SnapshotReader,
  predicate: Predicate,
  after: VariantKey | null,
  signal: AbortSignal,
): AsyncGenerator<VariantGroup> {
  const context = { callSets: reader.callSets, callsOf: (row: VariantRow) => reader.callsOf(row) };
  let looked = 0;
  for (const group of groupsOf(rowsOf(reader, predicate, after))) {
    if (matches(predicate, group, context) === true) yield group;
    looked += 1;
    if (looked % TURN === 0) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
    }
  }
}

/** The first `count` matches after a position, in an order. Nulls come last; ties go by key. */
export async function listVariants(
  reader: SnapshotReader,
  predicate: Predicate,
  order: VariantOrder,
  after: VariantPosition | null,
  count: number,
  signal: AbortSignal,
): Promise<readonly ListedVariant[]> {
  const listed: ListedVariant[] = [];
  if (order === "POSITION") {
    for await (const group of findVariants(reader, predicate, after?.key ?? null, signal)) {
      listed.push({ group, position: { value: null, key: keyOf(group) } });
      if (listed.length === count) break;
    }
    return listed;
  }
  for await (const group of findVariants(reader, predicate, null, signal)) {
    const entry = { group, position: { value: orderValue(order, group), key: keyOf(group) } };
    if (after !== null && comparePositions(order, entry.position, after) <= 0) continue;
    listed.push(entry);
    if (listed.length >= count * 4 + 1000) keepFirst(listed, order, count);
  }
  keepFirst(listed, order, count);
  return listed;
}

function keepFirst(listed: ListedVariant[], order: VariantOrder, count: number): void {
  listed.sort((left, right) => comparePositions(order, left.position, right.position));
  listed.length = Math.min(listed.length, count);
}

/** Best quality of any record; lowest frequency in any call set. */
function orderValue(order: VariantOrder, group: VariantGroup): number | null {
  const values = group.rows
    .map((row) => (order === "QUAL_DESC" ? row.qual : alleleFrequency(countsAt(row.groupCounts, 0))))
    .filter((value): value is number => value !== null);
  if (values.length === 0) return null;
  return order === "QUAL_DESC" ? Math.max(...values) : Math.min(...values);
}

function comparePositions(order: VariantOrder, left: VariantPosition, right: VariantPosition): number {
  if (left.value !== right.value) {
    if (left.value === null) return 1;
    if (right.value === null) return -1;
    return order === "QUAL_DESC" ? right.value - left.value : left.value - right.value;
  }
  return compareKeys(left.key, right.key);
}

export function compareKeys(left: VariantKey, right: VariantKey): number {
  const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return (
    text(left.build, right.build) ||
    contigRank(left.contig) - contigRank(right.contig) ||
    text(left.contig, right.contig) ||
    left.pos - right.pos ||
    text(left.ref, right.ref) ||
    text(left.alt, right.alt)
  );
}

export function keyOf(group: VariantGroup): VariantKey {
  const [{ build, contig, pos, ref, alt }] = group.rows;
  return { build, contig, pos, ref, alt };
}

function* rowsOf(reader: SnapshotReader, predicate: Predicate, after: VariantKey | null): Generator<VariantRow> {
  const ids = confiningIds(predicate);
  if (ids !== null) {
    yield* rowsWithIds(reader, ids, after);
    return;
  }
  const regions = confiningRegions(predicate);
  if (regions === null) {
    yield* reader.allRows(after);
    return;
  }
  let last: VariantKey | null = after;
  for (const region of mergeRegions(regions)) {
    const isBehind = after !== null && compareKeys({ ...after, ...placeOf(region), pos: region.end0 + 1 }, after) <= 0;
    if (isBehind) continue;
    const resumes = after !== null && after.build === region.build && after.contig === region.contig;
    for (const row of reader.rowsIn(region, resumes ? after : null)) {
      // A long deletion may reach into two regions: it is given once. Rows of one allele stay together.
      if (last !== null && compareKeys(row, last) < 0) continue;
      if (after !== null && compareKeys(row, after) <= 0) continue;
      last = { build: row.build, contig: row.contig, pos: row.pos, ref: row.ref, alt: row.alt };
      yield row;
    }
  }
}

/** Straight from the index: the alleles that are named, in key order. */
function* rowsWithIds(
  reader: SnapshotReader,
  ids: Extract<Predicate, { readonly kind: "ids" }>,
  after: VariantKey | null,
): Generator<VariantRow> {
  const keys = new Map<string, VariantKey>();
  for (const id of ids.keys) {
    const parsed = parseVariantId(id, "VCF");
    if (parsed.kind === "key" && parsed.build !== null) keys.set(id, { build: parsed.build, ...parsed.key });
  }
  for (const name of ids.names)
    for (const row of reader.rowsNamed(name)) keys.set(variantId(row), keyOf({ rows: [row] }));
  const sorted = [...keys.values()].sort(compareKeys);
  for (const key of sorted) if (after === null || compareKeys(key, after) > 0) yield* reader.rowsOf(key);
}

function placeOf(region: Region): Pick<VariantKey, "build" | "contig"> {
  return { build: region.build, contig: region.contig };
}

/** In key order, with overlapping and touching regions joined. */
function mergeRegions(regions: readonly Region[]): readonly Region[] {
  const key = (region: Region): VariantKey => ({ ...placeOf(region), pos: region.start0, ref: "", alt: "" });
  const sorted = [...regions].sort((left, right) => compareKeys(key(left), key(right)));
  const merged: Region[] = [];
  for (const region of sorted) {
    const before = merged.at(-1);
    if (
      before !== undefined &&
      before.build === region.build &&
      before.contig === region.contig &&
      region.start0 <= before.end0
    ) {
      merged[merged.length - 1] = { ...before, end0: Math.max(before.end0, region.end0) };
    } else merged.push(region);
  }
  return merged;
}

function* groupsOf(rows: Iterable<VariantRow>): Generator<VariantGroup> {
  let group: [VariantRow, ...VariantRow[]] | null = null;
  for (const row of rows) {
    if (group !== null && compareKeys(group[0], row) === 0) group.push(row);
    else {
      if (group !== null) yield { rows: group };
      group = [row];
    }
  }
  if (group !== null) yield { rows: group };
}
