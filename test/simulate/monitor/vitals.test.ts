import { describe, expect, it } from "@jest/globals";
import { createHash } from "node:crypto";
import {
  EPISODES,
  vitalsOf,
  type Delivery,
  type DeviceRecord,
  type VitalsRequest,
} from "../../../src/simulate/monitor/index.js";

const START = Date.parse("2026-03-01T08:00:00Z");
const HR = "8867-4";
const RR = "9279-1";
const SPO2 = "2708-6";
const SBP = "8480-6";
const DBP = "8462-4";
const TEMPERATURE = "8310-5";
const ACVPU = "67775-7";
const OXYGEN = "3150-6";

function request(overrides: Partial<VitalsRequest> = {}): VitalsRequest {
  return {
    seed: 7,
    beds: [{ patientId: "p1" }, { patientId: "p2" }],
    start: START,
    seconds: 400,
    rate: 0.5,
    ...overrides,
  };
}

const run = (overrides: Partial<VitalsRequest> = {}): Delivery[] => [...vitalsOf(request(overrides))];

const recordsOf = (deliveries: readonly Delivery[]): DeviceRecord[] =>
  deliveries.flatMap(({ record, fault }) => (record === null || fault === "duplicate" ? [] : [record]));

function series(deliveries: readonly Delivery[], patientId: string, code: string): { at: number; value: number }[] {
  return recordsOf(deliveries)
    .filter((record) => record.patientId === patientId && record.code === code)
    .map(({ eventTime, value }) => ({ at: (Date.parse(eventTime) - START) / 1000, value: Number(value) }));
}

const between = (from: number, to: number, rows: readonly { at: number; value: number }[]): number[] =>
  rows.filter(({ at }) => at >= from && at < to).map(({ value }) => value);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function correlation(one: readonly number[], other: readonly number[]): number {
  const [a, b] = [mean(one), mean(other)];
  const sum = (of: (index: number) => number): number => one.reduce((total, _value, index) => total + of(index), 0);
  const [da, db] = [(n: number): number => one[n]! - a, (n: number): number => other[n]! - b];
  return sum((n) => da(n) * db(n)) / Math.sqrt(sum((n) => da(n) ** 2) * sum((n) => db(n) ** 2));
}

