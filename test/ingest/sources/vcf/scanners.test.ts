import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { collect, vcf, type CollectedRecord } from "./collect.js";

const META = [
  '##INFO=<ID=COUNT,Number=1,Type=Integer,Description="x">',
  '##INFO=<ID=PER,Number=A,Type=Float,Description="x">',
  '##INFO=<ID=BOTH,Number=R,Type=Integer,Description="x">',
  '##INFO=<ID=WORD,Number=1,Type=String,Description="x">',
  '##INFO=<ID=MARK,Number=1,Type=Character,Description="x">',
  '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="x">',
  '##FORMAT=<ID=WORD,Number=1,Type=String,Description="x">',
  '##FORMAT=<ID=SHARE,Number=A,Type=Float,Description="x">',
];

const pick = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const listOf = (item: fc.Arbitrary<string>, max: number): fc.Arbitrary<string> =>
  fc.array(item, { minLength: 1, maxLength: max }).map((items) => items.join(","));
/** Mostly a common value, now and then an odd one. */
const mostly = (common: fc.Arbitrary<string>, ...odd: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 12, arbitrary: common }, { weight: 1, arbitrary: pick(...odd) });
const integer = mostly(fc.nat(120).map(String), ".", "-3", "2147483647", "2147483648", "007", "+4", "9999999999", "");
const float = mostly(
  fc.double({ noNaN: true, min: 0, max: 1e9 }).map(String),
  ...[".", "-0.5", "nan", "inf", "1e-300", "1.", ".5", "-.", "1e", "0", "1.2.3"],
);
const word = mostly(pick("abc", ".", "v1.2"), "", "a b", "x%3By", "é", "a,b");
const genotype = fc.oneof(
  { weight: 6, arbitrary: pick("0|0", "0/0") },
  { weight: 3, arbitrary: pick("0|1", "1|0", "0/1", "1/1", "./.", ".", "0", "1") },
  { weight: 1, arbitrary: pick("1/2", "2|2", "0/0/1", "|0|1", "10/11", "", "0/", "0|1/1", "a|b", "././.", ".|0") },
);

const infoField = fc.oneof(
  integer.map((value) => `COUNT=${value}`),
  listOf(float, 3).map((values) => `PER=${values}`),
  listOf(integer, 3).map((values) => `BOTH=${values}`),
  word.map((value) => `WORD=${value}`),
  integer.map((value) => `END=${value}`),
  integer.map((value) => `DP=${value}`),
  pick("DB", "DB=1", "H2", "UNKNOWN=1,2", "OTHER", "MARK=a", "MARK=ab", "CIGAR=3M1D", "CIGAR=3", "", "A-B=1"),
);
const info = fc.oneof(
  { weight: 1, arbitrary: pick(".", "") },
  {
    weight: 4,
    arbitrary: fc
      .uniqueArray(infoField, { maxLength: 5, selector: (field) => field.split("=")[0] })
      .map((fields) => fields.join(";")),
  },
  { weight: 1, arbitrary: fc.array(infoField, { maxLength: 3 }).map((fields) => fields.join(";")) },
);

const fieldValue: Readonly<Record<string, fc.Arbitrary<string>>> = {
  GT: genotype,
  AD: listOf(integer, 3),
  DP: integer,
  GQ: fc.oneof(integer, float),
  MIN_DP: integer,
  PS: pick(".", "5", "100", "name"),
  FT: pick(".", "PASS", "q10;s50"),
  PL: listOf(integer, 6),
  WORD: word,
  SHARE: listOf(float, 2),
  XX: word,
};
const format = fc.oneof(
  { weight: 4, arbitrary: fc.constant(["GT"]) },
  {
    weight: 5,
    arbitrary: fc
      .subarray(["AD", "DP", "GQ", "MIN_DP", "PS", "FT", "PL", "WORD", "SHARE", "XX"], { maxLength: 4 })
      .map((keys) => ["GT", ...keys]),
  },
  { weight: 1, arbitrary: pick(["DP"], ["DP", "GT"], ["GT", "GT"], ["XX", "AD"]) },
);

function sampleOf(keys: readonly string[]): fc.Arbitrary<string> {
  const values = fc.tuple(
    ...keys.map((key) => fc.oneof({ weight: 6, arbitrary: fieldValue[key]! }, { weight: 1, arbitrary: pick(".") })),
  );
  const kept = fc.oneof(
    { weight: 3, arbitrary: fc.constant(keys.length) },
    { weight: 1, arbitrary: fc.nat(keys.length) },
  );
  return fc.tuple(values, kept).map(([all, count]) => all.slice(0, Math.max(1, count)).join(":"));
}

