import { describe, expect, it } from "@jest/globals";
import { callAllele, COUNT_FIELDS, type GenotypeClass } from "../../src/domain/counts.js";
import { parseGenotype } from "../../src/domain/genotype.js";
import { CARRIERS, ZYGOSITIES, zygosityOf, type Zygosity } from "../../src/domain/zygosity.js";

const CLASSES = COUNT_FIELDS.filter((field): field is GenotypeClass => field !== "ac" && field !== "an");

function of(text: string, altIndex: number, contig: string): Zygosity {
  return zygosityOf(callAllele(parseGenotype(text, 4)!, altIndex).genotypeClass, contig);
}

describe("the zygosity of a genotype", () => {
  it.each([
    ["0/0", 1, "HOM_REF"],
    ["0|1", 1, "HET"],
    ["1/1", 1, "HOM_ALT"],
    ["2/2", 1, "OTHER_ALT"],
    ["0/2", 1, "OTHER_ALT"],
    ["./1", 1, "HALF_MISSING"],
    ["./0", 1, "HALF_MISSING"],
    ["./.", 1, "MISSING"],
    [".", 1, "MISSING"],
  ] as const)("%s for alternate %d of an autosome is %s", (text, altIndex, expected) => {
    expect(of(text, altIndex, "10")).toBe(expected);
  });

  it("1/2 is HET_ALT for both of its alternates, since HET requires one REF (handbook 0, rule 3)", () => {
    expect([of("1/2", 1, "18"), of("1/2", 2, "18"), of("1/2", 3, "18")]).toEqual(["HET_ALT", "HET_ALT", "OTHER_ALT"]);
  });

  it.each(["X", "Y"])("one number on %s is hemizygous, never homozygous (handbook 1.2, GT)", (contig) => {
    expect([of("0", 1, contig), of("1", 1, contig), of("2", 1, contig)]).toEqual(["HEMI_REF", "HEMI_ALT", "OTHER_ALT"]);
    expect([of("0/1", 1, contig), of("1/1", 1, contig)]).toEqual(["HET", "HOM_ALT"]);
  });

  it("on MT an alternate is homoplasmic or heteroplasmic, whatever the ploidy in the file", () => {
    expect([of("1", 1, "MT"), of("1/1", 1, "MT")]).toEqual(["HOMOPLASMIC", "HOMOPLASMIC"]);
    expect([of("0/1", 1, "MT"), of("1/2", 2, "MT")]).toEqual(["HETEROPLASMIC", "HETEROPLASMIC"]);
    expect([of("0", 1, "MT"), of("0/0", 1, "MT")]).toEqual(["HOM_REF", "HOM_REF"]);
    expect([of(".", 1, "MT"), of("2", 1, "MT"), of("./1", 1, "MT")]).toEqual(["MISSING", "OTHER_ALT", "HALF_MISSING"]);
  });

  it("two classes are never one zygosity outside MT, and no genotype says NOT_ASSAYED: absent is not reference", () => {
    for (const contig of ["1", "X", "Y"]) {
      const named = CLASSES.map((name) => zygosityOf(name, contig));
      expect(new Set(named).size).toBe(CLASSES.length);
      expect(named).not.toContain("NOT_ASSAYED");
    }
    expect(CLASSES.map((name) => zygosityOf(name, "MT"))).not.toContain("NOT_ASSAYED");
    expect(CLASSES.every((name) => ZYGOSITIES.includes(zygosityOf(name, "MT")))).toBe(true);
  });

  it("a carrier's zygosity is one a genotype with a copy of the alternate can have, and every such one is listed", () => {
    const carried = new Set<Zygosity>();
    for (const contig of ["1", "X", "MT"]) {
      for (const text of ["0/1", "1/1", "1/2", "1", "./1", "0/0/1", "1/1/1"]) carried.add(of(text, 1, contig));
    }
    expect(new Set(CARRIERS)).toEqual(carried);
  });
});
