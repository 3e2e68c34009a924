import { describe, expect, it } from "@jest/globals";
import { decodeBlock, encodeBlock, type ReferenceBlock } from "../../src/lake/block-row.js";
import { createRandom } from "../helpers/random.js";

function buildBlock(overrides: Partial<ReferenceBlock> = {}): ReferenceBlock {
  return {
    callSetId: "cs-0123456789abcdef",
    sampleId: "NA12878",
    startPos: 94_781_800,
    endPos: 94_781_858,
    gt: "0/0",
    minGq: 50,
    minDp: 22,
    ...overrides,
  };
}

describe("a packed reference block", () => {
  it.each([
    ["of one base", { endPos: 94_781_800 }],
    ["at a telomere", { startPos: 0, endPos: 1 }],
    ["at the end of chromosome 1", { startPos: 249_250_621, endPos: 249_250_621 }],
    ["that is haploid", { gt: "0" }],
    ["that is missing", { gt: "./." }],
    ["of unknown quality", { minGq: null }],
    ["of unknown depth", { minDp: null }],
    ["of quality and depth zero, which are not unknown", { minGq: 0, minDp: 0 }],
    ["of a sample with any letters", { sampleId: "Zoë 📈" }],
  ])("%s is read back", (_name, overrides) => {
    const block = buildBlock(overrides);
    expect(decodeBlock(encodeBlock(block))).toEqual(block);
  });

  it("of any content is read back", () => {
    const random = createRandom(99);
    for (let round = 0; round < 50; round += 1) {
      const block = buildBlock({
        callSetId: random.bases(random.below(5_000)),
        startPos: random.below(1e9),
        endPos: random.below(1e9),
        minGq: random.maybe(random.below(99)),
        minDp: random.maybe(random.below(99)),
      });
      expect(decodeBlock(encodeBlock(block))).toEqual(block);
    }
  });

  it("that ends too early is refused", () => {
    const bytes = encodeBlock(buildBlock());
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => decodeBlock(bytes.subarray(0, length))).toThrow(RangeError);
    }
  });
});
