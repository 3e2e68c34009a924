import { describe, expect, it } from "@jest/globals";
import {
  classifyAlt,
  normaliseAllele,
  variantTypeOf,
  type Allele,
  type ReferenceBases,
} from "../../src/domain/allele.js";
import { createRandom } from "../helpers/random.js";

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
    ["TA", "A", "deletion"],
    ["G", "TG", "insertion"],
    ["GG", "TA", "MNV"],
    ["A", "CGT", "delins"],
    ["ACGA", "TT", "delins"],
  ])("%s to %s is a %s", (ref, alt, type) => {
    expect(variantTypeOf(ref, alt)).toBe(type);
  });
});

/** A short contig of few kinds of bases, so that almost every event can be shifted. */
interface Contig {
  readonly sequence: string;
  readonly reference: ReferenceBases;
}
const random = createRandom(17);
function repetitive(): Contig {
  const sequence = random.bases(4 + random.below(20), random.pick(["A", "AC", "ACG"]));
  return { sequence, reference: (start, end) => sequence.slice(Math.max(0, start - 1), Math.max(0, end)) };
}
function changed(sequence: string, { pos, ref, alt }: Allele): string {
  return sequence.slice(0, pos - 1) + alt + sequence.slice(pos - 1 + ref.length);
}
function anyAllele(sequence: string): Allele {
  const pos = 1 + random.below(sequence.length);
  const ref = sequence.slice(pos - 1, pos + random.below(5));
  return { pos, ref, alt: random.bases(1 + random.below(5), "AC") };
}
/** Every way to write the change from one sequence to another with at least one base on each side. */
function spellings(before: string, after: string): Allele[] {
  const found: Allele[] = [];
  for (let pos = 1; pos <= before.length; pos += 1) {
    for (let length = 1; pos - 1 + length <= before.length; length += 1) {
      const alt = after.slice(pos - 1, after.length - (before.length - pos + 1 - length));
      const allele = { pos, ref: before.slice(pos - 1, pos - 1 + length), alt };
      if (alt !== "" && changed(before, allele) === after) found.push(allele);
    }
  }
  return found;
}

describe("normalising on repetitive contigs (handbook 1.3)", () => {
  it("all spellings of one change become one: of the shortest, the leftmost", () => {
    let several = 0;
    for (let round = 0; round < 300; round += 1) {
      const { sequence, reference: bases } = repetitive();
      const after = changed(sequence, anyAllele(sequence));
      const ways = after === sequence ? [] : spellings(sequence, after);
      if (ways.length === 0) continue;
      const size = (one: Allele): number => one.ref.length + one.alt.length;
      const [best] = [...ways].sort((left, right) => size(left) - size(right) || left.pos - right.pos);
      for (const way of ways) expect(normaliseAllele(way, bases)).toEqual(best);
      several += ways.length > 3 ? 1 : 0;
    }
    expect(several).toBeGreaterThan(200);
  });

  it("without a reference, trimming keeps the change and its place, and done again does nothing", () => {
    for (let round = 0; round < 2_000; round += 1) {
      const { sequence } = repetitive();
      const allele = anyAllele(sequence);
      const trimmed = normaliseAllele(allele, null);
      expect(changed(sequence, trimmed)).toBe(changed(sequence, allele));
      expect(normaliseAllele(trimmed, null)).toEqual(trimmed);
      expect(trimmed.pos).toBeGreaterThanOrEqual(allele.pos);
      expect(Math.min(trimmed.ref.length, trimmed.alt.length)).toBeGreaterThan(0);
      expect(trimmed.pos + trimmed.ref.length).toBeLessThanOrEqual(allele.pos + allele.ref.length);
    }
  });

  it("a pure insertion or deletion is called so wherever it lies, at the first base too", () => {
    for (let round = 0; round < 500; round += 1) {
      const { sequence, reference: bases } = repetitive();
      const at = random.below(sequence.length);
      const added = random.bases(1 + random.below(4), "AC");
      const next = sequence.charAt(at);
      const inserted = normaliseAllele({ pos: at + 1, ref: next, alt: added + next }, bases);
      expect(variantTypeOf(inserted.ref, inserted.alt)).toBe("insertion");
      if (at + 1 >= sequence.length) continue;
      const deleted = normaliseAllele(
        { pos: at + 1, ref: sequence.slice(at, at + 2), alt: sequence.charAt(at + 1) },
        bases,
      );
      expect(variantTypeOf(deleted.ref, deleted.alt)).toBe("deletion");
    }
  });

  it("the padding base stands behind an event at the first base, and before any other (handbook 1.2)", () => {
    const bases: ReferenceBases = (start, end) => "TGACG".slice(Math.max(0, start - 1), Math.max(0, end));
    expect(text(normaliseAllele(allele("1:TG>G"), bases))).toBe("1:TG>G");
    expect(text(normaliseAllele(allele("1:T>AT"), bases))).toBe("1:T>AT");
    expect(text(normaliseAllele(allele("2:GA>A"), bases))).toBe("1:TG>T");
    expect(text(normaliseAllele(allele("5:G>GC"), bases))).toBe("5:G>GC");
  });
});
