import { describe, expect, it } from "@jest/globals";
import { structuralFacts, type StructuralFacts } from "../../../src/jobs/ingest-variants/structural.js";

/** Facts of the first alternate at position 100. */
function of(alt: string, info: string, endPos: number | null = null, altIndex = 1): StructuralFacts {
  return structuralFacts(100, alt, altIndex, endPos, info);
}

describe("the type of a structural alternate", () => {
  it.each([
    ["<DEL>", "DEL"],
    ["<DUP:TANDEM>", "DUP:TANDEM"],
    ["<INS:ME:ALU>", "INS:ME:ALU"],
    ["<CNV>", "CNV"],
    ["<INV>", "INV"],
    ["<CN0>", "CN0"],
  ])("%s is %s, whatever SVTYPE says", (alt, svType) => {
    expect(of(alt, "SVTYPE=CNV").svType).toBe(svType);
  });

  it.each(["G]17:198982]", "]13:123456]T", "C[2:321682[", "[17:198983[A", "G]<ctg1>:7]", ".TGCA", "gtn."])(
    "%s is a breakend (handbook 1.2, SV)",
    (alt) => {
      expect(of(alt, "").svType).toBe("BND");
    },
  );
});

describe("the length and end of a structural alternate (handbook 1.2, SV)", () => {
  it("a length before 4.4 may be negative: it is given without sign", () => {
    expect(of("<DEL>", "SVTYPE=DEL;SVLEN=-205", 305)).toMatchObject({ svLen: 205, endPos: 305 });
    expect(of("<DEL>", "SVLEN=205", 305)).toMatchObject({ svLen: 205 });
  });

  it("a length that is missing follows from END, POS being the base before the event", () => {
    expect(of("<DEL>", "SVTYPE=DEL", 305).svLen).toBe(205);
    expect(of("<DUP>", "SVLEN=.", 305).svLen).toBe(205);
  });

  it.each(["DEL", "DEL:ME", "DEL_ALU", "DUP", "DUP:TANDEM", "INV", "CNV", "CNV:TR"])(
    "%s without END ends its length behind POS, as 4.5 computes it",
    (type) => {
      expect(of(`<${type}>`, "SVLEN=30")).toMatchObject({ endPos: 130, svLen: 30 });
      expect(of(`<${type}>`, "SVLEN=-30")).toMatchObject({ endPos: 130, svLen: 30 });
    },
  );

  it("the length of an insertion is of bases the reference does not have: it says no END, and END says no length", () => {
    expect(of("<INS>", "SVLEN=6027")).toMatchObject({ endPos: null, svLen: 6027 });
    expect(of("<INS:ME:ALU>", "SVTYPE=INS", 100)).toMatchObject({ endPos: 100, svLen: null });
  });

  it("neither is known where the file says neither", () => {
    expect(of("<DEL>", "IMPRECISE")).toMatchObject({ endPos: null, svLen: null });
    expect(of("<DEL>", "SVLEN=many")).toMatchObject({ endPos: null, svLen: null });
  });

  it("a breakend has no end of its own, and END gives it no length", () => {
    expect(of("G]17:198982]", "SVTYPE=BND;END=305", 305)).toMatchObject({ endPos: null, svLen: null });
  });
});

describe("what else INFO says of a structural alternate", () => {
  it("values per alternate are picked by its number", () => {
    const info = "SVLEN=-10,-20;MATEID=a,b;CN=1,3";
    expect(of("<DEL>", info, null, 1)).toMatchObject({ svLen: 10, mateId: "a", copyNumber: 1, endPos: 110 });
    expect(of("<DEL>", info, null, 2)).toMatchObject({ svLen: 20, mateId: "b", copyNumber: 3, endPos: 120 });
  });

  it("intervals are kept as written, a flag is a flag, and missing values are null", () => {
    expect(of("<DEL>", "IMPRECISE;CIPOS=-56,20;CIEND=-10,62;MATEID=.;CN=.")).toMatchObject({
      imprecise: true,
      ciPos: "-56,20",
      ciEnd: "-10,62",
      mateId: null,
      copyNumber: null,
    });
    expect(of("<DEL>", "")).toEqual({
      svType: "DEL",
      endPos: null,
      svLen: null,
      ciPos: null,
      ciEnd: null,
      mateId: null,
      imprecise: false,
      copyNumber: null,
    });
  });

  it("a key is the whole name, and a value may hold an equals sign", () => {
    expect(of("<DEL>", "XSVLEN=5;MATEID=x=y")).toMatchObject({ svLen: null, mateId: "x=y" });
  });
});
