import { VITALS_ACCEPTED } from "../ingest/streams/observation.js";
import { horizonOf } from "../lake/horizon.js";
import type { LoggedReading } from "../lake/logged-row.js";
import type { SnapshotReader } from "../lake/snapshot-reader.js";
import type { VitalTail } from "./tail.js";
import { chainsOf, type Chains, type Fate } from "./tail/chains.js";
import type { StoredReading } from "./tail/reading-cells.js";
import { compareIds, useOf, type ReadingUse } from "./tail/readings.js";
import type { KeptWindow } from "./tail/windows.js";

/** A reading as it holds now, and where it lies. */
export interface LiveReading extends StoredReading {
  /** How often it was corrected. */
  readonly revision: number;
  readonly layer: "BATCH" | "SPEED";
}

export interface ReadingQuestion {
  /** LOINC codes; null for all. */
  readonly codes: readonly string[] | null;
  /** Half open, in milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  /** Also what was entered in error, with that status. */
  readonly includeErrors: boolean;
}

/** What windows make of the readings of a range. */
export interface RangeUses {
  /** Readings windows count, oldest first. */
  readonly counted: readonly ReadingUse[];
  readonly late: number;
  /** Whether each reading was looked at; else only the newest were. */
  readonly isWhole: boolean;
}

/**
 * Readings and windows of one snapshot and of what lies behind it, each once, for one request. Readings of a person are those
 * under all of their records; windows, and what is known of them, are of one record.
 */
export interface VitalLayers {
  readonly reader: SnapshotReader;
  /** Per partition the first reading that came too late for this; null: none did. */
  readonly end: ReadonlyMap<number, bigint> | null;
  /** All records of the person a record is of: the one that is read first. */
  recordsOf(patientId: string): readonly string[];
  /** Newest first, then by event id; a correction in place of what it corrects. */
  newestFirst(patientId: string, question: ReadingQuestion): Generator<LiveReading>;
  codesOf(patientId: string): readonly string[];
  /** Whatever became of it. */
  find(patientId: string, eventId: string): LiveReading | null;
  /** What became of a reading, or a record of the same id. */
  fateOf(patientId: string, eventId: string): Fate;
  /** Windows that begin in the range, oldest first. */
  windows(patientId: string, code: string, size: string, from: number, to: number): readonly KeptWindow[];
  usesIn(patientId: string, code: string, from: number, to: number): RangeUses;
  /** The highest watermark that is known of the patient's partition; null before the first. */
  watermarkOf(patientId: string): number | null;
  /** Whether whoever computes windows may not have come to where tables of readings end. */
  areWindowsBehind(patientId: string): boolean;
  windowsKeptSince(patientId: string): number | null;
}

/** Readings of tables that are looked at one by one for one answer: some tenths of a second. */
const MOST_LOOKED_AT = 20_000;

