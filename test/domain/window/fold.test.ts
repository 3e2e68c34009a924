import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { VitalAccepted, VitalWindowed } from "../../../src/domain/events/observation.js";
import { fromScaled, toScaled } from "../../../src/domain/window/decimal.js";
import { createWindowFold, type WindowFold } from "../../../src/domain/window/fold.js";
import { scaleOf } from "../../../src/domain/window/scale.js";
import { WINDOW_SIZES } from "../../../src/domain/window/sizes.js";
import { buildAccepted, TEN } from "../../helpers/build.js";
import { stamped } from "../../helpers/stamped.js";

const MINUTE = 60_000;

interface TestStore {
  readonly kept: Map<string, unknown>;
  set(key: string, value: unknown): void;
  entries(): Iterable<readonly [string, unknown]>;
}

/** Keeps what would be on the disk: a fold that begins anew sees nothing else. */
function createStore(): TestStore {
  const kept = new Map<string, string>();
  return {
    kept,
    set(key, value) {
      if (value === null) kept.delete(key);
      else kept.set(key, JSON.stringify(value));
    },
    entries: () => [...kept].map(([key, text]) => [key, JSON.parse(text) as unknown] as const),
  };
}

/** The highest `throughOffset` of each window holds. */
function newest(windows: readonly VitalWindowed[]): Map<string, VitalWindowed> {
  const found = new Map<string, VitalWindowed>();
  for (const window of windows) {
    const key = [window.patientId, window.code, window.size, window.start].join("/");
    const known = found.get(key);
    if (known === undefined || BigInt(known.throughOffset) < BigInt(window.throughOffset)) found.set(key, window);
  }
  return found;
}

function folded(readings: readonly VitalAccepted[], cuts: readonly number[] = [readings.length]): VitalWindowed[] {
  const store = createStore();
  let fold: WindowFold = createWindowFold(store);
  const written: VitalWindowed[] = [];
  readings.forEach((reading, offset) => {
    fold.take(reading, BigInt(offset));
    if (!cuts.includes(offset)) return;
    written.push(...fold.changed());
    // Killed and begun anew.
    if (offset % 2 === 0) fold = createWindowFold(store);
  });
  written.push(...fold.changed());
  return written;
}

function windowOf(windows: readonly VitalWindowed[], size = "PT1M", start = TEN): VitalWindowed | undefined {
  return [...newest(windows).values()].find((window) => window.size === size && window.start === start);
}

/** What a single look at all readings says, in the plainest words of the rules. */
function expected(readings: readonly VitalAccepted[]): Map<string, VitalWindowed> {
  const found = new Map<string, VitalWindowed>();
  const all = readings.map((reading, offset) => ({ reading, offset }));
  const minuteOf = ({ patientId, code, effectiveTime }: VitalAccepted): string =>
    [patientId, code, Math.floor(effectiveTime / MINUTE)].join("/");
  const isNumber = ({ value, comparator, status, flags }: VitalAccepted): boolean =>
    value !== null &&
    comparator === null &&
    status !== "entered-in-error" &&
    !flags.some((flag) => flag === "EXTREME" || flag === "CONFLICT" || flag === "NO_VALUE");
  const touching = all.filter(({ reading }) => !reading.late && (isNumber(reading) || reading.replaces !== null));
  const rootOf = (group: typeof all, id: string): string => {
    const replaces = group.find(({ reading }) => reading.eventId === id)?.reading.replaces ?? null;
    return replaces === null ? id : rootOf(group, replaces);
  };
  for (const { name, ms } of WINDOW_SIZES) {
    const groups = new Map<string, typeof all>();
    for (const touch of touching) {
      const { patientId, code, effectiveTime } = touch.reading;
      const key = [patientId, code, name, Math.floor(effectiveTime / ms) * ms].join("/");
      groups.set(key, [...(groups.get(key) ?? []), touch]);
    }
    for (const [key, group] of groups) {
      const once = group.filter(
        ({ reading, offset }) =>
          !group.some(
            (other) =>
              other.offset < offset &&
              other.reading.eventId === reading.eventId &&
              minuteOf(other.reading) === minuteOf(reading),
          ),
      );
      const holding = once.filter(({ reading, offset }) => {
        const minute = once.filter((other) => minuteOf(other.reading) === minuteOf(reading));
        const root = rootOf(minute, reading.eventId);
        return !minute.some(
          (other) =>
            other.reading.eventId !== reading.eventId &&
            rootOf(minute, other.reading.eventId) === root &&
            (other.offset > offset || reading.replaces === null) &&
            other.reading.replaces !== null,
        );
      });
      const { patientId, code } = group[0]!.reading;
      const scale = scaleOf(code);
      const counted = holding.filter(({ reading }) => isNumber(reading)).map(({ reading }) => reading);
      const values = counted.map(({ value }) => toScaled(value!, scale)).sort((a, b) => (a < b ? -1 : 1));
      const times = counted.map(({ effectiveTime }) => effectiveTime);
      const start = Number(key.split("/")[3]);
      found.set(key, {
        schema: 1,
        ...{ patientId, code, size: name, start, end: start + ms, scale },
        count: counted.length,
        sum: String(values.reduce((sum, value) => sum + value, 0n)),
        sumOfSquares: String(values.reduce((sum, value) => sum + value ** 2n, 0n)),
        min: values.length === 0 ? null : fromScaled(values[0]!, scale),
        max: values.length === 0 ? null : fromScaled(values.at(-1)!, scale),
        unit: "/min",
        firstAt: times.length === 0 ? null : Math.min(...times),
        lastAt: times.length === 0 ? null : Math.max(...times),
        simulated: group.some(({ reading }) => reading.simulated),
        throughOffset: String(Math.max(...group.map(({ offset }) => offset))),
      });
    }
  }
  return found;
}

