import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { open as openLmdb, type RootDatabase } from "lmdb";
import { VitalomeError, messageOf, systemCodeOf } from "../../errors.js";
import type { Log } from "../../log.js";
import type { ConsumerPlace } from "../index.js";
import type { FramePlace } from "./journal.js";
import type { BaseRange } from "./log-base.js";
import type { FrameProgress, FrameRun } from "./log-frame.js";

/** What the index keeps of one frame. */
export interface IndexedFrame {
  readonly place: FramePlace;
  readonly runs: readonly FrameRun[];
  readonly progress: FrameProgress | null;
}

/**
 * Keys: `e` topic, partition, first offset in a frame -> place; `n` topic, partition -> end; `c` consumer, topic,
 * partition -> next offset; `s` consumer, topic, partition, key -> state as JSON; `l` topic, partition -> first offset there, and the offset below which some are missing;
 * `meta`.
 */
export type IndexStore = RootDatabase<unknown, (string | number)[]>;

const FORMAT = 1;
const LMDB_MARK = 0xbeefc0de;
/** Offsets in a meta page of the LMDB that `lmdb` 3.5 carries. */
const META = { mark: 24, pageBytes: 48, lastPage: 144, transaction: 152, end: 160 } as const;

/** Opens the store, or an empty one where it is damaged or of another format: the journal fills it again. */
export async function openIndexStore(directory: string, log: Log): Promise<IndexStore> {
  if (!(await isIntact(join(directory, "data.mdb")))) {
    log.warn({}, "the event log's index is damaged and is made again");
    await rm(directory, { recursive: true, force: true });
  }
  const found = openStore(directory);
  const format = found.get(["meta", "format"]);
  if (format === FORMAT) return found;
  if (format === undefined && found.getKeysCount({ limit: 1 }) === 0) {
    found.putSync(["meta", "format"], FORMAT);
    return found;
  }
  log.warn({}, "the event log's index is of another format and is made again");
  await found.close();
  await rm(directory, { recursive: true, force: true });
  const made = openStore(directory);
  made.putSync(["meta", "format"], FORMAT);
  return made;
}

function openStore(directory: string): IndexStore {
  try {
    return openLmdb<unknown, (string | number)[]>({ path: directory });
  } catch (thrown) {
    throw new VitalomeError("BACKEND_UNAVAILABLE", "the event log's index cannot be opened", { cause: thrown });
  }
}

/**
 * Whether the file's two meta pages are LMDB's and the file is as long as the newer one says. The driver ends the
 * whole process when it is given anything else, so it must not see it. An absent file is intact.
 */
async function isIntact(path: string): Promise<boolean> {
  const file = await open(path).catch(() => null);
  if (file === null) return true;
  try {
    const { size } = await file.stat();
    const metas: { readonly transaction: bigint; readonly end: bigint }[] = [];
    let pageBytes = 0;
    for (const page of [0, 1]) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(META.end), 0, META.end, page * pageBytes);
      if (bytesRead < META.end || buffer.readUInt32LE(META.mark) !== LMDB_MARK) return false;
      pageBytes = buffer.readUInt32LE(META.pageBytes);
      const end = (buffer.readBigUInt64LE(META.lastPage) + 1n) * BigInt(pageBytes);
      metas.push({ transaction: buffer.readBigUInt64LE(META.transaction), end });
    }
    const newest = metas.reduce((left, right) => (right.transaction > left.transaction ? right : left));
    return BigInt(size) >= newest.end;
  } finally {
    await file.close();
  }
}

export function notWritten(thrown: unknown): VitalomeError {
  const isFull = systemCodeOf(thrown) === "ENOSPC" || /no space left/i.test(messageOf(thrown));
  const code = isFull ? "STORAGE_FULL" : "BACKEND_UNAVAILABLE";
  return new VitalomeError(code, "the event log's index could not be written", { cause: thrown });
}