describe("simulated vitals", () => {
  it("are the same bytes for the same request, whoever asks and whenever", () => {
    const options = {
      seconds: 120,
      late: 0.05,
      duplicates: 0.03,
      poison: 0.01,
      episodes: [{ kind: "hypoxia", patientId: "p1" }],
    };
    const text = run(options)
      .map(({ line }) => line)
      .join("\n");
    expect(
      run(options)
        .map(({ line }) => line)
        .join("\n"),
    ).toBe(text);
    // Pinned: whoever changes what a seed gives has to say so here.
    expect(createHash("sha256").update(text).digest("hex").slice(0, 16)).toBe("86bd8267281892cf");
    expect(
      run({ ...options, seed: 8 })
        .map(({ line }) => line)
        .join("\n"),
    ).not.toBe(text);
  });

  it("come in order of delivery, each saying that nobody was measured", () => {
    const all = run({ late: 0.2, duplicates: 0.2, poison: 0.1, seconds: 300 });
    const times = all.map(({ deliverAfterMs }) => deliverAfterMs);
    expect(times).toEqual([...times].sort((one, other) => one - other));
    for (const { quality } of recordsOf(all)) expect(quality).toEqual(["simulated"]);
    for (const { record, line } of all) if (record !== null) expect(JSON.parse(line)).toEqual(record);
  });

  it("are squeezed into less time when asked: the same values, and nothing is waited for at the end", () => {
    const plain = recordsOf(run({ late: 0.1, duplicates: 0.1 }));
    const all = run({ late: 0.1, duplicates: 0.1, squeeze: 60 });
    const squeezed = recordsOf(all);
    const valuesOf = (records: readonly DeviceRecord[]): string[] =>
      records.map(({ deviceId, sequence, value }) => `${deviceId} ${String(sequence)} ${String(value)}`).sort();
    expect(valuesOf(squeezed)).toEqual(valuesOf(plain));
    for (const { eventTime } of squeezed) expect(Date.parse(eventTime) - START).toBeLessThanOrEqual(400_000 / 60 + 1);
    expect(all.at(-1)?.deliverAfterMs).toBeLessThanOrEqual(400_000 / 60 + 200);
  });

  it("do not depend on who lies in the other beds, nor on how long they are watched", () => {
    const both = series(run({ seconds: 200 }), "p2", HR);
    expect(series(run({ beds: [{ patientId: "p9" }, { patientId: "p2" }], seconds: 200 }), "p2", HR)).toEqual(both);
    expect(series(run({ seconds: 300 }), "p2", HR).slice(0, both.length)).toEqual(both);
  });

  it("are plausible over a day of 6 people: none is beyond what an adult at rest shows, pressures in their order", () => {
    const beds = Array.from({ length: 6 }, (_none, index) => ({ patientId: `p${String(index)}` }));
    const all = run({ beds, seconds: 86_400, rate: 1 / 600 });
    const of = (code: string): number[] =>
      beds.flatMap(({ patientId }) => series(all, patientId, code).map(({ value }) => value));
    for (const [code, low, high, least, most] of [
      [HR, 65, 90, 35, 125],
      [RR, 13, 18, 8, 24],
      [SPO2, 95, 99, 92, 100],
      [SBP, 110, 140, 80, 170],
      [TEMPERATURE, 36.4, 37.2, 35.5, 38],
    ] as const) {
      const values = of(code);
      expect(mean(values)).toBeGreaterThan(low);
      expect(mean(values)).toBeLessThan(high);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(least);
      expect(Math.max(...values)).toBeLessThanOrEqual(most);
    }
    const [systolic, diastolic] = [series(all, "p3", SBP), series(all, "p3", DBP)];
    expect(systolic).toHaveLength(144);
    systolic.forEach(({ value }, index) => {
      expect(value - diastolic[index]!.value).toBeGreaterThanOrEqual(15);
    });
    expect(
      new Set(
        recordsOf(all)
          .filter(({ code }) => code === ACVPU)
          .map(({ value }) => value),
      ),
    ).toEqual(new Set(["A"]));
    expect(new Set(of(OXYGEN))).toEqual(new Set([21]));
    expect(series(all, "p3", OXYGEN)).toHaveLength(24);
  });

  it("move together: the heart with the breath and the pressure, not with another person's heart", () => {
    const all = run({ seconds: 86_400, rate: 1 / 600 });
    const of = (patientId: string, code: string): number[] => series(all, patientId, code).map(({ value }) => value);
    expect(correlation(of("p1", HR), of("p1", RR))).toBeGreaterThan(0.4);
    expect(correlation(of("p1", HR), of("p1", SBP))).toBeGreaterThan(0.4);
    expect(Math.abs(correlation(of("p1", HR), of("p2", HR)))).toBeLessThan(0.3);
  });

  it("number what a device sends without a hole, from 1 in each of its sessions", () => {
    const all = recordsOf(run({ episodes: [{ kind: "reboot", patientId: "p1", fromSeconds: 200 }] }));
    const own = all.filter(({ deviceId }) => deviceId === "simulated-monitor-1");
    const sessions = [...new Set(own.map(({ session }) => session))];
    expect(sessions).toHaveLength(2);
    for (const session of sessions) {
      const sequences = own.filter((record) => record.session === session).map(({ sequence }) => sequence);
      expect(sequences).toEqual(sequences.map((_none, index) => index + 1));
    }
    const gap = between(
      195,
      245,
      series(run({ episodes: [{ kind: "reboot", patientId: "p1", fromSeconds: 200 }] }), "p1", HR),
    );
    expect(gap).toHaveLength(5);
    expect(
      new Set(all.filter(({ deviceId }) => deviceId === "simulated-monitor-2").map(({ session }) => session)).size,
    ).toBe(1);
  });

  it("are of another session when they begin at another time, so that no reading is taken for an older one", () => {
    const sessions = (start: number): string[] => recordsOf(run({ start, seconds: 5 })).map(({ session }) => session);
    expect(sessions(START).some((session) => sessions(START + 1).includes(session))).toBe(false);
  });
});

