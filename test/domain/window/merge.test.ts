import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { fromScaled, toScaled } from "../../../src/domain/window/decimal.js";
import { mergeWindows, type WindowPart } from "../../../src/domain/window/merge.js";

const MINUTE = 60_000;
const TEN = Date.UTC(2026, 0, 1, 10);

interface Reading {
  readonly at: number;
  readonly value: string;
}

/** One-minute parts over readings, as whoever computes windows writes them. */
function partsOf(readings: readonly Reading[], scale = 0): readonly WindowPart[] {
  const minutes = new Map<number, Reading[]>();
  for (const reading of readings) {
    const start = Math.floor(reading.at / MINUTE) * MINUTE;
    minutes.set(start, [...(minutes.get(start) ?? []), reading]);
  }
  return [...minutes].map(([start, own]) => {
    const values = own.map(({ value }) => toScaled(value, scale));
    const times = own.map(({ at }) => at);
    return {
      start,
      end: start + MINUTE,
      count: own.length,
      sum: String(values.reduce((sum, value) => sum + value, 0n)),
      sumOfSquares: String(values.reduce((sum, value) => sum + value * value, 0n)),
      scale,
      min: fromScaled(
        values.reduce((left, right) => (right < left ? right : left)),
        scale,
      ),
      max: fromScaled(
        values.reduce((left, right) => (right > left ? right : left)),
        scale,
      ),
      unit: "/min",
      firstAt: Math.min(...times),
      lastAt: Math.max(...times),
      simulated: false,
      throughOffset: String(start % 97),
    };
  });
}

/** domain handbook 4.3. */
const KNOWN: readonly Reading[] = [
  { at: TEN + 5_000, value: "80" },
  { at: TEN + 35_000, value: "82" },
  { at: TEN + 70_000, value: "84" },
  { at: TEN + 140_000, value: "120" },
  { at: TEN + 290_000, value: "118" },
];

describe("merging windows", () => {
  it.each([
    [-4, 81, 2],
    [-3, 82, 3],
    [-2, 91.5, 4],
    [-1, 91.5, 4],
    [0, 96.8, 5],
    [1, 107.333333333, 3],
    [2, 119, 2],
    [3, 118, 1],
    [4, 118, 1],
  ])("gives the moving average over five minutes that begins at minute %d", (minute, mean, count) => {
    const from = TEN + minute * MINUTE;
    const parts = partsOf(KNOWN).filter(({ start }) => start >= from && start < from + 5 * MINUTE);
    const merged = mergeWindows(parts);
    expect(merged.count).toBe(count);
    expect(merged.mean).toBeCloseTo(mean, 6);
  });

  it("says everything that a single store of the readings would say, however they are spread over parts", () => {
    const reading = fc.record({
      at: fc.integer({ min: TEN, max: TEN + 600_000 }),
      value: fc.integer({ min: -99_999, max: 99_999 }).map((scaled) => fromScaled(BigInt(scaled), 2)),
    });
    fc.assert(
      fc.property(fc.array(reading, { minLength: 2, maxLength: 60 }), fc.integer(), (readings, seed) => {
        const values = readings.map(({ value }) => Number(value));
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
        const parts = [...partsOf(readings, 2)].sort((left, right) =>
          (left.start ^ seed) < (right.start ^ seed) ? -1 : 1,
        );
        const merged = mergeWindows(parts);
        expect(merged.count).toBe(values.length);
        expect(merged.mean).toBeCloseTo(mean, 9);
        expect(merged.stddev).toBeCloseTo(Math.sqrt(variance), 6);
        expect(Number(merged.min)).toBe(Math.min(...values));
        expect(Number(merged.max)).toBe(Math.max(...values));
        expect(merged.firstAt).toBe(Math.min(...readings.map(({ at }) => at)));
        expect(merged.lastAt).toBe(Math.max(...readings.map(({ at }) => at)));
      }),
    );
  });

  it("has a mean of one reading and no standard deviation, and neither of none", () => {
    expect(mergeWindows(partsOf(KNOWN.slice(0, 1)))).toMatchObject({ count: 1, mean: 80, stddev: null });
    expect(mergeWindows([])).toEqual({
      ...{ count: 0, mean: null, stddev: null, min: null, max: null, unit: null, firstAt: null, lastAt: null },
      ...{ simulated: false, throughOffset: null },
    });
  });

  it("divides by n - 1 for the standard deviation, as SQL does", () => {
    const readings = ["2", "4", "4", "4", "5", "5", "7", "9"].map((value, index) => ({ at: TEN + index, value }));
    expect(mergeWindows(partsOf(readings)).stddev).toBeCloseTo(2.138089935, 9);
  });

  it("merges parts of different scales, and parts whose readings were all taken back", () => {
    const [whole] = partsOf([{ at: TEN, value: "36" }], 0);
    const [tenths] = partsOf([{ at: TEN + MINUTE, value: "36.5" }], 1);
    const empty = {
      ...whole!,
      count: 0,
      sum: "0",
      sumOfSquares: "0",
      min: null,
      max: null,
      firstAt: null,
      lastAt: null,
    };
    const merged = mergeWindows([whole!, { ...empty, throughOffset: "900" }, tenths!]);
    expect(merged).toMatchObject({ count: 2, mean: 36.25, min: "36", max: "36.5", throughOffset: "900" });
  });

  it("is exact where sums are beyond what a double holds", () => {
    const part = partsOf([{ at: TEN, value: "9007199254740993" }])[0]!;
    const merged = mergeWindows([part, { ...part, start: TEN + MINUTE }]);
    expect(merged).toMatchObject({ max: "9007199254740993", stddev: 0 });
  });
});

describe("scaled numbers", () => {
  it.each([
    ["36.65", 1, 366n],
    ["36.75", 1, 368n],
    ["36.651", 1, 367n],
    ["-36.65", 1, -366n],
    ["0.05", 1, 0n],
    ["-0.05", 1, 0n],
    ["80", 3, 80_000n],
    ["2.5", 0, 2n],
    ["3.5", 0, 4n],
    ["0.9996", 3, 1_000n],
  ])("rounds %s to %d decimals half to even", (text, scale, scaled) => {
    expect(toScaled(text, scale)).toBe(scaled);
  });

  it.each([
    [80_000n, 3, "80"],
    [366n, 1, "36.6"],
    [-5n, 2, "-0.05"],
    [0n, 3, "0"],
    [100n, 0, "100"],
  ])("writes %s of scale %d as %s", (scaled, scale, text) => {
    expect(fromScaled(scaled, scale)).toBe(text);
  });
});
