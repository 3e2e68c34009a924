import { describe, expect, it } from "@jest/globals";
import { news2, type News2Values } from "../../../src/domain/alert/news2.js";
import { news2Set, type News2Reading } from "../../../src/domain/alert/news2-set.js";
import type { MonitoringPlan } from "../../../src/domain/alert/plan.js";
import { ageAt, type AgeRange } from "../../../src/domain/alert/scope.js";
import { buildPlan } from "../../helpers/build.js";
import { HOUR, MINUTE } from "./build.js";

const ADULT: AgeRange = { min: 60, max: 60 };

type Row = readonly [
  rr: string,
  spo2: string,
  oxygen: "air" | "O2",
  sbp: string,
  pulse: string,
  acvpu: string,
  temp: string,
];

function valuesOf([respiration, spo2, oxygen, systolic, pulse, consciousness, temperature]: Row): News2Values {
  return {
    respiration,
    spo2,
    oxygen: oxygen === "air" ? "AIR" : "OXYGEN",
    systolic,
    pulse,
    consciousness,
    temperature,
  };
}

const FINE: Row = ["16", "98", "air", "120", "75", "A", "37.0"];
const scaled = (scale: 1 | 2): MonitoringPlan => buildPlan({ spo2Scale: scale });

describe("NEWS2 of a whole set", () => {
  it.each<readonly [Row, 1 | 2, number, string]>([
    [FINE, 1, 0, "none"],
    [["21", "93", "air", "120", "95", "A", "37.5"], 1, 5, "medium"],
    [["22", "95", "O2", "105", "100", "A", "38.5"], 1, 8, "high"],
    [["28", "90", "O2", "95", "125", "V", "39.2"], 1, 17, "high"],
    [["18", "90", "air", "130", "88", "A", "36.8"], 1, 3, "low-medium"],
    [["18", "90", "air", "130", "88", "A", "36.8"], 2, 0, "none"],
    [["18", "97", "O2", "130", "88", "A", "36.8"], 1, 2, "low"],
    [["18", "97", "O2", "130", "88", "A", "36.8"], 2, 5, "medium"],
    [["18", "97", "air", "130", "88", "A", "36.8"], 2, 0, "none"],
    [["26", "98", "air", "120", "80", "A", "37.0"], 1, 3, "low-medium"],
    [["14", "97", "air", "118", "72", "C", "36.9"], 1, 3, "low-medium"],
    [["8", "91", "O2", "90", "131", "U", "35.0"], 1, 20, "high"],
    [["12", "96", "air", "111", "51", "A", "36.1"], 1, 0, "none"],
    [["20", "96", "air", "219", "90", "A", "38.0"], 1, 0, "none"],
    [["11", "94", "air", "110", "91", "A", "36.0"], 1, 5, "medium"],
    [["25", "83", "O2", "220", "40", "P", "39.1"], 2, 19, "high"],
  ])("%j on scale %d is %d, %s", (row, scale, total, band) => {
    expect(news2(valuesOf(row), scaled(scale), ADULT)).toMatchObject({ total, lowerBound: total, band, missing: [] });
  });

  it.each<readonly [keyof News2Values, readonly (readonly [string, number])[]]>([
    [
      "respiration",
      [
        ["8", 3],
        ["9", 1],
        ["11", 1],
        ["12", 0],
        ["20", 0],
        ["21", 2],
        ["24", 2],
        ["25", 3],
      ],
    ],
    [
      "spo2",
      [
        ["91", 3],
        ["92", 2],
        ["93", 2],
        ["94", 1],
        ["95", 1],
        ["96", 0],
      ],
    ],
    [
      "systolic",
      [
        ["90", 3],
        ["91", 2],
        ["100", 2],
        ["101", 1],
        ["110", 1],
        ["111", 0],
        ["219", 0],
        ["220", 3],
      ],
    ],
    [
      "pulse",
      [
        ["40", 3],
        ["41", 1],
        ["50", 1],
        ["51", 0],
        ["90", 0],
        ["91", 1],
        ["110", 1],
        ["111", 2],
        ["130", 2],
        ["131", 3],
      ],
    ],
    [
      "temperature",
      [
        ["35.0", 3],
        ["35.1", 1],
        ["36.0", 1],
        ["36.1", 0],
        ["38.0", 0],
        ["38.1", 1],
        ["39.0", 1],
        ["39.1", 2],
      ],
    ],
    [
      "consciousness",
      [
        ["A", 0],
        ["C", 3],
        ["V", 3],
        ["P", 3],
        ["U", 3],
      ],
    ],
  ])("%s scores at the edges of its bands as the chart says", (name, edges) => {
    for (const [value, points] of edges) {
      const score = news2({ ...valuesOf(FINE), [name]: value }, null, ADULT);
      expect([value, score.total]).toEqual([value, points]);
      expect(score.redParameters).toEqual(points === 3 ? [name] : []);
    }
  });

  it.each([
    ["83", "AIR", 3],
    ["84", "AIR", 2],
    ["85", "AIR", 2],
    ["86", "AIR", 1],
    ["87", "AIR", 1],
    ["88", "AIR", 0],
    ["92", "AIR", 0],
    ["100", "AIR", 0],
    ["83", "OXYGEN", 3],
    ["86", "OXYGEN", 1],
    ["88", "OXYGEN", 0],
    ["92", "OXYGEN", 0],
    ["93", "OXYGEN", 1],
    ["94", "OXYGEN", 1],
    ["95", "OXYGEN", 2],
    ["96", "OXYGEN", 2],
    ["97", "OXYGEN", 3],
  ])("SpO2 %s on %s scores %d on scale 2", (spo2, oxygen, points) => {
    const score = news2({ ...valuesOf(FINE), spo2, oxygen }, scaled(2), ADULT);
    expect(score.parameters.find(({ name }) => name === "spo2")?.points).toBe(points);
  });

  it.each([
    ["temperature", "38.05", "38.1", 1],
    ["temperature", "38.049", "38", 0],
    ["temperature", "39.05", "39.1", 2],
    ["spo2", "91.5", "92", 2],
    ["spo2", "91.4999999999999999999", "91", 3],
    ["respiration", "20.5", "21", 2],
    ["respiration", "8.49", "8", 3],
    ["pulse", "130.5", "131", 3],
    ["systolic", "219.5", "220", 3],
  ] as const)("%s %s is banded as %s, rounded half up in decimal", (name, value, rounded, points) => {
    const score = news2({ ...valuesOf(FINE), [name]: value }, null, ADULT);
    expect(score.parameters.find((one) => one.name === name)).toEqual({ name, value: rounded, points });
  });

  it("ignores a scale 2 that nobody prescribed, or for no reason", () => {
    const row = valuesOf(["18", "90", "air", "130", "88", "A", "36.8"]);
    for (const plan of [buildPlan({ spo2Scale: 2, prescriber: null }), buildPlan({ spo2Scale: 2, reason: "" })]) {
      expect(news2(row, plan, ADULT)).toMatchObject({ total: 3, scale: 1 });
    }
  });

  it("takes confusion as new until a plan says that it is not; other letters stay", () => {
    const confused = valuesOf(["14", "97", "air", "118", "72", "C", "36.9"]);
    expect(news2(confused, buildPlan({ baselineConfusion: false }), ADULT).total).toBe(3);
    expect(news2(confused, buildPlan({ baselineConfusion: true }), ADULT)).toMatchObject({
      total: 0,
      redParameters: [],
    });
    expect(news2({ ...confused, consciousness: "V" }, buildPlan({ baselineConfusion: true }), ADULT).total).toBe(3);
  });
});

