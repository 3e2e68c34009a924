import { identifier, join, raw, sql, type Sql } from "../backend/sql.js";
import { COUNT_FIELDS, COUNT_WIDTH, type GenotypeClass } from "../domain/counts.js";
import { parseVariantId, type VariantKey } from "../domain/variant.js";
import { contigRank } from "../domain/contig.js";
import { confiningRegions, type NumberRange, type Predicate, type Region } from "../domain/variant-filter.js";
import { UNDECIDED, zygosityOf, type Zygosity } from "../domain/zygosity.js";
import type { CallSetDirectory } from "../lake/call-sets.js";
import type { Catalog } from "../lake/catalog.js";
import { filesOf } from "../lake/catalog.js";
import type { VariantOrder, VariantPosition } from "./variant-list.js";

/** What the statements below are about. */
export interface VariantSqlScope {
  readonly catalog: Catalog;
  readonly callSets: CallSetDirectory;
}

const KEY = ["build", "contig_rank", "contig", "pos", "ref", "alt"] as const;
const KEY_LIST = raw(KEY.map((name) => `v.${name}`).join(", "));
const GENOTYPE_CLASSES = COUNT_FIELDS.filter((field): field is GenotypeClass => field !== "ac" && field !== "an");

/**
 * Keys of the first `limit` alleles that meet a predicate, after a position in an order: columns build,
 * contig, pos, ref, alt, order_value. Says to the query engine what `variant-match.ts` says of one variant.
 */
export function variantKeysSql(
  scope: VariantSqlScope,
  predicate: Predicate,
  page: { readonly order: VariantOrder; readonly after: VariantPosition | null; readonly limit: number },
): Sql {
  const { order, after, limit } = page;
  const value = orderValue(order);
  const having = order === "POSITION" || after === null ? null : isAfter(order, after);
  const where = order === "POSITION" && after !== null ? isAfterKey(after.key, "v.") : null;
  const direction = order === "QUAL_DESC" ? raw("order_value DESC NULLS LAST, ") : raw("order_value NULLS LAST, ");
  return sql`SELECT build, contig, pos, ref, alt, order_value FROM (${matching(scope, predicate, value, where)}) found${
    having === null ? raw("") : sql` WHERE ${having}`
  } ORDER BY ${order === "POSITION" ? raw("") : direction}${raw(KEY.join(", "))} LIMIT ${limit}`;
}

/** One row, `n`: how many alleles meet a predicate. */
export function variantCountSql(scope: VariantSqlScope, predicate: Predicate): Sql {
  return sql`SELECT count(*) AS n FROM (${matchingKeysSql(scope, predicate)}) found`;
}

/** Keys of all alleles that meet a predicate: columns build, contig_rank, contig, pos, ref, alt. */
export function matchingKeysSql(scope: VariantSqlScope, predicate: Predicate): Sql {
  return matching(scope, predicate, raw("NULL"), null);
}

function matching(scope: VariantSqlScope, predicate: Predicate, value: Sql, where: Sql | null): Sql {
  const joins: Sql[] = [];
  const truth = groupTruth(predicate, scope, joins);
  const regions = confiningRegions(predicate);
  const conditions = [...(regions === null ? [] : [anyOf(regions.map(overlaps))]), ...(where === null ? [] : [where])];
  const filter = conditions.length === 0 ? raw("") : sql` WHERE ${join(conditions, " AND ")}`;
  return sql`SELECT ${KEY_LIST}, ${value} AS order_value FROM ${table(scope, "variants")} v${join(
    [raw(""), ...joins],
    " ",
  )}${filter} GROUP BY ${KEY_LIST} HAVING ${truth}`;
}

/** A table of the scope's snapshot. */
export function table({ catalog }: VariantSqlScope, name: string): Sql {
  return sql`${identifier(`snap_${String(catalog.snapshot)}`)}.${identifier(name)}`;
}

