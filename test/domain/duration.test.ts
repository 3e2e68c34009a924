import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { formatDuration, parseDuration } from "../../src/domain/duration.js";

describe("a duration", () => {
  it.each([
    ["PT15S", 15_000],
    ["PT0S", 0],
    ["PT1M", 60_000],
    ["PT90M", 5_400_000],
    ["PT2H30M", 9_000_000],
    ["P1D", 86_400_000],
    ["P1DT0.5S", 86_400_500],
    ["PT0,25S", 250],
    ["P2W", 1_209_600_000],
  ])("%s is %d ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    ...["", "P", "PT", "T15S", "15S", "PT15", "PT-1S", "-PT1S", "P1Y", "P1M", "P1DT", "PT1S1M", "PT1.5M", "pt15s"],
    ...["PT15S ", "PT1S\n", "PT9999999999999999S", "P1W2D", "PT1.2345S", "15"],
  ])("%j is none", (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  it("is written the way it is read, in the fewest parts", () => {
    expect([0, 500, 15_000, 60_000, 5_400_000, 86_400_000, 90_061_001].map(formatDuration)).toEqual([
      ...["PT0S", "PT0.5S", "PT15S", "PT1M", "PT1H30M", "P1D", "P1DT1H1M1.001S"],
    ]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });
});
