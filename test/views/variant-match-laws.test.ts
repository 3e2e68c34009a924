import { describe, expect, it } from "@jest/globals";
import type { Predicate, Truth } from "../../src/domain/variant-filter.js";
import { ZYGOSITIES } from "../../src/domain/zygosity.js";
import type { VariantRow } from "../../src/lake/variant-row.js";
import { createRandom, type Random } from "../helpers/random.js";
import { ask, call, counts, frequency, NONE, not, record, row, samples, type Setting } from "./match-setting.js";

const EVERYTHING: Predicate = { kind: "and", parts: [] };
const NOTHING: Predicate = { kind: "or", parts: [] };
const UNKNOWN: Predicate = { kind: "clinical", significances: null, minStars: null };

describe("any predicate about any variant", () => {
  const random = createRandom(61);

  it("has the same truth as its double negation, and follows De Morgan; unknown propagates", () => {
    const seen = new Set<Truth>();
    for (let round = 0; round < 3_000; round += 1) {
      const setting = anySetting(random);
      const parts = Array.from({ length: random.below(4) }, () => anyPredicate(random, 2));
      const and: Predicate = { kind: "and", parts };
      const or: Predicate = { kind: "or", parts };
      const both = ask(and, setting);
      const either = ask(or, setting);
      seen.add(both).add(either);
      expect(ask(not(not(and)), setting)).toBe(both);
      expect(ask(not(and), setting)).toBe(ask({ kind: "or", parts: parts.map(not) }, setting));
      expect(ask(not(or), setting)).toBe(ask({ kind: "and", parts: parts.map(not) }, setting));
      expect(ask(not(and), setting)).toBe(both === null ? null : !both);
      expect(ask({ kind: "and", parts: [and, EVERYTHING] }, setting)).toBe(both);
      expect(ask({ kind: "or", parts: [or, NOTHING] }, setting)).toBe(either);
      const unstated = { ...setting, statements: [] };
      expect(ask({ kind: "and", parts: [...parts, UNKNOWN] }, unstated)).toBe(
        ask(and, unstated) === false ? false : null,
      );
      expect(ask({ kind: "or", parts: [...parts, UNKNOWN] }, unstated)).toBe(ask(or, unstated) === true ? true : null);
    }
    expect(seen).toEqual(new Set([true, false, null]));
  });
});

function anySetting(random: Random): Partial<Setting> {
  const one = (callSetId: string): VariantRow =>
    row({
      callSetId,
      qual: random.maybe(random.below(100)),
      filters: random.maybe(random.pick(["PASS", "q10"])),
      baseGt: random.maybe("0/0"),
      groupCounts: counts({ ac: random.below(3), an: random.below(2) * 6 }, { ac: 1, an: random.below(2) * 2 }, {}),
    });
  const calls = new Map([["cs-1", [call(random.below(3), random.pick(["0/1", "1/1", "./."]))]]]);
  return { rows: random.below(2) === 0 ? [one("cs-1")] : [one("cs-1"), one("cs-2")], calls };
}

function anyPredicate(random: Random, depth: number): Predicate {
  const parts = (): readonly Predicate[] =>
    Array.from({ length: random.below(3) }, () => anyPredicate(random, depth - 1));
  switch (random.below(depth > 0 ? 8 : 5)) {
    case 0:
      return record({ qual: { ...NONE, gte: random.below(100) } });
    case 1:
      return record({ passOnly: true });
    case 2:
      return frequency({
        source: random.pick([null, "first", "second"]),
        sex: random.maybe("female"),
        af: { ...NONE, lt: random.below(10) / 10, includeMissing: random.below(4) === 0 },
      });
    case 3:
      return samples([random.pick(["A", "B", "C", "Z"])], [random.pick(ZYGOSITIES)]);
    case 4:
      return { kind: "types", types: [random.pick(["SNV", "deletion"] as const)] };
    case 5:
      return not(anyPredicate(random, depth - 1));
    case 6:
      return { kind: "and", parts: parts() };
    default:
      return { kind: "or", parts: parts() };
  }
}