/** Truth of a predicate on the group of rows that share an allele; NULL is unknown. */
function groupTruth(predicate: Predicate, scope: VariantSqlScope, joins: Sql[]): Sql {
  switch (predicate.kind) {
    case "and":
      return allOf(predicate.parts.map((part) => groupTruth(part, scope, joins)));
    case "or":
      return anyOf(predicate.parts.map((part) => groupTruth(part, scope, joins)));
    case "not":
      return sql`(NOT ${groupTruth(predicate.part, scope, joins)})`;
    case "clinical":
      return hasStatement(predicate, scope, joins);
    case "regions":
    case "genes":
      return anyRow(anyOf(predicate.regions.map(overlaps)));
    case "types":
      return anyRow(anyOf(predicate.types.map((type) => sql`v.variant_type = ${type}`)));
    case "ids":
      return anyRow(anyOf([...predicate.keys.flatMap(isKey), ...predicate.names.map(isNamed)]));
    case "record":
      return anyRow(allOf(recordParts(predicate)));
    case "frequency": {
      const called = isCalled(scope.callSets, predicate.source);
      const frequency = inRange(frequencyOf(scope.callSets, predicate.population, predicate.sex), predicate.af);
      const nobody = predicate.af.includeMissing ? raw("TRUE") : raw("NULL");
      return sql`(CASE WHEN count(*) FILTER (WHERE ${called}) = 0 THEN ${nobody} ELSE ${anyRow(frequency, called)} END)`;
    }
    case "samples":
      return hasGenotype(predicate, scope, joins);
  }
}

/** True if a row is true, else unknown if a row is unknown, else false; `rows` says which rows are asked. */
function anyRow(truth: Sql, rows: Sql = raw("TRUE")): Sql {
  return sql`(CASE WHEN coalesce(bool_or(${truth}) FILTER (WHERE ${rows}), FALSE) THEN TRUE
    WHEN count(*) FILTER (WHERE ${rows} AND (${truth}) IS NULL) > 0 THEN NULL ELSE FALSE END)`;
}

export function anyOf(parts: readonly Sql[]): Sql {
  return parts.length === 0 ? raw("FALSE") : sql`(${join(parts, " OR ")})`;
}

export function allOf(parts: readonly Sql[]): Sql {
  return parts.length === 0 ? raw("TRUE") : sql`(${join(parts, " AND ")})`;
}

function overlaps({ build, contig, start0, end0 }: Region): Sql {
  return sql`(v.build = ${build} AND v.contig = ${contig} AND v.pos <= ${end0} AND v.pos + length(v.ref) - 1 > ${start0})`;
}

/** Text that names no allele matches none. */
function isKey(id: string): readonly Sql[] {
  const parsed = parseVariantId(id, "VCF");
  if (parsed.kind !== "key" || parsed.build === null) return [];
  const { contig, pos, ref, alt } = parsed.key;
  return [
    sql`(v.build = ${parsed.build} AND v.contig = ${contig} AND v.pos = ${pos} AND v.ref = ${ref} AND v.alt = ${alt})`,
  ];
}

function isNamed(name: string): Sql {
  return sql`coalesce(instr(concat(';', lower(v.ids), ';'), concat(';', ${name}, ';')) > 0 AND v.ids IS NOT NULL, FALSE)`;
}

function recordParts(predicate: Extract<Predicate, { readonly kind: "record" }>): readonly Sql[] {
  const parts: Sql[] = [];
  if (predicate.qual !== null) parts.push(inRange(raw("v.qual"), predicate.qual));
  if (predicate.passOnly) parts.push(sql`v.filters = 'PASS'`);
  if (predicate.filters !== null) {
    const named = predicate.filters.map(
      (name) => sql`instr(concat(';', v.filters, ';'), concat(';', ${name}, ';')) > 0`,
    );
    parts.push(sql`(CASE WHEN v.filters IS NULL THEN NULL ELSE ${anyOf(named)} END)`);
  }
  return parts;
}

export function inRange(value: Sql, range: NumberRange): Sql {
  const bounds = (["gt", "gte", "lt", "lte"] as const).flatMap((name) => {
    const bound = range[name];
    const operator = { gt: ">", gte: ">=", lt: "<", lte: "<=" }[name];
    return bound === null ? [] : [sql`${value} ${raw(operator)} ${bound}`];
  });
  const missing = range.includeMissing ? raw("TRUE") : raw("NULL");
  return sql`(CASE WHEN ${value} IS NULL THEN ${missing} ELSE ${allOf(bounds)} END)`;
}

function isCalled(callSets: CallSetDirectory, source: string | null): Sql {
  if (source === null) return raw("TRUE");
  const called = callSets.all.filter(({ id }) => callSets.isCalled(id, source));
  return anyOf(called.map(({ id }) => sql`v.call_set_id = ${id}`));
}

