import reference from "../../../reference/observations.json" with { type: "json" };
import { parseDuration } from "../duration.js";
import { decimal, type Decimal } from "./decimal.js";

/** `(x - minus) * times / by` is the value in the canonical unit. */
export interface Conversion {
  readonly minus: Decimal;
  readonly times: Decimal;
  readonly by: Decimal;
}

interface CommonCode {
  /** LOINC. */
  readonly code: string;
  readonly name: string;
  readonly category: string;
  /** How long a value speaks for its patient unless its source says otherwise, in milliseconds; null: not stated. */
  readonly validForMs: number | null;
}

/** What is measured as a number in a unit. */
export interface MeasuredCode extends CommonCode {
  readonly kind: "measured";
  /** UCUM: the unit of every accepted value. */
  readonly unit: string;
  /** From each UCUM unit that is understood. */
  readonly conversions: ReadonlyMap<string, Conversion>;
  /** Other ways of writing those units. */
  readonly spellings: ReadonlyMap<string, string>;
  /** Digits behind the point that are kept; the scale of its windows. */
  readonly decimals: number;
  /** Inclusive: outside them lies an error, never a patient. */
  readonly possible: readonly [Decimal, Decimal];
  /** Inclusive: outside them a value is kept and calls. Null: nothing is stated. */
  readonly ordinary: readonly [Decimal, Decimal] | null;
}

/** What is stated as one of a few words. */
export interface CodedCode extends CommonCode {
  readonly kind: "coded";
  readonly answers: readonly string[];
  /** The answer by its own word in capitals, or by `system|code`. */
  readonly answerOf: ReadonlyMap<string, string>;
}

export type ObservationCode = MeasuredCode | CodedCode;

interface ReferenceCode {
  readonly code: string;
  readonly aliases?: readonly string[];
  readonly name: string;
  readonly category: string;
  readonly validFor: string | null;
  readonly unit: string | null;
  readonly units?: string;
  readonly decimals?: number;
  readonly impossible?: readonly string[];
  readonly extreme?: readonly string[] | null;
  readonly answers?: Readonly<Record<string, readonly string[]>>;
}

interface ReferenceUnit {
  readonly from: Readonly<Record<string, { minus?: string; times?: string; by?: string }>>;
  readonly spellings: Readonly<Record<string, string>>;
}

const UNITS = reference.units as Readonly<Record<string, ReferenceUnit>>;
const ENTRIES = reference.codes as unknown as readonly ReferenceCode[];

/** Every code that is understood, in the order of the table. */
export const OBSERVATION_CODES: readonly ObservationCode[] = ENTRIES.map(codeOf);

const BY_CODE: ReadonlyMap<string, ObservationCode> = new Map(
  ENTRIES.flatMap(({ code, aliases = [] }, index) =>
    [code, ...aliases].map((name) => [name, OBSERVATION_CODES[index]!] as const),
  ),
);

/** Codes that stand for several readings and have no value of their own. */
const PANELS: ReadonlySet<string> = new Set(Object.keys(reference.panels));

/** By its own LOINC code or another one of its group; null: not understood. */
export function findObservationCode(code: string): ObservationCode | null {
  return BY_CODE.get(code) ?? null;
}

export function isPanel(code: string): boolean {
  return PANELS.has(code);
}

function codeOf(entry: ReferenceCode): ObservationCode {
  const { code, name, category, unit } = entry;
  const common = { code, name, category, validForMs: entry.validFor === null ? null : parseDuration(entry.validFor) };
  if (unit === null) {
    const answers = Object.entries(entry.answers ?? {});
    return {
      ...common,
      kind: "coded",
      answers: answers.map(([answer]) => answer),
      answerOf: new Map(answers.flatMap(([answer, names]) => names.map((word) => [word, answer] as const))),
    };
  }
  const units = UNITS[entry.units ?? unit];
  const [least, most] = limitsOf(entry.impossible);
  if (units === undefined || least === undefined || most === undefined || entry.decimals === undefined) {
    throw new TypeError(`reference/observations.json: ${code} is not whole`);
  }
  const [low, high] = limitsOf(entry.extreme ?? []);
  return {
    ...common,
    kind: "measured",
    unit,
    conversions: new Map(
      Object.entries(units.from).map(([from, { minus = "0", times = "1", by = "1" }]) => [
        from,
        { minus: decimal(minus), times: decimal(times), by: decimal(by) },
      ]),
    ),
    spellings: new Map(Object.entries(units.spellings)),
    decimals: entry.decimals,
    possible: [least, most],
    ordinary: low === undefined || high === undefined ? null : [low, high],
  };
}

function limitsOf(texts: readonly string[] | undefined): readonly Decimal[] {
  return (texts ?? []).map(decimal);
}
