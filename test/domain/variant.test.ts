import { describe, expect, it } from "@jest/globals";
import { BUILDS, refSeqAccession } from "../../src/domain/contig.js";
import { parseVariantId, spdiOf, variantId, type VariantKey } from "../../src/domain/variant.js";
import { createRandom } from "../helpers/random.js";

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

  it("of any allele, as this API writes it, is read back as the same allele", () => {
    const random = createRandom(5);
    const contigs = ["1", "22", "X", "Y", "MT", "GL000220.1", "HLA-X", "22_KI270734v1_random", "chrUn_KI270302v1"];
    for (let round = 0; round < 1_000; round += 1) {
      const key: VariantKey = {
        build: random.pick(BUILDS),
        contig: random.pick(contigs),
        pos: random.below(250_000_000),
        ref: random.bases(1 + random.below(6), "ACGTN"),
        alt: random.bases(1 + random.below(6), "ACGTN"),
      };
      const { build, ...rest } = key;
      expect(parseVariantId(variantId(key), "AUTO")).toEqual({ kind: "key", type: "VCF", build, key: rest });
      expect(parseVariantId(variantId(key), "VCF")).toEqual(parseVariantId(variantId(key), "AUTO"));
    }
  });

  it("as SPDI, of any allele of the primary assembly, is read back; on MT alone it does not say the build", () => {
    const random = createRandom(6);
    for (let round = 0; round < 1_000; round += 1) {
      const build = random.pick(BUILDS);
      const contig = random.pick(["1", "9", "17", "22", "X", "Y", "MT"]);
      const rest = { contig, pos: 1 + random.below(16_000), ref: random.bases(2), alt: random.bases(1) };
      const text = spdiOf({ build, ...rest }, refSeqAccession(build, contig) ?? "");
      const stated = contig === "MT" ? null : build;
      expect(parseVariantId(text, "AUTO")).toEqual({ kind: "key", type: "SPDI", build: stated, key: rest });
    }
  });

  it.each([
    ["NC_000010.11:94781858:G:A", 94781859],
    ["NC_000019.10:44908821:C:T", 44908822],
  ])("%s is 0-based and %d is 1-based (handbook 1.5, 1.6)", (text, pos) => {
    expect(parseVariantId(text, "SPDI")).toMatchObject({ kind: "key", key: { pos } });
  });

  it.each([
    ["CLINVAR_VARIATION", "12345"],
    ["CAID", "CA123"],
    ["VRS", "ga4gh:VA.0AePZIWZUNsUlQTamyLrjm2HWUw2opLt"],
    ["HGVS", "NC_000010.11:g.94949283del"],
    ["HGVS", "NM_000769.4:c.681G>A"],
    ["HGVS", "NP_000760.1:p.Pro227="],
    ["HGVS", "NC_012920.1:m.73A>G"],
  ] as const)("of kind %s, such as %s, is unsupported and never guessed", (type, text) => {
    expect(parseVariantId(text, type)).toEqual({ kind: "unsupported", type });
  });

  it.each(["NM_000769.4:c.681G>A", "NP_000760.1:p.Pro227=", "NC_012920.1:m.73A>G", "NC_000010.11:g.94949283del"])(
    "%s is told to be HGVS without being asked for",
    (text) => {
      expect(parseVariantId(text, "AUTO")).toEqual({ kind: "unsupported", type: "HGVS" });
    },
  );

  it("an rsID is an alias, not a key (handbook 1.6)", () => {
    expect(parseVariantId(" rs4244285 ", "RSID")).toEqual({ kind: "name", type: "RSID", name: "rs4244285" });
    expect(parseVariantId("rs4244285x", "AUTO")).toEqual({ kind: "invalid" });
  });
});

describe("a position no contig has", () => {
  it.each(["chr10-9999999999-G-A", "NC_000010.11:2147483647:G:A", "NC_000010.11:g.2147483648G>A"])(
    "%s is invalid, as it would not fit 32 bits",
    (text) => {
      expect(parseVariantId(text, "AUTO")).toEqual({ kind: "invalid" });
    },
  );
});