/** AC / AN of one group of samples; NULL where the sheet knows no such group, or nobody in it was called. */
function frequencyOf(callSets: CallSetDirectory, population: string | null, sex: string | null): Sql {
  if (population === null && sex === null) return ratio(raw("v.ac"), raw("v.an"));
  const cases = callSets.groupings.flatMap((groupsId) => {
    const index = callSets.groupIndex(groupsId, population, sex);
    if (index === null) return [];
    const at = index * COUNT_WIDTH;
    return [sql`WHEN v.groups_id = ${groupsId} THEN ${ratio(countAt(at), countAt(at + 1))}`];
  });
  return cases.length === 0 ? raw("CAST(NULL AS DOUBLE)") : sql`(CASE ${join(cases, " ")} END)`;
}

/** One of the flattened counts, from 0. */
function countAt(index: number): Sql {
  return raw(`list_extract(v.group_counts, ${String(index + 1)})`);
}

function ratio(count: Sql, total: Sql): Sql {
  return sql`(CASE WHEN ${total} > 0 THEN CAST(${count} AS DOUBLE) / ${total} END)`;
}

/** A sample without a row in `calls` has the record's base genotype; one whose call sets lack the allele is unknown. */
function hasGenotype(
  predicate: Extract<Predicate, { readonly kind: "samples" }>,
  scope: VariantSqlScope,
  joins: Sql[],
): Sql {
  const { callSets } = scope;
  const asked = callSets.all
    .filter(({ id }) => callSets.isCalled(id, predicate.callSet))
    .map(({ id }) => {
      const samples = new Set(predicate.samples.filter((sample) => callSets.sampleIndex(id, sample) !== null));
      return { id, samples: [...samples] };
    })
    .filter(({ samples }) => samples.length > 0);
  const holders = new Set(
    predicate.samples.map((sample) =>
      asked
        .filter(({ samples }) => samples.includes(sample))
        .map(({ id }) => id)
        .join("\n"),
    ),
  );
  if (asked.length === 0) return raw(holders.size === 0 ? "FALSE" : "CAST(NULL AS BOOLEAN)");
  const isUnseen = anyOf(
    [...holders].map((ids) => {
      if (ids === "") return raw("TRUE");
      const isHeld = anyOf(ids.split("\n").map((id) => sql`v.call_set_id = ${id}`));
      return sql`(count(*) FILTER (WHERE ${isHeld}) = 0)`;
    }),
  );
  const ofGroup = (row: Sql): Sql =>
    sql`(CASE WHEN coalesce(bool_or(${row}), FALSE) THEN TRUE WHEN ${isUnseen} OR count(*) FILTER (WHERE (${row}) IS NULL) > 0 THEN NULL ELSE FALSE END)`;
  const size = sql`(CASE ${join(
    asked.map(({ id, samples }) => sql`WHEN v.call_set_id = ${id} THEN ${samples.length}`),
    " ",
  )} ELSE 0 END)`;
  const hasBase = isOneOf("v.base_class", "v.contig", predicate.zygosities);
  if (filesOf(scope.catalog, "calls_by_sample").length === 0)
    return ofGroup(sql`(CASE WHEN ${size} > 0 THEN ${hasBase} ELSE FALSE END)`);
  const alias = raw(`listed_${String(joins.length)}`);
  const wanted = asked.map(
    ({ id, samples }) =>
      sql`(c.call_set_id = ${id} AND c.sample_id IN (${join(
        samples.map((sample) => sql`${sample}`),
        ", ",
      )}))`,
  );
  const same = join(
    ["call_set_id", ...KEY.filter((name) => name !== "contig_rank")].map(
      (name) => sql`${alias}.${raw(name)} = v.${raw(name)}`,
    ),
    " AND ",
  );
  const keys = raw("c.call_set_id, c.build, c.contig, c.pos, c.ref, c.alt");
  const isWanted = isOneOf("c.genotype_class", "c.contig", predicate.zygosities);
  const isOpen = sql`(c.genotype_class IS NULL OR (NOT ${isWanted} AND ${isOneOf("c.genotype_class", "c.contig", UNDECIDED)}))`;
  const counted = sql`count(*) AS listed, count(*) FILTER (WHERE ${isWanted}) AS matching, count(*) FILTER (WHERE ${isOpen}) AS open_ended`;
  joins.push(
    sql`LEFT JOIN (SELECT ${keys}, ${counted} FROM ${table(scope, "calls_by_sample")} c WHERE ${anyOf(wanted)} GROUP BY ${keys}) ${alias} ON ${same}`,
  );
  const hasUnlisted = sql`${size} > coalesce(${alias}.listed, 0)`;
  return ofGroup(sql`(CASE WHEN coalesce(${alias}.matching, 0) > 0 OR (${hasUnlisted} AND coalesce(${hasBase}, FALSE)) THEN TRUE
    WHEN coalesce(${alias}.open_ended, 0) > 0 OR (${hasUnlisted} AND (${hasBase}) IS NULL) THEN NULL ELSE FALSE END)`);
}

