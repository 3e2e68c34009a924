import { describe, expect, it } from "@jest/globals";
import { decodeCalls, encodeCalls, type CallRow } from "../../src/lake/call-row.js";
import { createRandom } from "../helpers/random.js";

const NOTHING_ELSE = { phaseSet: null, dp: null, gq: null, adRef: null, adAlt: null, filters: null };

function buildCall(sampleIndex: number, overrides: Partial<CallRow> = {}): CallRow {
  return { sampleIndex, gt: "0|1", ...NOTHING_ELSE, ...overrides };
}

describe("the packed calls of an allele", () => {
  it("of nobody are read back as none", () => {
    expect(decodeCalls(encodeCalls([]))).toEqual([]);
  });

  it.each([
    ["the phase set", { phaseSet: "94781859" }],
    ["the depth", { dp: 31 }],
    ["the quality", { gq: 99 }],
    ["the depth of the reference", { adRef: 15 }],
    ["the depth of the alternate", { adAlt: 16 }],
    ["the filters", { filters: "LowGQ" }],
    ["a depth of zero, which is not missing", { dp: 0, adAlt: 0 }],
    ["everything", { phaseSet: "1", dp: 2, gq: 3, adRef: 4, adAlt: 5, filters: "q10;s50" }],
  ])("keep %s of one call and give it to no other", (_name, overrides) => {
    const calls = [buildCall(0), buildCall(7, overrides), buildCall(8)];
    expect(decodeCalls(encodeCalls(calls))).toEqual(calls);
  });

  it("of any people, with any of their parts, are read back in sample order", () => {
    const random = createRandom(99);
    for (let round = 0; round < 100; round += 1) {
      let sampleIndex = -1;
      const calls = Array.from({ length: random.below(50) }, () => {
        sampleIndex += 1 + random.below(200);
        const gt = random.pick(["0|1", "1|0", "1", "./.", "0/1/1"]);
        if (random.below(2) === 0) return buildCall(sampleIndex, { gt });
        const number = (): number | null => random.maybe(random.below(500));
        const parts = { dp: number(), gq: number(), adRef: number(), adAlt: number() };
        return buildCall(sampleIndex, { gt, ...parts, phaseSet: random.maybe("12345"), filters: random.maybe("q10") });
      });
      expect(decodeCalls(encodeCalls(calls))).toEqual(calls);
    }
  });

  it("keep the text of each genotype as the original record gives it (handbook 0, rule 3)", () => {
    const texts = ["0/1", "1/0", "0|1", "|0|1", "1/2", "./1", ".", "1", "0/0/1"];
    const calls = texts.map((gt, index) => buildCall(index * 3, { gt }));
    expect(decodeCalls(encodeCalls(calls)).map(({ gt }) => gt)).toEqual(texts);
  });

  it("of 3,202 people take little more than two bytes each where nothing but the genotype is known", () => {
    const random = createRandom(72);
    const calls = Array.from({ length: 3_202 }, (_, index) =>
      buildCall(index * 2, { gt: random.pick(["0|1", "1|0", "1|1"]) }),
    );
    const bytes = encodeCalls(calls);
    expect(bytes.length).toBeLessThan(3_202 * 2 + 40);
    expect(decodeCalls(bytes)).toEqual(calls);
  });

  it("that end too early are refused", () => {
    const bytes = encodeCalls([buildCall(1), buildCall(500, { phaseSet: "77", dp: 300, filters: "LowGQ" })]);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => decodeCalls(bytes.subarray(0, length))).toThrow(RangeError);
    }
  });
});