/** Stores frames that follow each other; of what several of them replace only the last is written. Can be repeated. */
export function storeFrames(db: IndexStore, frames: readonly IndexedFrame[]): void {
  const replaced = new Map<string, readonly [(string | number)[], unknown]>();
  const replace = (key: (string | number)[], value: unknown): void => {
    replaced.set(key.join("\0"), [key, value]);
  };
  for (const { place, runs, progress } of frames) {
    storePlaces(db, place, runs);
    for (const { topic, partition, end } of runs) replace(["n", topic, partition], end);
    if (progress === null) continue;
    const { consumer, topic, partition, next, state } = progress;
    if (next !== null) replace(["c", consumer, topic, partition], next);
    for (const [key, json] of state) replace(["s", consumer, topic, partition, key], json);
  }
  for (const [key, value] of replaced.values()) {
    if (value === null) db.removeSync(key);
    else db.putSync(key, value);
  }
}

function storePlaces(db: IndexStore, { segment, offset, bytes }: FramePlace, runs: readonly FrameRun[]): void {
  for (const { topic, partition, first } of runs) db.putSync(["e", topic, partition, first], [segment, offset, bytes]);
}

export function emptyStore(db: IndexStore): void {
  for (const key of Array.from(db.getKeys())) db.removeSync(key);
  db.putSync(["meta", "format"], FORMAT);
}

/** What the index keeps of the journal's base. */
export interface IndexBase {
  readonly through: number;
  readonly ranges: readonly BaseRange[];
  readonly frames: readonly IndexedFrame[];
}

/**
 * Points to the base for all that it replaces. Into an empty store it brings the consumers' places too; otherwise they
 * are newer than it. Can be repeated.
 */
export function storeBase(db: IndexStore, { through, ranges, frames }: IndexBase, isEmpty: boolean): void {
  for (const { topic, partition, start, holesBelow, end } of ranges) {
    db.putSync(["l", topic, partition], [start, holesBelow]);
    if (((db.get(["n", topic, partition]) as number | undefined) ?? 0) < end) db.putSync(["n", topic, partition], end);
    // Of the others nothing below `start` is asked for: `forgetSome` may take its time.
    removeRange(db, topic, partition, start, end);
  }
  if (isEmpty) storeFrames(db, frames);
  else for (const { place, runs } of frames) storePlaces(db, place, runs);
  db.putSync(["meta", "base"], through);
}

function removeRange(db: IndexStore, topic: string, partition: number, from: number, to: number): void {
  const range = { start: ["e", topic, partition, from], end: ["e", topic, partition, to] };
  for (const key of Array.from(db.getKeys(range))) db.removeSync(key);
}

/** Removes up to `limit` entries that lie below the start of their partition; answers how many there were. */
export function forgetSome(db: IndexStore, topic: string, partition: number, limit: number): number {
  const [start] = (db.get(["l", topic, partition]) as [number, number] | undefined) ?? [0];
  const range = { start: ["e", topic, partition, 0], end: ["e", topic, partition, start], limit };
  const keys = Array.from(db.getKeys(range));
  for (const key of keys) db.removeSync(key);
  return keys.length;
}

/** Every consumer's place, and the next offset it reads. */
export function storedConsumers(db: IndexStore): readonly (ConsumerPlace & { readonly next: number })[] {
  return Array.from(db.getRange({ start: ["c"], end: ["d"] }), ({ key, value }) => ({
    consumer: String(key[1]),
    topic: String(key[2]),
    partition: Number(key[3]),
    next: Number(value),
  }));
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
  let start = from;
  const [, holesBelow] = (db.get(["l", topic, partition]) as [number, number] | undefined) ?? [0, 0];
  // A frame of the base holds one event: one that begins earlier does not hold `from`.
  if (from >= holesBelow) {
    const holder = { start: ["e", topic, partition, from], end: ["e", topic, partition, -1], reverse: true, limit: 1 };
    for (const key of db.getKeys(holder)) start = Number(key[3]);
  }
  const range = { start: ["e", topic, partition, start], end: ["e", topic, partition, boundary], limit };
  return Array.from(db.getRange(range), ({ value }) => {
    const [segment, offset, bytes] = value as [number, number, number];
    return { segment, offset, bytes };
  });
}