describe("NEWS2 with a parameter missing", () => {
  it("has no total, but says what it is at least", () => {
    const values = { ...valuesOf(["22", "93", "O2", "95", "120", "A", "37"]), temperature: null };
    expect(news2(values, null, ADULT)).toMatchObject({
      total: null,
      lowerBound: 10,
      band: "high",
      missing: ["temperature"],
    });
  });

  it("takes neither oxygen for air nor silence for an alert mind", () => {
    const values = { ...valuesOf(FINE), oxygen: null, consciousness: null };
    expect(news2(values, null, ADULT)).toMatchObject({ total: null, missing: ["oxygen", "consciousness"] });
  });

  it("counts a high saturation on scale 2 as nothing where oxygen is not recorded: at least that", () => {
    const values = { ...valuesOf(FINE), spo2: "99", oxygen: null };
    expect(news2(values, scaled(2), ADULT)).toMatchObject({ total: null, lowerBound: 0 });
  });

  it("is unknown where nothing is known, and a word outside ACVPU is nothing", () => {
    const none = { respiration: null, spo2: null, oxygen: null, systolic: null, pulse: null, temperature: null };
    const score = news2({ ...none, consciousness: "toString" }, null, ADULT);
    expect(score).toMatchObject({ total: null, lowerBound: null, band: "unknown" });
    expect(score.missing).toHaveLength(7);
  });
});

describe("NEWS2 for whom it was not made", () => {
  it.each<readonly [string, AgeRange | null, MonitoringPlan | null]>([
    ["AGE_UNKNOWN", null, null],
    ["AGE_UNKNOWN", { min: 15, max: 16 }, null],
    ["UNDER_16", { min: 15, max: 15 }, null],
    ["UNDER_16", { min: 15, max: 15 }, buildPlan({ pregnancy: true })],
    ["PREGNANT", ADULT, buildPlan({ pregnancy: true })],
  ])("%s is a reason and never a number", (notApplicable, age, plan) => {
    const score = news2(valuesOf(["28", "90", "O2", "95", "125", "V", "39.2"]), plan, age);
    expect(score).toMatchObject({
      notApplicable,
      total: null,
      lowerBound: null,
      band: "not-applicable",
      parameters: [],
    });
  });

  it("counts from the sixteenth birthday, also where pregnancy is not known", () => {
    const born = { id: "p1", birthDate: "2010-05-20", simulated: false };
    const at = (day: string): AgeRange | null => ageAt(born, null, Date.parse(day));
    expect(at("2026-05-19T23:59:59Z")).toEqual({ min: 15, max: 15 });
    expect(at("2026-05-20T00:00:00Z")).toEqual({ min: 16, max: 16 });
    expect(news2(valuesOf(FINE), buildPlan(), at("2026-05-20")).total).toBe(0);
  });
});

