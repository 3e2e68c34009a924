import type { EventLog, LoggedEvent } from "../backend/index.js";
import type { Clock } from "../clock.js";
import type { CursorSealer } from "../cursors.js";
import type { Caller } from "../domain/caller.js";
import type { LiveSource } from "../domain/live.js";
import { findObservationCode } from "../domain/observation/code.js";
import { mergeWindows } from "../domain/window/merge.js";
import { WINDOW_SIZES, type WindowSize } from "../domain/window/sizes.js";
import { parseAccepted, parseWindowed, VITALS_ACCEPTED, VITALS_WINDOWED } from "../ingest/streams/observation.js";
import { policy } from "../policy.js";
import type { TopicFold } from "./fold.js";
import { watchTopic } from "./live.js";
import { servedReading, type ServedObservation } from "./observation.js";
import { queryHash } from "./page.js";
import type { KeptWindow } from "./tail/windows.js";
import { createVitalLayers, type LiveReading, type VitalLayers } from "./vital-layers.js";
import { seriesOf, type Series, type SeriesPoint, type SeriesQuestion } from "./vital-series.js";
import type { HeldVitals } from "./vitals-held.js";

export interface VitalSeries extends Series {
  /** LOINC, the one of its group. */
  readonly code: string;
  /** Readings of the range that came too late for windows; null where there are too many to look at each. */
  readonly late: number | null;
  readonly watermark: number | null;
  /** When the log took the last window that is known here; null before the first. */
  readonly asOf: number | null;
}

export interface VitalWatch {
  readonly patientIds: readonly string[] | null;
  /** LOINC. */
  readonly codes: readonly string[] | null;
  /** Windows of this size instead of readings. */
  readonly size: WindowSize | null;
  /** For each patient and code, the shortest time between two events, in milliseconds; 0 gives all. */
  readonly pauseMs: number;
}

/** A reading, or a window after a reading was added to it. */
export type VitalMove = { readonly patientId: string; readonly code: string } & (
  | { readonly kind: "reading"; readonly reading: LiveReading }
  | { readonly kind: "window"; readonly point: SeriesPoint; readonly watermark: number | null }
);

export interface VitalView {
  /** Windows of any whole number of minutes over one patient's readings of one code. */
  series(patientId: string, code: string, question: SeriesQuestion): Promise<VitalSeries>;
  watch(filter: VitalWatch, after: string | null): Promise<LiveSource<VitalMove>>;
  /** A reading of the stream as it is served. */
  served(reading: LiveReading): ServedObservation;
}

export interface VitalViewOptions {
  readonly caller: Caller;
  readonly held: HeldVitals;
  readonly eventLog: EventLog;
  readonly sealer: CursorSealer;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly heartbeatMs: number;
}

/** So many windows of a patient and code are remembered, to tell an older version. */
const REMEMBERED = 32;

