import { describe, expect, it } from "@jest/globals";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { groupSamples, type Grouping, type SampleFacts, type Sex } from "../../src/domain/sample.js";
import { parseSampleSheet } from "../../src/ingest/sources/sample-sheet.js";
import { createRandom } from "../helpers/random.js";
import { itShared, requireShared } from "../helpers/shared.js";

function fact(sampleId: string, sex: Sex | null, populations: string, superpopulations: string): SampleFacts {
  const codes = (text: string): readonly string[] => text.split(",").filter((code) => code !== "");
  return { sampleId, sex, populations: codes(populations), superpopulations: codes(superpopulations) };
}
function sheet(...facts: readonly SampleFacts[]): ReadonlyMap<string, SampleFacts> {
  return new Map(facts.map((one) => [one.sampleId, one]));
}
function groupsOf(grouping: Grouping, sample: number): readonly string[] {
  const groups = grouping.groupsOfCell[grouping.cellOf[sample] ?? -1] ?? [];
  return groups.map((index) => nameOf(grouping, index)).sort();
}
function nameOf(grouping: Grouping, index: number): string {
  const group = grouping.groups[index];
  return `${group?.population ?? "*"} ${group?.sex ?? "*"}`;
}
/** People in a group, by adding up its cells. */
function sizeOf(grouping: Grouping, name: string): number {
  return grouping.groupsOfCell.reduce((sum, groups, cell) => {
    const isMember = groups.some((index) => nameOf(grouping, index) === name);
    return sum + (isMember ? (grouping.cellSizes[cell] ?? 0) : 0);
  }, 0);
}

describe("people counted together", () => {
  it("a person is in everybody, their sex, population, superpopulation, and superpopulation by sex", () => {
    const grouping = groupSamples(["A"], sheet(fact("A", "male", "GBR", "EUR")));
    expect(groupsOf(grouping, 0)).toEqual(["* *", "* male", "EUR *", "EUR male", "GBR *"]);
  });

  it("a person with two ancestries counts in the first alone (handbook 0, rule 4)", () => {
    const grouping = groupSamples(["HG01783"], sheet(fact("HG01783", "female", "IBS,MSL", "EUR,AFR")));
    expect(groupsOf(grouping, 0)).toEqual(["* *", "* female", "EUR *", "EUR female", "IBS *"]);
    expect(grouping.groups.some(({ population }) => population === "AFR" || population === "MSL")).toBe(false);
  });

  it("a person the sheet does not know, or knows nothing of, is in everybody alone", () => {
    const grouping = groupSamples(["A", "B", "C"], sheet(fact("B", null, "", ""), fact("C", "male", "", "")));
    expect([0, 1, 2].map((sample) => groupsOf(grouping, sample))).toEqual([["* *"], ["* *"], ["* *", "* male"]]);
    expect(grouping.cellOf[0]).toBe(grouping.cellOf[1]);
  });

  it("a population without a superpopulation is a group, not split by sex", () => {
    const grouping = groupSamples(["A"], sheet(fact("A", "female", "GBR", "")));
    expect(groupsOf(grouping, 0)).toEqual(["* *", "* female", "GBR *"]);
  });

  it("a population that has the name of a superpopulation is counted once", () => {
    const grouping = groupSamples(["A"], sheet(fact("A", "male", "EUR", "EUR")));
    expect(groupsOf(grouping, 0)).toEqual(["* *", "* male", "EUR *", "EUR male"]);
    expect(sizeOf(grouping, "EUR *")).toBe(1);
  });

  it("everybody is group 0, and the order of the groups does not depend on the order of the people", () => {
    const facts = sheet(
      fact("A", "male", "GBR", "EUR"),
      fact("B", "female", "CHB", "EAS"),
      fact("C", "female", "ACB", "AFR"),
      fact("D", null, "TSI", "EUR"),
    );
    const forward = groupSamples(["A", "B", "C", "D"], facts);
    const backward = groupSamples(["D", "C", "B", "A"], facts);
    expect(forward.groups[0]).toEqual({ population: null, sex: null });
    expect(backward.groups).toEqual(forward.groups);
  });

  it("nobody is one empty group", () => {
    const grouping = groupSamples([], new Map());
    expect(grouping.groups).toEqual([{ population: null, sex: null }]);
    expect(grouping.cellSizes).toHaveLength(0);
  });

  it("the cells of any people add up to the people of each group", () => {
    const random = createRandom(11);
    for (let round = 0; round < 60; round += 1) {
      const people = Array.from({ length: random.below(40) }, (_, index) =>
        fact(
          `S${String(index)}`,
          random.maybe(random.pick(["female", "male"] as const)),
          random.pick(["", "GBR", "CHB", "EUR", "GBR,CHB"]),
          random.pick(["", "EUR", "EAS", "EUR,AFR"]),
        ),
      );
      const grouping = groupSamples(
        people.map(({ sampleId }) => sampleId),
        sheet(...people),
      );
      const names = grouping.groups.map((_, index) => nameOf(grouping, index));
      expect(new Set(names).size).toBe(names.length);
      for (const { population, sex } of grouping.groups) {
        const members = people.filter((one) => {
          const inPopulation = population === null || one.superpopulations[0] === population;
          return (
            (sex === null || one.sex === sex) && (inPopulation || (sex === null && one.populations[0] === population))
          );
        });
        expect(sizeOf(grouping, `${population ?? "*"} ${sex ?? "*"}`)).toBe(members.length);
      }
    }
  });

  itShared(
    "1000 Genomes has 3,202 people by the IGSR sheet; EUR are 633, AN 1266, with HG01783 of two ancestries (handbook 0, rule 4)",
    () => {
      const facts = parseSampleSheet(readFileSync(requireShared("genomes/samples/igsr_samples.tsv"), "utf8"), "igsr");
      const file = gunzipSync(readFileSync(requireShared("genomes/1kgp-grch38/VKORC1.vcf.gz"))).toString("latin1");
      const columns = /^#CHROM\t.*$/m.exec(file)?.[0].split("\t") ?? [];
      const grouping = groupSamples(columns.slice(9), facts);
      const sizes = ["* *", "* female", "* male", "AFR *", "AMR *", "EAS *", "EUR *", "SAS *"];
      expect(sizes.map((name) => sizeOf(grouping, name))).toEqual([3202, 1603, 1599, 893, 490, 585, 633, 601]);
      expect(sizeOf(grouping, "EUR female") + sizeOf(grouping, "EUR male")).toBe(633);
      expect(facts.get("HG01783")?.superpopulations).toEqual(["EUR", "AFR"]);
    },
  );
});
