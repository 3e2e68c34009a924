import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { createTimeColumn } from "../../../src/views/tail/time-column.js";

const entries = fc.array(fc.record({ time: fc.integer({ min: 0, max: 300 }), value: fc.integer() }), {
  maxLength: 3_000,
});

describe("a column of times", () => {
  it("gives what was put in, in order of time and then of value, from either end and between any bounds", () => {
    fc.assert(
      fc.property(entries, fc.integer({ min: -1, max: 301 }), fc.integer({ min: -1, max: 301 }), (put, from, to) => {
        const column = createTimeColumn((left, right) => left < right);
        for (const { time, value } of put) column.insert(time, value, -value);
        const sorted = [...put].sort((left, right) => left.time - right.time || left.value - right.value);
        const found = [...column.forward(from, to)].map(({ time, value }) => ({ time, value }));
        expect(found).toEqual(sorted.filter(({ time }) => time >= from && time < to));
        const back = [...column.backward(to)].map(({ time, value }) => ({ time, value }));
        expect(back).toEqual(sorted.filter(({ time }) => time <= to).reverse());
        expect(column.size).toBe(put.length);
        const first = sorted.find(({ time }) => time === from);
        expect(column.at(from)).toBe(first?.value);
      }),
      { numRuns: 60 },
    );
  });

  it("takes times that come backwards, and many of one time, without slowing down", () => {
    const column = createTimeColumn((left, right) => left < right);
    for (let time = 100_000; time > 0; time -= 1) column.insert(time, time, 0);
    for (let value = 0; value < 5_000; value += 1) column.insert(50_000, value, 0);
    expect(column.size).toBe(105_000);
    expect([...column.forward(50_000, 50_001)].length).toBe(5_001);
    expect([...column.backward(3)].map(({ time }) => time)).toEqual([3, 2, 1]);
  });
});