describe("windows over accepted readings", () => {
  it("are those of a single look at all readings, wherever steps end and the process is killed", () => {
    const reading = fc.record({
      step: fc.constantFrom(1, 4, 4, 9, 45, 100),
      back: fc.constantFrom(0, 0, 0, 30, 100, 200),
      id: fc.integer({ min: 0, max: 12 }),
      value: fc.oneof(fc.constant(null), fc.integer({ min: -999, max: 99_999 })),
      replaces: fc.oneof(
        { weight: 3, arbitrary: fc.constant(null) },
        { weight: 2, arbitrary: fc.integer({ min: 0, max: 12 }) },
      ),
      status: fc.constantFrom("final" as const, "corrected" as const, "entered-in-error" as const),
      flags: fc.constantFrom([], [], [], ["EXTREME" as const], ["CLOCK_FAST" as const], ["CONFLICT" as const]),
      patient: fc.constantFrom("p1", "p2"),
      simulated: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(reading, { size: "max", maxLength: 60 }),
        fc.array(fc.nat(80), { size: "max", maxLength: 60 }),
        (rows, cuts) => {
          let time = TEN;
          const readings = stamped(
            rows.map(({ step, back, id, value, replaces, status, flags, patient, simulated }, index) => {
              time += step * 1_000;
              return buildAccepted({
                // A chain of corrections never turns back on itself: an id is only corrected by a higher one.
                eventId: replaces === null ? `e${String(id)}` : `c${String(index)}`,
                replaces:
                  replaces === null
                    ? null
                    : replaces % 3 === 0
                      ? `c${String(index - 1 - replaces)}`
                      : `e${String(replaces)}`,
                patientId: patient,
                value: value === null ? null : fromScaled(BigInt(value), 2),
                status: replaces === null ? "final" : status,
                effectiveTime: time - back * 1_000,
                ...{ flags, simulated },
              });
            }),
          );
          expect(newest(folded(readings, cuts))).toEqual(expected(readings));
        },
      ),
      { numRuns: 100 },
    );
  });

  it("of one reading have its value as sum, least and greatest", () => {
    expect(windowOf(folded([buildAccepted({ value: "36.65", code: "8310-5", unit: "Cel" })]))).toEqual({
      schema: 1,
      ...{ patientId: "p1", code: "8310-5", size: "PT1M", start: TEN, end: TEN + MINUTE },
      ...{ count: 1, sum: "36650", sumOfSquares: "1343222500", scale: 3, min: "36.65", max: "36.65", unit: "Cel" },
      ...{ firstAt: TEN, lastAt: TEN, simulated: false, throughOffset: "0" },
    });
  });

  it("hold their start and not their end", () => {
    const readings = [TEN - 1, TEN, TEN + MINUTE - 1, TEN + MINUTE].map((effectiveTime, index) =>
      buildAccepted({ eventId: `e${String(index)}`, effectiveTime }),
    );
    expect(windowOf(folded(stamped(readings)))?.count).toBe(2);
  });

  it("take the last correction of a reading instead of it, and none when it was entered in error", () => {
    const first = buildAccepted({ eventId: "x", value: "180" });
    const beside = buildAccepted({ eventId: "y", value: "90", effectiveTime: TEN + 1_000 });
    const correction = buildAccepted({ eventId: "x@2", replaces: "x", status: "corrected", value: "80" });
    const second = buildAccepted({ eventId: "x@3", replaces: "x", status: "corrected", value: "81" });
    const error = buildAccepted({ eventId: "x@4", replaces: "x", status: "entered-in-error", value: "81" });
    const after = (...readings: VitalAccepted[]): unknown => windowOf(folded(stamped(readings)));
    expect(after(first, beside, correction)).toMatchObject({ count: 2, sum: "170000", min: "80", max: "90" });
    expect(after(first, beside, correction, second)).toMatchObject({ count: 2, sum: "171000", throughOffset: "3" });
    expect(after(first, beside, correction, second, error)).toMatchObject({ count: 1, sum: "90000", max: "90" });
    const ofCorrection = buildAccepted({ eventId: "z", replaces: "x@2", status: "corrected", value: "82" });
    expect(after(first, correction, ofCorrection, second)).toMatchObject({ count: 1, sum: "81000" });
    expect(after(correction, first)).toMatchObject({ count: 1, sum: "80000", throughOffset: "1" });
  });

  it("say so when all their readings were taken back", () => {
    const error = buildAccepted({ eventId: "x@2", replaces: "x", status: "entered-in-error" });
    const windows = folded([buildAccepted({ eventId: "x", simulated: true }), error]);
    expect(windowOf(windows, "PT1H")).toMatchObject({
      ...{ count: 0, sum: "0", sumOfSquares: "0", min: null, max: null, firstAt: null, lastAt: null },
      ...{ simulated: true, throughOffset: "1" },
    });
  });

  it("do not change once they are final, whatever comes late", () => {
    const early = buildAccepted({ eventId: "x", value: "70" });
    const later = buildAccepted({ eventId: "y", effectiveTime: TEN + 10 * MINUTE });
    const late = buildAccepted({ eventId: "z", value: "200", effectiveTime: TEN + 1_000 });
    const correction = buildAccepted({ eventId: "x@2", replaces: "x", status: "corrected", value: "71" });
    const windows = folded(stamped([early, later, late, correction]));
    expect(windowOf(windows)).toMatchObject({ count: 1, sum: "70000", throughOffset: "0" });
    expect(windowOf(windows, "PT1H")).toMatchObject({ count: 2, sum: "150000", throughOffset: "1" });
  });

  it("count a reading with an implausible clock when it was received, and leave out what is extreme, bound or no number", () => {
    const fast = buildAccepted({ eventId: "a", flags: ["CLOCK_FAST"], clockOffsetMs: 120_000 });
    const others = [
      buildAccepted({ eventId: "b", flags: ["EXTREME"], value: "0" }),
      buildAccepted({ eventId: "c", comparator: "<" }),
      buildAccepted({ eventId: "d", value: null, codedValue: "A" }),
      buildAccepted({ eventId: "e", flags: ["CONFLICT"] }),
      buildAccepted({ eventId: "f", value: "1234567890" }),
    ];
    expect(windowOf(folded(stamped([fast, ...others])))).toMatchObject({ count: 1, throughOffset: "0" });
  });

  it("leave nothing behind in the store when they are final, and little while they are not", () => {
    const store = createStore();
    const fold = createWindowFold(store);
    const hour = Array.from({ length: 3_600 }, (_, second) =>
      buildAccepted({
        eventId: String(second),
        effectiveTime: TEN + second * 1_000,
        value: String(60 + (second % 40)),
      }),
    );
    const end = buildAccepted({ eventId: "end", effectiveTime: TEN + 90 * MINUTE });
    let bytes = 0;
    for (const [offset, reading] of stamped([...hour, end]).entries()) {
      fold.take(reading, BigInt(offset));
      if (offset % 10 === 9 || offset === 3_600) Array.from(fold.changed());
      if (offset < 3_600) bytes = Math.max(bytes, JSON.stringify([...store.kept]).length);
    }
    expect([...store.kept.keys()]).toEqual([`readings/${String(TEN + 90 * MINUTE)}/8867-4/0/p1`]);
    expect(bytes).toBeLessThan(24_000);
  });
});
