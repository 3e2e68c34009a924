import type { GenotypeText } from "./genotype.js";

/**
 * What one sample's genotype is for one alternate allele. Every sample of a record is in exactly one class,
 * so the classes add up to the samples. `otherAlt`: only other alternates of the original record.
 * Haploid genotypes (X and Y of males, MT) are the hemi classes. Source: VCF 4.5, section 1.6.2.
 */
export const COUNT_FIELDS = [
  "ac",
  "an",
  "homRef",
  "het",
  "hetAlt",
  "homAlt",
  "hemiRef",
  "hemiAlt",
  "otherAlt",
  "halfMissing",
  "missing",
] as const;

export type CountField = (typeof COUNT_FIELDS)[number];
export type GenotypeCountValues = Readonly<Record<CountField, number>>;

/** Integers per group in a flattened row of counts. */
export const COUNT_WIDTH = COUNT_FIELDS.length;

export type GenotypeClass = Exclude<CountField, "ac" | "an">;

export interface AlleleCall {
  readonly genotypeClass: GenotypeClass;
  /** Copies of this alternate. */
  readonly dosage: number;
  /** Copies of other alternates of the original record. */
  readonly otherAltDosage: number;
  /** Called alleles: 0 for missing, 1 for haploid or half-missing. */
  readonly called: number;
}

/** How a genotype of the original record counts for its alternate number `altIndex` (1-based). */
export function callAllele(genotype: GenotypeText, altIndex: number): AlleleCall {
  const ploidy = genotype.alleles.length;
  let dosage = 0;
  let otherAltDosage = 0;
  let called = 0;
  for (const allele of genotype.alleles) {
    if (allele < 0) continue;
    called += 1;
    if (allele === altIndex) dosage += 1;
    else if (allele > 0) otherAltDosage += 1;
  }
  return { genotypeClass: classOf(ploidy, called, dosage, otherAltDosage), dosage, otherAltDosage, called };
}

function classOf(ploidy: number, called: number, dosage: number, otherAltDosage: number): GenotypeClass {
  if (called === 0) return "missing";
  if (called < ploidy) return "halfMissing";
  if (dosage === 0 && otherAltDosage === 0) return ploidy === 1 ? "hemiRef" : "homRef";
  if (dosage === 0) return "otherAlt";
  if (dosage === ploidy) return ploidy === 1 ? "hemiAlt" : "homAlt";
  return otherAltDosage > 0 ? "hetAlt" : "het";
}

export function countsAt(flat: ArrayLike<number>, group: number): GenotypeCountValues {
  const at = group * COUNT_WIDTH;
  return Object.fromEntries(
    COUNT_FIELDS.map((field, index) => [field, flat[at + index] ?? 0]),
  ) as unknown as GenotypeCountValues;
}

/** AC ÷ AN, or null where no allele was called. */
export function alleleFrequency(counts: { readonly ac: number; readonly an: number }): number | null {
  return counts.an === 0 ? null : counts.ac / counts.an;
}

/** Samples with at least one called allele (NS). */
export function samplesWithData(counts: GenotypeCountValues, samples: number): number {
  return samples - counts.missing;
}

/** All classes of a group together: its number of samples. */
export function samplesCounted(counts: GenotypeCountValues): number {
  return COUNT_FIELDS.slice(2).reduce((sum, field) => sum + counts[field], 0);
}
