import { describe, expect, it } from "@jest/globals";
import { inPseudoautosomal } from "../../src/domain/contig.js";
import { cohortOf, personAt } from "../../src/simulate/people.js";
import { POPULATIONS, SIMULATED_REGIONS } from "../../src/simulate/regions.js";
import { haplotypesAt, regionOf, rowsOf } from "./cohort.js";

const SEED = 20_250_101;
const cohort = cohortOf(SEED, 2_000);
const small = cohortOf(SEED, 300);
/** Over about 600 comparisons a true simulation passes this with a chance below one in a thousand. */
const MOST_DEVIATIONS = 5;

const isMale = (person: number): boolean => cohort.isMale[person] === 1;

describe("simulated genotypes", () => {
  it("have each known site at the panel's frequency in each super-population, within binomial bounds", () => {
    let compared = 0;
    for (const region of SIMULATED_REGIONS) {
      const varying = region.sites.filter(({ alternateAlleles }) => alternateAlleles !== null);
      if (varying.length === 0) continue;
      const rows = rowsOf(SEED, region.name, cohort);
      for (const { pos, ref, alt, alternateAlleles } of varying) {
        const row = rows.find((one) => one.pos === pos && one.ref === ref && one.alt === alt)!;
        POPULATIONS.forEach((_, population) => {
          const own = row.genotypes.filter((_genotype, person) => cohort.population[person] === population);
          const alleles = own.join("|").split("|");
          const found = alleles.filter((allele) => allele === "1").length;
          const share = alternateAlleles![population]! / region.alleleNumbers[population]!;
          const spread = Math.sqrt(alleles.length * share * (1 - share));
          // Half an allele for the step from counts to a smooth curve, one more for the long tail of the rare.
          expect(Math.abs(found - alleles.length * share)).toBeLessThanOrEqual(MOST_DEVIATIONS * spread + 1.5);
          if (share === 0) expect(found).toBe(0);
          compared += 1;
        });
      }
    }
    expect(compared).toBeGreaterThan(600);
  });

  it("have only the reference allele at sites that the panel does not have", () => {
    const { sites } = regionOf("CYP2C9");
    const rows = rowsOf(SEED, "CYP2C9", small);
    const absent = sites.filter(({ alternateAlleles }) => alternateAlleles === null);
    expect(absent.length).toBeGreaterThan(50);
    for (const { pos, ref, alt } of absent) {
      expect(rows.find((row) => row.pos === pos && row.ref === ref && row.alt === alt)?.alleleCount).toBe(0);
    }
  });

  it("never have CYP2C19*2 and *17, or CYP2C9*2 and *3, on one chromosome, though chance would", () => {
    for (const [gene, one, other] of [
      ["CYP2C19", "94781859-G-A", "94761900-C-T"],
      ["CYP2C9", "94942290-C-T", "94981296-A-C"],
    ] as const) {
      const chromosomes = haplotypesAt(rowsOf(SEED, gene, cohort), [one, other]).flat();
      const count = (pattern: RegExp): number => chromosomes.filter((text) => pattern.test(text)).length;
      expect((count(/^1/) * count(/1$/)) / chromosomes.length).toBeGreaterThan(5);
      expect(count(/^11$/)).toBe(0);
    }
  });

  it("keep the haplotypes of the panel whole: TPMT*3A is both its sites, and no other combination appears", () => {
    const { classes, sites } = regionOf("TPMT");
    const varying = sites.flatMap((site, index) => (site.alternateAlleles === null ? [] : [{ site, index }]));
    const allowed = classes.map(({ alternates }) =>
      varying.map(({ index }) => (alternates.includes(index) ? "1" : "0")).join(""),
    );
    const keys = varying.map(({ site: { pos, ref, alt } }) => `${String(pos)}-${ref}-${alt}`);
    const rows = rowsOf(SEED, "TPMT", cohort);
    expect(allowed).toEqual(expect.arrayContaining([...new Set(haplotypesAt(rows, keys).flat())]));
    const [both, either] = [/^11$/, /1/].map(
      (pattern) =>
        haplotypesAt(rows, ["18130687-T-C", "18138997-C-T"])
          .flat()
          .filter((text) => pattern.test(text)).length,
    );
    expect(both).toBeGreaterThan(20);
    expect(either).toBeGreaterThan(both!);
  });

  it("are linked with those of sites near by more than with those far away", () => {
    const rows = rowsOf(SEED, "CFTR", small).filter(
      ({ alleleCount, alleleNumber }) => alleleCount > 0.05 * alleleNumber && alleleCount < 0.95 * alleleNumber,
    );
    const squared = (one: (typeof rows)[number], other: (typeof rows)[number]): number => {
      const of = ({ genotypes }: (typeof rows)[number]): number[] =>
        genotypes.flatMap((gt) => gt.split("|").map(Number));
      const [x, y] = [of(one), of(other)];
      const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
      const [p, q] = [mean(x), mean(y)];
      const d = mean(x.map((value, index) => value * y[index]!)) - p * q;
      return (d * d) / (p * (1 - p) * q * (1 - q));
    };
    const meanWithin = (from: number, to: number): number => {
      const found: number[] = [];
      rows.forEach((one, index) => {
        for (const other of rows.slice(index + 1)) {
          const distance = other.pos - one.pos;
          if (distance >= from && distance < to) found.push(squared(one, other));
        }
      });
      expect(found.length).toBeGreaterThan(20);
      return found.reduce((sum, value) => sum + value, 0) / found.length;
    };
    expect(meanWithin(0, 10_000)).toBeGreaterThan(1.5 * meanWithin(200_000, 400_000));
  });

  it("have one X in males outside the pseudoautosomal regions, two everywhere else", () => {
    for (const { name, contig } of SIMULATED_REGIONS) {
      if (contig !== "X" && name !== "TPMT") continue;
      for (const { pos, genotypes, alleleNumber } of rowsOf(SEED, name, cohort)) {
        const isHaploid = contig === "X" && !inPseudoautosomal("GRCh38", "X", pos);
        const wrong = genotypes.filter((genotype, person) => (genotype.length === 1) !== (isHaploid && isMale(person)));
        expect(wrong).toEqual([]);
        expect(alleleNumber).toBe(genotypes.join("|").split("|").length);
      }
    }
    expect(SIMULATED_REGIONS.filter(({ contig }) => contig === "X").map(({ name }) => name)).toEqual(["G6PD", "PAR1"]);
  });

  it("of a person depend on the seed and the person's number, not on how many people there are", () => {
    const few = rowsOf(SEED, "UGT1A1", small);
    const many = rowsOf(SEED, "UGT1A1", cohort);
    expect(few.map(({ genotypes }) => genotypes)).toEqual(many.map(({ genotypes }) => genotypes.slice(0, 300)));
    const other = rowsOf(SEED + 1, "UGT1A1", cohortOf(SEED + 1, 300));
    expect(other.map(({ genotypes }) => genotypes)).not.toEqual(few.map(({ genotypes }) => genotypes));
  });

  it("lie on positions of their own: background is never on or beside a known site, and REF is never ALT", () => {
    for (const region of SIMULATED_REGIONS) {
      const rows = rowsOf(SEED, region.name, cohortOf(SEED, 1));
      const keys = rows.map(({ pos, ref, alt }) => `${String(pos)}-${ref}-${alt}`);
      expect(new Set(keys).size).toBe(keys.length);
      const touched = new Set(
        region.sites.flatMap(({ pos, ref }) => Array.from({ length: ref.length + 2 }, (_, at) => pos - 1 + at)),
      );
      const background = rows.filter(({ isKnown }) => !isKnown);
      expect(background.length).toBeGreaterThanOrEqual(60);
      expect(background.filter(({ pos, ref, alt }) => touched.has(pos) || ref === alt)).toEqual([]);
      expect(rows.map(({ pos }) => pos)).toEqual(rows.map(({ pos }) => pos).sort((one, two) => one - two));
    }
  });
});

describe("simulated people", () => {
  it("are adults of five super-populations in equal parts, of both sexes, with names and ids of their seed", () => {
    const people = Array.from({ length: 1_000 }, (_, index) => personAt(3, index));
    for (const [population] of POPULATIONS.entries()) {
      expect(people.filter((person) => person.population === population)).toHaveLength(200);
    }
    const women = people.filter(({ sex }) => sex === "female").length;
    expect(women).toBeGreaterThan(420);
    expect(women).toBeLessThan(580);
    expect(Math.min(...people.map(({ age }) => age))).toBe(18);
    expect(Math.max(...people.map(({ age }) => age))).toBe(89);
    expect(new Set(people.map(({ sampleId }) => sampleId)).size).toBe(1_000);
    expect(people[0]).toMatchObject({ sampleId: "SIM3-000001", patientId: "simulated-3-000001" });
  });
});
