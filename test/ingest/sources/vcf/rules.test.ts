import { describe, expect, it } from "@jest/globals";
import { VCF_RULES, type VcfRule } from "../../../../src/ingest/sources/vcf/index.js";
import { collect, vcf } from "./collect.js";

const META = [
  '##INFO=<ID=ONE,Number=1,Type=Integer,Description="one">',
  '##INFO=<ID=PER,Number=A,Type=Float,Description="per alternate">',
  '##INFO=<ID=LETTER,Number=1,Type=Character,Description="letter">',
  '##FORMAT=<ID=PAIR,Number=2,Type=Integer,Description="pair">',
  '##FORMAT=<ID=EACH,Number=R,Type=Float,Description="per allele">',
];

const good = "1 100 . A C 10 PASS . GT 0/0 0/1";

/** Rule, field and what was found for a bad record between two good ones. */
const cases: readonly (readonly [VcfRule, string, string, string])[] = [
  ["COLUMN_COUNT", "columns", "1 100 . A", "4 columns"],
  ["COLUMN_COUNT", "columns", "1 100 . A C . . . GT 0/0", "1 sample columns"],
  ["COLUMN_COUNT", "columns", "1 100 . A C . . . GT 0/0 0/1 0/1", "3 sample columns"],
  ["COLUMN_COUNT", "columns", "1\t100\t.\tA\tC\t.\t.\t.", "8 columns"],
  ["CHROM_SYNTAX", "CHROM", "chr:1 100 . A C . . . GT 0/0 0/1", "chr:1"],
  ["CHROM_SYNTAX", "CHROM", "1\u00a0 100 . A C . . . GT 0/0 0/1", "1\u00a0"],
  ["POS_SYNTAX", "POS", "1 -1 . A C . . . GT 0/0 0/1", "-1"],
  ["POS_SYNTAX", "POS", "1 2147483648 . A C . . . GT 0/0 0/1", "2147483648"],
  ["ID_SYNTAX", "ID", "1 100 a;a A C . . . GT 0/0 0/1", "a;a"],
  ["ID_SYNTAX", "ID", "1\t100\t\tA\tC\t.\t.\t.\tGT\t0/0\t0/1", ""],
  ["REF_SYNTAX", "REF", "1 100 . R C . . . GT 0/0 0/1", "R"],
  ["REF_SYNTAX", "REF", "1 100 . . C . . . GT 0/0 0/1", "."],
  ["ALT_SYNTAX", "ALT", "1 100 . A C, . . . GT 0/0 0/1", ""],
  ["ALT_SYNTAX", "ALT", "1 100 . A [1:5[ . . . GT 0/0 0/1", "[1:5["],
  ["ALT_SYNTAX", "ALT", "1 100 . A A[1:5] . . . GT 0/0 0/1", "A[1:5]"],
  ["ALT_DUPLICATE", "ALT", "1 100 . A a . . . GT 0/0 0/1", "a"],
  ["ALT_DUPLICATE", "ALT", "1 100 . A C,c . . . GT 0/0 0/1", "c"],
  ["QUAL_SYNTAX", "QUAL", "1 100 . A C high . . GT 0/0 0/1", "high"],
  ["QUAL_SYNTAX", "QUAL", "1 100 . A C -1 . . GT 0/0 0/1", "-1"],
  ["FILTER_SYNTAX", "FILTER", "1 100 . A C . q10;0 . GT 0/0 0/1", "q10;0"],
  ["FILTER_SYNTAX", "FILTER", "1 100 . A C . PASS;q10 . GT 0/0 0/1", "PASS;q10"],
  ["INFO_SYNTAX", "INFO", "1 100 . A C . . A-B=1 GT 0/0 0/1", "A-B=1"],
  ["INFO_DUPLICATE", "INFO/ONE", "1 100 . A C . . ONE=1;ONE=2 GT 0/0 0/1", "ONE=2"],
  ["INFO_TYPE", "INFO/ONE", "1 100 . A C . . ONE=1.5 GT 0/0 0/1", "1.5"],
  ["INFO_TYPE", "INFO/ONE", "1 100 . A C . . ONE=2147483648 GT 0/0 0/1", "2147483648"],
  ["INFO_TYPE", "INFO/LETTER", "1 100 . A C . . LETTER=ab GT 0/0 0/1", "ab"],
  ["INFO_TYPE", "INFO/DB", "1 100 . A C . . DB=yes GT 0/0 0/1", "yes"],
  ["INFO_NUMBER", "INFO/PER", "1 100 . A C,G . . PER=0.5 GT 0/0 0/1", "0.5"],
  ["INFO_NUMBER", "INFO/ONE", "1 100 . A C . . ONE GT 0/0 0/1", "no value"],
  ["INFO_VALUE", "INFO/DP", "1 100 . A C . . DP=-4 GT 0/0 0/1", "-4"],
  ["INFO_VALUE", "INFO/CIGAR", "1 100 . A C . . CIGAR=1Q GT 0/0 0/1", "1Q"],
  ["FORMAT_SYNTAX", "FORMAT", "1 100 . A C . . . DP:GT 1:0/0 2:0/1", "DP:GT"],
  ["FORMAT_SYNTAX", "FORMAT", "1 100 . A C . . . GT:DP:DP 0/0 0/1", "GT:DP:DP"],
  ["SAMPLE_SYNTAX", "S0", "1 100 . A C . . . GT 0/0:0/1", "0/0:0/1"],
  ["SAMPLE_SYNTAX", "S1", "1 100 . A C . . . GT 0/0 0/1:5", "0/1:5"],
  ["SAMPLE_TYPE", "FORMAT/PAIR of S1", "1 100 . A C . . . GT:PAIR 0/0:1,2 0/1:1,b", "b"],
  ["SAMPLE_NUMBER", "FORMAT/EACH of S0", "1 100 . A C . . . GT:EACH 0/0:1 0/1", "1"],
  ["SAMPLE_NUMBER", "FORMAT/PL of S0", "1 100 . A C . . . GT:PL 0/0:1,2 0/1", "1,2"],
  ["GENOTYPE_SYNTAX", "FORMAT/GT of S1", "1 100 . A C . . . GT 0/0 0/C", "0/C"],
  ["ALLELE_RANGE", "FORMAT/GT of S0", "1 100 . A C . . . GT 0/2 0/0", "0/2"],
  ["ENCODING", "line", "1 100 . A C . . X=\0 GT 0/0 0/1", "byte 0 at 19 of the line"],
];

