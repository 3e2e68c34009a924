import { describe, expect, it } from "@jest/globals";
import { countRule, isBalanced, total, type ItemLedger } from "../../src/domain/ledger.js";

const BALANCED: ItemLedger = {
  read: 10,
  accepted: 4,
  filtered: { MIN_QUAL: 2, PASS_ONLY: 1 },
  quarantined: { POS_SYNTAX: 2 },
  duplicates: 1,
};

describe("a ledger", () => {
  it("balances when what was read is accepted, filtered, quarantined or a duplicate", () => {
    expect(isBalanced(BALANCED)).toBe(true);
    expect(isBalanced({ read: 0, accepted: 0, filtered: {}, quarantined: {}, duplicates: 0 })).toBe(true);
  });

  it.each([
    ["one more was read", { read: 11 }],
    ["one more was accepted", { accepted: 5 }],
    ["one more was filtered", { filtered: { MIN_QUAL: 3, PASS_ONLY: 1 } }],
    ["a rule of the filter is left out", { filtered: { MIN_QUAL: 2 } }],
    ["one more is in quarantine", { quarantined: { POS_SYNTAX: 2, ALT_SYNTAX: 1 } }],
    ["one more is a duplicate", { duplicates: 2 }],
  ])("does not balance when %s", (_name, change) => {
    expect(isBalanced({ ...BALANCED, ...change })).toBe(false);
  });

  it("adds up its rules, and none are zero", () => {
    expect(total(BALANCED.filtered)).toBe(3);
    expect(total({})).toBe(0);
  });

  it("counts a rule from nothing, by one or by many", () => {
    const counts: Record<string, number> = {};
    countRule(counts, "MIN_AF");
    countRule(counts, "MIN_AF");
    countRule(counts, "MAX_AF", 5);
    countRule(counts, "NEVER", 0);
    expect(counts).toEqual({ MIN_AF: 2, MAX_AF: 5, NEVER: 0 });
  });
});
