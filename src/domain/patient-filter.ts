import type { NumberRange, Predicate } from "./variant-filter.js";

/** A code to look for; of any system when null. */
export interface WantedCode {
  readonly system: string | null;
  readonly code: string;
}

/** One question about a person: everything given holds. Truth has three values, as in a question about a variant. */
export interface PatientCriterion {
  /** A condition that is neither refuted nor entered in error. */
  readonly condition: WantedCode | null;
  /** A medication request that is neither a draft, nor cancelled, nor entered in error. */
  readonly medication: WantedCode | null;
  readonly observation: {
    readonly code: WantedCode;
    readonly value: NumberRange | null;
    /** Days, ISO 8601, both included. */
    readonly from: string | null;
    readonly to: string | null;
  } | null;
  /** Administrative gender. */
  readonly genders: readonly string[] | null;
  /** Completed years on `today`. Unknown without a birth date, where the date is too coarse, and for the dead. */
  readonly ageYears: NumberRange | null;
  /** One of the person's samples carries such a variant. */
  readonly variant: Predicate | null;
  /** The person has the sample, and no other person claims it. */
  readonly sampleIds: readonly string[] | null;
  /** The opposite; the opposite of unknown is unknown. */
  readonly isNegated: boolean;
}
