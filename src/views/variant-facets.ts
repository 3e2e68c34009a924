import type { Tables } from "../backend/index.js";
import { join, raw, sql, type Sql } from "../backend/sql.js";
import type { Predicate } from "../domain/variant-filter.js";
import { filesOf } from "../lake/catalog.js";
import type { SnapshotReader } from "../lake/snapshot-reader.js";
import { matchingKeysSql, table } from "./variant-sql.js";

export const FACET_FIELDS = ["gene", "significance", "reviewStars", "type", "chromosome", "filter"] as const;
export type FacetField = (typeof FACET_FIELDS)[number];

export interface FacetRequest {
  readonly field: FacetField;
  readonly size: number;
}

export interface FacetCounts {
  readonly field: FacetField;
  /** The most frequent first, ties by key. A variant counts once in each bucket it belongs to. */
  readonly buckets: readonly { readonly key: string; readonly label: string | null; readonly count: number }[];
  /** Sum of the buckets that are not shown. */
  readonly other: number;
  /** Variants that belong to no bucket. */
  readonly missing: number;
}

/** Exact counts over all matches of a filter, by the query engine. */
export async function countFacets(
  reader: SnapshotReader,
  tables: Tables,
  predicate: Predicate,
  requests: readonly FacetRequest[],
  signal: AbortSignal,
): Promise<readonly FacetCounts[]> {
  const facets = requests.map(({ field, size }) => ({
    field,
    size,
    counts: new Map<string, { label: string | null; count: number }>(),
    missing: 0,
  }));
  const fields = requests.map(({ field }) => field);
  if (fields.length === 0) return [];
  const statement = facetsSql(reader, predicate, fields);
  for await (const batch of tables.query(statement, { snapshot: reader.catalog.snapshot, signal })) {
    const [indexes = [], values = [], labels = [], numbers = []] = batch.columns;
    for (let row = 0; row < batch.rows; row += 1) {
      const facet = facets[Number(indexes[row])];
      if (facet === undefined) continue;
      const value = values[row] as string | null;
      const count = Number(numbers[row]);
      if (value === null) facet.missing += count;
      else {
        // One allele's records may have several filters: they come as one text.
        for (const key of facet.field === "filter" ? new Set(value.split(";")) : [value]) {
          const known = facet.counts.get(key)?.count ?? 0;
          facet.counts.set(key, { label: labels[row] as string | null, count: known + count });
        }
      }
    }
  }
  return facets.map(({ field, size, counts, missing }) => {
    const all = [...counts].map(([key, { label, count }]) => ({ key, label, count }));
    all.sort((left, right) => right.count - left.count || (left.key < right.key ? -1 : 1));
    const other = all.slice(size).reduce((sum, { count }) => sum + count, 0);
    return { field, buckets: all.slice(0, size), other, missing };
  });
}

const KEY = ["build", "contig", "pos", "ref", "alt"] as const;
const OWN_KEY = raw(KEY.map((name) => `m.${name}`).join(", "));

/**
 * Columns facet (its number), value, label, n; the row without a value counts alleles that have none. Each field asks
 * for the matching alleles once: Spark computes them as often as they are named.
 */
function facetsSql(reader: SnapshotReader, predicate: Predicate, fields: readonly FacetField[]): Sql {
  const counts = fields.map(
    (field, index) => sql`SELECT ${raw(String(index))} AS facet, value, min(label) AS label, count(*) AS n
      FROM (${valuesSql(reader, field)}) valued GROUP BY value`,
  );
  return sql`WITH matched AS (${matchingKeysSql(reader, predicate)}) ${join(counts, " UNION ALL ")}`;
}

/** Each value of each matching allele once; an allele without any has one row without a value. */
function valuesSql(reader: SnapshotReader, field: FacetField): Sql {
  const same = (alias: string): Sql =>
    join(
      KEY.map((name) => raw(`${alias}.${name} = m.${name}`)),
      " AND ",
    );
  const none = sql`SELECT ${OWN_KEY}, CAST(NULL AS STRING) AS value, CAST(NULL AS STRING) AS label FROM matched m`;
  switch (field) {
    case "chromosome":
      return sql`SELECT ${OWN_KEY}, m.contig AS value, NULL AS label FROM matched m`;
    case "type":
      return sql`SELECT DISTINCT ${OWN_KEY}, v.variant_type AS value, NULL AS label
        FROM matched m LEFT JOIN ${table(reader, "variants")} v ON ${same("v")} AND v.variant_type IS NOT NULL`;
    case "filter":
      return sql`SELECT ${OWN_KEY}, string_agg(v.filters, ';') AS value, NULL AS label
        FROM matched m LEFT JOIN ${table(reader, "variants")} v ON ${same("v")} GROUP BY ${OWN_KEY}`;
    case "gene":
      if (filesOf(reader.catalog, "genes").length === 0) return none;
      return sql`SELECT DISTINCT ${OWN_KEY}, g.gene_id AS value, g.symbol AS label
        FROM matched m LEFT JOIN ${table(reader, "genes")} g ON g.build = m.build AND g.contig = m.contig
          AND g.start_pos <= m.pos + length(m.ref) - 1 AND g.end_pos >= m.pos`;
    case "significance":
    case "reviewStars": {
      if (filesOf(reader.catalog, "annotations").length === 0) return none;
      const value = raw(field === "significance" ? "s.significance" : "CAST(s.gold_stars AS STRING)");
      return sql`SELECT DISTINCT ${OWN_KEY}, ${value} AS value, NULL AS label
        FROM matched m LEFT JOIN ${table(reader, "annotations")} s
          ON ${same("s")} AND s.kind = 'germline' AND ${value} IS NOT NULL`;
    }
  }
}