describe.each(["plain", "words"] as const)("a record that breaks a rule, with the %s scanner", (scanner) => {
  it.each(cases)("%s in %s: %j", async (rule, field, bad, found) => {
    const text = vcf([good, bad, good], { meta: META, samples: 2 });
    const { records, rejections, summary } = await collect(text, { scanner });
    expect(summary).toMatchObject({ recordsRead: 3, accepted: 2, rejected: 1 });
    expect(records.map(({ line }) => line)).toEqual([8, 10]);
    expect(rejections).toMatchObject([{ line: 9, rule, field, found, raw: text.split("\n")[8] }]);
    expect(rejections[0]?.expected).not.toBe("");
  });

  it("rejects every record of a contig that comes back", async () => {
    const { records, rejections } = await collect(
      vcf(["1 5 . A C . . .", "2 5 . A C . . .", "1 6 . A C . . .", "2 7 . A C . . ."]),
      {
        scanner,
      },
    );
    expect(records.map(({ line }) => line)).toEqual([3, 4, 6]);
    expect(rejections).toMatchObject([{ line: 5, rule: "CHROM_CONTIGUOUS", found: "1" }]);
  });

  it("rejects a line that is not UTF-8, and keeps the others of the same window", async () => {
    const text = Buffer.concat([
      Buffer.from(vcf(["1 1 . A C . . X=é"])),
      Buffer.from("1\t2\t.\tA\tC\t.\t.\tX=\u00e9\n", "latin1"),
      Buffer.from("1\t3\t.\tA\tC\t.\t.\tX=é\n"),
    ]);
    const { records, rejections } = await collect(text, { scanner });
    expect(records.map(({ pos, info }) => [pos, info])).toEqual([
      [1, "X=é"],
      [3, "X=é"],
    ]);
    expect(rejections).toMatchObject([{ line: 4, rule: "ENCODING" }]);
  });

  it("rejects more distinct genotype texts than a file may have", async () => {
    const alternates = Array.from({ length: 260 }, (_, index) => "A".repeat(index + 2)).join(",");
    const columns = Array.from(
      { length: 256 * 257 },
      (_, index) => `${String(index % 257)}/${String(Math.floor(index / 257))}`,
    );
    const text = vcf([`1 1 . A ${alternates} . . . GT ${columns.join(" ")}`], { samples: columns.length });
    const { rejections } = await collect(text, { scanner });
    expect(rejections).toMatchObject([{ rule: "GENOTYPE_VARIETY" }]);
    expect(rejections[0]?.raw.length).toBe(64 * 1024);
  });

  it("rejects lines and alleles past their limits, and reads on after them", async () => {
    const long = `1 2 . A C . . X=${"x".repeat(3_000_000)}`;
    const allele = `1 3 . ${"A".repeat(60)} C . . .`;
    const text = vcf(["1 1 . A C . . .", long, allele, "1 4 . A C . . ."]);
    const { records, rejections, summary } = await collect(text, {
      scanner,
      limits: { lineBytes: 2_000_000, alleleBytes: 50 },
    });
    expect(summary).toMatchObject({ recordsRead: 4, accepted: 2, rejected: 2 });
    expect(records.map(({ line }) => line)).toEqual([3, 6]);
    expect(rejections).toMatchObject([
      { line: 4, rule: "LINE_TOO_LONG" },
      { line: 5, rule: "REF_SYNTAX" },
    ]);
    expect(rejections[0]?.found.length).toBe(200);
  });

  it.each([
    ["of the header, for a contig no build knows", ["##contig=<ID=decoy,length=50>"], null, "decoy", 50],
    ["of the header before that of the build", ["##contig=<ID=MT,length=16571>"], "GRCh37", "MT", 16571],
    ["of the build the header shows", ["##contig=<ID=1,length=249250621>"], null, "21", 48129895],
    ["of the build that is stated", [], "GRCh38", "chr21", 46709983],
  ] as const)(
    "rejects a record past the length %s, and takes the telomeres",
    async (_name, meta, build, contig, end) => {
      const records = [0, end, end + 1, end + 2].map((pos) => `${contig} ${String(pos)} . N C . . .`);
      const over = `${contig} ${String(end)} . NN N . . .`;
      const read = await collect(vcf([...records, over], { meta }), { scanner, build });
      expect(read.records.map(({ pos }) => pos)).toEqual([0, end, end + 1]);
      const fault = { field: "POS", rule: "POS_RANGE", expected: expect.stringContaining(` ${String(end)},`) };
      expect(read.rejections).toMatchObject([
        { ...fault, found: String(end + 2) },
        { ...fault, found: String(end) },
      ]);
    },
  );

  it("takes any position of a contig whose length nobody says", async () => {
    const read = await collect(vcf(["decoy 2147483647 . N C . . ."]), { scanner, build: "GRCh38" });
    expect(read.rejections).toEqual([]);
  });

  it("rejects more alternates than a record may have", async () => {
    const bases = "ACGT";
    const alt = (index: number): string =>
      "T" + Array.from({ length: 6 }, (_, at) => bases[Math.floor(index / 4 ** at) % 4]).join("");
    const record = (count: number): string =>
      `1 1 . A ${Array.from({ length: count }, (_, index) => alt(index)).join(",")} . . .`;
    const { records, rejections } = await collect(vcf([record(1_000), record(1_001)]), { scanner });
    expect(records.map(({ alts }) => alts.length)).toEqual([1_000]);
    expect(rejections).toMatchObject([{ line: 4, rule: "ALT_SYNTAX", expected: "at most 1000 alternates" }]);
  });

  it("holds a line of exactly the limit for right, one byte more for wrong", async () => {
    const line = `1\t1\t.\tA\tC\t.\t.\tX=${"x".repeat(100)}`;
    const of = async (lineBytes: number) =>
      (await collect(vcf([line]), { scanner, limits: { lineBytes } })).summary.rejected;
    expect(await of(line.length)).toBe(0);
    expect(await of(line.length - 1)).toBe(1);
  });
});