function recordOf(samples: number): fc.Arbitrary<string> {
  const fixed = fc.tuple(
    mostly(fc.constant("1"), "chr2", "X"),
    mostly(fc.nat(1000).map(String), "0", "-1", "x"),
    mostly(pick(".", "rs1", "a;b"), "a;a", ""),
    mostly(pick("A", "a", "ACG", "N"), "R", "."),
    mostly(pick("C", "C,G", "T", "<DEL>", "<NON_REF>", "C,<*>", "."), "c", "A[1:5[", "A", "C,C", ""),
    mostly(pick(".", "10", "1e3"), "inf", "x", "", "-1"),
    mostly(pick("PASS", ".", "q10"), "0", "a;a", ""),
    info,
  );
  if (samples === 0) return fixed.map((columns) => columns.join("\t"));
  return fc
    .tuple(fixed, format)
    .chain(([columns, keys]) =>
      fc
        .array(sampleOf(keys), { minLength: samples, maxLength: samples })
        .map((entries) => [...columns, keys.join(":"), ...entries].join("\t")),
    );
}

/** One byte put in, taken out or replaced. */
const damage = fc.oneof(
  { weight: 5, arbitrary: fc.constant(null) },
  {
    weight: 1,
    arbitrary: fc.record({
      place: fc.double({ min: 0, max: 1, noNaN: true }),
      cut: fc.nat(1),
      put: pick("", "\t", ":", "|", "/", ".", ",", ";", "=", "0", "9", "A", " ", "\0", "\x7f", "é", "\r"),
    }),
  },
);

const file = fc
  .tuple(pick(0, 1, 2, 5, 8), pick("4.1", "4.3"))
  .chain(([samples, version]) =>
    fc.record({
      samples: fc.constant(samples),
      version: fc.constant(version),
      records: fc.array(fc.tuple(recordOf(samples), damage), { maxLength: 8 }),
    }),
  )
  .map(({ samples, version, records }) => {
    const lines = records.map(([record, change]) => {
      if (change === null) return record;
      const at = Math.floor(change.place * record.length);
      return record.slice(0, at) + change.put + record.slice(at + change.cut);
    });
    return vcf(
      lines.map((line) => (line.includes("\t") ? line : `${line}\t`)),
      { samples, version, meta: META },
    );
  });

/** Genotype texts of all samples, as the line has them. */
function genotypesOf(text: string, { line }: CollectedRecord): readonly string[] {
  const columns = text.split("\n")[line - 1]!.replace(/\r$/, "").split("\t");
  return columns[8]?.split(":")[0] === "GT" ? columns.slice(9).map((sample) => sample.split(":")[0]!) : [];
}

describe("the two scanners", () => {
  it("give the same records, rejections and counts for any text, and account for every line", async () => {
    let accepted = 0;
    let rejected = 0;
    await fc.assert(
      fc.asyncProperty(file, async (text) => {
        const plain = await collect(text, { scanner: "plain" });
        const words = await collect(text, { scanner: "words" });
        expect(words).toEqual(plain);
        const { summary } = plain;
        expect(summary.recordsRead).toBe(summary.accepted + summary.rejected);
        expect([summary.accepted, summary.rejected]).toEqual([plain.records.length, plain.rejections.length]);
        for (const record of words.records) {
          const found = genotypesOf(text, record).map((_gt, column) => record.listed[column]?.gt ?? record.base);
          expect(found).toEqual(genotypesOf(text, record));
        }
        accepted += summary.accepted;
        rejected += summary.rejected;
      }),
      { numRuns: 600 },
    );
    expect(accepted).toBeGreaterThan(300);
    expect(rejected).toBeGreaterThan(300);
  });

  it("give the same for genotypes of three bytes, at every number of samples and of alternates", async () => {
    const gt = fc.oneof(
      { weight: 8, arbitrary: pick("0|0") },
      { weight: 1, arbitrary: pick("0|1", "1/0", ".|.", "2|1", "0/0", "00|", "|0|") },
    );
    const wide = fc.tuple(fc.integer({ min: 1, max: 40 }), pick("C", "C,G", ".")).chain(([samples, alt]) =>
      fc.array(fc.array(gt, { minLength: samples, maxLength: samples }), { minLength: 1, maxLength: 6 }).map((rows) =>
        vcf(
          rows.map((row, index) => `1 ${String(index)} . A ${alt} . . . GT ${row.join(" ")}`),
          { samples },
        ),
      ),
    );
    await fc.assert(
      fc.asyncProperty(wide, async (text) => {
        expect(await collect(text, { scanner: "words" })).toEqual(await collect(text, { scanner: "plain" }));
      }),
      { numRuns: 300 },
    );
  });
});