/** `end`: per partition the first reading that came too late for this request; null: none did. */
export function createVitalLayers(
  tail: Omit<VitalTail, "readingFold" | "windowFold">,
  reader: SnapshotReader,
  end: ReadonlyMap<number, bigint> | null = null,
  recordsOf: (patientId: string) => readonly string[] = (patientId) => [patientId],
): VitalLayers {
  const { logged, catalog } = reader;
  const horizon = horizonOf(catalog, VITALS_ACCEPTED);
  const known = new Map<string, Chains>();

  function isInTime(partition: number, offset: number): boolean {
    return end === null || BigInt(offset) < (end.get(partition) ?? 0n);
  }

  /** Whether what is in memory counts: no table holds it, it is no repeat of what a table holds, and it is in time. */
  function isKept(patientId: string): (kept: { readonly eventId: string; readonly offset: number }) => boolean {
    const partition = tail.partitionOf(patientId) ?? -1;
    const first = horizon.get(partition) ?? 0n;
    // A tail that has read all there is knows each repeat itself.
    const isAll = (tail.start[VITALS_ACCEPTED].get(partition) ?? 0n) === 0n;
    return ({ eventId, offset }) =>
      BigInt(offset) >= first && isInTime(partition, offset) && (isAll || logged.vital(patientId, eventId) === null);
  }

  function chains(patientId: string): Chains {
    const found = known.get(patientId);
    if (found !== undefined) return found;
    const made = chainsOf(
      recordsOf(patientId).flatMap((id) => [
        ...logged
          .corrections(id)
          .filter(({ partition, offset }) => isInTime(partition, offset))
          .map(({ reading, offset }) => ({ ...reading, offset })),
        ...tail.readings.correctionsOf(id).filter(isKept(id)),
      ]),
    );
    known.set(patientId, made);
    return made;
  }

  function* storedOf(patientId: string, code: string, from: number, to: number): Generator<Placed> {
    for (const one of logged.vitals(patientId, code, from, to))
      if (isInTime(one.partition, one.offset)) yield { ...readingOf(one), layer: "BATCH" };
  }

  function* keptOf(patientId: string, code: string, from: number, to: number): Generator<Placed> {
    const counts = isKept(patientId);
    for (const reading of tail.readings.newestFirst(patientId, code, from, to))
      if (counts(reading)) yield { ...reading, layer: "SPEED" };
  }

  function served(reading: Placed, includeErrors: boolean): LiveReading | null {
    const { fate, revision } = chains(reading.patientId).stateOf(reading.eventId);
    const isError = fate === "error" || (reading.status === "entered-in-error" && fate === "stands");
    if (fate === "replaced" || (isError && !includeErrors)) return null;
    return { ...reading, revision, status: isError ? "entered-in-error" : reading.status };
  }

  const codesOf = (patientId: string): readonly string[] =>
    [...new Set(recordsOf(patientId).flatMap((id) => [...tail.readings.codesOf(id), ...logged.vitalCodes(id)]))].sort();

  /** The newest of each code in the tables: their watermarks are those of the partition at that time. */
  function newestStored(patientId: string): readonly LoggedReading[] {
    return logged.vitalCodes(patientId).flatMap((code) => {
      const newest = logged.vitals(patientId, code, -Infinity, Infinity).next();
      return newest.done === true ? [] : [newest.value];
    });
  }

  const partitionOf = (patientId: string): number | null =>
    tail.partitionOf(patientId) ?? newestStored(patientId)[0]?.partition ?? null;

  return {
    reader,
    end,
    recordsOf,
    codesOf,
    *newestFirst(patientId, { codes, from, to, includeErrors }) {
      const wanted = codes ?? codesOf(patientId);
      const sources = recordsOf(patientId).flatMap((id) =>
        wanted.flatMap((code) => [storedOf(id, code, from, to), keptOf(id, code, from, to)]),
      );
      for (const reading of newestOf(sources)) {
        const one = served(reading, includeErrors);
        if (one !== null) yield one;
      }
    },
    find(patientId, eventId) {
      const { revision } = chains(patientId).stateOf(eventId);
      for (const id of recordsOf(patientId)) {
        const stored = logged.vital(id, eventId);
        if (stored !== null && isInTime(stored.partition, stored.offset))
          return { ...readingOf(stored), layer: "BATCH", revision };
        const kept = tail.readings.find(id, eventId);
        if (kept !== null && isKept(id)(kept)) return { ...kept, layer: "SPEED", revision };
      }
      return null;
    },
    fateOf: (patientId, eventId) => chains(patientId).stateOf(eventId).fate,
    windows(patientId, code, size, from, to) {
      const byStart = new Map<number, KeptWindow>();
      for (const { window } of logged.windows(patientId, code, size, from, to)) byStart.set(window.start, window);
      for (const window of tail.windows.in(patientId, code, size, from, to)) {
        const stored = byStart.get(window.start);
        const isNewer = stored === undefined || BigInt(stored.throughOffset) < BigInt(window.throughOffset);
        if (isNewer) byStart.set(window.start, window);
      }
      return [...byStart.values()].sort((left, right) => left.start - right.start);
    },
    usesIn(patientId, code, from, to) {
      const partition = tail.partitionOf(patientId) ?? -1;
      const counts = isKept(patientId);
      // What tables hold too is there once, by its place; a repeat has another place.
      const isPassed = ({ offset }: ReadingUse): boolean => BigInt(offset) < (horizon.get(partition) ?? 0n);
      const kept = [...tail.readings.usesIn(patientId, code, from, to)].filter((use) => isPassed(use) || counts(use));
      const stored: ReadingUse[] = [];
      let isWhole = true;
      for (const { reading, offset } of logged.vitals(patientId, code, from, to)) {
        if (stored.length === MOST_LOOKED_AT) {
          isWhole = false;
          break;
        }
        stored.push({ eventId: reading.eventId, time: reading.effectiveTime, offset, use: useOf(reading) });
      }
      const byOffset = new Map([...stored, ...kept].map((use) => [use.offset, use]));
      const all = [...byOffset.values()].sort((left, right) => left.time - right.time);
      return {
        counted: all.filter(({ use }) => use === "COUNTED"),
        late: all.filter(({ use }) => use === "LATE").length,
        isWhole,
      };
    },
    watermarkOf(patientId) {
      const partition = partitionOf(patientId);
      const marks = [
        ...newestStored(patientId).map(({ reading }) => reading.watermark),
        partition === null ? null : tail.watermarkOf(partition),
      ].filter((mark) => mark !== null);
      return marks.length === 0 ? null : Math.max(...marks);
    },
    areWindowsBehind(patientId) {
      const partition = partitionOf(patientId) ?? -1;
      const through = tail.windowsThrough(partition);
      return through !== null && through + 1n < (horizon.get(partition) ?? 0n);
    },
    windowsKeptSince: (patientId) => tail.windowsKeptSince(partitionOf(patientId) ?? -1),
  };
}

type Placed = StoredReading & Pick<LiveReading, "layer">;

function readingOf({ reading, offset }: LoggedReading): StoredReading {
  const { schema: _schema, input: _input, ...kept } = reading;
  return { ...kept, offset };
}

/** Several sources, each newest first and then by id, as one; what two of them hold comes once, from the first of them. */
function* newestOf(sources: readonly Generator<Placed>[]): Generator<Placed> {
  const heads = sources.flatMap((source) => {
    const first = source.next();
    return first.done === true ? [] : [{ source, reading: first.value }];
  });
  let last: Placed | null = null;
  while (heads.length > 0) {
    const best = heads.reduce((left, right) => (isNewer(right.reading, left.reading) ? right : left));
    const { eventId, effectiveTime } = best.reading;
    if (last?.eventId !== eventId || last.effectiveTime !== effectiveTime) yield best.reading;
    last = best.reading;
    const next = best.source.next();
    if (next.done === true) heads.splice(heads.indexOf(best), 1);
    else best.reading = next.value;
  }
}

function isNewer(left: StoredReading, right: StoredReading): boolean {
  if (left.effectiveTime !== right.effectiveTime) return left.effectiveTime > right.effectiveTime;
  return compareIds(left.eventId, right.eventId) < 0;
}
