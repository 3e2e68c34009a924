import { describe, expect, it } from "@jest/globals";
import { decodeBlock, encodeBlock } from "../../src/lake/block-row.js";
import { decodeCalls, encodeCalls, type CallRow } from "../../src/lake/call-row.js";
import { createRowReader, createRowWriter } from "../../src/lake/row-bytes.js";
import { afterPrefix, alleleKey, callSetAlleleKey, placePrefix } from "../../src/lake/variant-keys.js";
import { decodeVariantRow, encodeVariantRow, type VariantRow } from "../../src/lake/variant-row.js";
import { compareKeys } from "../../src/views/variant-list.js";
import type { VariantKey } from "../../src/domain/variant.js";

let state = 99;
function random(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return (state >>> 8) % below;
}
function maybe<T>(value: T): T | null {
  return random(3) === 0 ? null : value;
}
function text(): string {
  return ["", "A", "é\u0000x", "📈".repeat(random(40)), "x".repeat(random(5_000))][random(5)] ?? "";
}
const EDGES = [0, 1, 63, 64, 127, 128, 16_383, 2_147_483_647, -1, -2_147_483_648] as const;

describe("packed rows", () => {
  it("any integers, doubles, texts and nulls are read back", () => {
    for (const value of EDGES) {
      const reader = createRowReader(
        createRowWriter().integer(value).optionalInteger(null).optionalInteger(value).take(),
      );
      expect([reader.integer(), reader.optionalInteger(), reader.optionalInteger()]).toEqual([value, null, value]);
    }
    for (const value of [0, -0, 1 / 3, Number.MAX_VALUE, Number.MIN_VALUE, Infinity, NaN, null]) {
      expect(createRowReader(createRowWriter().double(value).take()).double()).toBe(value);
    }
    for (let round = 0; round < 200; round += 1) {
      const value = maybe(text());
      expect(createRowReader(createRowWriter().text(value).take()).text()).toBe(value);
    }
  });

  it("a variant row is read back with all its counts", () => {
    for (let round = 0; round < 200; round += 1) {
      const row: VariantRow = {
        callSetId: text(),
        build: random(2) === 0 ? "GRCh37" : "GRCh38",
        contig: "X",
        pos: EDGES[random(8)] ?? 0,
        ref: "A",
        alt: "ACGT".repeat(random(50)),
        variantType: "SNV",
        normalisation: "TRIMMED",
        ids: maybe("rs1;rs2"),
        qual: maybe(random(1000) / 7),
        filters: maybe("PASS"),
        info: maybe(text()),
        originalPos: 7,
        originalRef: "AA",
        originalAlts: "A,AT",
        altIndex: 1 + random(300),
        baseGt: maybe("0|0"),
        samples: random(4000),
        groupsId: text(),
        groupCounts: Int32Array.from({ length: random(40) * 11 }, () => (random(3) === 0 ? random(100_000) : 0)),
        sourceFile: text(),
        sourceLine: random(1e9),
        runId: text(),
      };
      expect(decodeVariantRow(encodeVariantRow(row))).toEqual(row);
    }
  });

  it("the calls of an allele are read back in sample order, with depth only where there is any", () => {
    for (let round = 0; round < 100; round += 1) {
      let sampleIndex = -1;
      const calls = Array.from({ length: random(50) }, (): CallRow => {
        sampleIndex += 1 + random(200);
        const bare = random(2) === 0;
        const number = (): number | null => (bare ? null : maybe(random(500)));
        const word = (value: string): string | null => (bare ? null : maybe(value));
        return {
          sampleIndex,
          gt: ["0|1", "1|0", "1", "./.", "0/1/1"][random(5)] ?? "",
          phaseSet: word("12345"),
          dp: number(),
          gq: number(),
          adRef: number(),
          adAlt: number(),
          filters: word("q10"),
        };
      });
      expect(decodeCalls(encodeCalls(calls))).toEqual(calls);
    }
  });

  it("a reference block is read back", () => {
    for (let round = 0; round < 50; round += 1) {
      const block = {
        callSetId: text(),
        sampleId: text(),
        startPos: random(1e9),
        endPos: random(1e9),
        gt: "0/0",
        minGq: maybe(random(99)),
        minDp: maybe(random(99)),
      };
      expect(decodeBlock(encodeBlock(block))).toEqual(block);
    }
  });
});

describe("index keys", () => {
  it("sort as the API does", () => {
    const keys = Array.from({ length: 300 }, (): VariantKey => {
      const contig = ["1", "2", "10", "X", "Y", "MT", "GL000220.1", "HLA-A*01"][random(8)] ?? "1";
      const ref = "ACGT".slice(0, 1 + random(4));
      const alt = ["A", "C", "ACG", "T"][random(4)] ?? "A";
      return {
        build: random(2) === 0 ? "GRCh37" : "GRCh38",
        contig,
        pos: random(1e9) % (1 + 10 ** random(10)),
        ref,
        alt,
      };
    });
    const byBytes = [...keys].sort((left, right) =>
      Buffer.compare(alleleKey("variant", left), alleleKey("variant", right)),
    );
    expect(byBytes).toEqual([...keys].sort(compareKeys));
  });

  it("every call set of an allele lies between the allele and what comes after its prefix", () => {
    const key: VariantKey = { build: "GRCh38", contig: "1", pos: 5, ref: "A", alt: "C" };
    const begin = alleleKey("variant", key);
    for (const id of ["", "a", "\u{10FFFF}"]) {
      const own = callSetAlleleKey("variant", key, id);
      expect(Buffer.compare(begin, own)).toBeLessThanOrEqual(0);
      expect(Buffer.compare(own, afterPrefix(begin))).toBeLessThan(0);
    }
    expect(Buffer.compare(afterPrefix(begin), alleleKey("variant", { ...key, alt: "CA" }))).toBeLessThanOrEqual(0);
    expect(placePrefix("variant", "GRCh38", "1").equals(placePrefix("variant", "GRCh38", "10"))).toBe(false);
    expect(afterPrefix(Buffer.from([1, 255, 255]))).toEqual(Buffer.from([2]));
  });
});