describe("an episode", () => {
  const HOUR = 3_600;

  it("of sepsis takes hours: heart, breath and temperature rise, the pressure falls, confusion comes; the others' do not", () => {
    const all = run({ seconds: 7 * HOUR, rate: 1 / 120, episodes: [{ kind: "sepsis", patientId: "p1" }] });
    const changeOf = (patientId: string, code: string): number => {
      const rows = series(all, patientId, code);
      return mean(between(5 * HOUR, 6 * HOUR, rows)) - mean(between(0, HOUR / 2, rows));
    };
    expect(changeOf("p1", HR)).toBeGreaterThan(30);
    expect(changeOf("p1", RR)).toBeGreaterThan(8);
    expect(changeOf("p1", TEMPERATURE)).toBeGreaterThan(1.8);
    expect(changeOf("p1", SBP)).toBeLessThan(-25);
    expect(Math.abs(changeOf("p2", HR))).toBeLessThan(15);
    const levels = recordsOf(all).filter(({ patientId, code }) => patientId === "p1" && code === ACVPU);
    expect(levels.map(({ value }) => value).join("")).toMatch(/^A+C+V+/);
    expect(series(all, "p1", OXYGEN).map(({ value }) => value)).toContain(40);
  });

  it("of hypoxia lowers the saturation and lets it recover; of bradycardia the heart rate", () => {
    const low = run({ seconds: 1_500, rate: 0.2, episodes: [{ kind: "hypoxia", patientId: "p1", fromSeconds: 120 }] });
    const saturation = series(low, "p1", SPO2);
    expect(mean(between(600, 800, saturation))).toBeLessThan(86);
    expect(mean(between(1_350, 1_500, saturation))).toBeGreaterThan(94);
    const slow = run({ episodes: [{ kind: "bradycardia", patientId: "p2", fromSeconds: 100 }] });
    expect(mean(between(200, 300, series(slow, "p2", HR)))).toBeLessThan(50);
  });

  it("without a sensor leaves a gap or reads 0, and goes on as if nothing had been", () => {
    const off = run({ episodes: [{ kind: "sensor-off", patientId: "p1", fromSeconds: 100, seconds: 60 }] });
    expect(between(100, 160, series(off, "p1", HR))).toEqual([]);
    const undisturbed = series(run(), "p1", HR);
    const after = (rows: { at: number; value: number }[]): { at: number; value: number }[] =>
      rows.filter(({ at }) => at >= 160);
    expect(after(series(off, "p1", HR))).toEqual(after(undisturbed));
    const zero = run({ episodes: [{ kind: "sensor-zero", patientId: "p1", fromSeconds: 100, seconds: 20 }] });
    expect(new Set(between(100, 120, series(zero, "p1", HR)))).toEqual(new Set([0]));
    expect(between(100, 120, series(zero, "p1", SPO2))).toEqual([]);
  });

  it("with a wrong clock shifts what the monitor says of time, not when it is delivered", () => {
    const fast = run({ episodes: [{ kind: "clock-fast", patientId: "p1" }] });
    const plain = run();
    expect(fast.map(({ deliverAfterMs }) => deliverAfterMs)).toEqual(plain.map(({ deliverAfterMs }) => deliverAfterMs));
    const shifts = fast.map(
      ({ record }, index) => Date.parse(record!.eventTime) - Date.parse(plain[index]!.record!.eventTime),
    );
    const isOfMonitor = ({ record }: Delivery): boolean => record?.deviceId === "simulated-monitor-1";
    fast.forEach((delivery, index) => {
      expect(shifts[index]).toBe(isOfMonitor(delivery) ? 120_000 : 0);
    });
  });

  it("of a lost network leaves a hole in the sequence", () => {
    const episodes = [{ kind: "network-loss", patientId: "p1", fromSeconds: 100, seconds: 10 }];
    const own = recordsOf(run({ episodes })).filter(({ deviceId }) => deviceId === "simulated-monitor-1");
    const last = own.at(-1)!.sequence;
    expect(last - own.length).toBeGreaterThanOrEqual(15);
    expect(last - own.length).toBeLessThan(20);
  });

  it.each(Object.keys(EPISODES))(
    "of each kind there is (%s) changes something of its own bed, and nothing of another",
    (kind) => {
      const changed = run({ rate: 0.1, episodes: [{ kind, patientId: "p1", fromSeconds: 60, seconds: 400 }] });
      const of = (all: Delivery[], patientId: string): string[] =>
        all.filter(({ record }) => record?.patientId === patientId).map(({ line }) => line);
      expect(of(changed, "p2")).toEqual(of(run({ rate: 0.1 }), "p2"));
      expect(of(changed, "p1")).not.toEqual(of(run({ rate: 0.1 }), "p1"));
    },
  );
});

