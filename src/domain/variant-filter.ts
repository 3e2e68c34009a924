import type { Build } from "./contig.js";
import type { VariantType } from "./allele.js";
import type { Zygosity } from "./zygosity.js";

/** Bounds on a number. `includeMissing` says what a missing value counts as; without it a missing value is unknown. */
export interface NumberRange {
  readonly gt: number | null;
  readonly gte: number | null;
  readonly lt: number | null;
  readonly lte: number | null;
  readonly includeMissing: boolean;
}

/** 0-based, half-open. */
export interface Region {
  readonly build: Build;
  readonly contig: string;
  readonly start0: number;
  readonly end0: number;
}

/**
 * A question about one variant with all its records. Truth has three values: `not` over unknown is unknown,
 * and only what is true is listed.
 */
export type Predicate =
  | { readonly kind: "and" | "or"; readonly parts: readonly Predicate[] }
  | { readonly kind: "not"; readonly part: Predicate }
  | { readonly kind: "regions"; readonly regions: readonly Region[] }
  /** REF overlaps one of the named genes. `regions` is empty until filled from the gene tables of a snapshot. */
  | { readonly kind: "genes"; readonly names: readonly string[]; readonly regions: readonly Region[] }
  /** One statement of one source meets all of these. Without any statement it is unknown, and so is its opposite. */
  | {
      readonly kind: "clinical";
      /** As `significanceToken` writes them; any when null. */
      readonly significances: readonly string[] | null;
      readonly minStars: number | null;
    }
  | { readonly kind: "types"; readonly types: readonly VariantType[] }
  | { readonly kind: "ids"; readonly keys: readonly string[]; readonly names: readonly string[] }
  /** One record of one call set meets all of these. */
  | {
      readonly kind: "record";
      readonly qual: NumberRange | null;
      readonly filters: readonly string[] | null;
      readonly passOnly: boolean;
    }
  /** The frequency in one call set (by id or name; any when null), in one population and sex (everybody when null). */
  | {
      readonly kind: "frequency";
      readonly source: string | null;
      readonly population: string | null;
      readonly sex: string | null;
      readonly af: NumberRange;
    }
  /**
   * One of the samples has one of the genotypes. Unknown where a sample was not looked at, or has a missing genotype that
   * is not asked for: absent is never reference. The samples of `patients` are filled in from a snapshot.
   */
  | {
      readonly kind: "samples";
      readonly samples: readonly string[];
      readonly patients?: readonly string[];
      readonly callSet: string | null;
      readonly zygosities: readonly Zygosity[];
    };

export type Truth = boolean | null;

export function inRange(value: number | null, range: NumberRange): Truth {
  if (value === null) return range.includeMissing ? true : null;
  if (range.gt !== null && !(value > range.gt)) return false;
  if (range.gte !== null && !(value >= range.gte)) return false;
  if (range.lt !== null && !(value < range.lt)) return false;
  return range.lte === null || value <= range.lte;
}

/** True if one is true, else unknown if one is unknown, else false. */
export function anyTrue(truths: Iterable<Truth>): Truth {
  let unknown = false;
  for (const truth of truths) {
    if (truth === true) return true;
    if (truth === null) unknown = true;
  }
  return unknown ? null : false;
}

export function allTrue(truths: Iterable<Truth>): Truth {
  let unknown = false;
  for (const truth of truths) {
    if (truth === false) return false;
    if (truth === null) unknown = true;
  }
  return unknown ? null : true;
}

/** Regions every match lies in, or null when the predicate does not confine matches to regions. */
export function confiningRegions(predicate: Predicate): readonly Region[] | null {
  if (predicate.kind === "regions" || predicate.kind === "genes") return predicate.regions;
  if (predicate.kind === "and") {
    for (const part of predicate.parts) {
      const regions = confiningRegions(part);
      if (regions !== null) return regions;
    }
  }
  return null;
}

/** Identifiers every match answers to, or null when the predicate does not confine matches to some. */
export function confiningIds(predicate: Predicate): Extract<Predicate, { readonly kind: "ids" }> | null {
  if (predicate.kind === "ids") return predicate;
  if (predicate.kind !== "and") return null;
  return predicate.parts.map(confiningIds).find((ids) => ids !== null) ?? null;
}
