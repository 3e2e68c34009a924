import type { VitalAccepted, VitalWindowed } from "../events/observation.js";
import { touchesWindows } from "./counts.js";
import { addParts, type WindowPart } from "./merge.js";
import { pieceOf, summarise, type PartReadings, type Touch } from "./part.js";
import { scaleOf, unitOf } from "./scale.js";
import { PART_MS, WINDOW_SIZES, windowStart, type WindowSize } from "./sizes.js";

/** JSON values by key that outlive the process together with the place in the log. Setting null removes. */
export interface WindowStore {
  set(key: string, value: unknown): void;
  entries(): Iterable<readonly [string, unknown]>;
}

/** The windows of one partition of accepted readings. */
export interface WindowFold {
  /** Takes the next reading of the partition. */
  take(reading: VitalAccepted, offset: bigint): void;
  /**
   * Every window that changed since it was last asked, whole: smaller ones first, then by start, code and patient. At its end it
   * forgets what is final; nothing may be taken before.
   */
  changed(): Iterable<VitalWindowed>;
}

interface Place {
  readonly patientId: string;
  readonly code: string;
  readonly start: number;
}

/** A window that may still change, or that a longer one that may is merged from. */
type KnownWindow = WindowPart & Place;

/** What touched a window of the smallest size, until that is final, and in how many pieces it is stored. */
type KnownReadings = PartReadings & Place & { readonly pieces: number };

/** As stored: what one step added, so that nothing is written twice. */
type Piece = Pick<PartReadings, "simulated" | "entries">;

const READINGS = "readings/";
const WINDOW = "window/";

/**
 * A window of the smallest size is computed from its readings, every other from the windows of the size before that lie in it. So
 * readings are kept for as long as their smallest window may change, each once, and windows until the one they are part of is final.
 * The same readings in the same order give the same windows, however often somebody asked in between or began anew from the store.
 */
