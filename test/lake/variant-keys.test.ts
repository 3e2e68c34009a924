import { describe, expect, it } from "@jest/globals";
import { BUILDS } from "../../src/domain/contig.js";
import type { VariantKey } from "../../src/domain/variant.js";
import {
  afterPrefix,
  alleleKey,
  callSetAlleleKey,
  idPrefix,
  namePrefix,
  placePrefix,
  positionBytes,
  sectionEnd,
  sectionStart,
  type IndexSection,
} from "../../src/lake/variant-keys.js";
import { compareKeys } from "../../src/views/variant-list.js";
import { createRandom } from "../helpers/random.js";

const SECTIONS: readonly IndexSection[] = [
  "variant",
  "id",
  "call",
  "block",
  "annotation",
  "gene",
  "geneName",
  "geneDisease",
];
const random = createRandom(74);

function anyKey(): VariantKey {
  return {
    build: random.pick(BUILDS),
    contig: random.pick(["1", "2", "9", "10", "22", "X", "Y", "MT", "GL000220.1", "HLA-X", "chrUn_1"]),
    pos: random.below(1 + 2 ** random.below(29)),
    ref: random.bases(1 + random.below(3)),
    alt: random.bases(1 + random.below(3)),
  };
}
function startsWith(key: Buffer, prefix: Buffer): boolean {
  return key.subarray(0, prefix.length).equals(prefix);
}

