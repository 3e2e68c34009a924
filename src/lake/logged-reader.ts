import type { VitalAccepted, VitalWindowed } from "../domain/events/observation.js";
import { filesOf, type Catalog, type DataFile } from "./catalog.js";
import type { KeyIndex } from "./key-index.js";
import { columnsOf, type LogTable } from "./log-tables.js";
import { createRowReader, type LoggedReading, type LoggedWindow } from "./logged-row.js";
import { afterPrefix, ownerPrefix, sectionEnd, sectionStart, timeBytes } from "./variant-keys.js";

/** What one snapshot holds of the log, straight from its key indexes. Times are half open, in milliseconds since the epoch. */
export interface LoggedReader {
  /** Readings of one person and code, the newest first, those of one time by event id. */
  vitals(patientId: string, code: string, from: number, to: number): Generator<LoggedReading>;
  /** Codes there are readings of. */
  vitalCodes(patientId: string): readonly string[];
  vital(patientId: string, eventId: string): LoggedReading | null;
  /** Readings that correct another one, in the order of the log. */
  corrections(patientId: string): readonly LoggedReading[];
  /** Windows of one person, code and size that begin in the range, oldest first. */
  windows(patientId: string, code: string, size: string, from: number, to: number): readonly LoggedWindow[];
  /** Every alert as the log holds it: the last `AlertRecord`, and the steps that led to it. Both are JSON values. */
  alerts(): Generator<{ readonly record: unknown; readonly steps: unknown }>;
  /** Every job, as JSON values. */
  jobs(): Generator<unknown>;
}

export function createLoggedReader(
  catalog: Catalog,
  indexesOfFile: (file: DataFile) => readonly KeyIndex[],
): LoggedReader {
  const readingOf = createRowReader<VitalAccepted>("vitals");
  const windowOf = createRowReader<VitalWindowed>("vital_windows");
  const toReading = (value: Uint8Array): LoggedReading => {
    const { event: reading, ...place } = readingOf(value);
    return { reading, ...place };
  };

  /** Indexes of files that may hold rows of the range. */
  function around(table: LogTable, from: number, to: number): readonly KeyIndex[] {
    return filesOf(catalog, table)
      .filter(({ meta }) => !(Number(meta["from"]) >= to || Number(meta["to"]) < from))
      .flatMap(indexesOfFile);
  }

  const all = (table: LogTable): readonly KeyIndex[] => filesOf(catalog, table).flatMap(indexesOfFile);

  function* records(table: "alerts" | "jobs"): Generator<(column: string) => unknown> {
    const columns = Object.keys(columnsOf(table));
    for (const index of all(table)) {
      for (const { value } of index.scan(sectionStart(table), sectionEnd(table))) {
        const cells = JSON.parse(Buffer.from(value).toString("utf8")) as readonly unknown[];
        yield (column) => JSON.parse(String(cells[columns.indexOf(column)])) as unknown;
      }
    }
  }

  return {
    *vitals(patientId, code, from, to) {
      if (from >= to) return;
      const series = Buffer.concat([ownerPrefix("vitals", patientId), Buffer.from(`${code}\0`)]);
      const [first, end] = [from, to].map((time) => Buffer.concat([series, boundOf(time)])) as [Buffer, Buffer];
      const sources = around("vitals", from, to).map((index) =>
        byTime(index.scan(first, end, { reverse: true }), toReading),
      );
      yield* merge(sources);
    },
    vitalCodes(patientId) {
      const owner = ownerPrefix("vitals", patientId);
      const codes = new Set<string>();
      for (const index of all("vitals")) {
        for (let from = owner; ;) {
          const [entry] = index.scan(from, afterPrefix(owner), { limit: 1 });
          if (entry === undefined) break;
          const code = entry.key.subarray(owner.length, entry.key.indexOf(0, owner.length));
          codes.add(code.toString("utf8"));
          from = afterPrefix(Buffer.concat([owner, code, Buffer.of(0)]));
        }
      }
      return [...codes].sort();
    },
    vital(patientId, eventId) {
      const id = Buffer.concat([ownerPrefix("vitalIds", patientId), Buffer.from(eventId)]);
      for (const index of all("vitals")) {
        const place = index.get(id);
        if (place === null) continue;
        const [time, code] = [place.subarray(0, TIME_BYTES), place.subarray(TIME_BYTES)];
        const series = Buffer.concat([ownerPrefix("vitals", patientId), code, Buffer.of(0)]);
        const found = index.get(Buffer.concat([series, time, Buffer.from(eventId)]));
        if (found !== null) return toReading(found);
      }
      return null;
    },
    corrections(patientId) {
      const owner = ownerPrefix("vitalCorrections", patientId);
      const found = all("vitals").flatMap((index) => [...index.scan(owner, afterPrefix(owner))]);
      return found.map(({ value }) => toReading(value)).sort((left, right) => left.offset - right.offset);
    },
    windows(patientId, code, size, from, to) {
      if (from >= to) return [];
      const series = Buffer.concat([ownerPrefix("vitalWindows", patientId), Buffer.from(`${code}\0${size}\0`)]);
      const [first, end] = [from, to].map((time) => Buffer.concat([series, boundOf(time)])) as [Buffer, Buffer];
      const found = around("vital_windows", from, to).flatMap((index) => [...index.scan(first, end)]);
      return found
        .map(({ value }) => {
          const { event: window, ...place } = windowOf(value);
          return { window, ...place };
        })
        .sort((left, right) => left.window.start - right.window.start);
    },
    *alerts() {
      for (const cell of records("alerts")) yield { record: cell("record"), steps: cell("steps") };
    },
    *jobs() {
      for (const cell of records("jobs")) yield cell("record");
    },
  };
}

const TIME_BYTES = 8;

/** No event is further from 1970. */
function boundOf(time: number): Buffer {
  return timeBytes(Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Math.ceil(time))));
}

/** Entries in falling order, those of one time in rising order of their event ids. */
function* byTime(
  entries: Iterable<{ readonly value: Uint8Array }>,
  toReading: (value: Uint8Array) => LoggedReading,
): Generator<LoggedReading> {
  let same: LoggedReading[] = [];
  for (const { value } of entries) {
    const next = toReading(value);
    if (same.length > 0 && same[0]?.reading.effectiveTime !== next.reading.effectiveTime) {
      yield* same.reverse();
      same = [];
    }
    same.push(next);
  }
  yield* same.reverse();
}

/** The newest of several sources that are each in order. */
function* merge(sources: readonly Generator<LoggedReading>[]): Generator<LoggedReading> {
  const heads = sources.flatMap((source) => {
    const first = source.next();
    return first.done === true ? [] : [{ source, entry: first.value }];
  });
  while (heads.length > 0) {
    const best = heads.reduce((left, right) => (isBefore(right.entry.reading, left.entry.reading) ? right : left));
    yield best.entry;
    const next = best.source.next();
    if (next.done === true) heads.splice(heads.indexOf(best), 1);
    else best.entry = next.value;
  }
}

/** The order of lists: the newest first, then by event id. */
function isBefore(left: VitalAccepted, right: VitalAccepted): boolean {
  if (left.effectiveTime !== right.effectiveTime) return left.effectiveTime > right.effectiveTime;
  return Buffer.compare(Buffer.from(left.eventId), Buffer.from(right.eventId)) < 0;
}
