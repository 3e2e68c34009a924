import type { Clock } from "../../clock.js";
import { messageOf } from "../../errors.js";
import type { Log } from "../../log.js";
import type { ConsumerPlace, ConsumerState } from "../index.js";
import { TOPICS } from "../topics.js";
import type { FramePlace, JournalPosition } from "./journal.js";
import type { FaultPoints } from "./files.js";
import { SEGMENT_HEAD } from "./journal-segment.js";
import {
  emptyStore,
  forgetSome,
  notWritten,
  openIndexStore,
  storeBase,
  storeFrames,
  storedConsumers,
  storedPlaces,
  type IndexBase,
  type IndexedFrame,
} from "./log-index-store.js";

/**
 * A rebuildable index of the journal: which frame holds an offset, and where consumers stand. It is written behind
 * the journal and never ahead of it; what is not stored yet is answered from memory. Without it, or when it
 * cannot be opened, it is made again from the journal.
 */
export interface LogIndex {
  /** Everything before this position of the journal is stored. Null: nothing is. */
  readonly appliedUpTo: JournalPosition | null;
  /** How many frames wait to be stored. */
  readonly backlog: number;
  /** The frames that follow, in the journal's order. Visible at once, stored within about a second. */
  add(frames: readonly IndexedFrame[]): void;
  /** Frames that hold offsets of the partition from `from` on, in order, at most `limit`. */
  places(topic: string, partition: number, from: number, limit: number): readonly FramePlace[];
  /** The offset the partition's next event gets. */
  end(topic: string, partition: number): number;
  /** The first offset still there, and the offset below which some may be missing. */
  start(topic: string, partition: number): { readonly start: number; readonly holesBelow: number };
  consumerState(place: ConsumerPlace): Promise<ConsumerState>;
  /** The place of every consumer that was stored. */
  consumers(): readonly (ConsumerPlace & { readonly next: number })[];
  /** The base it points to; 0: none. */
  readonly base: number;
  /**
   * Takes effect whole, or throws and changes nothing. All frames it replaces must be stored, or none: then the index
   * begins anew with the base.
   */
  rebase(base: IndexBase): void;
  /** Removes, little by little, entries of what is gone. */
  tidy(): Promise<void>;
  /** Stores all that was added before the call. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export interface LogIndexOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly faults?: FaultPoints | undefined;
}

const STORE_AFTER_MS = 1000;
const RETRY_AFTER_MS = 1000;
/** This many waiting frames are stored without delay; one transaction takes as many at most. */
const STORE_AT = 1024;

export async function openLogIndex({ directory, clock, log, faults }: LogIndexOptions): Promise<LogIndex> {
  const db = await openIndexStore(directory, log);
  const stop = new AbortController();
  const ends = new Map<string, number>();
  /** Frames not stored yet, and the same by partition. */
  const waiting: IndexedFrame[] = [];
  const recent = new Map<string, { readonly first: number; readonly place: FramePlace }[]>();
  let appliedUpTo = (db.get(["meta", "appliedUpTo"]) as JournalPosition | undefined) ?? null;
  let storing: Promise<void> | null = null;
  /** Frames ever added here, and stored. */
  let added = 0;
  let stored = 0;
  let isPlanned = false;

  async function storeSome(): Promise<void> {
    // A turn of its own: whoever waits for an acknowledgement goes first.
    await new Promise((resolve) => setImmediate(resolve));
    const batch = waiting.slice(0, STORE_AT);
    const last = batch.at(-1)?.place;
    if (last === undefined) return;
    const upTo: JournalPosition = { segment: last.segment, offset: last.offset + last.bytes };
    try {
      faults?.at("index:before-store");
      // Synchronous: on a full disk the driver's asynchronous commit ends the process, this one throws and rolls back.
      db.transactionSync(() => {
        storeFrames(db, batch);
        db.putSync(["meta", "appliedUpTo"], upTo);
      });
      faults?.at("index:stored");
    } catch (thrown) {
      throw notWritten(thrown);
    }
    db.resetReadTxn();
    appliedUpTo = upTo;
    waiting.splice(0, batch.length);
    stored += batch.length;
    const counts = new Map<string, number>();
    for (const { runs } of batch) {
      for (const { topic, partition } of runs)
        counts.set(nameOf(topic, partition), (counts.get(nameOf(topic, partition)) ?? 0) + 1);
    }
    for (const [name, count] of counts) recent.get(name)?.splice(0, count);
  }

  async function settle(): Promise<void> {
    const target = added;
    while (stored < target) {
      storing ??= storeSome().finally(() => {
        storing = null;
      });
      await storing;
    }
  }

  function plan(delay: number): void {
    if (isPlanned || stop.signal.aborted) return;
    isPlanned = true;
    const run = async (): Promise<void> => {
      let next = STORE_AFTER_MS;
      try {
        if (delay > 0) await clock.sleep(delay, stop.signal);
        await settle();
      } catch (thrown) {
        if (stop.signal.aborted) return;
        log.warn(
          { reason: messageOf(thrown), waiting: waiting.length },
          "the event log's index lags behind its journal",
        );
        next = RETRY_AFTER_MS;
      }
      isPlanned = false;
      if (waiting.length > 0) plan(next);
    };
    void run();
  }

  return {
    get appliedUpTo() {
      return appliedUpTo;
    },
    get backlog() {
      return waiting.length;
    },
    add(frames) {
      for (const frame of frames) {
        waiting.push(frame);
        added += 1;
        for (const { topic, partition, first, end } of frame.runs) {
          const name = nameOf(topic, partition);
          ends.set(name, end);
          const entries = recent.get(name) ?? [];
          entries.push({ first, place: frame.place });
          recent.set(name, entries);
        }
      }
      if (waiting.length >= STORE_AT && storing === null) void settle().catch(() => undefined);
      if (waiting.length > 0) plan(STORE_AFTER_MS);
    },
    places(topic, partition, from, limit) {
      const entries = recent.get(nameOf(topic, partition)) ?? [];
      const boundary = entries[0]?.first ?? Number.MAX_SAFE_INTEGER;
      const found = boundary <= from ? [] : storedPlaces(db, topic, partition, from, boundary, limit);
      let at = lastAtOrBefore(entries, from);
      for (; at < entries.length && found.length < limit; at += 1) {
        const entry = entries[at];
        if (entry !== undefined) found.push(entry.place);
      }
      return found;
    },
    end(topic, partition) {
      const name = nameOf(topic, partition);
      const known = ends.get(name) ?? (db.get(["n", topic, partition]) as number | undefined) ?? 0;
      ends.set(name, known);
      return known;
    },
    start(topic, partition) {
      const [start, holesBelow] = (db.get(["l", topic, partition]) as [number, number] | undefined) ?? [0, 0];
      return { start, holesBelow };
    },
    consumers: () => storedConsumers(db),
    get base() {
      return (db.get(["meta", "base"]) as number | undefined) ?? 0;
    },
    rebase(base) {
      const isEmpty = appliedUpTo === null || appliedUpTo.segment <= base.through;
      const upTo = isEmpty ? { segment: base.through + 1, offset: SEGMENT_HEAD } : appliedUpTo;
      try {
        faults?.at("index:before-rebase");
        db.transactionSync(() => {
          if (isEmpty) emptyStore(db);
          storeBase(db, base, isEmpty);
          db.putSync(["meta", "appliedUpTo"], upTo);
        });
      } catch (thrown) {
        throw notWritten(thrown);
      }
      db.resetReadTxn();
      appliedUpTo = upTo;
      if (isEmpty) ends.clear();
    },
    async tidy() {
      for (const [topic, partitions] of Object.entries(TOPICS)) {
        for (let partition = 0; partition < partitions && !stop.signal.aborted;) {
          await new Promise((resolve) => setImmediate(resolve));
          if (stop.signal.aborted) return;
          if (db.transactionSync(() => forgetSome(db, topic, partition, STORE_AT)) < STORE_AT) partition += 1;
        }
      }
    },
    async consumerState({ consumer, topic, partition }) {
      await settle();
      const state = new Map<string, unknown>();
      const range = { start: ["s", consumer, topic, partition], end: ["s", consumer, topic, partition + 1] };
      for (const { key, value } of db.getRange(range)) state.set(String(key[4]), JSON.parse(String(value)) as unknown);
      return { next: BigInt((db.get(["c", consumer, topic, partition]) as number | undefined) ?? 0), state };
    },
    settle,
    async close() {
      stop.abort(new Error("closed"));
      await settle().catch((thrown: unknown) => {
        log.warn({ reason: messageOf(thrown) }, "the event log's index was closed behind its journal");
      });
      await db.close();
    },
  };
}

function nameOf(topic: string, partition: number): string {
  return `${topic}/${String(partition)}`;
}

/** Index of the last entry that begins at or before `from`; 0 when none does. */
function lastAtOrBefore(entries: readonly { readonly first: number }[], from: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle]?.first ?? 0) <= from) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}