describe("an age", () => {
  const now = Date.parse("2026-06-15");
  const age = (birthDate: string | null, plan: MonitoringPlan | null = null): AgeRange | null =>
    ageAt({ id: "p1", birthDate, simulated: false }, plan, now);

  it("is as exact as the birth date", () => {
    expect([age("1950"), age("1950-06"), age("1950-06-15"), age("1950-06-16")]).toEqual([
      { min: 75, max: 76 },
      { min: 75, max: 76 },
      { min: 76, max: 76 },
      { min: 75, max: 75 },
    ]);
    expect([age(null), age("unknown"), ageAt(null, null, now)]).toEqual([null, null, null]);
  });

  it("is an adult's where a plan attests it and no date speaks against it", () => {
    const adult = buildPlan({ adult: true });
    expect(age(null, adult)).toEqual({ min: 16, max: Infinity });
    expect(age("2010", adult)).toEqual({ min: 16, max: 16 });
    expect(age("2015-01-01", adult)).toEqual({ min: 11, max: 11 });
    expect(age("1950-01-01", adult)).toEqual({ min: 76, max: 76 });
  });
});

describe("the set a score looks at", () => {
  const CODES = { rr: "9279-1", flow: "3151-8", fio2: "3150-0", acvpu: "67775-7" };
  const reading = (at: number, value: string | null, overrides: Partial<News2Reading> = {}): News2Reading => {
    return { id: `r${String(at)}`, at, value, coded: null, comparator: null, source: "ward", ...overrides };
  };
  const setOf = (
    readings: Readonly<Record<string, News2Reading>>,
    at: number,
    sourceMs = MINUTE,
    staleAfterMs: number | null = null,
  ) =>
    news2Set({
      latest: (code) => readings[code] ?? null,
      source: (id) => ({ id, kind: "BEDSIDE", staleAfterMs: sourceMs, zone: null }),
      at,
      staleAfterMs,
    });

  it("holds a parameter for an hour, or as long as its source says if that is longer, or as the rule says", () => {
    const rr = { [CODES.rr]: reading(0, "18") };
    const known = (at: number, sourceMs?: number, ruleMs?: number): boolean =>
      setOf(rr, at, sourceMs, ruleMs ?? null).values.respiration === "18";
    expect([known(HOUR - 1), known(HOUR)]).toEqual([true, false]);
    expect([known(2 * HOUR - 1, 2 * HOUR), known(2 * HOUR, 2 * HOUR)]).toEqual([true, false]);
    expect([known(9, 2 * HOUR, 10), known(10, 2 * HOUR, 10)]).toEqual([true, false]);
    expect(setOf(rr, 5).members.respiration).toEqual({ reading: rr[CODES.rr], expiresAt: HOUR });
  });

  it("reads air or oxygen from flow and concentration, the later of the two", () => {
    const oxygen = (flow: News2Reading | null, fio2: News2Reading | null): string | null =>
      setOf({ ...(flow && { [CODES.flow]: flow }), ...(fio2 && { [CODES.fio2]: fio2 }) }, 10).values.oxygen;
    expect(oxygen(reading(0, "0"), null)).toBe("AIR");
    expect(oxygen(reading(0, "2"), null)).toBe("OXYGEN");
    expect(oxygen(null, reading(0, "21"))).toBe("AIR");
    expect(oxygen(null, reading(0, "20.9"))).toBe("AIR");
    expect(oxygen(null, reading(0, "40"))).toBe("OXYGEN");
    expect(oxygen(null, reading(0, "0.4"))).toBeNull();
    expect(oxygen(reading(5, "0"), reading(0, "40"))).toBe("AIR");
    expect(oxygen(reading(0, "0"), reading(5, "40"))).toBe("OXYGEN");
    expect(oxygen(reading(5, "0"), reading(5, "40"))).toBe("OXYGEN");
    expect(oxygen(null, null)).toBeNull();
  });

  it("takes no bound for a value and no value from the future", () => {
    expect(setOf({ [CODES.rr]: reading(0, "8", { comparator: "<" }) }, 5).values.respiration).toBeNull();
    expect(setOf({ [CODES.rr]: reading(6, "8") }, 5).values.respiration).toBeNull();
    expect(setOf({ [CODES.acvpu]: reading(0, null, { coded: "V" }) }, 5).values.consciousness).toBe("V");
  });
});
