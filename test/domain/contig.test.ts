import { describe, expect, it } from "@jest/globals";
import {
  buildOfText,
  canonicalContig,
  contigLength,
  contigOfAccession,
  contigRank,
  detectBuild,
  inPseudoautosomal,
} from "../../src/domain/contig.js";

describe("contig names", () => {
  it.each([
    ["chr1", "1"],
    ["1", "1"],
    ["NC_000001.10", "1"],
    ["NC_000001.11", "1"],
    ["chrX", "X"],
    ["x", "X"],
    ["chrM", "MT"],
    ["M", "MT"],
    ["NC_012920.1", "MT"],
  ])("%s is %s", (name, canonical) => {
    expect(canonicalContig(name)).toBe(canonical);
  });

  it.each(["chrUn_KI270742v1", "HLA-A*01:01:01:01", "GL000192.1", "NC_000001.9", "NC_007605.1", "23", "chr0"])(
    "%s stays as it is",
    (name) => {
      expect(canonicalContig(name)).toBe(name);
    },
  );

  it("rank 1 to 22, X, Y, MT, then all others", () => {
    expect(["1", "9", "10", "22", "X", "Y", "MT", "chrUn_KI270742v1"].map(contigRank)).toEqual([
      1, 9, 10, 22, 23, 24, 25, 1000,
    ]);
  });
});

describe("builds", () => {
  it.each([
    ["GRCh37", "1", 249250621],
    ["GRCh38", "1", 248956422],
    ["GRCh37", "10", 135534747],
    ["GRCh38", "10", 133797422],
    ["GRCh37", "X", 155270560],
    ["GRCh38", "Y", 57227415],
    ["GRCh37", "MT", 16569],
  ] as const)("%s gives contig %s %d bases", (build, contig, length) => {
    expect(contigLength(build, contig)).toBe(length);
  });

  it("know no length outside the primary assembly", () => {
    expect(contigLength("GRCh38", "chrUn_KI270742v1")).toBeNull();
  });

  const contig = (id: string, length: number | null) => ({ id, length, assembly: null });

  it("are told by contig lengths, under any spelling of the name", () => {
    expect(detectBuild([contig("chr20", 64444167), contig("MT", 16569)])).toBe("GRCh38");
    expect(detectBuild([contig("NC_000020.10", 63025520)])).toBe("GRCh37");
  });

  it("are not told by MT alone, by unknown lengths, or by lengths of two builds", () => {
    expect(detectBuild([contig("MT", 16569)])).toBeNull();
    expect(detectBuild([contig("1", 247249719)])).toBeNull();
    expect(detectBuild([contig("1", 249250621), contig("2", 242193529)])).toBeNull();
    expect(detectBuild([contig("1", null)])).toBeNull();
  });

  it.each([
    ["file:///data/GRCh38_full_analysis_set_plus_decoy_hla.fa", "GRCh38"],
    ["GRCh38.p13", "GRCh38"],
    ["hg38", "GRCh38"],
    ["hs37d5.fa.gz", "GRCh37"],
    ["human_g1k_v37.fasta", "GRCh37"],
    ["ucsc.hg19.fasta", "GRCh37"],
    ["1000GenomesPilot-NCBI36.fasta", null],
    ["hg380", null],
    ["hg19ToHg38 from hg19 to hg38", null],
  ])("%s names %s", (text, build) => {
    expect(buildOfText(text)).toBe(build);
  });

  it("are told by a RefSeq accession's version", () => {
    expect(contigOfAccession("NC_000010.10")).toEqual({ build: "GRCh37", contig: "10" });
    expect(contigOfAccession("NC_000010.11")).toEqual({ build: "GRCh38", contig: "10" });
    expect(contigOfAccession("NC_000010.9")).toBeNull();
    expect(contigOfAccession("NC_000010")).toBeNull();
    expect(contigOfAccession("NC_012920.1")).toBeNull();
  });
});

describe("pseudoautosomal regions", () => {
  it("hold both of their ends", () => {
    const edges = [10000, 10001, 2781479, 2781480, 155701382, 155701383, 156030895, 156030896];
    expect(edges.map((pos) => inPseudoautosomal("GRCh38", "X", pos))).toEqual([
      false,
      true,
      true,
      false,
      false,
      true,
      true,
      false,
    ]);
    expect([60000, 60001, 2699520, 2699521].map((pos) => inPseudoautosomal("GRCh37", "X", pos))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it("lie on Y too, and on no other contig", () => {
    expect(inPseudoautosomal("GRCh37", "Y", 2649520)).toBe(true);
    expect(inPseudoautosomal("GRCh38", "Y", 56887902)).toBe(false);
    expect(inPseudoautosomal("GRCh38", "1", 20000)).toBe(false);
  });

  it("end 10,000 bases before the end of X, where its last gap begins", () => {
    for (const build of ["GRCh37", "GRCh38"] as const) {
      const last = (contigLength(build, "X") ?? 0) - 10_000;
      expect([inPseudoautosomal(build, "X", last), inPseudoautosomal(build, "X", last + 1)]).toEqual([true, false]);
    }
  });
});