describe("what older or wider practice allows", () => {
  it.each([
    ["4.2", "a hyphen in an INFO key", "1 1 . A C . . assume-default GT 0/0 0/1"],
    ["4.2", "an empty ID", "1\t1\t\tA\tC\t.\t.\t.\tGT\t0/0\t0/1"],
    ["4.2", "an empty QUAL and INFO", "1\t1\t.\tA\tC\t\t.\t\tGT\t0/0\t0/1"],
    ["4.3", "INFO keys without a definition", "1 1 . A C . . UNKNOWN=1,2;ALSO GT 0/0 0/1"],
    ["4.3", "one semicolon at the end of INFO", "1 1 . A C . . ONE=1; GT 0/0 0/1"],
    ["4.3", "diploid likelihoods beside a haploid call", "1 1 . A C . . . GT:PL 0:1,2,3 0/1:1,2,3"],
    ["4.3", "values per allele under Number=A", "1 1 . A C . . . GT:EC 0/0:1,2 0/1:5"],
    ["4.4", "a symbolic allele twice", "1 1 . A <CNV:TR>,<CNV:TR> . . . GT 0/1 0/2"],
    ["4.4", "a leading phase mark", "1 1 . A C . . . GT |0 /0|1"],
    ["4.3", "an HLA contig", "HLA-A*01:01:01:01 1 . A C . . . GT 0/0 0/1"],
    ["4.3", "the telomeres", "1 0 . N C . . . GT 0/0 0/1"],
  ])("VCF %s may have %s", async (version, _what, record) => {
    for (const scanner of ["plain", "words"] as const) {
      const { rejections } = await collect(vcf([record], { version, meta: META, samples: 2 }), { scanner });
      expect(rejections).toEqual([]);
    }
  });

  it("does not ask positions to be in order", async () => {
    const { summary } = await collect(vcf(["1 9 . A C . . .", "1 5 . A C . . ."]));
    expect(summary.accepted).toBe(2);
  });
});

it("every rule has a case above", () => {
  const tested = new Set([
    ...cases.map(([rule]) => rule),
    "POS_RANGE",
    "CHROM_CONTIGUOUS",
    "GENOTYPE_VARIETY",
    "LINE_TOO_LONG",
  ]);
  expect(Object.keys(VCF_RULES).filter((rule) => !tested.has(rule))).toEqual([]);
});
