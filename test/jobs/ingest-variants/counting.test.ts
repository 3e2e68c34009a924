import { describe, expect, it } from "@jest/globals";
import {
  callAllele,
  COUNT_FIELDS,
  countsAt,
  samplesCounted,
  type GenotypeCountValues,
} from "../../../src/domain/counts.js";
import { parseGenotype, type GenotypeText } from "../../../src/domain/genotype.js";
import { groupSamples, type Grouping, type SampleFacts } from "../../../src/domain/sample.js";
import type { RecordGenotypes } from "../../../src/ingest/sources/vcf/index.js";
import { createGenotypeCounter } from "../../../src/jobs/ingest-variants/counting.js";
import { createRandom } from "../../helpers/random.js";

const ALLELES = 4;

function fact(sampleId: string, sex: "female" | "male" | null, superpopulation: string): SampleFacts {
  const superpopulations = superpopulation === "" ? [] : [superpopulation];
  return { sampleId, sex, populations: [], superpopulations };
}
function groupingOf(facts: readonly SampleFacts[]): Grouping {
  return groupSamples(
    facts.map(({ sampleId }) => sampleId),
    new Map(facts.map((one) => [one.sampleId, one])),
  );
}
/** The genotypes of a record as the reader hands them on: those unlike `base` are listed. */
function genotypesOf(gts: readonly string[], base: string | null): RecordGenotypes {
  const names = [...new Set([...(base === null ? [] : [base]), ...gts])];
  const texts = names.map((name) => parseGenotype(name, ALLELES)!);
  const listed = gts.flatMap((gt, column) => (gt === base ? [] : [{ column, code: names.indexOf(gt) }]));
  const room = [0, 0, 0];
  return {
    texts,
    base: base === null ? -1 : 0,
    count: listed.length,
    // Buffers are longer than what is valid in them.
    sample: Uint32Array.from([...listed.map(({ column }) => column), ...room]),
    code: Uint16Array.from([...listed.map(({ code }) => code), ...room]),
    dp: null,
    gq: null,
    minDp: null,
    ad: null,
    ps: null,
    filters: null,
  };
}
function countAll(
  gts: readonly string[],
  altIndex: number,
  facts: readonly SampleFacts[],
): (name: string) => GenotypeCountValues {
  const grouping = groupingOf(facts);
  const counter = createGenotypeCounter(grouping, Uint32Array.from(facts.keys()));
  const flat = counter.count(genotypesOf(gts, "0/0"), altIndex);
  return (name) =>
    countsAt(
      flat,
      grouping.groups.findIndex(({ population, sex }) => (population ?? sex ?? "*") === name),
    );
}
/** One by one, the slow way. */
function expectedCounts(genotypes: readonly GenotypeText[], altIndex: number): GenotypeCountValues {
  const counts = Object.fromEntries(COUNT_FIELDS.map((field) => [field, 0])) as Record<
    keyof GenotypeCountValues,
    number
  >;
  for (const genotype of genotypes) {
    const call = callAllele(genotype, altIndex);
    counts.ac += genotype.alleles.filter((allele) => allele === altIndex).length;
    counts.an += genotype.alleles.filter((allele) => allele >= 0).length;
    counts[call.genotypeClass] += 1;
  }
  return counts;
}

describe("counts by sex", () => {
  const facts = [fact("F1", "female", ""), fact("F2", "female", ""), fact("M1", "male", ""), fact("M2", "male", "")];

  it("on X outside the pseudoautosomal regions a male adds one allele, a female two (handbook 1.2, 1.4)", () => {
    const counts = countAll(["0/1", "0/0", "1", "0"], 1, facts);
    expect(counts("*")).toMatchObject({ ac: 2, an: 6, homRef: 1, het: 1, hemiRef: 1, hemiAlt: 1, homAlt: 0 });
    expect(counts("female")).toMatchObject({ ac: 1, an: 4, homRef: 1, het: 1, hemiRef: 0, hemiAlt: 0 });
    expect(counts("male")).toMatchObject({ ac: 1, an: 2, homRef: 0, hemiRef: 1, hemiAlt: 1 });
  });

  it("in the pseudoautosomal regions males are diploid and count as such (handbook 1.4)", () => {
    const counts = countAll(["0/1", "0/0", "1/1", "0/1"], 1, facts);
    expect(counts("male")).toMatchObject({ ac: 3, an: 4, homAlt: 1, het: 1, hemiRef: 0, hemiAlt: 0 });
  });

  it("on Y females are missing and only males make up AN (handbook 1.3: missing 0, haploid 1)", () => {
    const counts = countAll([".", "./.", "1", "0"], 1, facts);
    expect(counts("female")).toMatchObject({ ac: 0, an: 0, missing: 2 });
    expect(counts("*")).toMatchObject({ ac: 1, an: 2, hemiAlt: 1, hemiRef: 1, missing: 2 });
  });
});

