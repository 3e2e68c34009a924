import { looksAtWindows, type AlertRule } from "../../domain/alert/rule.js";
import type { VitalAccepted } from "../../domain/events/observation.js";
import { createWindowFold } from "../../domain/window/fold.js";
import type { LoopState } from "../live/partition-loop.js";
import { createWindowGate, type FinalWindow } from "../live/window-gate.js";

/**
 * The final windows of one partition that rules are about, as its readings come: computed and let through by what does so live, so
 * that each comes at the same reading.
 */
export function createFinalWindows(
  rules: readonly AlertRule[],
): (reading: VitalAccepted, offset: bigint) => readonly FinalWindow[] {
  if (!rules.some(looksAtWindows)) return () => [];
  const fold = createWindowFold(memory());
  const gate = createWindowGate(memory(), 0n);
  return (reading, offset) => {
    fold.take(reading, offset);
    const final = [...gate.onReading(reading, offset, rules)];
    for (const window of fold.changed()) final.push(...gate.onWindow(window, rules));
    return final;
  };
}

function memory(): LoopState {
  const entries = new Map<string, unknown>();
  return {
    get: (key) => entries.get(key) ?? null,
    set(key, value) {
      if (value === null) entries.delete(key);
      else entries.set(key, value);
    },
    entries: () => entries.entries(),
  };
}
