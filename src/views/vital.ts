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
import { watchTopic } from "./live.js";
import { queryHash } from "./page.js";
import type { VitalTail } from "./tail.js";
import type { LiveReading } from "./tail/readings.js";
import { seriesOf, type Series, type SeriesPoint, type SeriesQuestion } from "./vital-series.js";

export interface VitalSeries extends Series {
  /** LOINC, the one of its group. */
  readonly code: string;
  /** Readings of the range that came too late for windows. */
  readonly late: number;
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
}

export interface VitalViewOptions {
  readonly caller: Caller;
  readonly tail: VitalTail;
  readonly eventLog: EventLog;
  readonly sealer: CursorSealer;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly heartbeatMs: number;
}

/** So many windows of a patient and code are remembered, to tell an older version. */
const REMEMBERED = 32;

export function createVitalView(options: VitalViewOptions): VitalView {
  const { caller, tail } = options;
  const allowed = (): ReturnType<typeof policy> => policy(caller, "observations");

  return {
    async series(patientId, asked, question) {
      allowed();
      await Promise.all([tail.readingFold.ready(), tail.windowFold.ready()]);
      const code = findObservationCode(asked)?.code ?? asked;
      const { from, to, windowMs } = question;
      const [first, last] = [from - windowMs, to + windowMs];
      const size = partOf(tail, patientId, code, question);
      const watermark = tail.watermarkOf(patientId);
      const series = seriesOf(question, {
        parts: [...tail.windows.in(patientId, code, size.name, first, last)],
        partMs: size.ms,
        readings: tail.readings.counted(patientId, code, first, last),
        watermark,
        keptSince: tail.windowsKeptSince(patientId),
      });
      const late = tail.readings.lateIn(patientId, code, from, to);
      return { ...series, code, late, watermark, asOf: tail.windowFold.readUpTo };
    },

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

      function readingOf(event: LoggedEvent): VitalMove | null {
        const { schema: _schema, input: _input, ...reading } = parseAccepted(event);
        const { patientId, code, eventId, flags } = reading;
        const offset = Number(event.offset);
        const known = tail.readings.find(patientId, eventId);
        const isRepeat = known !== null && known.offset !== offset;
        if (isRepeat || !isDue(patientId, code, event.at, flags.length > 0)) return null;
        return { kind: "reading", patientId, code, reading: { ...reading, offset, revision: known?.revision ?? 0 } };
      }

      function windowOf(event: LoggedEvent): VitalMove | null {
        const window = parseWindowed(event);
        const { patientId, code, start, end, throughOffset } = window;
        if (!isNews(patientId, code, start, BigInt(throughOffset))) return null;
        if (!isDue(patientId, code, event.at, false)) return null;
        const watermark = tail.watermarkOf(patientId);
        const isFinal = watermark !== null && end <= watermark;
        const point = { ...mergeWindows([window]), start, end, isFinal };
        return { kind: "window", patientId, code, point, watermark };
      }

      const fold = size === null ? tail.readingFold : tail.windowFold;
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
          return fold.holds(event) ? read(event) : fold.until(event).then(() => read(event));
        },
      });
    },
  };
}

/** The largest size that windows and slides are whole multiples of and that is at hand; else the smallest there is. */
function partOf(
  tail: VitalTail,
  patientId: string,
  code: string,
  { from, to, windowMs, slideMs }: SeriesQuestion,
): WindowSize {
  const fitting = WINDOW_SIZES.filter(({ ms }) => windowMs % ms === 0 && slideMs % ms === 0);
  const isThere = ({ name }: WindowSize): boolean =>
    tail.windows.in(patientId, code, name, from - windowMs, to + windowMs).next().done !== true;
  const [smallest] = WINDOW_SIZES;
  const found = fitting.findLast(isThere) ?? smallest;
  if (found === undefined) throw new TypeError("reference/windows.json names no size");
  return found;
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
