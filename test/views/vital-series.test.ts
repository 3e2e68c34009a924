import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { mergeWindows, type WindowPart } from "../../src/domain/window/merge.js";
import { seriesOf, type SeriesInput, type SeriesPoint, type SeriesQuestion } from "../../src/views/vital-series.js";

const MINUTE = 60_000;
const at = (time: string): number => Date.parse(`2026-01-01T${time}Z`);
/** The events of the domain handbook, 4.3. */
const EVENTS: readonly (readonly [string, number])[] = [
  ["10:00:05", 80],
  ["10:00:35", 82],
  ["10:01:10", 84],
  ["10:02:20", 120],
  ["10:04:50", 118],
];

interface Read {
  readonly time: number;
  readonly value: number;
  readonly offset: number;
}

const handbook = (events: readonly (readonly [string, number])[]): readonly Read[] =>
  events.map(([time, value], offset) => ({ time: at(time), value, offset }));

function partsOf(readings: readonly Read[], sizeMs = MINUTE): readonly WindowPart[] {
  const starts = [...new Set(readings.map(({ time }) => Math.floor(time / sizeMs) * sizeMs))].sort((a, b) => a - b);
  return starts.map((start) => {
    const own = readings.filter(({ time }) => time >= start && time < start + sizeMs);
    const values = own.map(({ value }) => value);
    const times = own.map(({ time }) => time);
    return {
      start,
      end: start + sizeMs,
      count: own.length,
      sum: String(values.reduce((sum, value) => sum + value, 0)),
      sumOfSquares: String(values.reduce((sum, value) => sum + value * value, 0)),
      scale: 0,
      min: String(Math.min(...values)),
      max: String(Math.max(...values)),
      unit: "/min",
      firstAt: Math.min(...times),
      lastAt: Math.max(...times),
      simulated: false,
      throughOffset: String(Math.max(...own.map(({ offset }) => offset))),
    };
  });
}

function inputOf(readings: readonly Read[], overrides: Partial<SeriesInput> = {}): SeriesInput {
  const sorted = [...readings].sort((left, right) => left.time - right.time);
  return { parts: partsOf(readings), partMs: MINUTE, readings: sorted, watermark: null, keptSince: null, ...overrides };
}

const question = (from: string, to: string, window: number, slide: number): SeriesQuestion => ({
  from: at(from),
  to: at(to),
  windowMs: window * MINUTE,
  slideMs: slide * MINUTE,
});

const shown = ({ start, mean }: SeriesPoint): readonly [string, number] => [
  new Date(start).toISOString().slice(11, 16),
  Math.round((mean ?? 0) * 10_000) / 10_000,
];

