import type { FieldDefinition, FieldType } from "./types.js";

const INTEGER = /^[-+]?\d+$/;
const FLOAT = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$|^[-+]?(?:nan|inf|infinity)$/i;
const MAX = 2_147_483_647;
/** VCF 4.3 reserves the eight lowest 32-bit integers. */
const MIN = -2_147_483_640;

export function hasType(value: string, type: FieldType): boolean {
  if (value === ".") return true;
  switch (type) {
    case "Integer": {
      if (!INTEGER.test(value)) return false;
      const number = Number(value);
      return number <= MAX && number >= MIN;
    }
    case "Float":
      return FLOAT.test(value);
    case "Character":
      return [...value].length === 1 || /^%[0-9A-Fa-f]{2}$/.test(value);
    case "Flag":
      return false;
    case "String":
      return true;
  }
}

/** How many values a definition asks for, or null when any number is right. */
export function expectedCount(definition: FieldDefinition, alternates: number, ploidy: number): number | null {
  const { number } = definition;
  if (typeof number === "number") return number;
  if (number === "A") return alternates;
  if (number === "R") return alternates + 1;
  if (number === "G") return genotypes(alternates + 1, ploidy);
  return null;
}

/** Whether a sample may have so many values of a definition. */
export function isSampleCount(definition: FieldDefinition, items: number, alternates: number, ploidy: number): boolean {
  const { number } = definition;
  if (typeof number === "string" && alternates === 0) return true;
  const wanted = expectedCount(definition, alternates, ploidy);
  if (wanted === null || items === wanted) return true;
  // A caller may write diploid likelihoods beside a missing or haploid call.
  if (number === "G") return items === genotypes(alternates + 1, 2);
  // Mutect2 of GATK 4.0 declares MBQ, MFRL and MMQ per alternate, and writes them per allele.
  return number === "A" && items === alternates + 1;
}

const WHOLE = /^\d{1,10}(?:\.\d*)?$/;

/** The whole part of a count, or -1 where the text is none that fits 32 bits. */
export function wholeNumber(value: string): number {
  const number = WHOLE.test(value) ? Math.trunc(Number(value)) : -1;
  return number <= MAX ? number : -1;
}

/** Unordered genotypes of `ploidy` alleles out of `alleles`. */
export function genotypes(alleles: number, ploidy: number): number {
  let count = 1;
  for (let index = 1; index <= ploidy; index += 1) count = (count * (alleles + index - 1)) / index;
  return Math.round(count);
}
