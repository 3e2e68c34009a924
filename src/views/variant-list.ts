import { contigRank } from "../domain/contig.js";
import { alleleFrequency, countsAt } from "../domain/counts.js";
import { parseVariantId, variantId, type VariantKey } from "../domain/variant.js";
import { confiningIds, confiningRegions, type Predicate, type Region } from "../domain/variant-filter.js";
import type { Tables } from "../backend/index.js";
import { VitalomeError } from "../errors.js";
import type { SnapshotReader } from "../lake/snapshot-reader.js";
import type { VariantRow } from "../lake/variant-row.js";
import { matches, type VariantGroup } from "./variant-match.js";
import { variantCountSql, variantKeysSql } from "./variant-sql.js";

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

/** Alleles looked at before other requests get a turn. */
const TURN = 500;

export interface VariantListing {
  /** The first `count` matches after a position, in an order. Nulls come last; ties go by key. */
  list(
    predicate: Predicate,
    order: VariantOrder,
    after: VariantPosition | null,
    count: number,
  ): Promise<readonly ListedVariant[]>;
  /** All matches. */
  count(predicate: Predicate): Promise<number>;
}

export interface VariantListingOptions {
  readonly reader: SnapshotReader;
  readonly tables: Tables;
  readonly signal: AbortSignal;
  /** Alleles looked at one by one before the query engine is asked. Default 2,000. */
  readonly budget?: number;
}

/**
 * A few alleles are looked at one by one, straight from the key index, in less time than a statement takes to
 * plan. What needs more goes to the query engine, so that no request is linear in sites here.
 */
export function createVariantListing(options: VariantListingOptions): VariantListing {
  const { reader, tables, signal, budget = 2_000 } = options;
  const context = {
    callSets: reader.callSets,
    callsOf: (row: VariantRow) => reader.callsOf(row),
    statementsOf: (key: VariantKey) => reader.annotations.statementsOf([key])[0] ?? [],
  };
  const snapshot = reader.catalog.snapshot;

  /** Matches among the next alleles; `isWhole` when there are no more. */
  async function look(predicate: Predicate, after: VariantKey | null, count: number): Promise<Looked> {
    const found: VariantGroup[] = [];
    let looked = 0;
    let last: VariantKey | null = after;
    for (const group of groupsOf(rowsOf(reader, predicate, after))) {
      if (looked === budget) return { found, isWhole: false, last };
      if (matches(predicate, group, context) === true) found.push(group);
      looked += 1;
      last = keyOf(group);
      if (found.length === count) return { found, isWhole: true, last };
      if (looked % TURN === 0) {
        await new Promise<void>((resolve) => setImmediate(resolve));
        signal.throwIfAborted();
      }
    }
    return { found, isWhole: true, last };
  }

  async function ask(
    predicate: Predicate,
    order: VariantOrder,
    after: VariantPosition | null,
    limit: number,
  ): Promise<readonly ListedVariant[]> {
    const listed: ListedVariant[] = [];
    const statement = variantKeysSql(reader, predicate, { order, after, limit });
    for await (const batch of tables.query(statement, { snapshot, signal })) {
      const [builds = [], contigs = [], positions = [], refs = [], alts = [], values = []] = batch.columns;
      for (let row = 0; row < batch.rows; row += 1) {
        const key: VariantKey = {
          build: builds[row] as VariantKey["build"],
          contig: contigs[row] as string,
          pos: Number(positions[row]),
          ref: refs[row] as string,
          alt: alts[row] as string,
        };
        const [first, ...rest] = reader.rowsOf(key);
        if (first === undefined) {
          throw new VitalomeError("STORAGE_CORRUPT", `the index of snapshot ${String(snapshot)} lacks a variant`);
        }
        const value = (values[row] ?? null) as number | null;
        listed.push({ group: { rows: [first, ...rest] }, position: { value, key } });
      }
    }
    return listed;
  }

  return {
    async list(predicate, order, after, count) {
      if (order === "POSITION") {
        const { found, isWhole, last } = await look(predicate, after?.key ?? null, count);
        const listed = found.map((group) => ({ group, position: { value: null, key: keyOf(group) } }));
        if (isWhole) return listed;
        const from = last === null ? null : { value: null, key: last };
        return [...listed, ...(await ask(predicate, order, from, count - listed.length))];
      }
      const { found, isWhole } = await look(predicate, null, Infinity);
      if (!isWhole) return ask(predicate, order, after, count);
      return found
        .map((group) => ({ group, position: { value: orderValue(order, group), key: keyOf(group) } }))
        .filter(({ position }) => after === null || comparePositions(order, position, after) > 0)
        .sort((left, right) => comparePositions(order, left.position, right.position))
        .slice(0, count);
    },

    async count(predicate) {
      const looked = await look(predicate, null, Infinity);
      if (looked.isWhole) return looked.found.length;
      let total = 0;
      for await (const batch of tables.query(variantCountSql(reader, predicate), { snapshot, signal })) {
        total += Number(batch.columns[0]?.[0] ?? 0);
      }
      return total;
    },
  };
}

interface Looked {
  readonly found: readonly VariantGroup[];
  readonly isWhole: boolean;
  /** The last allele looked at. */
  readonly last: VariantKey | null;
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
