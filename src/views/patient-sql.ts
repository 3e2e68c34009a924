import { join, raw, sql, type Sql } from "../backend/sql.js";
import type { PatientCriterion, WantedCode } from "../domain/patient-filter.js";
import { codeKey, ENTERED_IN_ERROR, REFUTED_STATES } from "../domain/person.js";
import type { NumberRange, Predicate } from "../domain/variant-filter.js";
import { CARRIERS } from "../domain/zygosity.js";
import { filesOf } from "../lake/catalog.js";
import { allOf, anyOf, inRange, isOneOf, matchingKeysSql, table, type VariantSqlScope } from "./variant-sql.js";

/** A page of people who meet every criterion, by id: column id. `today` is a day, ISO 8601. */
export function patientIdsSql(
  scope: VariantSqlScope,
  criteria: readonly PatientCriterion[],
  page: { readonly today: string; readonly after: string | null; readonly limit: number },
): Sql {
  const after = page.after === null ? raw("TRUE") : sql`p.id > ${page.after}`;
  const where = allOf([after, ...criteria.map((criterion) => truthOf(scope, criterion, page.today))]);
  return sql`SELECT p.id FROM ${table(scope, "patients")} p WHERE ${where} ORDER BY p.id LIMIT ${page.limit}`;
}

/** One row, `n`. */
export function patientCountSql(scope: VariantSqlScope, criteria: readonly PatientCriterion[], today: string): Sql {
  const where = allOf(criteria.map((criterion) => truthOf(scope, criterion, today)));
  return sql`SELECT count(*) AS n FROM ${table(scope, "patients")} p WHERE ${where}`;
}

function truthOf(scope: VariantSqlScope, criterion: PatientCriterion, today: string): Sql {
  const { condition, medication, observation, genders, ageYears, variant, sampleIds, isNegated } = criterion;
  const parts: Sql[] = [];
  if (condition !== null) parts.push(has(scope, "conditions", condition, IS_CONDITION));
  if (medication !== null) parts.push(has(scope, "medications", medication, IS_MEDICATION));
  if (observation !== null) {
    const { code, value, from, to } = observation;
    const seen = [
      IS_OBSERVATION,
      ...(value === null ? [] : [inRange(raw("x.value"), value)]),
      ...(from === null ? [] : [sql`substr(x.effective_at, 1, 10) >= ${from}`]),
      ...(to === null ? [] : [sql`substr(x.effective_at, 1, 10) <= ${to}`]),
    ];
    parts.push(has(scope, "observations", code, allOf(seen)));
  }
  if (genders !== null) parts.push(anyOf(genders.map((gender) => sql`p.gender = ${gender}`)));
  if (ageYears !== null) parts.push(ageTruth(ageYears, today));
  if (variant !== null) parts.push(carries(scope, variant));
  if (sampleIds !== null) parts.push(ownsOne(scope, sampleIds));
  const truth = allOf(parts);
  return isNegated ? sql`(NOT ${truth})` : truth;
}

/** A state that is not stated is none of them. */
const isNone = (column: string, states: readonly string[]): Sql =>
  allOf(states.map((state) => sql`coalesce(${raw(column)}, '') <> ${state}`));
const IS_CONDITION = isNone("x.verification_status", REFUTED_STATES);
const IS_MEDICATION = isNone("x.status", [ENTERED_IN_ERROR, "cancelled", "draft"]);
const IS_OBSERVATION = isNone("x.status", [ENTERED_IN_ERROR, "cancelled"]);

/** Records are what a source states: a person without one does not have it on record, which is false, not unknown. */
function has(scope: VariantSqlScope, name: string, { system, code }: WantedCode, condition: Sql): Sql {
  if (filesOf(scope.catalog, name).length === 0) return raw("FALSE");
  return sql`(p.id IN (SELECT x.patient_id FROM ${table(scope, name)} x
    WHERE instr(x.code_keys, ${codeKey(system, code)}) > 0 AND ${condition}))`;
}

