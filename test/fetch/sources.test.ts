import { describe, expect, it } from "@jest/globals";
import { readFileSync } from "node:fs";
import { canonicalContig } from "../../src/domain/contig.js";
import {
  FETCH_SOURCES,
  KNOWN_GENES,
  checkRegion,
  fileOf,
  findSource,
  parseRegion,
  regionOfGene,
} from "../../src/fetch/index.js";
import { itShared, requireShared } from "../helpers/shared.js";

describe("a region", () => {
  it.each([
    ["chr10:94761900-94855547", "chr10", 94_761_900, 94_855_547],
    ["10:94,761,900-94,855,547", "10", 94_761_900, 94_855_547],
    ["X:5", "X", 5, 5],
  ])("%s is read", (text, contig, start, end) => {
    expect(parseRegion(text)).toEqual({ contig, start, end });
  });

  it.each(["chr10", "chr10:0-5", "chr10:9-5", "chr10:a-b", "chr10:1-2-3", ""])("%j is refused", (text) => {
    expect(() => parseRegion(text)).toThrow(expect.objectContaining({ code: "BAD_USER_INPUT" }));
  });

  it("past the end of its contig is most likely of the other build", () => {
    const region = parseRegion("chr17:83000000-83200000");
    expect(() => {
      checkRegion(region, "GRCh37");
    }).toThrow(expect.objectContaining({ code: "BAD_USER_INPUT" }));
    checkRegion(region, "GRCh38");
  });
});

describe("a gene", () => {
  it("is its span and the flank, by either case of its symbol", () => {
    expect(regionOfGene("cyp2c19", "GRCh38")).toEqual({ contig: "10", start: 94_759_681, end: 94_858_547 });
  });

  it.each([
    ["NOSUCH", "GRCh38"],
    ["CYP2C19", "GRCh37"],
  ] as const)("%s of %s is refused, with what to do instead", (gene, build) => {
    expect(() => regionOfGene(gene, build)).toThrow(
      expect.objectContaining({ code: "BAD_USER_INPUT", message: expect.stringContaining("region") }),
    );
  });

  it("covers its promoter sites", () => {
    for (const [gene, pos] of [
      ["CYP2C19", 94_761_900],
      ["VKORC1", 31_096_368],
      ["UGT1A1", 233_760_233],
    ] as const) {
      const { start, end } = regionOfGene(gene, "GRCh38");
      expect(pos).toBeGreaterThan(start);
      expect(pos).toBeLessThan(end);
    }
  });

  itShared("covers every position that star alleles of the gene are called from", () => {
    const outside: string[] = [];
    let inside = 0;
    for (const line of readFileSync(requireShared("annotations/pharmcat/pharmcat_positions.vcf"), "utf8").split("\n")) {
      const [contig = "", pos = "", , , , , , info = ""] = line.split("\t");
      const gene = /PX=([^;]+)/.exec(info)?.[1] ?? "";
      if (line.startsWith("#") || !KNOWN_GENES.includes(gene)) continue;
      const region = regionOfGene(gene, "GRCh38");
      const isInside = region.contig === canonicalContig(contig) && +pos >= region.start && +pos <= region.end;
      if (isInside) inside += 1;
      else outside.push(`${gene} ${pos}`);
    }
    expect(outside).toEqual([]);
    expect(inside).toBeGreaterThan(1_000);
  });
});

describe("a source", () => {
  it("says of itself that it has not been tried, and has https addresses", () => {
    for (const source of FETCH_SOURCES) {
      expect(source).toMatchObject({ tried: false, base: expect.stringMatching(/^https:.*\/$/) });
    }
  });

  it("has a file per contig, X by its own name", () => {
    const panel = findSource("1000genomes", "GRCh38");
    expect(fileOf(panel, "chr10").url).toMatch(
      /\/1kGP_high_coverage_Illumina\.chr10\.filtered\.SNV_INDEL_SV_phased_panel\.vcf\.gz$/,
    );
    expect(fileOf(panel, "X").url).toMatch(/chrX.*\.v2\.vcf\.gz$/);
    expect(() => fileOf(panel, "chrM")).toThrow(expect.objectContaining({ code: "NOT_FOUND" }));
    expect(fileOf(findSource("1000genomes", "GRCh37"), "chr10").url).toMatch(/ALL\.chr10\.phase3.*v5b/);
  });

  it("is found under another base, its digests too", () => {
    expect(fileOf(findSource("clinvar", "GRCh37"), null, "http://127.0.0.1:1/mirror")).toEqual({
      url: "http://127.0.0.1:1/mirror/vcf_GRCh37/clinvar.vcf.gz",
      checksum: { algorithm: "md5", url: "http://127.0.0.1:1/mirror/vcf_GRCh37/clinvar.vcf.gz.md5" },
    });
  });

  it("that nobody knows is refused with those that are known", () => {
    expect(() => findSource("gnomad", "GRCh38")).toThrow(
      expect.objectContaining({ code: "BAD_USER_INPUT", message: expect.stringContaining("clinvar-summary") }),
    );
  });
});
