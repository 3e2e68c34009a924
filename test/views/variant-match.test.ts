import { describe, expect, it } from "@jest/globals";
import type { ClinicalStatement } from "../../src/domain/clinical.js";
import type { NumberRange, Predicate, Truth } from "../../src/domain/variant-filter.js";
import { ZYGOSITIES, type Zygosity } from "../../src/domain/zygosity.js";
import { zygosityOfText } from "../../src/views/variant-match.js";
import { ask, call, counts, frequency, NONE, not, record, row, samples, type Setting } from "./match-setting.js";

describe("a region (handbook 1.5)", () => {
  const region = (start0: number, end0: number): Predicate => ({
    kind: "regions",
    regions: [{ build: "GRCh38", contig: "1", start0, end0 }],
  });
  const at = (pos: number, ref = "A", alt = "G"): Partial<Setting> => ({ rows: [row({ contig: "1", pos, ref, alt })] });

  it("1:100-200 holds the SNVs at 100 and 200, not those at 99 and 201", () => {
    expect([99, 100, 200, 201].map((pos) => ask(region(99, 200), at(pos)))).toEqual([false, true, true, false]);
  });

  it("1:100-200 holds 98:ACG>A by overlap, since its REF covers 98 to 100, and not 97:ACG>A", () => {
    expect([98, 97].map((pos) => ask(region(99, 200), at(pos, "ACG", "A")))).toEqual([true, false]);
    expect(ask(region(99, 200), at(98, "A", "ACG"))).toBe(false);
  });

  it("is of one build and one contig, and no regions hold nothing", () => {
    expect(ask(region(99, 200), { rows: [row({ contig: "2", pos: 150 })] })).toBe(false);
    expect(ask(region(99, 200), { rows: [row({ contig: "1", pos: 150, build: "GRCh37" })] })).toBe(false);
    expect(ask({ kind: "regions", regions: [] })).toBe(false);
    expect(ask({ kind: "genes", names: ["TPMT"], regions: [] })).toBe(false);
  });
});

describe("a name", () => {
  it("is the allele itself or one of the ids of one of its records, in any case", () => {
    const rows = [row({ ids: "rs1;RS22" }), row({ callSetId: "cs-2", ids: "other" })] as const;
    const named = (...names: readonly string[]): Truth => ask({ kind: "ids", keys: [], names }, { rows });
    expect([named("rs22"), named("other"), named("rs2"), named()]).toEqual([true, true, false, false]);
    expect(ask({ kind: "ids", keys: ["GRCh38:10-94781859-G-A"], names: [] }, { rows })).toBe(true);
    expect(ask({ kind: "ids", keys: ["GRCh37:10-94781859-G-A"], names: [] }, { rows })).toBe(false);
    expect(ask({ kind: "ids", keys: [], names: ["."] }, { rows: [row({ ids: null })] })).toBe(false);
  });

  it("of a type is that of the normalised allele", () => {
    expect(ask({ kind: "types", types: ["deletion", "SNV"] })).toBe(true);
    expect(ask({ kind: "types", types: ["deletion"] })).toBe(false);
    expect(ask({ kind: "types", types: [] })).toBe(false);
  });
});

