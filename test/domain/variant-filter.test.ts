import { describe, expect, it } from "@jest/globals";
import {
  allTrue,
  anyTrue,
  confiningIds,
  confiningRegions,
  inRange,
  type NumberRange,
  type Predicate,
  type Region,
  type Truth,
} from "../../src/domain/variant-filter.js";
import { createRandom } from "../helpers/random.js";

const TRUTHS: readonly Truth[] = [true, false, null];
const NONE: NumberRange = { gt: null, gte: null, lt: null, lte: null, includeMissing: false };

function not(value: Truth): Truth {
  return value === null ? null : !value;
}
function lists(length: number): readonly (readonly Truth[])[] {
  if (length === 0) return [[]];
  return lists(length - 1).flatMap((list) => TRUTHS.map((truth) => [...list, truth]));
}
const UP_TO_FOUR = [0, 1, 2, 3, 4].flatMap(lists);

describe("truth with three values", () => {
  it("is Kleene's: the least of all, the greatest of any, with unknown between false and true", () => {
    const rank = (value: Truth): number => (value === null ? 1 : value ? 2 : 0);
    for (const list of UP_TO_FOUR) {
      expect(rank(allTrue(list))).toBe(Math.min(2, ...list.map(rank)));
      expect(rank(anyTrue(list))).toBe(Math.max(0, ...list.map(rank)));
    }
  });

  it("follows De Morgan", () => {
    for (const list of UP_TO_FOUR) {
      expect(not(allTrue(list))).toBe(anyTrue(list.map(not)));
      expect(not(anyTrue(list))).toBe(allTrue(list.map(not)));
    }
  });

  it("unknown propagates unless another part decides", () => {
    for (const list of UP_TO_FOUR) {
      expect(allTrue([...list, null])).toBe(list.includes(false) ? false : null);
      expect(anyTrue([...list, null])).toBe(list.includes(true) ? true : null);
    }
  });

  it("does not depend on order, on repeats, or on how parts are nested", () => {
    for (const list of UP_TO_FOUR) {
      expect(allTrue([...list].reverse())).toBe(allTrue(list));
      expect(anyTrue([...list].reverse())).toBe(anyTrue(list));
      expect(allTrue([...list, ...list])).toBe(allTrue(list));
      expect(anyTrue([anyTrue(list.slice(0, 2)), anyTrue(list.slice(2))])).toBe(anyTrue(list));
      expect(allTrue([allTrue(list.slice(0, 2)), allTrue(list.slice(2))])).toBe(allTrue(list));
    }
  });
});

describe("a range", () => {
  it("with a strict bound leaves the bound out, with the other takes it in", () => {
    expect([inRange(5, { ...NONE, gt: 5 }), inRange(5, { ...NONE, gte: 5 })]).toEqual([false, true]);
    expect([inRange(5, { ...NONE, lt: 5 }), inRange(5, { ...NONE, lte: 5 })]).toEqual([false, true]);
  });

  it("is met where all of its bounds are met, zero among them", () => {
    const random = createRandom(3);
    const bound = (): number | null => random.maybe(random.below(7) - 3);
    for (let round = 0; round < 2_000; round += 1) {
      const range = { gt: bound(), gte: bound(), lt: bound(), lte: bound(), includeMissing: random.below(2) === 0 };
      const value = random.below(7) - 3;
      const meets =
        (range.gt === null || value > range.gt) &&
        (range.gte === null || value >= range.gte) &&
        (range.lt === null || value < range.lt) &&
        (range.lte === null || value <= range.lte);
      expect(inRange(value, range)).toBe(meets);
    }
  });

  it("over a missing value is unknown, even without bounds, unless missing is to count (handbook 0, rule 5)", () => {
    expect(inRange(null, NONE)).toBeNull();
    expect(inRange(null, { ...NONE, gte: 0 })).toBeNull();
    expect(inRange(null, { ...NONE, gt: 1, lt: 0, includeMissing: true })).toBe(true);
    expect(not(inRange(null, { ...NONE, lt: 0.01 }))).toBeNull();
  });
});

describe("what confines a search", () => {
  const region: Region = { build: "GRCh38", contig: "1", start0: 0, end0: 9 };
  const regions: Predicate = { kind: "regions", regions: [region] };
  const genes: Predicate = { kind: "genes", names: ["TPMT"], regions: [{ ...region, contig: "6" }] };
  const ids: Predicate = { kind: "ids", keys: [], names: ["rs1"] };

  it("is what every match meets: a part of an `and`, however deep", () => {
    expect(confiningRegions(regions)).toEqual([region]);
    expect(confiningRegions({ kind: "and", parts: [ids, { kind: "and", parts: [regions] }] })).toEqual([region]);
    expect(confiningRegions({ kind: "and", parts: [genes, regions] })).toEqual([{ ...region, contig: "6" }]);
    expect(confiningIds({ kind: "and", parts: [regions, { kind: "and", parts: [ids] }] })).toBe(ids);
  });

  it.each(["or", "not"] as const)("is never a part of `%s`", (kind) => {
    const over = (part: Predicate): Predicate => (kind === "or" ? { kind, parts: [part] } : { kind, part });
    expect([confiningRegions(over(regions)), confiningIds(over(ids))]).toEqual([null, null]);
    expect(confiningRegions({ kind: "and", parts: [over(regions)] })).toBeNull();
    expect(confiningIds({ kind: "and", parts: [over(ids)] })).toBeNull();
  });

  it("is nothing for an empty `and`, which is true of everything", () => {
    expect([confiningRegions({ kind: "and", parts: [] }), confiningIds({ kind: "and", parts: [] })]).toEqual([
      null,
      null,
    ]);
    expect(confiningRegions({ kind: "regions", regions: [] })).toEqual([]);
  });
});
