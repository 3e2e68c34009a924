import reference from "../../../reference/news2.json" with { type: "json" };
import { decimalText, parseDecimal } from "../observation/decimal.js";
import type { MonitoringPlan } from "./plan.js";
import { ADULT_YEARS, type AgeRange } from "./scope.js";

/** In the order of the chart. */
export const NEWS2_PARAMETERS = [
  "respiration",
  "spo2",
  "oxygen",
  "systolic",
  "pulse",
  "consciousness",
  "temperature",
] as const;
export type News2Parameter = (typeof NEWS2_PARAMETERS)[number];

/** One set of observations: numbers as decimal text in canonical units, `AIR` or `OXYGEN`, a letter of ACVPU. Null: missing. */
export type News2Values = Readonly<Record<News2Parameter, string | null>>;

export const NEWS2_BANDS = ["none", "low", "low-medium", "medium", "high", "unknown", "not-applicable"] as const;
export type News2Band = (typeof NEWS2_BANDS)[number];
export type News2NotApplicable = "AGE_UNKNOWN" | "UNDER_16" | "PREGNANT";

export interface News2Points {
  readonly name: News2Parameter;
  /** As it was banded: rounded where the chart rounds. */
  readonly value: string;
  readonly points: number;
}

export interface News2Score {
  /** Null unless all seven are known. */
  readonly total: number | null;
  /** The points of what is known: the score is at least that. Null where nothing is, or the score does not apply. */
  readonly lowerBound: number | null;
  /** Of the total, else of the lower bound: then it is at least that. */
  readonly band: News2Band;
  /** What scores 3 alone. */
  readonly redParameters: readonly News2Parameter[];
  readonly missing: readonly News2Parameter[];
  readonly notApplicable: News2NotApplicable | null;
  /** Of SpO2. */
  readonly scale: 1 | 2;
  readonly parameters: readonly News2Points[];
}

type Bands = readonly (readonly [upTo: number | null, points: number])[];

/** A measured parameter's rounding and bands. */
interface Measured {
  readonly decimals: number;
  readonly bands: Bands;
}

/**
 * NEWS2 of one coherent set. Never a number for whom it was not made: under 16, of unknown age, pregnant. Scale 2 only where a
 * plan with prescriber and reason lays it down; confusion is new until a plan says that it is not.
 */
export function news2(values: News2Values, plan: MonitoringPlan | null, age: AgeRange | null): News2Score {
  const scale = scaleOf(plan);
  const notApplicable = reasonAgainst(plan, age);
  if (notApplicable !== null) {
    const none = { total: null, lowerBound: null, redParameters: [], missing: [], parameters: [] };
    return { ...none, band: "not-applicable", notApplicable, scale };
  }
  const parameters = NEWS2_PARAMETERS.flatMap((name) => pointsOf(name, values, scale, plan) ?? []);
  const missing = NEWS2_PARAMETERS.filter((name) => !parameters.some((one) => one.name === name));
  const sum = parameters.reduce((all, { points }) => all + points, 0);
  const lowerBound = parameters.length === 0 ? null : sum;
  const redParameters = parameters.filter(({ points }) => points === 3).map(({ name }) => name);
  return {
    total: missing.length === 0 ? sum : null,
    lowerBound,
    band: bandOf(lowerBound, redParameters.length > 0),
    redParameters,
    missing,
    notApplicable,
    scale,
    parameters,
  };
}

function scaleOf(plan: MonitoringPlan | null): 1 | 2 {
  return plan?.spo2Scale === 2 && (plan.prescriber ?? "") !== "" && plan.reason !== "" ? 2 : 1;
}

function reasonAgainst(plan: MonitoringPlan | null, age: AgeRange | null): News2NotApplicable | null {
  if (age !== null && age.max < ADULT_YEARS) return "UNDER_16";
  if (age === null || age.min < ADULT_YEARS) return "AGE_UNKNOWN";
  return plan?.pregnancy === true ? "PREGNANT" : null;
}

function bandOf(points: number | null, isRed: boolean): News2Band {
  if (points === null) return "unknown";
  const found = reference.bands.find(({ from, red }) => (from === undefined ? red === true && isRed : points >= from));
  return (found?.name ?? "none") as News2Band;
}

function pointsOf(
  name: News2Parameter,
  values: News2Values,
  scale: 1 | 2,
  plan: MonitoringPlan | null,
): News2Points | null {
  const value = values[name];
  if (value === null) return null;
  if (name === "oxygen" || name === "consciousness") {
    const known: Readonly<Record<string, number>> = reference.parameters[name].points;
    const meant = name === "consciousness" && value === "C" && plan?.baselineConfusion === true ? "A" : value;
    const points = Object.hasOwn(known, meant) ? known[meant] : undefined;
    return points === undefined ? null : { name, value, points };
  }
  const measured = measuredOf(name, values, scale);
  const rounded = roundedText(value, measured.decimals);
  if (rounded === null) return null;
  const number = Number(rounded);
  const band = measured.bands.find(([upTo]) => upTo === null || number <= upTo);
  return { name, value: rounded, points: band?.[1] ?? 0 };
}

/** Half up in decimal; null where the text is no number. */
function roundedText(text: string, decimals: number): string | null {
  if (/^(?:0|[1-9]\d{0,8})$/.test(text)) return text;
  const number = parseDecimal(text);
  return number === null ? null : decimalText(number, decimals);
}

/** On scale 2 a saturation above the target scores on oxygen only: where nobody recorded it, at least nothing. */
function measuredOf(
  name: Exclude<News2Parameter, "oxygen" | "consciousness">,
  values: News2Values,
  scale: 1 | 2,
): Measured {
  const measured = reference.parameters[name] as unknown as Measured;
  if (name !== "spo2" || scale === 1) return measured;
  const bands = reference.spo2Scale2[values.oxygen === "OXYGEN" ? "OXYGEN" : "AIR"] as unknown as Bands;
  return { ...measured, bands };
}
