import reference from "../../../reference/news2.json" with { type: "json" };
import type { PersonFacts } from "./inputs.js";
import type { MonitoringPlan } from "./plan.js";
import type { AlertRule } from "./rule.js";

/** Whole years a person has lived, as exactly as it is known. */
export interface AgeRange {
  readonly min: number;
  readonly max: number;
}

/** Who is this old is an adult for early warning scores. */
export const ADULT_YEARS = reference.adultYears;

/**
 * The age at a time, from a birth date as exact as it is known; a plan may attest an adult where the date does not say.
 * Null where neither is known.
 */
export function ageAt(person: PersonFacts | null, plan: MonitoringPlan | null, at: number): AgeRange | null {
  const born = person?.birthDate === null || person === null ? null : birthRange(person.birthDate);
  const stated = born === null ? null : { min: years(born.last, at), max: years(born.first, at) };
  if (plan?.adult !== true || (stated !== null && stated.min >= ADULT_YEARS)) return stated;
  if (stated !== null && stated.max < ADULT_YEARS) return stated;
  return { min: ADULT_YEARS, max: stated?.max ?? Infinity };
}

type Day = readonly [year: number, month: number, day: number];

/** The first and the last day somebody born then may be born on. */
function birthRange(date: string): { readonly first: Day; readonly last: Day } | null {
  const match = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?/.exec(date);
  if (match === null) return null;
  const [year, month, day] = match.slice(1, 4).map((part) => (part === undefined ? null : Number(part)));
  if (year === undefined || year === null) return null;
  return { first: [year, month ?? 1, day ?? 1], last: [year, month ?? 12, day ?? 31] };
}

/** Whole years between a day and a time, by the calendar of UTC. */
function years([year, month, day]: Day, at: number): number {
  const now = new Date(at);
  const had = now.getUTCMonth() + 1 - month || now.getUTCDate() - day;
  return now.getUTCFullYear() - year - (had < 0 ? 1 : 0);
}

/** Whether a rule is for the patient; `UNKNOWN` where the age would have to be known: then it is not applied. */
export function applies(rule: AlertRule, patientId: string, age: AgeRange | null): "YES" | "NO" | "UNKNOWN" {
  const { patientId: only, ageMin, ageMax } = rule.appliesTo;
  if (only !== null && only !== patientId) return "NO";
  if (ageMin === null && ageMax === null) return "YES";
  if (age === null) return "UNKNOWN";
  const [from, to] = [ageMin ?? -Infinity, ageMax ?? Infinity];
  if (age.max < from || age.min > to) return "NO";
  return age.min >= from && age.max <= to ? "YES" : "UNKNOWN";
}
