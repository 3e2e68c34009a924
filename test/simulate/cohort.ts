import { createFounders } from "../../src/simulate/founders.js";
import { simulateGenotypes, type Cohort } from "../../src/simulate/mosaic.js";
import { SIMULATED_REGIONS, type SimulatedRegion } from "../../src/simulate/regions.js";

export function regionOf(name: string): SimulatedRegion {
  const region = SIMULATED_REGIONS.find((one) => one.name === name);
  if (region === undefined) throw new Error(`no region ${name}`);
  return region;
}

export interface Row {
  readonly pos: number;
  readonly ref: string;
  readonly alt: string;
  readonly isKnown: boolean;
  readonly alleleCount: number;
  readonly alleleNumber: number;
  /** `0|1`, or `0` where haploid, of each person. */
  readonly genotypes: readonly string[];
}

/** All sites of a region with everybody's genotypes. */
export function rowsOf(seed: number, name: string, cohort: Cohort): readonly Row[] {
  const region = regionOf(name);
  const rows: Row[] = [];
  for (const simulated of simulateGenotypes(seed, region, createFounders(seed, region), cohort)) {
    const { site, alleleCount, alleleNumber, text } = simulated;
    const { pos, ref, alt, known } = site;
    const genotypes = text.toString("latin1").slice(1).split("\t");
    rows.push({ pos, ref, alt, isKnown: known !== null, alleleCount, alleleNumber, genotypes });
  }
  return rows;
}

/** One list of alleles per person: the chromosomes at the sites of these keys, as `0101`. */
export function haplotypesAt(rows: readonly Row[], keys: readonly string[]): readonly (readonly string[])[] {
  const wanted = keys.map((key) => {
    const row = rows.find(({ pos, ref, alt }) => `${String(pos)}-${ref}-${alt}` === key);
    if (row === undefined) throw new Error(`no site ${key}`);
    return row.genotypes.map((genotype) => genotype.split("|"));
  });
  return (wanted[0] ?? []).map((first, person) =>
    first.map((_, chromosome) => wanted.map((site) => site[person]?.[chromosome] ?? "?").join("")),
  );
}
