import { describe, expect, it } from "@jest/globals";
import { parseVariantId, spdiOf, variantId } from "../../src/domain/variant.js";
import {
  allTrue,
  anyTrue,
  confiningIds,
  confiningRegions,
  inRange,
  type Predicate,
  type Truth,
} from "../../src/domain/variant-filter.js";
import { zygosityOf } from "../../src/domain/zygosity.js";

const KEY = { build: "GRCh38", contig: "10", pos: 94781859, ref: "G", alt: "A" } as const;

describe("names of a variant", () => {
  it.each([
    "chr10-94781859-G-A",
    "10-94781859-G-A",
    "10:94781859:g:a",
    "10:94781859:G>A",
    "chr10:94781859-G-A",
    "GRCh38:10-94781859-G-A",
    "NC_000010.11:94781858:G:A",
    "NC_000010.11:g.94781859G>A",
  ])("%s is the allele with the 1-based position", (text) => {
    const parsed = parseVariantId(text, "AUTO");
    expect(parsed).toMatchObject({ kind: "key", key: { contig: "10", pos: 94781859, ref: "G", alt: "A" } });
  });

  it("an id of this API says its build, and so does an accession", () => {
    expect(parseVariantId(variantId(KEY), "AUTO")).toMatchObject({ build: "GRCh38" });
    expect(parseVariantId("NC_000010.10:96541615:G:A", "SPDI")).toMatchObject({
      build: "GRCh37",
      key: { pos: 96541616 },
    });
    expect(parseVariantId("10-1-G-A", "AUTO")).toMatchObject({ build: null });
  });

  it("SPDI is 0-based and reads back as the same allele", () => {
    expect(spdiOf(KEY, "NC_000010.11")).toBe("NC_000010.11:94781858:G:A");
    expect(parseVariantId(spdiOf(KEY, "NC_000010.11"), "SPDI")).toMatchObject({ key: { pos: KEY.pos } });
  });

  it.each([
    ["rs4244285", { kind: "name", name: "rs4244285" }],
    ["RS4244285", { kind: "name", name: "rs4244285" }],
    ["NC_000007.14:g.117559592_117559594del", { kind: "unsupported", type: "HGVS" }],
    ["ga4gh:VA.abc", { kind: "unsupported", type: "VRS" }],
    ["NC_999999.1:5:A:C", { kind: "invalid" }],
    ["1-5-A", { kind: "invalid" }],
    ["1-5-A-<DEL>", { kind: "invalid" }],
    ["", { kind: "invalid" }],
  ])("%s is %j", (text, expected) => {
    expect(parseVariantId(text, "AUTO")).toMatchObject(expected);
  });

  it("a stated kind of name is not read as another", () => {
    expect(parseVariantId("rs4244285", "VCF")).toEqual({ kind: "invalid" });
    expect(parseVariantId("10-5-A-C", "SPDI")).toEqual({ kind: "invalid" });
  });
});

describe("truth with three values", () => {
  const values: readonly Truth[] = [true, false, null];
  const not = (value: Truth): Truth => (value === null ? null : !value);

  it("follows De Morgan, and unknown is neither", () => {
    for (const left of values) {
      for (const right of values) {
        expect(not(allTrue([left, right]))).toBe(anyTrue([not(left), not(right)]));
        expect(not(anyTrue([left, right]))).toBe(allTrue([not(left), not(right)]));
      }
    }
    expect(allTrue([])).toBe(true);
    expect(anyTrue([])).toBe(false);
    expect([allTrue([true, null]), allTrue([false, null])]).toEqual([null, false]);
    expect([anyTrue([true, null]), anyTrue([false, null])]).toEqual([true, null]);
  });

  it("a bound is strict or not as it says, and a missing value is unknown unless it is asked for", () => {
    const none = { gt: null, gte: null, lt: null, lte: null, includeMissing: false };
    expect([inRange(5, { ...none, gt: 5 }), inRange(5, { ...none, gte: 5 })]).toEqual([false, true]);
    expect([inRange(5, { ...none, lt: 5 }), inRange(5, { ...none, lte: 5 })]).toEqual([false, true]);
    expect([inRange(null, none), inRange(null, { ...none, includeMissing: true })]).toEqual([null, true]);
  });

  it("only what every match meets confines a search", () => {
    const regions: Predicate = { kind: "regions", regions: [{ build: "GRCh38", contig: "1", start0: 0, end0: 9 }] };
    const ids: Predicate = { kind: "ids", keys: [], names: ["rs1"] };
    expect(confiningRegions({ kind: "and", parts: [ids, regions] })).toHaveLength(1);
    expect(confiningRegions({ kind: "or", parts: [ids, regions] })).toBeNull();
    expect(confiningRegions({ kind: "not", part: regions })).toBeNull();
    expect(confiningIds({ kind: "and", parts: [regions, ids] })).toBe(ids);
    expect(confiningIds({ kind: "or", parts: [ids] })).toBeNull();
  });
});

describe("zygosity", () => {
  it.each([
    ["het", "1", "HET"],
    ["hemiAlt", "X", "HEMI_ALT"],
    ["hemiAlt", "MT", "HOMOPLASMIC"],
    ["homAlt", "MT", "HOMOPLASMIC"],
    ["het", "MT", "HETEROPLASMIC"],
    ["hemiRef", "MT", "HOM_REF"],
    ["otherAlt", "1", "OTHER_ALT"],
    ["halfMissing", "1", "HALF_MISSING"],
  ] as const)("%s on %s is %s", (genotypeClass, contig, zygosity) => {
    expect(zygosityOf(genotypeClass, contig)).toBe(zygosity);
  });
});
