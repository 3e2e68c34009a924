import { describe, expect, it } from "@jest/globals";
import {
  classifyAlt,
  normaliseAllele,
  variantTypeOf,
  type Allele,
  type ReferenceBases,
} from "../../src/domain/allele.js";

const SEQUENCE = "GGGCACACACAGGGTTTACGTAAAAAAGCC";
const reference: ReferenceBases = (start, end) => SEQUENCE.slice(Math.max(0, start - 1), Math.max(0, end));

function allele(text: string): Allele {
  const [, pos = "", ref = "", alt = ""] = /^(\d+):(\w+)>(\w+)$/.exec(text) ?? [];
  return { pos: Number(pos), ref, alt };
}
function text({ pos, ref, alt }: Allele): string {
  return `${String(pos)}:${ref}>${alt}`;
}
/** The contig with the allele in it: two spellings of one allele give the same. */
function haplotype({ pos, ref, alt }: Allele): string {
  return SEQUENCE.slice(0, pos - 1) + alt + SEQUENCE.slice(pos - 1 + ref.length);
}

describe("normalising an allele against a reference", () => {
  it.each([
    ["3:GCA>G", "3:GCA>G"],
    ["4:CAC>C", "3:GCA>G"],
    ["6:CAC>C", "3:GCA>G"],
    ["7:ACACA>ACA", "3:GCA>G"],
    ["2:GGCA>GG", "3:GCA>G"],
    ["11:A>ACA", "3:G>GCA"],
    ["26:AA>A", "21:TA>T"],
    ["15:TTT>TAT", "16:T>A"],
    ["15:TT>AC", "15:TT>AC"],
    ["21:TAA>T", "21:TAA>T"],
    ["21:TAA>TA", "21:TA>T"],
  ])("%s becomes %s", (input, expected) => {
    expect(text(normaliseAllele(allele(input), reference))).toBe(expected);
  });

  it("an event that reaches the first base keeps the base after it", () => {
    expect(text(normaliseAllele(allele("1:GG>G"), reference))).toBe("1:GG>G");
    expect(haplotype(normaliseAllele(allele("1:G>GG"), reference))).toBe(`G${SEQUENCE}`);
  });

  it("any spelling of any short allele keeps its haplotype, stays the same when done again, and has one spelling", () => {
    const spellings = new Map<string, string>();
    let state = 7;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % below;
    };
    for (let round = 0; round < 3_000; round += 1) {
      const pos = 1 + random(28);
      const ref = reference(pos, pos + random(4));
      const alt = Array.from({ length: 1 + random(4) }, () => "ACGT"[random(4)] ?? "A").join("");
      if (ref === alt) continue;
      const normal = normaliseAllele({ pos, ref, alt }, reference);
      expect(haplotype(normal)).toBe(haplotype({ pos, ref, alt }));
      expect(normaliseAllele(normal, reference)).toEqual(normal);
      expect(reference(normal.pos, normal.pos + normal.ref.length - 1)).toBe(normal.ref);
      if (normal.ref.length === normal.alt.length) continue;
      const isPureEvent = normal.ref.length === 1 || normal.alt.length === 1;
      if (!isPureEvent) continue;
      const known = spellings.get(haplotype(normal));
      expect(known ?? text(normal)).toBe(text(normal));
      spellings.set(haplotype(normal), text(normal));
    }
    expect(spellings.size).toBeGreaterThan(100);
  });
});

describe("normalising without a reference", () => {
  it.each([
    ["7:ACACA>ACA", "7:ACA>A"],
    ["15:TTT>TAT", "16:T>A"],
    ["15:TT>AC", "15:TT>AC"],
    ["5:A>A", "5:A>A"],
    ["5:AT>ATT", "5:A>AT"],
  ])("%s is trimmed to %s and not shifted", (input, expected) => {
    expect(text(normaliseAllele(allele(input), null))).toBe(expected);
  });
});

describe("kinds of ALT", () => {
  it.each([
    ["A", "sequence"],
    ["acgtn", "sequence"],
    [".", "none"],
    ["*", "overlapping_deletion"],
    ["<*>", "unspecified"],
    ["<NON_REF>", "unspecified"],
    ["<DEL>", "structural"],
    ["<CNV:TR>", "structural"],
    ["G]17:198982]", "structural"],
    ["]13:123456]T", "structural"],
    [".T", "structural"],
  ])("%s is %s", (alt, kind) => {
    expect(classifyAlt(alt)).toBe(kind);
  });

  it.each([
    ["A", "C", "SNV"],
    ["AC", "GT", "MNV"],
    ["A", "AT", "insertion"],
    ["AT", "A", "deletion"],
    ["ATG", "CC", "delins"],
    ["TA", "A", "delins"],
  ])("%s to %s is a %s", (ref, alt, type) => {
    expect(variantTypeOf(ref, alt)).toBe(type);
  });
});
