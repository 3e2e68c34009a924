import { describe, expect, it } from "@jest/globals";
import { BUILDS } from "../../src/domain/contig.js";
import { COUNT_FIELDS, COUNT_WIDTH } from "../../src/domain/counts.js";
import { decodeVariantRow, digestOf, encodeVariantRow, groupTotal, overallCounts } from "../../src/lake/variant-row.js";
import { createRandom } from "../helpers/random.js";
import { buildVariantRow } from "../helpers/variant-row.js";

describe("a packed variant row", () => {
  it.each([
    ["filters that were not run, which is not PASS (handbook 1.2)", { filters: null }],
    ["two filters", { filters: "q10;s50" }],
    ["no quality", { qual: null }],
    ["a quality of zero", { qual: 0 }],
    ["a quality that no decimal of few digits is", { qual: 1 / 3 }],
    ["no ids and no INFO", { ids: null, info: null }],
    ["no genotypes", { baseGt: null, samples: 0, groupCounts: new Int32Array(0) }],
    ["POS 0, a telomere", { pos: 0, originalPos: 0 }],
    ["long alleles", { ref: "ACGT".repeat(5_000), alt: "A", originalRef: "ACGT".repeat(5_000) }],
    [
      "an original record of another place",
      { pos: 3, originalPos: 7, originalRef: "ACACA", originalAlts: "ACA,<DEL>" },
    ],
  ])("with %s is read back", (_name, overrides) => {
    const row = buildVariantRow(overrides);
    expect(decodeVariantRow(encodeVariantRow(row))).toEqual(row);
  });

  it.each([
    ["all zero", [0, 0, 0]],
    ["zeros first", [0, 0, 5]],
    ["zeros last", [5, 0, 0]],
    ["no zeros", [5, 6, 7]],
    ["single zeros between", [1, 0, 2, 0, 3]],
    ["a large number", [2_147_483_647, 0]],
  ])("keeps counts with %s", (_name, counts) => {
    const row = buildVariantRow({ groupCounts: Int32Array.from(counts) });
    expect([...decodeVariantRow(encodeVariantRow(row)).groupCounts]).toEqual(counts);
  });

  it("keeps counts of any groups", () => {
    const random = createRandom(73);
    for (let round = 0; round < 300; round += 1) {
      const zeros = 1 + random.below(9);
      const groupCounts = Int32Array.from({ length: COUNT_WIDTH * random.below(40) }, () =>
        random.below(zeros) === 0 ? random.below(7_000) : 0,
      );
      expect(decodeVariantRow(encodeVariantRow(buildVariantRow({ groupCounts }))).groupCounts).toEqual(groupCounts);
    }
  });

  it("of any content is read back", () => {
    const random = createRandom(99);
    for (let round = 0; round < 200; round += 1) {
      const row = buildVariantRow({
        callSetId: random.bases(random.below(40)),
        build: random.pick(BUILDS),
        pos: random.pick([0, 1, 63, 64, 127, 128, 16_383, 2_147_483_647]),
        alt: "ACGT".repeat(random.below(50)),
        ids: random.maybe("rs1;rs2"),
        qual: random.maybe(random.below(1_000) / 7),
        filters: random.maybe("PASS"),
        info: random.maybe("📈".repeat(random.below(40))),
        altIndex: 1 + random.below(300),
        baseGt: random.maybe("0|0"),
        samples: random.below(4_000),
        groupsId: random.bases(random.below(40)),
        sourceFile: "é\u0000x".repeat(random.below(9)),
        sourceLine: random.below(1e9),
        groupCounts: Int32Array.from({ length: random.below(40) * COUNT_WIDTH }, () =>
          random.below(3) === 0 ? random.below(100_000) : 0,
        ),
      });
      expect(decodeVariantRow(encodeVariantRow(row))).toEqual(row);
    }
  });

  it("stores a row of few carriers in few bytes, however many groups it has", () => {
    const groupCounts = new Int32Array(COUNT_WIDTH * 40);
    const without = encodeVariantRow(buildVariantRow({ groupCounts: new Int32Array(0) })).length;
    groupCounts[0] = 1;
    groupCounts[COUNT_WIDTH * 39] = 1;
    expect(encodeVariantRow(buildVariantRow({ groupCounts })).length - without).toBeLessThan(12);
  });

  it("that ends too early is refused", () => {
    const bytes = encodeVariantRow(buildVariantRow({ groupCounts: Int32Array.from([1_380, 6_404, 0, 0, 0, 9]) }));
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => decodeVariantRow(bytes.subarray(0, length))).toThrow(RangeError);
    }
  });

  it("everybody is the first of its groups", () => {
    const groupCounts = Int32Array.from({ length: COUNT_WIDTH * 3 }, (_, index) => index);
    const row = buildVariantRow({ groupCounts });
    expect(groupTotal(row)).toBe(3);
    expect(overallCounts(row)).toEqual(Object.fromEntries(COUNT_FIELDS.map((field, index) => [field, index])));
  });
});

describe("the digest of a set of things", () => {
  it("is short, the same for the same things, and other for others or another order", () => {
    const all = [[], [""], ["a"], ["a", "b"], ["b", "a"], ["ab"], ["a", "b", ""]];
    expect(new Set(all.map(digestOf)).size).toBe(all.length);
    expect(digestOf(["a", "b"])).toMatch(/^[0-9a-f]{16}$/);
    expect(digestOf(["a", "b"])).toBe(digestOf(["a", "b"]));
  });
});
