import { identifier, join, raw, sql, type Sql } from "../backend/sql.js";
import { EXPORT_COLUMNS } from "../domain/export.js";
import type { Predicate } from "../domain/variant-filter.js";
import type { Policy } from "../policy.js";
import { matchingKeysSql, table, type VariantSqlScope } from "./variant-sql.js";

/** Where a column of an export comes from, if not from the column of its name: v is a row of variants, s its call set. */
const SOURCES: Readonly<Record<string, string>> = {
  variant_id: "concat(v.build, ':', v.contig, '-', CAST(v.pos AS STRING), '-', v.ref, '-', v.alt)",
  assembly: "v.build",
  position: "v.pos",
  reference: "v.ref",
  alternate: "v.alt",
  call_set_name: "s.name",
  af: "CASE WHEN v.an > 0 THEN CAST(v.ac AS DOUBLE) / v.an END",
  original_position: "v.original_pos",
  original_reference: "v.original_ref",
  original_alternates: "v.original_alts",
};
const KEY = ["build", "contig", "pos", "ref", "alt"];

/**
 * Every column of an export and `contig_rank`, of each row whose allele meets a predicate and which the policy does not
 * hide, in no order.
 */
export function exportRowsSql(scope: VariantSqlScope, predicate: Predicate, policy: Policy): Sql {
  const columns = EXPORT_COLUMNS.map(({ name }) => sql`${raw(SOURCES[name] ?? `v.${name}`)} AS ${identifier(name)}`);
  const variants = table(scope, "variants");
  const rows = policy.predicate === null ? variants : sql`(SELECT * FROM ${variants} WHERE ${policy.predicate})`;
  const names = sql`SELECT call_set_id, max(name) AS name FROM ${table(scope, "call_sets")} GROUP BY call_set_id`;
  const same = join(
    KEY.map((name) => sql`k.${identifier(name)} = v.${identifier(name)}`),
    " AND ",
  );
  const found = isEverything(predicate) ? raw("") : sql` JOIN (${matchingKeysSql(scope, predicate)}) k ON ${same}`;
  return sql`SELECT ${join(columns, ", ")}, v.contig_rank AS contig_rank FROM ${rows} v${found} LEFT JOIN (${names}) s ON s.call_set_id = v.call_set_id`;
}

function isEverything(predicate: Predicate): boolean {
  return predicate.kind === "and" && predicate.parts.every(isEverything);
}