describe("a record", () => {
  it("without filters is not PASS, and whether it would be is unknown (handbook 1.2, FILTER)", () => {
    const passes = (filters: string | null): Truth => ask(record({ passOnly: true }), { rows: [row({ filters })] });
    expect([passes("PASS"), passes("q10"), passes(null)]).toEqual([true, false, null]);
    expect(ask(not(record({ passOnly: true })), { rows: [row({ filters: null })] })).toBeNull();
  });

  it("has a filter by its whole name", () => {
    const rows = [row({ filters: "q10;lowdp" })] as const;
    expect(["q10", "lowdp", "q1", "PASS"].map((name) => ask(record({ filters: [name] }), { rows }))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(ask(record({ filters: ["q10"] }), { rows: [row({ filters: null })] })).toBeNull();
  });

  it("must meet all that is asked: two records that meet a half each do not", () => {
    const rows = [row({ qual: 90, filters: "q10" }), row({ callSetId: "cs-2", qual: 5, filters: "PASS" })] as const;
    expect(ask(record({ qual: { ...NONE, gte: 50 }, passOnly: true }), { rows })).toBe(false);
    expect(ask(record({ qual: { ...NONE, gte: 50 } }), { rows })).toBe(true);
    expect(ask(record({ passOnly: true }), { rows })).toBe(true);
  });

  it("without a quality is unknown, unless another part decides or missing is to count", () => {
    const rows = [row({ qual: null, filters: "q10" })] as const;
    expect(ask(record({ qual: { ...NONE, gte: 1 } }), { rows })).toBeNull();
    expect(ask(record({ qual: { ...NONE, gte: 1 }, passOnly: true }), { rows })).toBe(false);
    expect(ask(record({ qual: { ...NONE, gte: 1, includeMissing: true } }), { rows })).toBe(true);
  });
});

describe("a frequency (handbook 0, rules 2 and 5)", () => {
  const rare = { ...NONE, lt: 0.2 };
  const rows = [
    row({ groupCounts: counts({ ac: 1, an: 10 }, { ac: 3, an: 4 }, {}) }),
    row({ callSetId: "cs-2", groupCounts: counts({ ac: 9, an: 10 }, { ac: 0, an: 4 }, { ac: 1, an: 2 }) }),
  ] as const;

  it("is that of one call set, by id or name, never of two together", () => {
    const of = (source: string | null, af: NumberRange): Truth => ask(frequency({ source, af }), { rows });
    expect([of("first", rare), of("cs-1", rare), of("second", rare)]).toEqual([true, true, false]);
    expect(of(null, { ...NONE, gte: 0.45, lte: 0.55 })).toBe(false);
    expect(of(null, rare)).toBe(true);
  });

  it("is that of one group of people", () => {
    expect(ask(frequency({ source: "first", sex: "female", af: { ...NONE, gte: 0.75 } }), { rows })).toBe(true);
    expect(ask(frequency({ source: "second", sex: "female", af: { ...NONE, lte: 0 } }), { rows })).toBe(true);
    expect(ask(frequency({ source: "second", population: "EUR", af: { ...NONE, gte: 0.5 } }), { rows })).toBe(true);
  });

  it.each([
    ["a call set that does not hold the variant", { source: "sites" }],
    ["a call set nobody knows", { source: "nobody" }],
    ["a group that was not called there", { source: "first", population: "EUR" }],
    ["a group the sheet does not give", { source: "first", population: "AFR" }],
    ["a pair of groups that was not counted", { source: "first", population: "EUR", sex: "male" }],
  ])("in %s is unknown, and so is its opposite; asked to count, it counts", (_name, where) => {
    expect(ask(frequency({ ...where, af: rare }), { rows })).toBeNull();
    expect(ask(not(frequency({ ...where, af: rare })), { rows })).toBeNull();
    expect(ask(frequency({ ...where, af: { ...rare, includeMissing: true } }), { rows })).toBe(true);
    expect(ask(not(frequency({ ...where, af: { ...rare, includeMissing: true } })), { rows })).toBe(false);
  });
});

describe("samples", () => {
  const calls = new Map([
    ["cs-1", [call(0, "0|1"), call(2, "./.")]],
    ["cs-2", [call(0, "1/1")]],
  ]);
  const rows = [row({ baseGt: "0/0" }), row({ callSetId: "cs-2", baseGt: null })] as const;
  const has = (name: string, zygosity: Zygosity, where: string | null = null): Truth =>
    ask(samples([name], [zygosity], where), { rows, calls });

  it("without a listed genotype have the base of the record, where there is one", () => {
    expect([has("A", "HET"), has("A", "HOM_REF"), has("B", "HOM_REF"), has("B", "HET")]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect([has("D", "HOM_REF"), has("D", "MISSING")]).toEqual([null, null]);
  });

  it("have one genotype in each call set they are in: two of one person are two (handbook 0, rule 2)", () => {
    expect([has("C", "MISSING"), has("C", "HOM_ALT")]).toEqual([true, true]);
    expect([has("C", "HOM_ALT", "first"), has("C", "HOM_ALT", "second"), has("C", "HOM_ALT", "cs-2")]).toEqual([
      null,
      true,
      true,
    ]);
  });

  it("whose genotype is missing are unknown, unless that is asked for", () => {
    expect([has("C", "HET", "first"), has("C", "MISSING", "first"), has("A", "HOM_ALT", "first")]).toEqual([
      null,
      true,
      false,
    ]);
    expect(ask(not(samples(["C"], ["HET"], "first")), { rows, calls })).toBeNull();
    expect(ask(not(samples(["A"], ["HOM_ALT"], "first")), { rows, calls })).toBe(true);
  });

  it("that are in no call set of the variant are unknown: absent is not reference (handbook 0, rule 1)", () => {
    expect(ZYGOSITIES.map((zygosity) => has("Z", zygosity))).toEqual(ZYGOSITIES.map(() => null));
    expect(ZYGOSITIES.map((zygosity) => has("A", zygosity, "sites"))).toEqual(ZYGOSITIES.map(() => null));
  });

  it("are asked one by one: one with one of the genotypes is enough, none with none is not", () => {
    expect(ask(samples(["Z", "B", "A"], ["HOM_ALT", "HET"]), { rows, calls })).toBe(true);
    expect(ask(samples(["B", "D"], ["HET"]), { rows, calls })).toBeNull();
    expect(ask(samples(["B"], ["HET"]), { rows, calls })).toBe(false);
    expect(ask(samples([], ["HET"]), { rows, calls })).toBe(false);
    expect(ask(samples(["A"], []), { rows, calls })).toBe(false);
  });

  it.each([
    ["1/2", 2, "18", "HET_ALT"],
    ["1", 1, "X", "HEMI_ALT"],
    ["1", 1, "MT", "HOMOPLASMIC"],
    ["0/1", 1, "MT", "HETEROPLASMIC"],
    ["12/0", 12, "1", "HET"],
    ["nonsense", 1, "1", null],
    [null, 1, "1", null],
  ] as const)("%s for alternate %d on %s is %s", (gt, altIndex, contig, zygosity) => {
    expect(zygosityOfText(gt, { altIndex, contig })).toBe(zygosity);
  });
});

describe("a clinical statement", () => {
  const statement = (overrides: Partial<ClinicalStatement>): ClinicalStatement => ({
    build: "GRCh38",
    contig: "10",
    pos: 94_781_859,
    ref: "G",
    alt: "A",
    source: { name: "ClinVar", version: "2024-12-15", released: null },
    variationId: "1",
    kind: "germline",
    significance: "Pathogenic",
    classifications: ["Pathogenic"],
    conflicting: false,
    group: "P/LP",
    reviewStatus: "criteria_provided,_multiple_submitters,_no_conflicts",
    goldStars: 2,
    conditions: [],
    lastEvaluated: null,
    geneSymbols: [],
    evidence: null,
    ...overrides,
  });
  const clinical = (significances: readonly string[] | null, minStars: number | null): Predicate => ({
    kind: "clinical",
    significances,
    minStars,
  });

  it("that is absent is unknown: not in ClinVar is not benign (handbook 0, rule 7)", () => {
    expect(ask(clinical(["benign"], null))).toBeNull();
    expect(ask(not(clinical(["pathogenic"], null)))).toBeNull();
    expect(ask(clinical(null, null), { statements: [statement({})] })).toBe(true);
  });

  it("must meet all that is asked of it alone", () => {
    const statements = [
      statement({ goldStars: 1 }),
      statement({ significance: "Benign", classifications: ["Benign"], group: "B/LB", goldStars: 4 }),
    ];
    expect(ask(clinical(["pathogenic"], 2), { statements })).toBe(false);
    expect(ask(clinical(["pathogenic"], 1), { statements })).toBe(true);
    expect(ask(clinical(["benign"], 3), { statements })).toBe(true);
  });

  it("without a number of stars is unknown where stars are asked for, unless its significance decides", () => {
    const statements = [statement({ goldStars: null })];
    expect(ask(clinical(["pathogenic"], 1), { statements })).toBeNull();
    expect(ask(clinical(["benign"], 1), { statements })).toBe(false);
    expect(ask(clinical(["pathogenic"], null), { statements })).toBe(true);
  });
});
