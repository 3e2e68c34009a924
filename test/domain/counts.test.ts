import { describe, expect, it } from "@jest/globals";
import {
  alleleFrequency,
  callAllele,
  countsAt,
  COUNT_FIELDS,
  samplesCounted,
  samplesWithData,
} from "../../src/domain/counts.js";
import { parseGenotype } from "../../src/domain/genotype.js";
import { groupSamples, type SampleFacts } from "../../src/domain/sample.js";
import { createGenotypeCounter } from "../../src/jobs/ingest-variants/counting.js";
import { createRandom } from "../helpers/random.js";
import type { RecordGenotypes } from "../../src/ingest/sources/vcf/index.js";

function called(texts: string, alleles: number): ReturnType<typeof parseGenotype>[] {
  return texts.split(" ").map((text) => parseGenotype(text, alleles));
}

function totals(texts: string, alts: number): readonly { ac: number; an: number; ns: number }[] {
  return Array.from({ length: alts }, (_, alt) => {
    const calls = called(texts, alts + 1).flatMap((genotype) =>
      genotype === null ? [] : [callAllele(genotype, alt + 1)],
    );
    return {
      ac: calls.reduce((sum, call) => sum + call.dosage, 0),
      an: calls.reduce((sum, call) => sum + call.called, 0),
      ns: calls.filter((call) => call.called > 0).length,
    };
  });
}

describe("counting alleles of the original record", () => {
  it.each([
    ["A>G", "0/1 1|1 1 0 ./1 ./.", [[5, 7, 5]]],
    [
      "A>G,*",
      "0/1 1|2 2 . 0|2 0/0",
      [
        [2, 9, 5],
        [3, 9, 5],
      ],
    ],
    ["20:14370 G>A", "0|0 1|0 1/1", [[3, 6, 3]]],
    ["20:17330 T>A", "0|0 0|1 0/0", [[1, 6, 3]]],
    [
      "20:1110696 A>G,T",
      "1|2 2|1 2/2",
      [
        [2, 6, 3],
        [4, 6, 3],
      ],
    ],
    [
      "20:1234567 GTC>G,GTCT",
      "0/1 0/2 1/1",
      [
        [3, 6, 3],
        [1, 6, 3],
      ],
    ],
    [
      "18:A>C,T (split)",
      "1/2 0/1 1/1 ./2",
      [
        [4, 7, 4],
        [2, 7, 4],
      ],
    ],
  ])("%s with %s", (_record, genotypes, expected) => {
    expect(totals(genotypes, expected.length).map(({ ac, an, ns }) => [ac, an, ns])).toEqual(expected);
  });

  it.each([
    [5, 7, 0.714286],
    [1, 6, 0.166667],
    [2, 6, 0.333333],
    [4, 7, 0.571429],
    [2, 7, 0.285714],
  ])("the frequency of AC %d in AN %d is %d", (ac, an, frequency) => {
    expect(alleleFrequency({ ac, an })).toBeCloseTo(frequency, 6);
  });

  it("there is no frequency where nothing was called", () => {
    expect(alleleFrequency({ ac: 0, an: 0 })).toBeNull();
  });

  it.each([
    ["0/0", 1, "homRef"],
    ["0|1", 1, "het"],
    ["1/2", 1, "hetAlt"],
    ["1/2", 2, "hetAlt"],
    ["2/2", 1, "otherAlt"],
    ["0/2", 1, "otherAlt"],
    ["1/1", 1, "homAlt"],
    ["0", 1, "hemiRef"],
    ["1", 1, "hemiAlt"],
    ["2", 1, "otherAlt"],
    ["./1", 1, "halfMissing"],
    ["./0", 1, "halfMissing"],
    ["./.", 1, "missing"],
    [".", 1, "missing"],
    ["0/0/1", 1, "het"],
    ["1|1|1", 1, "homAlt"],
  ])("%s for alternate %d is %s", (text, alt, expected) => {
    const genotype = parseGenotype(text, 3);
    expect(genotype === null ? null : callAllele(genotype, alt).genotypeClass).toBe(expected);
  });

  it("any genotype is in one class that says what its alleles say, and copies never exceed what was called", () => {
    const random = createRandom(31);
    for (let round = 0; round < 2_000; round += 1) {
      const alleles = Array.from({ length: 1 + random.below(4) }, () => random.below(5) - 1);
      const text = alleles.map((allele) => (allele < 0 ? "." : String(allele))).join(random.pick(["/", "|"]));
      const altIndex = 1 + random.below(3);
      const call = callAllele(parseGenotype(text, 4)!, altIndex);
      const copies = (allele: number): number => alleles.filter((one) => one === allele).length;
      expect(call.called).toBe(alleles.length - copies(-1));
      expect(call.dosage).toBe(copies(altIndex));
      expect(call.dosage + call.otherAltDosage + copies(0)).toBe(call.called);
      const isWhole = call.called === alleles.length;
      const isHaploid = alleles.length === 1;
      const classes: readonly string[] = [
        ...(call.called === 0 ? ["missing"] : isWhole ? [] : ["halfMissing"]),
        ...(isWhole && copies(0) === alleles.length ? [isHaploid ? "hemiRef" : "homRef"] : []),
        ...(isWhole && call.dosage === alleles.length ? [isHaploid ? "hemiAlt" : "homAlt"] : []),
        ...(isWhole && call.dosage === 0 && call.otherAltDosage > 0 ? ["otherAlt"] : []),
        ...(isWhole && call.dosage > 0 && call.otherAltDosage > 0 ? ["hetAlt"] : []),
        ...(isWhole && call.dosage > 0 && call.dosage < alleles.length && call.otherAltDosage === 0 ? ["het"] : []),
      ];
      expect([call.genotypeClass]).toEqual(classes);
    }
  });

  it("the text of a genotype may begin with a phase mark and never names an allele the record lacks", () => {
    expect(parseGenotype("|0|1", 2)).toMatchObject({ alleles: [0, 1], phased: true });
    expect(parseGenotype("/0|1", 2)).toMatchObject({ alleles: [0, 1], phased: true });
    expect(parseGenotype("0/2", 2)).toBeNull();
    expect(parseGenotype("0//1", 2)).toBeNull();
    expect(parseGenotype("", 2)).toBeNull();
  });
});