/** An allele without a statement is unknown. */
function hasStatement(
  predicate: Extract<Predicate, { readonly kind: "clinical" }>,
  scope: VariantSqlScope,
  joins: Sql[],
): Sql {
  if (filesOf(scope.catalog, "annotations").length === 0) return raw("CAST(NULL AS BOOLEAN)");
  const { significances, minStars } = predicate;
  const truth = allOf([
    ...(significances === null ? [] : [anyOf(significances.map(hasSignificance))]),
    ...(minStars === null ? [] : [sql`s.gold_stars >= ${minStars}`]),
  ]);
  const alias = raw(`stated_${String(joins.length)}`);
  const keys = raw("s.build, s.contig, s.pos, s.ref, s.alt");
  const counted = sql`bool_or(${truth}) AS is_met, count(*) AS stated, count(*) FILTER (WHERE (${truth}) IS NULL) AS unknown`;
  const same = join(
    KEY.filter((name) => name !== "contig_rank").map((name) => sql`${alias}.${raw(name)} = v.${raw(name)}`),
    " AND ",
  );
  joins.push(
    sql`LEFT JOIN (SELECT ${keys}, ${counted} FROM ${table(scope, "annotations")} s GROUP BY ${keys}) ${alias} ON ${same}`,
  );
  return sql`(CASE WHEN max(${alias}.stated) IS NULL THEN NULL WHEN bool_or(${alias}.is_met) THEN TRUE
    WHEN max(${alias}.unknown) > 0 THEN NULL ELSE FALSE END)`;
}

/** Whole, as a group, or one of the classifications between `/` and `|`. */
function hasSignificance(token: string): Sql {
  const whole = sql`lower(s.significance) = ${token} OR lower(s.significance_group) = ${token}`;
  if (/[/|]/.test(token)) return sql`(${whole})`;
  const parts = raw("concat('|', replace(lower(coalesce(s.significance, '')), '/', '|'), '|')");
  return sql`(${whole} OR instr(${parts}, concat('|', ${token}, '|')) > 0)`;
}

/** Whether a genotype class means one of the zygosities; on MT classes mean other things. */
export function isOneOf(column: string, contig: string, zygosities: readonly Zygosity[]): Sql {
  const classes = (place: string): Sql => {
    const wanted = GENOTYPE_CLASSES.filter((name) => zygosities.includes(zygosityOf(name, place)));
    return anyOf(wanted.map((name) => sql`${raw(column)} = ${name}`));
  };
  return sql`(CASE WHEN ${raw(contig)} = 'MT' THEN ${classes("MT")} ELSE ${classes("1")} END)`;
}

function orderValue(order: VariantOrder): Sql {
  if (order === "POSITION") return raw("NULL");
  return order === "QUAL_DESC" ? raw("max(v.qual)") : sql`min(${ratio(raw("v.ac"), raw("v.an"))})`;
}

function isAfterKey({ build, contig, pos, ref, alt }: VariantKey, prefix: "" | "v."): Sql {
  const values = { build, contig_rank: contigRank(contig), contig, pos, ref, alt };
  return KEY.reduceRight<Sql>((rest, name) => {
    const column = raw(`${prefix}${name}`);
    return sql`(${column} > ${values[name]} OR (${column} = ${values[name]} AND ${rest}))`;
  }, raw("FALSE"));
}

function isAfter(order: VariantOrder, { value, key }: VariantPosition): Sql {
  const afterKey = isAfterKey(key, "");
  if (value === null) return sql`order_value IS NULL AND ${afterKey}`;
  const further = raw(order === "QUAL_DESC" ? "<" : ">");
  return sql`(order_value IS NULL OR order_value ${further} ${value} OR (order_value = ${value} AND ${afterKey}))`;
}