describe("counts of the original record (handbook 1.3)", () => {
  const people = (count: number): readonly SampleFacts[] =>
    Array.from({ length: count }, (_, index) => fact(`S${String(index)}`, null, ""));

  it.each([
    ["A>G: 0/1 1|1 1 0 ./1 ./.", 1, 5, 7],
    ["A>G,*: 0/1 1|2 2 . 0|2 0/0", 1, 2, 9],
    ["A>G,*: 0/1 1|2 2 . 0|2 0/0", 2, 3, 9],
    ["18:A>C,T: 1/2 0/1 1/1 ./2", 1, 4, 7],
    ["18:A>C,T: 1/2 0/1 1/1 ./2", 2, 2, 7],
    ["20:1110696 A>G,T: 1|2 2|1 2/2", 2, 4, 6],
  ])("%s, alternate %d: AC %d, AN %d", (record, altIndex, ac, an) => {
    const gts = record.slice(record.indexOf(": ") + 2).split(" ");
    expect(countAll(gts, altIndex, people(gts.length))("*")).toMatchObject({ ac, an });
  });

  it("1/2, 0/1, 1/1, ./2: the other alternate is no reference, and AN is that of the record", () => {
    const [first, second] = [1, 2].map((alt) => countAll(["1/2", "0/1", "1/1", "./2"], alt, people(4))("*"));
    expect(first).toMatchObject({ hetAlt: 1, het: 1, homAlt: 1, halfMissing: 1, homRef: 0, otherAlt: 0 });
    expect(second).toMatchObject({ hetAlt: 1, het: 0, homAlt: 0, halfMissing: 1, homRef: 0, otherAlt: 2 });
  });
});

describe("counting from listed genotypes and a base", () => {
  const random = createRandom(23);
  const TEXTS = [
    "0/0",
    "0|0",
    "0/1",
    "1|0",
    "1/1",
    "1/2",
    "3/2",
    "0",
    "1",
    "2",
    ".",
    "./.",
    "./1",
    "0/.",
    "0/0/1",
    "1/1/1",
  ];

  /** What a base can be: ADR 2. */
  const REFERENCE = ["0/0", "0|0", "0"];

  it("is the same as counting one by one, for any base, any groups and any order of columns", () => {
    for (let round = 0; round < 150; round += 1) {
      const facts = Array.from({ length: 1 + random.below(30) }, (_, index) =>
        fact(
          `S${String(index)}`,
          random.maybe(random.pick(["female", "male"] as const)),
          random.pick(["", "EUR", "AFR"]),
        ),
      );
      const grouping = groupingOf(facts);
      const sampleOfColumn = [...facts.keys()].sort(() => random.below(3) - 1);
      const gts = facts.map(() => random.pick(TEXTS));
      for (const base of [null, ...REFERENCE]) {
        const record = genotypesOf(gts, base);
        // One counter for all alternates of a record: nothing of one may be left for the next.
        const counter = createGenotypeCounter(grouping, Uint32Array.from(sampleOfColumn));
        for (let altIndex = 1; altIndex < ALLELES; altIndex += 1) {
          const flat = counter.count(record, altIndex);
          grouping.groups.forEach(({ population, sex }, group) => {
            const members = sampleOfColumn.flatMap((sample, column) => {
              const one = facts[sample]!;
              const isIn =
                (population === null || one.superpopulations[0] === population) && (sex === null || one.sex === sex);
              return isIn ? [parseGenotype(gts[column]!, ALLELES)!] : [];
            });
            const counts = countsAt(flat, group);
            expect(counts).toEqual(expectedCounts(members, altIndex));
            expect(samplesCounted(counts)).toBe(members.length);
          });
        }
      }
    }
  });

  it("of a record without genotypes are all zero", () => {
    const facts = [fact("A", "male", "EUR"), fact("B", null, "")];
    const grouping = groupingOf(facts);
    const counter = createGenotypeCounter(grouping, Uint32Array.from([0, 1]));
    counter.count(genotypesOf(["0/1", "1/1"], "0/0"), 1);
    const none = { ...genotypesOf([], null), texts: genotypesOf(["0/1", "1/1"], "0/0").texts };
    expect([...counter.count(none, 1)]).toEqual(new Array(grouping.groups.length * COUNT_FIELDS.length).fill(0));
  });
});
