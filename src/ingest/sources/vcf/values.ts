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

/** Unordered genotypes of `ploidy` alleles out of `alleles`. */
export function genotypes(alleles: number, ploidy: number): number {
  let count = 1;
  for (let index = 1; index <= ploidy; index += 1) count = (count * (alleles + index - 1)) / index;
  return Math.round(count);
}
