import type { EventLog } from "../backend/index.js";
import type { Clock } from "../clock.js";
import { VITALS_ACCEPTED, VITALS_WINDOWED } from "../ingest/streams/observation.js";
import type { Catalog } from "../lake/catalog.js";
import { horizonOf } from "../lake/horizon.js";
import type { SnapshotReaders } from "../lake/snapshot-reader.js";
import type { Snapshots } from "../lake/snapshots.js";
import { startTail, type TailStart, type VitalTail } from "./tail.js";
import { createVitalLayers, type VitalLayers } from "./vital-layers.js";

/** All accepted readings and their windows, in tables up to a horizon and in memory behind it; one per process. */
export interface HeldVitals {
  /** The part in memory, as it is now. */
  readonly tail: VitalTail;
  /** Both, with no hole between them; BACKEND_UNAVAILABLE while the log could not be read for ten seconds. */
  open(): Promise<VitalLayers>;
}

export interface HeldVitalsOptions {
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly snapshots: Snapshots;
  readonly readers: SnapshotReaders;
  readonly onFailure: (thrown: unknown) => void;
  /** Readings that tables have come to hold, from which memory is freed of them. */
  readonly surplus?: number;
}

const SURPLUS = 250_000;

/** Resolves once it has begun to read, behind what the newest snapshot holds. */
export async function startHeldVitals(options: HeldVitalsOptions): Promise<HeldVitals> {
  const { snapshots, readers, signal, surplus = SURPLUS } = options;
  let current = begin(startOf(await snapshots.refresh()));
  let next: Begun | null = null;

  function begin(start: TailStart): Begun {
    const own = new AbortController();
    const tail = startTail({ ...options, start, signal: AbortSignal.any([signal, own.signal]) });
    return { tail, stop: () => own.abort(new Error("another one has taken its place")) };
  }

  function replace(by: Begun): void {
    current.stop();
    current = by;
  }

  /** Another one is read beside it, and takes its place once it has come as far. */
  async function free(start: TailStart): Promise<void> {
    if (next !== null) return;
    next = begin(start);
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
    async open() {
      const reader = await readers.open(await snapshots.refresh());
      const start = startOf(reader.catalog);
      // A compaction that was taken back: what it brought into tables is in the log alone again.
      if (!isWithin(current.tail.start, start)) replace(begin(start));
      else if (countBetween(current.tail.start, start) >= surplus) void free(start);
      const { tail } = current;
      await Promise.all([tail.readingFold.ready(), tail.windowFold.ready()]);
      return createVitalLayers(tail, reader);
    },
  };
}

interface Begun {
  readonly tail: VitalTail;
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