export function createVitalView(options: VitalViewOptions): VitalView {
  const { caller, held } = options;
  const allowed = (): ReturnType<typeof policy> => policy(caller, "observations");

  return {
    async series(patientId, asked, question) {
      allowed();
      const layers = await held.open();
      const code = findObservationCode(asked)?.code ?? asked;
      const { from, to, windowMs } = question;
      const [first, last] = [from - windowMs, to + windowMs];
      const { size, parts } = partsOf(layers, patientId, code, question);
      const around = layers.usesIn(patientId, code, first, last);
      const inside = layers.usesIn(patientId, code, from, to);
      const watermark = layers.watermarkOf(patientId);
      const isBehind = !around.isWhole && layers.areWindowsBehind(patientId);
      const series = seriesOf(question, {
        parts,
        partMs: size.ms,
        readings: around.counted,
        watermark: isBehind ? null : watermark,
        keptSince: layers.windowsKeptSince(patientId),
      });
      const late = inside.isWhole ? inside.late : null;
      return { ...series, code, late, watermark, asOf: held.tail.windowFold.readUpTo };
    },

    served: (reading) => servedReading(reading, held, null),

    async watch(filter, after) {
      const patients = filter.patientIds === null ? null : new Set(filter.patientIds);
      const codes =
        filter.codes === null ? null : new Set(filter.codes.map((code) => findObservationCode(code)?.code ?? code));
      const { size, pauseMs } = filter;
      const asked = [patients === null ? null : [...patients].sort(), codes === null ? null : [...codes].sort()];
      const isAsked = (patientId: string, code: string): boolean =>
        (patients === null || patients.has(patientId)) && (codes === null || codes.has(code));
      const isDue = createPacer(pauseMs);
      const isNews = createVersions();

      await held.open();

      function readingOf(event: LoggedEvent): VitalMove | null {
        const { schema: _schema, input: _input, ...reading } = parseAccepted(event);
        const { patientId, code, eventId, flags } = reading;
        const offset = Number(event.offset);
        // Of this moment: what is in memory goes into tables while somebody watches.
        const first = createVitalLayers(held.tail, held.reader).find(patientId, eventId);
        const isRepeat = first !== null && first.offset !== offset;
        if (isRepeat || !isDue(patientId, code, event.at, flags.length > 0)) return null;
        const revision = first?.revision ?? 0;
        return { kind: "reading", patientId, code, reading: { ...reading, offset, revision, layer: "SPEED" } };
      }

      function windowOf(event: LoggedEvent): VitalMove | null {
        const window = parseWindowed(event);
        const { patientId, code, start, end, throughOffset } = window;
        if (!isNews(patientId, code, start, BigInt(throughOffset))) return null;
        if (!isDue(patientId, code, event.at, false)) return null;
        const watermark = held.tail.watermarkOf(event.partition);
        const isFinal = watermark !== null && end <= watermark;
        const point = { ...mergeWindows([window]), start, end, isFinal };
        return { kind: "window", patientId, code, point, watermark };
      }

      const foldNow = (): TopicFold => (size === null ? held.tail.readingFold : held.tail.windowFold);
      const read = size === null ? readingOf : windowOf;
      return watchTopic<VitalMove>({
        ...options,
        topic: size === null ? VITALS_ACCEPTED : VITALS_WINDOWED,
        scope: {
          kind: "vitals",
          tenant: caller.tenant,
          queryHash: queryHash([...asked, size?.name ?? null, pauseMs]),
          policyHash: allowed().hash,
        },
        after,
        pick(event) {
          const value = event.value as { readonly code?: unknown; readonly size?: unknown } | null;
          if (!isAsked(event.key, String(value?.code)) || (size !== null && value?.size !== size.name)) return null;
          const fold = foldNow();
          return fold.holds(event) ? read(event) : fold.until(event).then(() => read(event));
        },
      });
    },
  };
}

/** Windows of the largest size that windows and slides are whole multiples of and that is at hand; else of the smallest. */
function partsOf(
  layers: VitalLayers,
  patientId: string,
  code: string,
  { from, to, windowMs, slideMs }: SeriesQuestion,
): { readonly size: WindowSize; readonly parts: readonly KeptWindow[] } {
  const [smallest, ...larger] = WINDOW_SIZES;
  if (smallest === undefined) throw new TypeError("reference/windows.json names no size");
  const read = (size: WindowSize): ReturnType<typeof partsOf> => ({
    size,
    parts: layers.windows(patientId, code, size.name, from - windowMs, to + windowMs),
  });
  for (const size of larger.filter(({ ms }) => windowMs % ms === 0 && slideMs % ms === 0).reverse()) {
    const found = read(size);
    if (found.parts.length > 0) return found;
  }
  return read(smallest);
}

/** Whether an event of a patient and code is given: the first, and then one each `pauseMs` of the log's time, and what is `urgent`. */
function createPacer(pauseMs: number): (patientId: string, code: string, at: number, urgent: boolean) => boolean {
  const last = new Map<string, number>();
  return (patientId, code, at, urgent) => {
    if (pauseMs === 0) return true;
    const key = `${code}/${patientId}`;
    if (!urgent && at - (last.get(key) ?? -Infinity) < pauseMs) return false;
    last.set(key, at);
    return true;
  };
}

/** Whether a window has read further than what was seen of it; what has been forgotten counts as new. */
function createVersions(): (patientId: string, code: string, start: number, through: bigint) => boolean {
  const seen = new Map<string, Map<number, bigint>>();
  return (patientId, code, start, through) => {
    const key = `${code}/${patientId}`;
    const own = seen.get(key) ?? new Map<number, bigint>();
    seen.set(key, own);
    const known = own.get(start);
    if (known !== undefined && known >= through) return false;
    own.delete(start);
    own.set(start, through);
    const [oldest] = own.keys();
    if (own.size > REMEMBERED && oldest !== undefined) own.delete(oldest);
    return true;
  };
}
