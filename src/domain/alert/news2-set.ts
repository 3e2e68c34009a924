import reference from "../../../reference/news2.json" with { type: "json" };
import { parseDuration } from "../duration.js";
import { decimal, parseDecimal } from "../observation/decimal.js";
import type { SourceFacts } from "./inputs.js";
import { NEWS2_PARAMETERS, type News2Parameter, type News2Values } from "./news2.js";

/** The latest reading of one code, as far as a score looks at it. */
export interface News2Reading {
  readonly id: string;
  readonly at: number;
  readonly value: string | null;
  readonly coded: string | null;
  readonly comparator: string | null;
  readonly source: string;
}

export interface News2SetOptions<Reading extends News2Reading> {
  /** The latest reading of a LOINC code. */
  readonly latest: (code: string) => Reading | null;
  readonly source: (id: string) => SourceFacts;
  /** Milliseconds since the epoch the set is looked at. */
  readonly at: number;
  /** How long every parameter counts; null: an hour, or as long as its source says, whichever is longer. */
  readonly staleAfterMs: number | null;
}

/** A parameter that counts, and the reading it comes from. */
export interface News2Member<Reading extends News2Reading> {
  readonly reading: Reading;
  /** From then on it counts no longer. */
  readonly expiresAt: number;
}

/** The latest of each parameter that still counts. */
export interface News2Set<Reading extends News2Reading> {
  readonly values: News2Values;
  readonly members: Readonly<Partial<Record<News2Parameter, News2Member<Reading>>>>;
}

const VALID_FOR_MS = parseDuration(reference.validFor) ?? 0;
const { oxygen: OXYGEN, ...SINGLE } = reference.parameters;
const [FLOW = "", CONCENTRATION = ""] = OXYGEN.codes;

/** Every code a parameter is read from. */
export const NEWS2_CODES: ReadonlySet<string> = new Set([
  ...Object.values(SINGLE).map(({ code }) => code),
  FLOW,
  CONCENTRATION,
]);

/** A parameter whose absence does not end an alert it helped to raise. */
export function holdsAlert(name: string): boolean {
  return (reference.parameters as Readonly<Record<string, { holds: boolean } | undefined>>)[name]?.holds === true;
}

/** The set as it stands at a time: what is too old is missing, as is a bound in place of a value. */
export function news2Set<Reading extends News2Reading>(options: News2SetOptions<Reading>): News2Set<Reading> {
  const found = NEWS2_PARAMETERS.flatMap((name) => {
    const member = name === "oxygen" ? oxygenOf(options) : singleOf(options, SINGLE[name].code);
    return member === null ? [] : [{ name, ...member }];
  });
  const values = Object.fromEntries(NEWS2_PARAMETERS.map((name) => [name, null]));
  return {
    values: { ...values, ...Object.fromEntries(found.map(({ name, value }) => [name, value])) } as News2Values,
    members: Object.fromEntries(found.map(({ name, reading, expiresAt }) => [name, { reading, expiresAt }])),
  };
}

type Found<Reading extends News2Reading> = News2Member<Reading> & { readonly value: string };

function singleOf<Reading extends News2Reading>(
  options: News2SetOptions<Reading>,
  code: string,
): Found<Reading> | null {
  const member = memberOf(options, code);
  if (member === null) return null;
  const value = member.reading.coded ?? (member.reading.comparator === null ? member.reading.value : null);
  return value === null ? null : { ...member, value };
}

/** The later of flow and concentration says it; of two at the same time oxygen does. */
function oxygenOf<Reading extends News2Reading>(options: News2SetOptions<Reading>): Found<Reading> | null {
  const said = [FLOW, CONCENTRATION].flatMap((code) => {
    const member = memberOf(options, code);
    const number = member?.reading.comparator === null ? parseDecimal(member.reading.value ?? "") : null;
    if (member === null || number === null) return [];
    const excess =
      code === FLOW ? number : number.toDecimalPlaces(0).minus(decimal(String(reference.air.concentration)));
    if (excess.isNegative() && !excess.isZero()) return [];
    return [{ ...member, value: excess.isZero() ? ("AIR" as const) : ("OXYGEN" as const) }];
  });
  const latest = Math.max(...said.map(({ reading }) => reading.at));
  const last = said.filter(({ reading }) => reading.at === latest);
  return last.find(({ value }) => value === "OXYGEN") ?? last[0] ?? null;
}

function memberOf<Reading extends News2Reading>(
  { latest, source, at, staleAfterMs }: News2SetOptions<Reading>,
  code: string,
): News2Member<Reading> | null {
  const reading = latest(code);
  if (reading === null) return null;
  const expiresAt = reading.at + (staleAfterMs ?? Math.max(source(reading.source).staleAfterMs, VALID_FOR_MS));
  return reading.at <= at && at < expiresAt ? { reading, expiresAt } : null;
}