describe("what goes wrong on the way", () => {
  const FAULTS = { late: 0.05, duplicates: 0.03, poison: 0.01, seconds: 1_200 };

  it("has the shares that were asked for", () => {
    const all = run(FAULTS);
    const count = (fault: string | null): number => all.filter((delivery) => delivery.fault === fault).length;
    const records = count(null) + count("late");
    expect(count("late") / records).toBeCloseTo(0.05, 1.8);
    expect(count("duplicate") / records).toBeCloseTo(0.03, 1.8);
    expect(count("poison") / records).toBeCloseTo(0.01, 1.8);
    expect(records).toBeGreaterThan(3_500);
  });

  it("changes no reading: only when, how often and beside what it comes", () => {
    const sorted = (all: Delivery[]): string[] =>
      recordsOf(all)
        .map((record) => JSON.stringify(record))
        .sort();
    expect(sorted(run(FAULTS))).toEqual(sorted(run({ seconds: FAULTS.seconds })));
  });

  it("delivers the late out of order, and duplicates word for word", () => {
    const all = run(FAULTS);
    const own = recordsOf(all).filter(({ deviceId }) => deviceId === "simulated-monitor-1");
    expect(own.some(({ sequence }, index) => index > 0 && sequence < own[index - 1]!.sequence)).toBe(true);
    const originals = new Set(all.filter(({ fault }) => fault === null || fault === "late").map(({ line }) => line));
    for (const { line } of all.filter(({ fault }) => fault === "duplicate")) expect(originals.has(line)).toBe(true);
  });

  it("states when each is to be received only when asked", () => {
    for (const { record, deliverAfterMs } of run({ ...FAULTS, statesReceipt: true, seconds: 60 }))
      if (record !== null) expect(record.receivedAt).toBe(new Date(START + deliverAfterMs).toISOString());
    expect(recordsOf(run({ seconds: 5 })).every(({ receivedAt }) => receivedAt === undefined)).toBe(true);
  });

  it("holds poison of every kind", () => {
    const lines = run({ ...FAULTS, poison: 0.2 }).flatMap(({ line, fault }) => (fault === "poison" ? [line] : []));
    const isJson = (line: string): boolean => {
      try {
        JSON.parse(line);
        return true;
      } catch {
        return false;
      }
    };
    expect(lines.filter((line) => !isJson(line)).length).toBeGreaterThan(0);
    for (const sign of ['"furlong"', '"seventy-two"', "130", "-72", '"0000-0"', '"yesterday"'])
      expect(lines.some((line) => line.includes(sign))).toBe(true);
  });
});

describe("a request that cannot be met", () => {
  it.each([
    [{ seed: -1 }, "seed"],
    [{ beds: [] }, "beds"],
    [{ beds: [{ patientId: "p1" }, { patientId: "p1" }] }, "beds"],
    [{ seconds: 0 }, "seconds"],
    [{ rate: 0 }, "rate"],
    [{ late: 1.5 }, "late"],
    [{ squeeze: 0.5 }, "squeeze"],
    [{ poison: Number.NaN }, "poison"],
    [{ episodes: [{ kind: "plague", patientId: "p1" }] }, "episode"],
    [{ episodes: [{ kind: "sepsis", patientId: "p7" }] }, "episode"],
    [{ episodes: [{ kind: "sepsis", patientId: "p1", seconds: 0 }] }, "episode"],
  ])("is refused by the name of what is wrong: %j", (overrides, field) => {
    expect(() => run(overrides)).toThrow(
      expect.objectContaining({ code: "BAD_USER_INPUT", details: expect.objectContaining({ field }) }),
    );
  });
});