/** The year of a coarse date may lie on either side of a bound: then it is unknown. */
function ageTruth(range: NumberRange, today: string): Sql {
  const born = (end: "first" | "last"): Sql => {
    const [month, day] = end === "first" ? ["-01-01", "-01"] : ["-12-31", "-31"];
    return sql`(CASE length(p.birth_date) WHEN 4 THEN concat(p.birth_date, ${month}) WHEN 7 THEN concat(p.birth_date, ${day}) ELSE substr(p.birth_date, 1, 10) END)`;
  };
  const [year, month, day] = [today.slice(0, 4), today.slice(5, 7), today.slice(8, 10)];
  const age = (date: Sql): Sql =>
    sql`(${Number(year)} - CAST(substr(${date}, 1, 4) AS INTEGER) - (CASE WHEN substr(${date}, 6, 5) > ${`${month}-${day}`} THEN 1 ELSE 0 END))`;
  const oldest = inRange(age(born("first")), range);
  const youngest = inRange(age(born("last")), range);
  const missing = range.includeMissing ? raw("TRUE") : raw("NULL");
  return sql`(CASE WHEN p.birth_date IS NULL OR coalesce(p.deceased, FALSE) THEN ${missing}
    WHEN ${oldest} AND ${youngest} THEN TRUE WHEN NOT ${oldest} AND NOT ${youngest} THEN FALSE ELSE NULL END)`;
}

/** Samples one person alone claims: patient_id, id. */
function ownedSamples(scope: VariantSqlScope): Sql {
  return sql`(SELECT min(l.patient_id) AS patient_id, l.id FROM ${table(scope, "links")} l
    GROUP BY l.id HAVING min(l.patient_id) = max(l.patient_id))`;
}

function ownsOne(scope: VariantSqlScope, sampleIds: readonly string[]): Sql {
  if (filesOf(scope.catalog, "links").length === 0 || sampleIds.length === 0) return raw("FALSE");
  const wanted = join(
    sampleIds.map((id) => sql`${id}`),
    ", ",
  );
  return sql`(p.id IN (SELECT o.patient_id FROM ${ownedSamples(scope)} o WHERE o.id IN (${wanted})))`;
}

/**
 * True when a sample of the person carries a matching allele; false when one of the sample's call sets holds such an
 * allele, so that it was looked at; else unknown.
 */
function carries(scope: VariantSqlScope, predicate: Predicate): Sql {
  const lacks = ["links", "variants", "calls_by_sample"].some((name) => filesOf(scope.catalog, name).length === 0);
  if (lacks) return raw("CAST(NULL AS BOOLEAN)");
  const keys = matchingKeysSql(scope, predicate);
  const same = (alias: string): Sql =>
    join(
      ["build", "contig", "pos", "ref", "alt"].map((name) => sql`${raw(`${alias}.${name}`)} = ${raw(`k.${name}`)}`),
      " AND ",
    );
  const carriers = sql`SELECT o.patient_id FROM ${table(scope, "calls_by_sample")} c
    JOIN (${keys}) k ON ${same("c")} JOIN ${ownedSamples(scope)} o ON o.id = c.sample_id
    WHERE ${isOneOf("c.genotype_class", "c.contig", CARRIERS)}`;
  const looked = sql`SELECT o.patient_id FROM ${table(scope, "samples")} s
    JOIN (SELECT DISTINCT v.call_set_id FROM ${table(scope, "variants")} v JOIN (${keys}) k ON ${same("v")}) held
      ON held.call_set_id = s.call_set_id
    JOIN ${ownedSamples(scope)} o ON o.id = s.sample_id`;
  return sql`(CASE WHEN p.id IN (${carriers}) THEN TRUE WHEN p.id IN (${looked}) THEN FALSE ELSE NULL END)`;
}
