import type { GenotypeClass } from "./counts.js";

/** LOINC 53034-5 allelic states, and what a file can say beside them. */
export const ZYGOSITIES = [
  "HOM_REF",
  "HET",
  "HET_ALT",
  "HOM_ALT",
  "HEMI_REF",
  "HEMI_ALT",
  "OTHER_ALT",
  "HALF_MISSING",
  "MISSING",
  "NOT_ASSAYED",
  "HETEROPLASMIC",
  "HOMOPLASMIC",
] as const;
export type Zygosity = (typeof ZYGOSITIES)[number];

const BY_CLASS: Readonly<Record<GenotypeClass, Zygosity>> = {
  homRef: "HOM_REF",
  het: "HET",
  hetAlt: "HET_ALT",
  homAlt: "HOM_ALT",
  hemiRef: "HEMI_REF",
  hemiAlt: "HEMI_ALT",
  otherAlt: "OTHER_ALT",
  halfMissing: "HALF_MISSING",
  missing: "MISSING",
};

/** On MT an alternate is homoplasmic or heteroplasmic; elsewhere the class of the genotype says it. */
export function zygosityOf(genotypeClass: GenotypeClass, contig: string): Zygosity {
  if (contig === "MT") {
    if (genotypeClass === "hemiAlt" || genotypeClass === "homAlt") return "HOMOPLASMIC";
    if (genotypeClass === "het" || genotypeClass === "hetAlt") return "HETEROPLASMIC";
    if (genotypeClass === "hemiRef") return "HOM_REF";
  }
  return BY_CLASS[genotypeClass];
}

/** Genotypes that leave open what the sample has. */
export const UNDECIDED: readonly Zygosity[] = ["MISSING", "HALF_MISSING"];

/** Samples that carry at least one copy of the alternate. */
export const CARRIERS: readonly Zygosity[] = [
  "HET",
  "HET_ALT",
  "HOM_ALT",
  "HEMI_ALT",
  "HALF_MISSING",
  "HETEROPLASMIC",
  "HOMOPLASMIC",
];