describe("an index key", () => {
  it("lies in its section, and sections do not overlap", () => {
    for (const section of SECTIONS) {
      const key = alleleKey(section, anyKey());
      expect(Buffer.compare(sectionStart(section), key)).toBeLessThan(0);
      expect(Buffer.compare(key, sectionEnd(section))).toBeLessThan(0);
      const inOthers = SECTIONS.filter(
        (other) => Buffer.compare(sectionStart(other), key) <= 0 && Buffer.compare(key, sectionEnd(other)) < 0,
      );
      expect(inOthers).toEqual([section]);
    }
  });

  it("is equal for equal alleles alone, and begins with its place", () => {
    for (let round = 0; round < 2_000; round += 1) {
      const [left, right] = [anyKey(), anyKey()];
      const isSame = JSON.stringify(left) === JSON.stringify(right);
      expect(alleleKey("variant", left).equals(alleleKey("variant", right))).toBe(isSame);
      const place = placePrefix("variant", left.build, left.contig);
      expect(startsWith(alleleKey("variant", left), place)).toBe(true);
      expect(startsWith(alleleKey("variant", right), place)).toBe(
        left.build === right.build && left.contig === right.contig,
      );
    }
  });

  it("says where REF ends and ALT begins, and where the name of a contig ends", () => {
    const key: VariantKey = { build: "GRCh38", contig: "HLA-X", pos: 5, ref: "A", alt: "CA" };
    expect(alleleKey("variant", key)).not.toEqual(alleleKey("variant", { ...key, ref: "AC", alt: "A" }));
    expect(startsWith(alleleKey("variant", key), placePrefix("variant", "GRCh38", "HLA"))).toBe(false);
    expect(startsWith(alleleKey("variant", key), placePrefix("variant", "GRCh38", "HLA-X"))).toBe(true);
  });

  it("sorts by build, then 1 to 22, X, Y, MT and others by name, then position as a number, then REF and ALT", () => {
    const inOrder: readonly VariantKey[] = [
      { build: "GRCh37", contig: "MT", pos: 9, ref: "A", alt: "C" },
      { build: "GRCh38", contig: "2", pos: 9, ref: "A", alt: "C" },
      { build: "GRCh38", contig: "10", pos: 0, ref: "T", alt: "C" },
      { build: "GRCh38", contig: "10", pos: 9, ref: "A", alt: "C" },
      { build: "GRCh38", contig: "10", pos: 9, ref: "A", alt: "CA" },
      { build: "GRCh38", contig: "10", pos: 9, ref: "AC", alt: "A" },
      { build: "GRCh38", contig: "10", pos: 10, ref: "A", alt: "C" },
      { build: "GRCh38", contig: "10", pos: 255, ref: "A", alt: "C" },
      { build: "GRCh38", contig: "10", pos: 256, ref: "A", alt: "C" },
      { build: "GRCh38", contig: "10", pos: 133_797_422, ref: "A", alt: "C" },
      { build: "GRCh38", contig: "X", pos: 1, ref: "A", alt: "C" },
      { build: "GRCh38", contig: "Y", pos: 1, ref: "A", alt: "C" },
      { build: "GRCh38", contig: "MT", pos: 1, ref: "A", alt: "C" },
      { build: "GRCh38", contig: "GL000220.1", pos: 1, ref: "A", alt: "C" },
      { build: "GRCh38", contig: "HLA", pos: 200, ref: "A", alt: "C" },
      { build: "GRCh38", contig: "HLA-X", pos: 1, ref: "A", alt: "C" },
    ];
    const shuffled = [...inOrder].sort(() => random.below(3) - 1);
    shuffled.sort((left, right) => Buffer.compare(alleleKey("variant", left), alleleKey("variant", right)));
    expect(shuffled).toEqual(inOrder);
  });

  it("sorts any alleles as lists do", () => {
    const keys = Array.from({ length: 300 }, anyKey);
    const byBytes = [...keys].sort((left, right) =>
      Buffer.compare(alleleKey("variant", left), alleleKey("variant", right)),
    );
    expect(byBytes).toEqual([...keys].sort(compareKeys));
  });

  it("of any call set lies between its allele and the end of that prefix, before the next allele", () => {
    const key: VariantKey = { build: "GRCh38", contig: "1", pos: 5, ref: "A", alt: "C" };
    const begin = alleleKey("variant", key);
    for (const id of ["", "a", "\u{10FFFF}"]) {
      const own = callSetAlleleKey("variant", key, id);
      expect(Buffer.compare(begin, own)).toBeLessThanOrEqual(0);
      expect(Buffer.compare(own, afterPrefix(begin))).toBeLessThan(0);
    }
    expect(Buffer.compare(afterPrefix(begin), alleleKey("variant", { ...key, alt: "CA" }))).toBeLessThanOrEqual(0);
    expect(placePrefix("variant", "GRCh38", "1").equals(placePrefix("variant", "GRCh38", "10"))).toBe(false);
  });

  it("of a call set is the allele's followed by the call set, one after the other by id", () => {
    const key = anyKey();
    const own = callSetAlleleKey("call", key, "cs-b");
    expect(startsWith(own, alleleKey("call", key))).toBe(true);
    expect(Buffer.compare(callSetAlleleKey("call", key, "cs-a"), own)).toBeLessThan(0);
  });

  it("of a position reads back, to the last that four bytes hold", () => {
    for (const pos of [0, 1, 255, 256, 249_250_621, 4_294_967_295]) expect(positionBytes(pos).readUInt32BE()).toBe(pos);
    expect(() => positionBytes(-1)).toThrow("out of range");
  });

  it("of a name is the same in any case, and no name is the beginning of another", () => {
    expect(idPrefix("RS123")).toEqual(idPrefix("rs123"));
    expect(startsWith(idPrefix("rs1234"), idPrefix("rs123"))).toBe(false);
    expect(namePrefix("geneName", "TPMT")).not.toEqual(namePrefix("id", "TPMT"));
  });
});

describe("the end of a prefix", () => {
  it("is above every key that begins with it, and not above any other that follows", () => {
    const bytes = (length: number): Buffer =>
      Buffer.from(Array.from({ length }, () => random.pick([0, 1, 127, 254, 255])));
    for (let round = 0; round < 3_000; round += 1) {
      const prefix = Buffer.concat([Buffer.of(1 + random.below(8)), bytes(random.below(4))]);
      const key = Buffer.concat([Buffer.of(1 + random.below(8)), bytes(random.below(6))]);
      const isBelow = Buffer.compare(key, prefix) >= 0 && Buffer.compare(key, afterPrefix(prefix)) < 0;
      expect(isBelow).toBe(startsWith(key, prefix) && key.length >= prefix.length);
    }
  });

  it("carries over bytes that are full, and leaves the prefix as it was", () => {
    const prefix = Buffer.from([1, 255, 255]);
    expect(afterPrefix(prefix)).toEqual(Buffer.from([2]));
    expect(prefix).toEqual(Buffer.from([1, 255, 255]));
    expect(afterPrefix(Buffer.from([1, 7, 255]))).toEqual(Buffer.from([1, 8]));
  });
});