describe("counting a record by group", () => {
  const facts = new Map<string, SampleFacts>(
    [
      ["S1", "female", "GBR", "EUR"],
      ["S2", "male", "GBR", "EUR"],
      ["S3", "female", "CHB", "EAS"],
    ].map(([sampleId = "", sex, population = "", superpopulation = ""]) => [
      sampleId,
      {
        sampleId,
        sex: sex as "female" | "male",
        populations: [population, "XXX"],
        superpopulations: [superpopulation],
      },
    ]),
  );
  const samples = ["S1", "S2", "S3", "S4"];
  const grouping = groupSamples(samples, facts);
  const texts = ["0/0", "0/1", "1", "./."].map(
    (text) => parseGenotype(text, 2) ?? { text, alleles: [], phased: false },
  );

  function counted(codes: readonly number[]): Int32Array {
    const listed = codes.map((code, sample) => ({ code, sample })).filter(({ code }) => code !== 0);
    const genotypes = {
      base: 0,
      count: listed.length,
      sample: Uint32Array.from(listed.map(({ sample }) => sample)),
      code: Uint32Array.from(listed.map(({ code }) => code)),
      texts,
      dp: null,
      gq: null,
      ad: null,
      ps: null,
      minDp: null,
      filters: null,
    } as unknown as RecordGenotypes;
    return createGenotypeCounter(grouping, Uint32Array.from([0, 1, 2, 3])).count(genotypes, 1);
  }
  const at = (flat: Int32Array, population: string | null, sex: string | null): ReturnType<typeof countsAt> =>
    countsAt(
      flat,
      grouping.groups.findIndex((group) => group.population === population && group.sex === sex),
    );

  it("groups are everybody, each sex, each population and superpopulation, and superpopulations by sex", () => {
    expect(grouping.groups.map(({ population, sex }) => `${population ?? "*"} ${sex ?? "*"}`)).toEqual([
      "* *",
      "* female",
      "* male",
      "EAS *",
      "EUR *",
      "CHB *",
      "GBR *",
      "EAS female",
      "EUR female",
      "EUR male",
    ]);
  });

  it("every sample is in one class of its groups, a sample without facts in everybody alone", () => {
    const flat = counted([1, 2, 0, 3]);
    expect(at(flat, null, null)).toMatchObject({ ac: 2, an: 5, homRef: 1, het: 1, hemiAlt: 1, missing: 1 });
    expect(at(flat, null, "male")).toMatchObject({ ac: 1, an: 1, hemiAlt: 1 });
    expect(at(flat, "EUR", null)).toMatchObject({ ac: 2, an: 3 });
    expect(at(flat, "EUR", "female")).toMatchObject({ ac: 1, an: 2, het: 1 });
    expect(at(flat, "EAS", "female")).toMatchObject({ ac: 0, an: 2, homRef: 1 });
    expect(samplesCounted(at(flat, null, null))).toBe(4);
    expect(samplesWithData(at(flat, null, null), 4)).toBe(3);
    expect(flat).toHaveLength(grouping.groups.length * COUNT_FIELDS.length);
  });
});
