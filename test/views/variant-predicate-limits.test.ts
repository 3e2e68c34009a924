import { describe, expect, it } from "@jest/globals";
import { predicateOf } from "../../src/resolvers/variant-predicate.js";
import type { VariantFilter } from "../../src/schema/variant-filter.js";

const conditions = (count: number): VariantFilter => ({
  and: Array.from({ length: count }, () => ({ passOnly: true })),
});
const members = (lists: number, each: number): VariantFilter => ({
  or: Array.from({ length: lists }, (_, list) => ({
    ids: Array.from({ length: each }, (_id, at) => `rs${String(list * each + at + 1)}`),
  })),
});

describe("a filter", () => {
  it.each([
    ["199 conditions and the one that joins them", conditions(199)],
    ["5,000 members in all", members(5, 1_000)],
  ])("of %s is answered", (_name, filter) => {
    expect(() => predicateOf(filter)).not.toThrow();
  });

  it.each([
    ["200 conditions and the one that joins them", conditions(200), "conditions", 200, 201],
    ["more than 5,000 members in all", members(6, 850), "members", 5_000, 5_100],
  ])("of %s is refused with the bound", (_name, filter, limit, max, actual) => {
    expect(() => predicateOf(filter)).toThrow(
      expect.objectContaining({ code: "LIMIT_EXCEEDED", details: { field: "filter", limit, max, actual } }),
    );
  });
});