describe("a series of windows", () => {
  it("moves over five minutes by one as the handbook says", () => {
    const { points } = seriesOf(question("10:00:00", "10:05:00", 5, 1), inputOf(handbook(EVENTS)));
    expect(points.map(shown)).toEqual([
      ["09:56", 81],
      ["09:57", 82],
      ["09:58", 91.5],
      ["09:59", 91.5],
      ["10:00", 96.8],
      ["10:01", 107.3333],
      ["10:02", 119],
      ["10:03", 118],
      ["10:04", 118],
    ]);
    expect(points[4]).toMatchObject({
      count: 5,
      min: "80",
      max: "120",
      firstAt: at("10:00:05"),
      lastAt: at("10:04:50"),
      throughOffset: "4",
    });
  });

  it("adds parts of two layers, and never means: the worked example of the handbook, 7", () => {
    const wide = question("10:00:00", "10:05:00", 5, 5);
    const meanOf = (events: readonly (readonly [string, number])[]): number =>
      seriesOf(wide, inputOf(handbook(events))).points[0]?.mean ?? 0;
    const batch = partsOf(handbook(EVENTS).slice(0, 3));
    const speed = partsOf(handbook(EVENTS).slice(3));
    expect(seriesOf(wide, inputOf([], { parts: [...batch, ...speed] })).points[0]).toMatchObject({
      count: 5,
      mean: 96.8,
    });
    expect(meanOf([...EVENTS, ["10:02:00", 90]])).toBeCloseTo(95.6667, 4);
    expect(meanOf([...EVENTS, ["10:01:30", 200]])).toBe(114);
  });

  it("is one pass over the readings, whatever they are and whatever is asked", () => {
    const readings = fc.array(
      fc.record({ time: fc.integer({ min: 0, max: 40 * MINUTE }), value: fc.integer({ min: 0, max: 300 }) }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(
        readings,
        fc.integer({ min: 0, max: 30 * MINUTE }),
        fc.integer({ min: 1, max: 30 * MINUTE }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        (put, from, length, window, slide) => {
          const read = put.map((one, offset) => ({ ...one, offset }));
          const asked = { from, to: from + length, windowMs: window * MINUTE, slideMs: slide * MINUTE };
          const { points } = seriesOf(asked, inputOf(read));
          const expected: [number, number, number][] = [];
          for (let start = -12 * MINUTE; start < asked.to; start += MINUTE) {
            if (start % asked.slideMs !== 0 || start + asked.windowMs <= from) continue;
            const own = read.filter(({ time }) => time >= start && time < start + asked.windowMs);
            if (own.length > 0)
              expected.push([start, own.length, own.reduce((sum, { value }) => sum + value, 0) / own.length]);
          }
          expect(points.map(({ start, count, mean }) => [start, count, mean])).toEqual(expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("is final where the watermark has passed and every reading that counts is in its window", () => {
    const asked = question("10:00:00", "10:05:00", 1, 1);
    const read = handbook(EVENTS);
    const final = (overrides: Partial<SeriesInput>): boolean[] =>
      seriesOf(asked, inputOf(read, overrides)).points.map(({ isFinal }) => isFinal);
    expect(final({ watermark: null })).toEqual([false, false, false, false]);
    expect(final({ watermark: at("10:02:59") })).toEqual([true, true, false, false]);
    expect(final({ watermark: at("10:05:00") })).toEqual([true, true, true, true]);
    const behind = partsOf(read).map((part) => ({
      ...part,
      throughOffset: part.count === 2 ? "0" : part.throughOffset,
    }));
    expect(final({ watermark: at("10:05:00"), parts: behind })).toEqual([false, true, true, true]);
    const whole = { watermark: at("10:05:00") };
    expect(seriesOf(asked, inputOf(read, whole)).isFinal).toBe(true);
    expect(seriesOf(asked, inputOf(read, { ...whole, parts: behind })).isFinal).toBe(false);
  });

  it("says where there is nothing, and why", () => {
    const asked = question("09:55:00", "10:10:00", 2, 1);
    const read = handbook(EVENTS);
    expect(seriesOf(asked, inputOf(read, { watermark: at("10:07:00"), keptSince: at("09:57:00") })).gaps).toEqual([
      { from: at("09:55:00"), to: at("09:57:00"), reason: "NOT_KEPT" },
      { from: at("09:57:00"), to: at("10:00:00"), reason: "NO_READINGS" },
      { from: at("10:05:00"), to: at("10:07:00"), reason: "NO_READINGS" },
      { from: at("10:07:00"), to: at("10:10:00"), reason: "NOT_YET" },
    ]);
    const parts = partsOf(read).slice(0, -1);
    const { gaps } = seriesOf(
      question("10:02:00", "10:05:00", 1, 1),
      inputOf(read, { parts, watermark: at("11:00:00") }),
    );
    expect(gaps).toEqual([{ from: at("10:03:00"), to: at("10:04:00"), reason: "NO_READINGS" }]);
  });

  it("answers for a window longer than the range, and none for nothing", () => {
    const { points } = seriesOf(question("10:02:00", "10:03:00", 60, 60), inputOf(handbook(EVENTS)));
    expect(points.map(shown)).toEqual([["10:00", 96.8]]);
    expect(seriesOf(question("10:02:00", "10:03:00", 1, 1), inputOf([])).points).toEqual([]);
  });

  it("takes a range of years with few readings, and refuses more windows or merging than an answer may hold", () => {
    const few = handbook(EVENTS);
    const years = { from: Date.UTC(1990), to: Date.UTC(2030), windowMs: MINUTE, slideMs: MINUTE };
    expect(seriesOf(years, inputOf(few)).points.length).toBe(4);
    const [part] = partsOf(few);
    const parts = Array.from({ length: 12_000 }, (_none, n) => ({ ...(part as WindowPart), start: n * MINUTE }));
    const input = inputOf([], { parts });
    const minutes = { from: 0, to: 12_000 * MINUTE, windowMs: MINUTE, slideMs: MINUTE };
    const limit = (name: string): unknown =>
      expect.objectContaining({ code: "LIMIT_EXCEEDED", details: expect.objectContaining({ limit: name }) });
    expect(() => seriesOf(minutes, input)).toThrow(limit("points"));
    const day = { from: 0, to: 9_000 * MINUTE, windowMs: 1_440 * MINUTE, slideMs: MINUTE };
    expect(() => seriesOf(day, input)).toThrow(limit("mergedWindows"));
    expect(seriesOf({ ...day, slideMs: 1_440 * MINUTE }, input).points.length).toBe(7);
  });

  it("merges parts of no reading as nothing", () => {
    const [part] = partsOf(handbook(EVENTS));
    const empty = { ...(part as WindowPart), count: 0, sum: "0", sumOfSquares: "0", min: null, max: null };
    const input = inputOf([], { parts: [{ ...empty, firstAt: null, lastAt: null }] });
    expect(seriesOf(question("10:00:00", "10:05:00", 1, 1), input).points).toEqual([]);
    expect(mergeWindows([]).count).toBe(0);
  });
});
