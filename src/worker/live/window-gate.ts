import { looksAtWindows, type AlertRule } from "../../domain/alert/rule.js";
import type { VitalAccepted, VitalWindowed } from "../../domain/events/observation.js";
import { touchesWindows } from "../../domain/window/counts.js";
import type { LoopState } from "./partition-loop.js";

/** A window that nothing can change any more. */
export interface FinalWindow {
  readonly window: VitalWindowed;
  /** When the reading was received that made it final. */
  readonly at: number;
}

/** The windows that rules are about, each once, when final. */
export interface WindowGate {
  /** A reading may make windows final. */
  onReading(reading: VitalAccepted, offset: bigint, rules: readonly AlertRule[]): readonly FinalWindow[];
  /** So may the window that was waited for. */
  onWindow(window: VitalWindowed, rules: readonly AlertRule[]): readonly FinalWindow[];
}

/** One window that is waited for, as it is kept. */
interface Awaited {
  readonly patientId: string;
  readonly code: string;
  readonly start: number;
  /** Offset of the last reading that counts, as decimal digits. */
  readonly through: string;
  readonly window: VitalWindowed | null;
  /** When the watermark passed its end; null while it has not. */
  readonly passedAt: number | null;
}

const MINUTE_MS = 60_000;
const SIZE = "PT1M";
const PREFIX = "gate/";

/**
 * A one-minute window is final when the watermark has passed its end and it holds the last reading that counts: the gate saw
 * that reading too and knows its offset. Windows are given in order of their start, then by code and patient, so that the order
 * does not depend on how far whoever computes them has come; one that is missing holds back the later ones of its code.
 */
export function createWindowGate(state: LoopState, next: bigint): WindowGate {
  const awaited = new Map<string, Awaited>();
  for (const [key, value] of state.entries()) if (key.startsWith(PREFIX)) awaited.set(key, value as Awaited);
  let watermark: number | null = null;
  /** The next offset of accepted readings. */
  let ahead = next;

  function keep(key: string, entry: Awaited | null): void {
    if (entry === null) awaited.delete(key);
    else awaited.set(key, entry);
    state.set(key, entry);
  }

  function release(): readonly FinalWindow[] {
    const held = new Set<string>();
    const final: FinalWindow[] = [];
    for (const key of [...awaited.keys()].sort()) {
      const { patientId, code, passedAt: at, window, through } = awaited.get(key)!;
      const series = `${code}/${patientId}`;
      if (at === null || held.has(series)) continue;
      if (window === null || BigInt(window.throughOffset) < BigInt(through)) {
        held.add(series);
        continue;
      }
      final.push({ window, at });
      keep(key, null);
    }
    return final;
  }

  function pass(reading: VitalAccepted): readonly FinalWindow[] {
    const reached = reading.watermark;
    if (reached === null || (watermark !== null && reached <= watermark)) return [];
    watermark = reached;
    let hasPassed = false;
    for (const [key, entry] of awaited) {
      if (entry.passedAt !== null || entry.start + MINUTE_MS > reached) continue;
      hasPassed = true;
      keep(key, { ...entry, passedAt: reading.receivedAt });
    }
    return hasPassed ? release() : [];
  }

  return {
    onReading(reading, offset, rules) {
      ahead = offset + 1n;
      if (isWanted(rules, reading.code) && touchesWindows(reading)) {
        const { patientId, code } = reading;
        const start = Math.floor(reading.effectiveTime / MINUTE_MS) * MINUTE_MS;
        const key = keyOf({ patientId, code, start });
        const known = awaited.get(key);
        const base = known ?? { patientId, code, start, window: null, passedAt: null };
        keep(key, { ...base, through: String(offset) });
      }
      return pass(reading);
    },
    onWindow(window, rules) {
      if (window.size !== SIZE || !isWanted(rules, window.code)) return [];
      const key = keyOf(window);
      const entry = awaited.get(key);
      const through = BigInt(window.throughOffset);
      if (entry === undefined) {
        // What was given already, or began before its rule did, is not waited for; what is ahead of the readings is kept.
        if (through < ahead) return [];
        const { patientId, code, start } = window;
        keep(key, { patientId, code, start, through: window.throughOffset, window, passedAt: null });
        return [];
      }
      if (entry.window !== null && BigInt(entry.window.throughOffset) >= through) return [];
      keep(key, { ...entry, window });
      return release();
    },
  };
}

function isWanted(rules: readonly AlertRule[], code: string): boolean {
  return rules.some((rule) => rule.code === code && looksAtWindows(rule));
}

function keyOf({ patientId, code, start }: Pick<Awaited, "patientId" | "code" | "start">): string {
  return `${PREFIX}${String(start).padStart(15, "0")}/${code}/${patientId}`;
}
