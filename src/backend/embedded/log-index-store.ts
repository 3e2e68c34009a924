import { rm } from "node:fs/promises";
import { open as openLmdb, type RootDatabase } from "lmdb";
import { VitalomeError, messageOf } from "../../errors.js";
import type { Log } from "../../log.js";
import type { FramePlace } from "./journal.js";
import type { FrameProgress, FrameRun } from "./log-frame.js";

/** What the index keeps of one frame. */
export interface IndexedFrame {
  readonly place: FramePlace;
  readonly runs: readonly FrameRun[];
  readonly progress: FrameProgress | null;
}

/**
 * Keys: `e` topic, partition, first offset in a frame -> place; `n` topic, partition -> end; `c` consumer, topic,
 * partition -> next offset; `s` consumer, topic, partition, key -> state as JSON; `meta`.
 */
export type IndexStore = RootDatabase<unknown, (string | number)[]>;

const FORMAT = 1;

/** Opens the store, or an empty one where it is damaged or of another format: the journal fills it again. */
export async function openIndexStore(directory: string, log: Log): Promise<IndexStore> {
  const open = (): IndexStore => openLmdb<unknown, (string | number)[]>({ path: directory });
  let found: IndexStore | null = null;
  try {
    found = open();
    const format = found.get(["meta", "format"]);
    if (format === FORMAT) return found;
    if (format === undefined && found.getKeysCount({ limit: 1 }) === 0) {
      found.putSync(["meta", "format"], FORMAT);
      return found;
    }
    log.warn({}, "the event log's index is of another format and is made again");
  } catch (thrown) {
    const errno = typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : 0;
    // LMDB's own faults are negative; a positive one is the system's (no room, no permission) and is no damage.
    if (typeof errno === "number" && errno > 0) {
      await found?.close();
      throw new VitalomeError("BACKEND_UNAVAILABLE", "the event log's index cannot be opened", { cause: thrown });
    }
    log.warn({ reason: messageOf(thrown) }, "the event log's index cannot be read and is made again");
  }
  await found?.close();
  await rm(directory, { recursive: true, force: true });
  const made = open();
  made.putSync(["meta", "format"], FORMAT);
  return made;
}

/** Can be repeated. */
export function storeFrame(db: IndexStore, { place, runs, progress }: IndexedFrame): void {
  for (const { topic, partition, first, end } of runs) {
    db.putSync(["e", topic, partition, first], [place.segment, place.offset, place.bytes]);
    db.putSync(["n", topic, partition], end);
  }
  if (progress === null) return;
  const { consumer, topic, partition, next, state } = progress;
  if (next !== null) db.putSync(["c", consumer, topic, partition], next);
  for (const [key, json] of state) {
    if (json === null) db.removeSync(["s", consumer, topic, partition, key]);
    else db.putSync(["s", consumer, topic, partition, key], json);
  }
}

/** Stored frames from the one that holds `from` on, up to those that begin before `boundary`. */
export function storedPlaces(
  db: IndexStore,
  topic: string,
  partition: number,
  from: number,
  boundary: number,
  limit: number,
): FramePlace[] {
  const holder = { start: ["e", topic, partition, from], end: ["e", topic, partition, -1], reverse: true, limit: 1 };
  let start = from;
  for (const key of db.getKeys(holder)) start = Number(key[3]);
  const range = { start: ["e", topic, partition, start], end: ["e", topic, partition, boundary], limit };
  return Array.from(db.getRange(range), ({ value }) => {
    const [segment, offset, bytes] = value as [number, number, number];
    return { segment, offset, bytes };
  });
}
