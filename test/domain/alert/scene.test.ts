import { readFileSync } from "node:fs";
import { describe, expect } from "@jest/globals";
import { DEFAULT_RULES } from "../../../src/domain/alert/default-rules.js";
import { itShared, requireShared } from "../../helpers/shared.js";
import { buildPatient, HOUR } from "./build.js";

const COLUMNS: Readonly<Record<string, readonly [code: string, unit: string]>> = {
  HR: ["8867-4", "/min"],
  O2Sat: ["2708-6", "%"],
  Temp: ["8310-5", "Cel"],
  SBP: ["8480-6", "mm[Hg]"],
  Resp: ["9279-1", "/min"],
  FiO2: ["3150-0", "%"],
};

/** Rows of a recorded stay, one an hour, counted from 1. */
function rowsOf(file: string): readonly Readonly<Record<string, string>>[] {
  const [head = "", ...lines] = readFileSync(requireShared(`clinical/physionet-2019/${file}`), "utf8")
    .trim()
    .split("\n");
  const names = head.split("|");
  return lines.map((line) => Object.fromEntries(line.split("|").map((value, index) => [names[index] ?? "", value])));
}

function percent(fraction: string): string {
  return String(Math.round(Number(fraction) * 10_000) / 100);
}

describe("a recorded stay with sepsis, one row an hour", () => {
  // The rows were computed from the chart by a script of their own that shares nothing with this program.
  itShared("raises and ends NEWS2 medium and high at the rows that were computed apart", () => {
    const patient = buildPatient({
      rules: DEFAULT_RULES.filter(({ id }) => ["news2-medium", "news2-high", "no-data"].includes(id)),
      person: { id: "p1", birthDate: "1970", simulated: true },
      sources: [{ id: "ward", kind: "SPOT_CHECK", staleAfterMs: 2 * HOUR, zone: null }],
    });
    const start = Date.parse("2026-01-01");
    rowsOf("p100312.psv").forEach((row, index) => {
      const effectiveTime = start + index * HOUR;
      for (const [name, [code, unit]] of Object.entries(COLUMNS)) {
        const value = row[name] ?? "NaN";
        if (value !== "NaN")
          patient.read({ code, unit, value: name === "FiO2" ? percent(value) : value, effectiveTime });
      }
    });
    patient.pass(start + 51 * HOUR);
    const told = patient
      .steps()
      .filter(({ step }) => ["RAISED", "RECURRED", "CLEARED"].includes(step.reason))
      .map(({ step, alert }) => [alert.ruleId, step.reason, (step.dueAt - start) / HOUR + 1]);
    expect(told.filter(([rule]) => rule !== "no-data")).toEqual([
      ["news2-medium", "RAISED", 22],
      ["news2-high", "RAISED", 29],
      ["news2-high", "CLEARED", 30],
      ["news2-high", "RAISED", 41],
      ["news2-high", "CLEARED", 43],
      ["news2-high", "RAISED", 46],
      ["news2-high", "CLEARED", 49],
      ["news2-medium", "CLEARED", 49],
    ]);
    // Three rows hold nothing at all: the readings before each are two hours old when the next row comes.
    expect(told.filter(([rule]) => rule === "no-data")).toEqual([
      ...[10, 20, 46].flatMap((row) => [
        ["no-data", "RAISED", row],
        ["no-data", "CLEARED", row],
      ]),
      ["no-data", "RAISED", 51],
    ]);
    expect(new Set(patient.steps().map(({ alert }) => alert.id)).size).toBe(8);
  });
});