export function createWindowFold(store: WindowStore): WindowFold {
  const readings = new Map<string, KnownReadings>();
  const windows = WINDOW_SIZES.map(() => new Map<string, KnownWindow>());
  /** By end, windows that were not final when last looked at. */
  const open = WINDOW_SIZES.map(() => new Map<number, Set<string>>());
  let touched = new Map<string, Place & { readonly touches: Touch[] }>();
  let watermark: number | null = null;
  restore();

  function restore(): void {
    const pieces: (readonly [Place, number, Piece])[] = [];
    for (const [key, value] of store.entries()) {
      if (key.startsWith(READINGS)) pieces.push([...placeOfPiece(key), value as Piece]);
      if (!key.startsWith(WINDOW)) continue;
      const window = value as KnownWindow;
      const level = WINDOW_SIZES.findIndex(({ ms }) => ms === window.end - window.start);
      windows[level]?.set(keyOf(window), window);
    }
    for (const [place, , piece] of pieces.sort(([, left], [, right]) => left - right)) addPiece(place, piece);
    for (const place of readings.values()) compute(0, place);
    for (const [level, known] of windows.entries())
      for (const place of parentsOf(level, known.values()).values()) compute(level + 1, place);
  }

  function compute(level: number, { patientId, code, start }: Place): KnownWindow {
    const key = keyOf({ patientId, code, start });
    const end = start + sizeAt(level).ms;
    const own = level === 0 ? readings.get(key) : undefined;
    const facts = own === undefined ? addParts(childrenOf(level, { patientId, code, start })) : summarise(own);
    const window: KnownWindow = { patientId, code, start, end, ...facts, unit: unitOf(code) };
    windows[level]?.set(key, window);
    const ends = open[level];
    ends?.set(end, (ends.get(end) ?? new Set()).add(key));
    return window;
  }

  function childrenOf(level: number, { patientId, code, start }: Place): readonly KnownWindow[] {
    const step = sizeAt(level - 1).ms;
    const found: KnownWindow[] = [];
    for (let at = start; at < start + sizeAt(level).ms; at += step) {
      const child = windows[level - 1]?.get(keyOf({ patientId, code, start: at }));
      if (child !== undefined) found.push(child);
    }
    return found;
  }

  function forgetFinal(reached: number): void {
    for (const [level, ends] of open.entries()) {
      for (const [end, keys] of ends) {
        if (end > reached) continue;
        ends.delete(end);
        for (const key of keys) settle(level, key);
      }
    }
  }

  /** Nothing changes it any more: what it was computed from goes, it stays for the longer one it is part of. */
  function settle(level: number, key: string): void {
    const window = windows[level]?.get(key);
    if (window === undefined) return;
    if (level === 0) {
      const pieces = readings.get(key)?.pieces ?? 0;
      readings.delete(key);
      for (let piece = 0; piece < pieces; piece += 1) store.set(pieceKeyOf(window, piece), null);
    } else {
      for (const child of childrenOf(level, window)) {
        windows[level - 1]?.delete(keyOf(child));
        store.set(storedKeyOf(level - 1, keyOf(child)), null);
      }
    }
    if (level + 1 < WINDOW_SIZES.length) store.set(storedKeyOf(level, key), window);
    else windows[level]?.delete(key);
  }

  function addTouches(): ReadonlyMap<string, Place> {
    const places = touched;
    touched = new Map();
    for (const place of places.values()) {
      const piece = pieceOf(place.touches, scaleOf(place.code));
      const { pieces } = addPiece(place, piece);
      store.set(pieceKeyOf(place, pieces - 1), piece);
    }
    return places;
  }

  function addPiece({ patientId, code, start }: Place, { simulated, entries }: Piece): KnownReadings {
    const key = keyOf({ patientId, code, start });
    const known = readings.get(key);
    const after: KnownReadings = {
      ...{ patientId, code, start, scale: scaleOf(code) },
      simulated: simulated || (known?.simulated ?? false),
      entries: known === undefined ? entries : [...known.entries, ...entries],
      pieces: (known?.pieces ?? 0) + 1,
    };
    readings.set(key, after);
    return after;
  }

  return {
    take(reading, offset) {
      const { patientId, code, effectiveTime } = reading;
      const start = windowStart(effectiveTime, PART_MS);
      const isFinal = watermark !== null && start + PART_MS <= watermark;
      if (touchesWindows(reading) && !isFinal) {
        const key = keyOf({ patientId, code, start });
        const known = touched.get(key) ?? { patientId, code, start, touches: [] };
        known.touches.push([reading, offset]);
        touched.set(key, known);
      }
      if (reading.watermark !== null) watermark = Math.max(watermark ?? reading.watermark, reading.watermark);
    },
    *changed() {
      let places = addTouches();
      for (const [level, { name }] of WINDOW_SIZES.entries()) {
        const changed: KnownWindow[] = [];
        for (const place of [...places.values()].sort(byPlace)) {
          const window = compute(level, place);
          changed.push(window);
          const { patientId, code, ...part } = window;
          yield { schema: 1, patientId, code, size: name, ...part };
        }
        places = parentsOf(level, changed);
      }
      if (watermark !== null) forgetFinal(watermark);
    },
  };
}

/** Where the windows of the next size are that these lie in, by key; none beyond the longest. */
function parentsOf(level: number, windows: Iterable<Place>): ReadonlyMap<string, Place> {
  const next = WINDOW_SIZES[level + 1];
  const found = new Map<string, Place>();
  if (next === undefined) return found;
  for (const { patientId, code, start } of windows) {
    const place = { patientId, code, start: windowStart(start, next.ms) };
    found.set(keyOf(place), place);
  }
  return found;
}

function sizeAt(level: number): WindowSize {
  const size = WINDOW_SIZES[level];
  if (size === undefined) throw new RangeError(`no window size ${String(level)}`);
  return size;
}

function keyOf({ start, code, patientId }: Place): string {
  return `${String(start)}/${code}/${patientId}`;
}

/** The patient last: an id may hold any character. */
function pieceKeyOf({ start, code, patientId }: Place, piece: number): string {
  return `${READINGS}${String(start)}/${code}/${String(piece)}/${patientId}`;
}

function placeOfPiece(key: string): readonly [Place, number] {
  const [start, code, piece, ...patient] = key.slice(READINGS.length).split("/");
  return [{ start: Number(start), code: code ?? "", patientId: patient.join("/") }, Number(piece)];
}

function storedKeyOf(level: number, key: string): string {
  return `${WINDOW}${sizeAt(level).name}/${key}`;
}

function byPlace(left: Place, right: Place): number {
  if (left.start !== right.start) return left.start - right.start;
  if (left.code !== right.code) return left.code < right.code ? -1 : 1;
  return left.patientId < right.patientId ? -1 : 1;
}
