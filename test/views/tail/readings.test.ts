import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { createReadings, type Readings } from "../../../src/views/tail/readings.js";
import { buildReading, HEART_RATE } from "../../helpers/live-views.js";

function readingsOf(...overrides: readonly Parameters<typeof buildReading>[0][]): Readings {
  const readings = createReadings();
  overrides.forEach((one, offset) => readings.add(buildReading(one), offset));
  return readings;
}

const ids = (readings: Readings, code = HEART_RATE, from = -Infinity, to = Infinity): string[] =>
  [...readings.newestFirst("p1", code, from, to)].map(({ eventId }) => eventId);

describe("readings in memory", () => {
  it("are what was accepted, whole", () => {
    const reading = buildReading({
      eventId: "ä".repeat(100),
      submission: "s",
      sequence: 7,
      value: "-36.65",
      codedValue: "V",
      comparator: "<",
      originalTime: "2026-01-01T11:00:00+01:00",
      watermark: 5,
      flags: ["EXTREME", "CLOCK_FAST"],
      clockOffsetMs: 120_000,
      quality: ["motion"],
      simulated: true,
    });
    const readings = createReadings();
    readings.add(reading, 12);
    const { schema: _schema, input: _input, ...kept } = reading;
    expect(readings.find("p1", reading.eventId)).toEqual({ ...kept, offset: 12 });
    expect([...readings.newestFirst("p1", HEART_RATE, -Infinity, Infinity)]).toEqual([{ ...kept, offset: 12 }]);
  });

  it("come newest first, then by id, between any times", () => {
    const one = fc.record({ time: fc.integer({ min: 0, max: 40 }), id: fc.string({ unit: "grapheme", minLength: 1 }) });
    fc.assert(
      fc.property(
        fc.uniqueArray(one, { maxLength: 200, selector: ({ id }) => id }),
        fc.integer({ min: -1, max: 41 }),
        fc.integer({ min: -1, max: 41 }),
        (put, from, to) => {
          const readings = readingsOf(...put.map(({ time, id }) => ({ eventId: id, effectiveTime: time })));
          const expected = put
            .filter(({ time }) => time >= from && time < to)
            .sort((a, b) => b.time - a.time || Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)))
            .map(({ id }) => id);
          expect(ids(readings, HEART_RATE, from, to)).toEqual(expected);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("are taken once, whatever comes again under the same id; another person's id is another reading", () => {
    const readings = readingsOf({ eventId: "a", value: "80" }, { eventId: "b" });
    expect(readings.add(buildReading({ eventId: "a", value: "90" }), 9)).toBe(false);
    expect(readings.add(buildReading({ eventId: "a", patientId: "p2" }), 10)).toBe(true);
    expect(ids(readings)).toEqual(["a", "b"]);
    expect(readings.find("p1", "a")?.value).toBe("80");
    expect(readings.size).toBe(3);
  });

  it("say what windows make of each", () => {
    const readings = readingsOf(
      { effectiveTime: 10 },
      { effectiveTime: 20, late: true },
      { effectiveTime: 30, flags: ["EXTREME"] },
      { effectiveTime: 40, value: null },
      { effectiveTime: 50 },
    );
    expect([...readings.usesIn("p1", HEART_RATE, 10, 50)]).toEqual([
      { eventId: expect.any(String), time: 10, offset: 0, use: "COUNTED" },
      { eventId: expect.any(String), time: 20, offset: 1, use: "LATE" },
      { eventId: expect.any(String), time: 30, offset: 2, use: "NONE" },
      { eventId: expect.any(String), time: 40, offset: 3, use: "NONE" },
    ]);
    expect([...readings.usesIn("nobody", HEART_RATE, 0, 21)]).toEqual([]);
  });

  it("hold one that is longer than a chunk", () => {
    const readings = readingsOf({ eventId: "long", quality: ["x".repeat(3_000_000)] }, { eventId: "next" });
    expect(readings.find("p1", "long")?.quality[0]?.length).toBe(3_000_000);
    expect(ids(readings)).toEqual(["long", "next"]);
  });
});
