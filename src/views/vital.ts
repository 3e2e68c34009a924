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
import type { CohortMembers } from "./cohort-members.js";
import type { TopicFold } from "./fold.js";
import { watchTopic } from "./live.js";
import { servedReading, type ServedObservation } from "./observation.js";
import { queryHash } from "./page.js";
import type { PersonRecords } from "./person-records.js";
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
  /** Only of these people too. */
  readonly cohort: CohortMembers | null;
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
  readonly people: PersonRecords;
  readonly eventLog: EventLog;
  readonly sealer: CursorSealer;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly heartbeatMs: number;
}

/** So many windows of a patient and code are remembered, to tell an older version. */
const REMEMBERED = 32;

export function createVitalView(options: VitalViewOptions): VitalView {
  const { caller, held, people } = options;
  const allowed = (): ReturnType<typeof policy> => policy(caller, "observations");

  return {
    async series(patientId, asked, question) {
      allowed();
      const layers = await held.open();
      const code = findObservationCode(asked)?.code ?? asked;
      const { from, to, windowMs } = question;
      const [first, last] = [from - windowMs, to + windowMs];
      const size = sizeOf(layers, patientId, code, question);
      const records = layers.recordsOf(patientId).map((id) => {
        const around = layers.usesIn(id, code, first, last);
        const isBehind = !around.isWhole && layers.areWindowsBehind(id);
        const parts = layers.windows(id, code, size.name, first, last);
        return { id, parts, readings: around.counted, isBehind, inside: layers.usesIn(id, code, from, to) };
      });
      const [own, ...others] = records;
      if (own === undefined) throw new TypeError("a person without a record");
      // Of records in several partitions the one that is furthest behind says what is final.
      const marks = records.map(({ id }) => layers.watermarkOf(id)).filter((mark) => mark !== null);
      const watermark = marks.length === 0 ? null : Math.min(...marks);
      const kept = records.map(({ id }) => layers.windowsKeptSince(id)).filter((since) => since !== null);
      const series = seriesOf(question, {
        ...{ parts: own.parts, readings: own.readings, others, partMs: size.ms },
        watermark: records.some(({ isBehind }) => isBehind) ? null : watermark,
        keptSince: kept.length === 0 ? null : Math.max(...kept),
      });
      const isWhole = records.every(({ inside }) => inside.isWhole);
      const late = isWhole ? records.reduce((sum, { inside }) => sum + inside.late, 0) : null;
      return { ...series, code, late, watermark, asOf: held.tail.windowFold.readUpTo };
    },

    served: (reading) => servedReading(reading, held, null),

    async watch(filter, after) {
      const patients = filter.patientIds === null ? null : new Set(filter.patientIds);
      const codes =
        filter.codes === null ? null : new Set(filter.codes.map((code) => findObservationCode(code)?.code ?? code));
      const { size, pauseMs, cohort } = filter;
      const asked = [patients === null ? null : [...patients].sort(), codes === null ? null : [...codes].sort()];
      const isAmong = people.among(filter.patientIds);
      const isAsked = (patientId: string, code: string): boolean =>
        isAmong(patientId) && cohort?.has(patientId) !== false && (codes === null || codes.has(code));
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

      function picked(event: LoggedEvent): VitalMove | null | Promise<VitalMove | null> {
        const value = event.value as { readonly code?: unknown; readonly size?: unknown } | null;
        if (!isAsked(event.key, String(value?.code)) || (size !== null && value?.size !== size.name)) return null;
        const fold = foldNow();
        return fold.holds(event) ? read(event) : fold.until(event).then(() => read(event));
      }

      const foldNow = (): TopicFold => (size === null ? held.tail.readingFold : held.tail.windowFold);
      const read = size === null ? readingOf : windowOf;
      return watchTopic<VitalMove>({
        ...options,
        topic: size === null ? VITALS_ACCEPTED : VITALS_WINDOWED,
        scope: {
          kind: "vitals",
          tenant: caller.tenant,
          queryHash: queryHash([...asked, size?.name ?? null, pauseMs, cohort?.id ?? null]),
          policyHash: allowed().hash,
        },
        after,
        pick(event) {
          const members = cohort?.update() ?? null;
          return members === null ? picked(event) : members.then(() => picked(event));
        },
      });
    },
  };
}

/** The largest size that windows and slides are whole multiples of and that is at hand; else the smallest. */
function sizeOf(
  layers: VitalLayers,
  patientId: string,
  code: string,
  { from, to, windowMs, slideMs }: SeriesQuestion,
): WindowSize {
  const [smallest, ...larger] = WINDOW_SIZES;
  if (smallest === undefined) throw new TypeError("reference/windows.json names no size");
  const fitting = larger.filter(({ ms }) => windowMs % ms === 0 && slideMs % ms === 0).reverse();
  const records = layers.recordsOf(patientId);
  const isThere = ({ name }: WindowSize): boolean =>
    records.some((id) => layers.windows(id, code, name, from - windowMs, to + windowMs).length > 0);
  return fitting.find(isThere) ?? smallest;
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
