import { describe, expect, it } from "@jest/globals";
import { isHomRef, parseGenotype } from "../../src/domain/genotype.js";

describe("a genotype text", () => {
  it.each([
    ["0/1", [0, 1], false],
    ["1|0", [1, 0], true],
    ["0", [0], false],
    [".", [-1], false],
    ["./.", [-1, -1], false],
    ["./1", [-1, 1], false],
    [".|1", [-1, 1], true],
    ["0/1/2", [0, 1, 2], false],
    ["0|1/2", [0, 1, 2], false],
    ["10|11", [10, 11], true],
    ["|0", [0], true],
    ["|0|1", [0, 1], true],
    ["/0|1", [0, 1], true],
  ])("%s has alleles %j, phased %j", (text, alleles, phased) => {
    expect(parseGenotype(text, 12)).toEqual({ text, alleles, phased });
  });

  it.each(["", "/", "0/", "0//1", "1/C", "0/|1", "-1/0", "0.5", "0 1", "0|1|"])("%j is no genotype", (text) => {
    expect(parseGenotype(text, 3)).toBeNull();
  });

  it("names only alleles the record has", () => {
    expect(parseGenotype("0/2", 3)).not.toBeNull();
    expect(parseGenotype("0/3", 3)).toBeNull();
  });

  it.each([
    ["0/0", true],
    ["0|0", true],
    ["0", true],
    ["0/1", false],
    ["0/.", false],
    [".", false],
  ])("%s is reference alone: %j", (text, expected) => {
    expect(isHomRef(parseGenotype(text, 2)!)).toBe(expected);
  });
});
