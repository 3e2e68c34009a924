import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { LoopState } from "../../../src/worker/live/partition-loop.js";
import { createWindowGate, type FinalWindow, type WindowGate } from "../../../src/worker/live/window-gate.js";
import { buildRule, buildWindow } from "../../helpers/build.js";
import { START, buildAccepted } from "./build-live.js";

const MINUTE = 60_000;
const LATENESS = 120_000;
const RULES = [buildRule({ kind: "MOVING_AVERAGE", windowMs: 5 * MINUTE })];

function createState(): LoopState {
  const entries = new Map<string, unknown>();
  return {
    get: (key) => entries.get(key) ?? null,
    set(key, value) {
      if (value === null) entries.delete(key);
      else entries.set(key, JSON.parse(JSON.stringify(value)));
    },
    entries: () => entries.entries(),
  };
}

const reading = (seconds: number, code = "8867-4") =>
  buildAccepted({
    code,
    effectiveTime: START + seconds * 1000,
    watermark: START + seconds * 1000 - LATENESS,
  });
const window = (minute: number, throughOffset: string) =>
  buildWindow({ start: START + minute * MINUTE, throughOffset });
const told = (final: readonly FinalWindow[]) =>
  final.map(({ window: { start, throughOffset }, at }) => [(start - START) / MINUTE, throughOffset, at - START]);

describe("the gate of windows", () => {
  it("gives a window once the watermark has passed its end and it holds its last reading", () => {
    const gate = createWindowGate(createState(), 0n);
    expect(gate.onReading(reading(10), 0n, RULES)).toEqual([]);
    expect(gate.onReading(reading(50), 1n, RULES)).toEqual([]);
    expect(gate.onWindow(window(0, "1"), RULES)).toEqual([]);
    expect(gate.onReading(reading(179), 2n, RULES)).toEqual([]);
    expect(told(gate.onReading(reading(180), 3n, RULES))).toEqual([[0, "1", 180_000]]);
    expect(gate.onWindow(window(0, "1"), RULES)).toEqual([]);
  });

  it("waits for a window that is behind, and dates it by the reading that made it final", () => {
    const gate = createWindowGate(createState(), 0n);
    gate.onReading(reading(10), 0n, RULES);
    gate.onReading(reading(50), 1n, RULES);
    gate.onWindow(window(0, "0"), RULES);
    expect(gate.onReading(reading(200), 2n, RULES)).toEqual([]);
    expect(gate.onReading(reading(260), 3n, RULES)).toEqual([]);
    expect(told(gate.onWindow(window(0, "1"), RULES))).toEqual([[0, "1", 200_000]]);
  });

  it("keeps a window that comes before the readings in it", () => {
    const gate = createWindowGate(createState(), 5n);
    expect(gate.onWindow(window(0, "6"), RULES)).toEqual([]);
    gate.onReading(reading(10), 5n, RULES);
    gate.onReading(reading(50), 6n, RULES);
    expect(told(gate.onReading(reading(180), 7n, RULES))).toEqual([[0, "6", 180_000]]);
  });

  it("lets no later window of a series pass one that is missing, and other series go on", () => {
    const gate = createWindowGate(createState(), 0n);
    const other = [...RULES, buildRule({ kind: "TREND", code: "9279-1", windowMs: MINUTE })];
    gate.onReading(reading(10), 0n, other);
    gate.onReading(reading(70), 1n, other);
    gate.onReading(reading(75, "9279-1"), 2n, other);
    gate.onWindow(window(1, "1"), other);
    gate.onWindow(buildWindow({ code: "9279-1", start: START + MINUTE, throughOffset: "2" }), other);
    expect(gate.onReading(reading(300), 3n, other)).toHaveLength(1);
    expect(told(gate.onWindow(window(0, "0"), other))).toEqual([
      [0, "0", 300_000],
      [1, "1", 300_000],
    ]);
  });

  it("asks for nothing where no rule is about windows", () => {
    const state = createState();
    const gate = createWindowGate(state, 0n);
    gate.onReading(reading(10), 0n, [buildRule()]);
    expect([...state.entries()]).toEqual([]);
  });

  it("gives the same windows at the same times however far behind whoever computes them is, and across restarts", () => {
    const seconds = fc.array(fc.integer({ min: 0, max: 600 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(
        seconds,
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 1, max: 7 }),
        (times, behind, restart) => {
          const sorted = [...times].sort((left, right) => left - right);
          const run = (lag: number, restartEvery: number): unknown[] => {
            const state = createState();
            let gate: WindowGate = createWindowGate(state, 0n);
            const waiting: (() => readonly FinalWindow[])[] = [];
            const given: FinalWindow[] = [];
            sorted.forEach((second, offset) => {
              if (offset % restartEvery === restartEvery - 1) gate = createWindowGate(state, BigInt(offset));
              given.push(...gate.onReading(reading(second), BigInt(offset), RULES));
              waiting.push(() => gate.onWindow(window(Math.floor(second / 60), String(offset)), RULES));
              if (waiting.length > lag) given.push(...(waiting.shift()?.() ?? []));
            });
            for (const next of waiting) given.push(...next());
            return told(given);
          };
          expect(run(behind, restart)).toEqual(run(0, 1_000));
        },
      ),
    );
  });
});
