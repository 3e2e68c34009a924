import type { EventLog } from "../backend/index.js";
import { sleepUntil, type Clock } from "../clock.js";
import { VITALS_ACCEPTED, VITALS_WINDOWED } from "../ingest/streams/observation.js";
import type { Catalog } from "../lake/catalog.js";
import { horizonOf } from "../lake/horizon.js";
import type { SnapshotReader, SnapshotReaders } from "../lake/snapshot-reader.js";
import type { Snapshots } from "../lake/snapshots.js";
import type { PersonRecords } from "./person-records.js";
import { startTail, type TailStart, type VitalTail } from "./tail.js";
import { createVitalLayers, type VitalLayers } from "./vital-layers.js";

/** All accepted readings and their windows, in tables up to a horizon and in memory behind it; one per process. */
export interface HeldVitals {
  /** The part in memory, as it is now. */
  readonly tail: VitalTail;
  /** A snapshot whose tables hold all that lies before the tail. */
  readonly reader: SnapshotReader;
  /**
   * Both, with no hole between them, as they are when nothing more comes: `end` says where that was, and is asked for again to
   * see the same once more, whatever came into tables meanwhile. BACKEND_UNAVAILABLE while the log could not be read so far for
   * ten seconds.
   */
  open(end?: ReadingEnd): Promise<VitalLayers>;
}

/** Per partition of accepted readings the first that came too late for a question. */
export type ReadingEnd = ReadonlyMap<number, bigint>;

export interface HeldVitalsOptions {
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly snapshots: Snapshots;
  readonly readers: SnapshotReaders;
  readonly people: Pick<PersonRecords, "ready" | "recordsOf">;
  readonly onFailure: (thrown: unknown) => void;
  /** Readings that tables have come to hold, from which memory is freed of them. */
  readonly surplus?: number;
}

const SURPLUS = 250_000;
/** Longer than anybody waits for a reading to be read. */
const LONGEST_WAIT_MS = 15_000;

/** Resolves once it has begun to read, behind what the newest snapshot holds. */
export async function startHeldVitals(options: HeldVitalsOptions): Promise<HeldVitals> {
  const { snapshots, readers, people, clock, signal, surplus = SURPLUS } = options;
  let current = begin(await readers.open(await snapshots.refresh()));
  let next: Begun | null = null;

  /** A tail behind what the snapshot holds. */
  function begin(reader: SnapshotReader): Begun {
    const own = new AbortController();
    const start = startOf(reader.catalog);
    const tail = startTail({ ...options, start, signal: AbortSignal.any([signal, own.signal]) });
    return { tail, reader, stop: () => own.abort(new Error("another one has taken its place")) };
  }

  /** Whoever waits for the one before is let wait to its end. */
  function replace(by: Begun): void {
    const { stop } = current;
    current = by;
    void sleepUntil(clock, clock.now() + LONGEST_WAIT_MS, signal).then(stop, stop);
  }

  /** Another one is read beside it, and takes its place once it has come as far. */
  async function free(reader: SnapshotReader): Promise<void> {
    if (next !== null) return;
    next = begin(reader);
    const isThere = await Promise.all([next.tail.readingFold.untilNow(), next.tail.windowFold.untilNow()]).catch(
      () => null,
    );
    if (isThere === null) next.stop();
    else replace(next);
    next = null;
  }

  return {
    get tail() {
      return current.tail;
    },
    get reader() {
      return current.reader;
    },
    async open(end) {
      const reader = await readers.open(await snapshots.refresh());
      const start = startOf(reader.catalog);
      // A compaction that was taken back: what it brought into tables is in the log alone again.
      if (!isWithin(current.tail.start, start)) replace(begin(reader));
      else {
        if (reader.catalog.snapshot > current.reader.catalog.snapshot) current = { ...current, reader };
        if (countBetween(current.tail.start, start) >= surplus) void free(reader);
      }
      const { tail } = current;
      await Promise.all([tail.readingFold.ready(), tail.windowFold.ready(), people.ready()]);
      const horizon = start[VITALS_ACCEPTED];
      // A page may be turned in a process that is behind the one that gave it.
      await tail.readingFold.when(() => isRead(end ?? new Map(), tail.readingFold.next, horizon), LATE);
      return createVitalLayers(tail, reader, end ?? highest(tail.readingFold.next, horizon), people.recordsOf);
    },
  };
}

const LATE = "the event log could not be read as far as the page before within ten seconds";

/** Whether all before the end is read, or in tables. */
function isRead(end: ReadingEnd, read: ReadingEnd, horizon: ReadingEnd): boolean {
  const there = highest(read, horizon);
  return [...end].every(([partition, offset]) => (there.get(partition) ?? 0n) >= offset);
}

function highest(one: ReadingEnd, other: ReadingEnd): ReadingEnd {
  const found = new Map(one);
  for (const [partition, offset] of other) if (offset > (found.get(partition) ?? 0n)) found.set(partition, offset);
  return found;
}

interface Begun {
  readonly tail: VitalTail;
  readonly reader: SnapshotReader;
  stop(): void;
}

function startOf(catalog: Catalog): TailStart {
  return {
    [VITALS_ACCEPTED]: horizonOf(catalog, VITALS_ACCEPTED),
    [VITALS_WINDOWED]: horizonOf(catalog, VITALS_WINDOWED),
  };
}

/** Whether one begins nowhere behind the other. */
function isWithin(one: TailStart, other: TailStart): boolean {
  return ([VITALS_ACCEPTED, VITALS_WINDOWED] as const).every((topic) =>
    [...one[topic]].every(([partition, offset]) => offset <= (other[topic].get(partition) ?? 0n)),
  );
}

/** Readings between the two. */
function countBetween(one: TailStart, other: TailStart): number {
  let count = 0n;
  for (const [partition, end] of other[VITALS_ACCEPTED]) count += end - (one[VITALS_ACCEPTED].get(partition) ?? 0n);
  return Number(count);
}
