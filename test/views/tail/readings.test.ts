import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { createReadings, type Readings } from "../../../src/views/tail/readings.js";
import { buildReading, HEART_RATE } from "../../helpers/live-views.js";

const ALL = { codes: null, from: -Infinity, to: Infinity, includeErrors: false };

function readingsOf(...overrides: readonly Parameters<typeof buildReading>[0][]): Readings {
  const readings = createReadings();
  overrides.forEach((one, offset) => readings.add(buildReading(one), offset));
  return readings;
}

const ids = (readings: Readings, overrides: Partial<typeof ALL> = {}): string[] =>
  [...readings.newestFirst("p1", { ...ALL, ...overrides })].map(({ eventId }) => eventId);

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
    expect(readings.find("p1", reading.eventId)).toEqual({ ...kept, offset: 12, revision: 0 });
    expect([...readings.newestFirst("p1", ALL)]).toEqual([{ ...kept, offset: 12, revision: 0 }]);
  });

  it("come newest first, then by id, over all codes or some, between any times", () => {
    const one = fc.record({ time: fc.integer({ min: 0, max: 40 }), code: fc.integer({ min: 0, max: 3 }) });
    fc.assert(
      fc.property(
        fc.array(one, { maxLength: 200 }),
        fc.integer({ min: -1, max: 41 }),
        fc.integer({ min: -1, max: 41 }),
        fc.option(fc.uniqueArray(fc.integer({ min: 0, max: 4 })), { nil: null }),
        (put, from, to, wanted) => {
          const all = put.map(({ time, code }, at) =>
            buildReading({
              eventId: `e${String((at * 7919) % 1_000)}`,
              effectiveTime: time,
              code: `code ${String(code)}`,
            }),
          );
          const readings = readingsOf(...all);
          const codes = wanted?.map((code) => `code ${String(code)}`) ?? null;
          const expected = all
            .filter(
              ({ effectiveTime, code }) =>
                effectiveTime >= from && effectiveTime < to && codes?.includes(code) !== false,
            )
            .sort((a, b) => b.effectiveTime - a.effectiveTime || (a.eventId < b.eventId ? -1 : 1))
            .map(({ eventId }) => eventId);
          expect(ids(readings, { from, to, codes: codes as never })).toEqual(expected);
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

  it("are replaced by their corrections, each time once more", () => {
    const readings = readingsOf(
      { eventId: "a" },
      { eventId: "b", replaces: "a", status: "corrected", value: "81" },
      { eventId: "c", replaces: "b", status: "corrected", value: "82" },
      { eventId: "d", replaces: "a", status: "corrected", value: "83" },
    );
    const [only] = [...readings.newestFirst("p1", ALL)];
    expect(only).toMatchObject({ eventId: "d", value: "83", revision: 3 });
    expect(ids(readings)).toEqual(["d"]);
    expect(["a", "b", "c", "d"].map((id) => readings.fateOf("p1", id))).toEqual([
      "replaced",
      "replaced",
      "replaced",
      "stands",
    ]);
  });

  it("leave the answer when they were entered in error, unless that is asked for", () => {
    const readings = readingsOf(
      { eventId: "a", value: "300" },
      { eventId: "x", replaces: "a", status: "entered-in-error", value: null },
      { eventId: "b" },
      { eventId: "c", replaces: "b", status: "corrected", value: "81" },
      { eventId: "y", replaces: "b", status: "entered-in-error", value: null },
      { eventId: "z", status: "entered-in-error" },
    );
    expect(ids(readings)).toEqual([]);
    const asked = [...readings.newestFirst("p1", { ...ALL, includeErrors: true })];
    expect(asked).toMatchObject([
      { eventId: "a", value: "300", status: "entered-in-error" },
      { eventId: "c", value: "81", status: "entered-in-error" },
      { eventId: "z", status: "entered-in-error" },
    ]);
  });

  it("come right whichever of a reading and its correction is first", () => {
    const readings = readingsOf(
      { eventId: "b", replaces: "a", status: "corrected" },
      { eventId: "y", replaces: "c", status: "entered-in-error" },
      { eventId: "a" },
      { eventId: "c" },
    );
    expect(ids(readings)).toEqual(["b"]);
    expect(ids(readings, { includeErrors: true })).toEqual(["b", "c"]);
  });

  it("say what became of a record that lies elsewhere", () => {
    const readings = readingsOf(
      { eventId: "b", replaces: "a", status: "corrected" },
      { eventId: "y", replaces: "c", status: "entered-in-error" },
    );
    expect(["a", "c", "d"].map((id) => readings.fateOf("p1", id))).toEqual(["replaced", "error", "stands"]);
    expect(readings.fateOf("p2", "a")).toBe("stands");
  });

  it("know which of them windows count, and how many came too late", () => {
    const readings = readingsOf(
      { effectiveTime: 10 },
      { effectiveTime: 20, late: true },
      { effectiveTime: 30, flags: ["EXTREME"] },
      { effectiveTime: 40, value: null },
      { effectiveTime: 50 },
    );
    expect([...readings.counted("p1", HEART_RATE, 10, 60)]).toEqual([
      { time: 10, offset: 0 },
      { time: 50, offset: 4 },
    ]);
    expect(readings.lateIn("p1", HEART_RATE, 0, 20)).toBe(0);
    expect(readings.lateIn("p1", HEART_RATE, 0, 21)).toBe(1);
    expect(readings.lateIn("nobody", HEART_RATE, 0, 21)).toBe(0);
  });

  it("hold one that is longer than a chunk", () => {
    const readings = readingsOf({ eventId: "long", quality: ["x".repeat(3_000_000)] }, { eventId: "next" });
    expect(readings.find("p1", "long")?.quality[0]?.length).toBe(3_000_000);
    expect(ids(readings)).toEqual(["long", "next"]);
  });
});
