import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { inflateRawSync } from "node:zlib";
import { VitalomeError } from "../errors.js";
import { crc32 } from "../domain/crc32.js";
import { FOOTER_BYTES, MAGIC, readVarint, type BlockPlace, type ByteCursor, type DecodedEntry } from "./key-index-format.js";

/** Decoded blocks of any number of indexes, bounded together; the least recently used go first. */
export interface BlockCache {
  get(key: string): readonly DecodedEntry[] | undefined;
  set(key: string, entries: readonly DecodedEntry[], bytes: number): void;
}

export function createBlockCache(maxBytes: number): BlockCache {
  const held = new Map<string, { readonly entries: readonly DecodedEntry[]; readonly bytes: number }>();
  let total = 0;
  return {
    get(key) {
      const found = held.get(key);
      if (found === undefined) return undefined;
      held.delete(key);
      held.set(key, found);
      return found.entries;
    },
    set(key, entries, bytes) {
      total += bytes - (held.get(key)?.bytes ?? 0);
      held.delete(key);
      held.set(key, { entries, bytes });
      for (const [oldest, block] of held) {
        if (total <= maxBytes) break;
        held.delete(oldest);
        total -= block.bytes;
      }
    },
  };
}

/** Reads are synchronous: a block is one positional read and one inflate. */
export interface KeyIndex {
  readonly entries: number;
  /** The value of exactly this key. */
  get(key: Uint8Array): Buffer | null;
  /** Entries with from <= key < to, ascending. */
  scan(from: Uint8Array, to: Uint8Array): Generator<DecodedEntry>;
  /** Entries of one prefix with position < end and entry.end > start, in key order. Positions are in the key. */
  overlapping(prefix: Uint8Array, start: number, end: number): Generator<DecodedEntry>;
  close(): void;
}

export function openKeyIndex(path: string, cache: BlockCache): KeyIndex {
  const descriptor = openSync(path, "r");
  let directory: Directory;
  try {
    directory = readDirectory(descriptor);
  } catch (thrown) {
    closeSync(descriptor);
    throw thrown;
  }
  const { places } = directory;

  function block(index: number): readonly DecodedEntry[] {
    const name = `${path}#${String(index)}`;
    const known = cache.get(name);
    if (known !== undefined) return known;
    const place = places[index];
    if (place === undefined) return [];
    const stored = Buffer.alloc(place.storedBytes);
    const read = readSync(descriptor, stored, 0, place.storedBytes, place.offset);
    if (read !== place.storedBytes || crc32(stored) !== place.crc) throw corrupt();
    const raw = place.storedBytes === place.rawBytes ? stored : inflateRawSync(stored);
    if (raw.length !== place.rawBytes) throw corrupt();
    const entries = decodeEntries(raw, place.entries);
    cache.set(name, entries, raw.length * 2);
    return entries;
  }

  /** The last block whose first key is not after `key`; -1 before the first. */
  function blockBefore(key: Uint8Array): number {
    let low = 0;
    let high = places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (Buffer.compare(places[middle]?.firstKey ?? key, key) <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  function* scan(from: Uint8Array, to: Uint8Array): Generator<DecodedEntry> {
    for (let index = Math.max(0, blockBefore(from)); index < places.length; index += 1) {
      for (const entry of block(index)) {
        if (Buffer.compare(entry.key, from) < 0) continue;
        if (Buffer.compare(entry.key, to) >= 0) return;
        yield entry;
      }
    }
  }

  return {
    entries: directory.entries,
    get(key) {
      const index = blockBefore(key);
      if (index < 0) return null;
      const entries = block(index);
      let low = 0;
      let high = entries.length - 1;
      while (low <= high) {
        const middle = (low + high) >>> 1;
        const entry = entries[middle];
        if (entry === undefined) return null;
        const order = Buffer.compare(entry.key, key);
        if (order === 0) return entry.value;
        if (order < 0) low = middle + 1;
        else high = middle - 1;
      }
      return null;
    },
    scan,
    *overlapping(prefix, start, end) {
      const position = Buffer.alloc(4);
      position.writeUInt32BE(Math.min(end, 0xffffffff));
      const to = Buffer.concat([prefix, position]);
      const last = blockBefore(to);
      // `reach` only grows within a prefix, so the first block that can hold an overlap is found by halving.
      let low = Math.max(0, blockBefore(prefix));
      let high = last + 1;
      while (low < high) {
        const middle = (low + high) >>> 1;
        const place = places[middle];
        const inPrefix = place !== undefined && place.firstKey.subarray(0, prefix.length).equals(prefix);
        if (!inPrefix || place.reach <= start) low = middle + 1;
        else high = middle;
      }
      for (let index = low; index <= last; index += 1) {
        for (const entry of block(index)) {
          if (!entry.key.subarray(0, prefix.length).equals(prefix) || entry.end <= start) continue;
          if (entry.key.readUInt32BE(prefix.length) >= end) return;
          yield entry;
        }
      }
    },
    close: () => {
      closeSync(descriptor);
    },
  };
}

interface Directory {
  readonly places: readonly BlockPlace[];
  readonly entries: number;
}

function readDirectory(descriptor: number): Directory {
  const { size } = fstatSync(descriptor);
  if (size < MAGIC.length + FOOTER_BYTES) throw corrupt();
  const footer = Buffer.alloc(FOOTER_BYTES);
  readSync(descriptor, footer, 0, FOOTER_BYTES, size - FOOTER_BYTES);
  if (!footer.subarray(32).equals(MAGIC)) throw corrupt();
  const offset = footer.readDoubleLE(0);
  const stored = footer.readUInt32LE(8);
  if (offset + stored + FOOTER_BYTES !== size) throw corrupt();
  const deflated = Buffer.alloc(stored);
  readSync(descriptor, deflated, 0, stored, offset);
  if (crc32(deflated) !== footer.readUInt32LE(16)) throw corrupt();
  const raw = inflateRawSync(deflated);
  const places: BlockPlace[] = [];
  const cursor: ByteCursor = { at: 0 };
  let blockOffset = MAGIC.length;
  while (cursor.at < raw.length) {
    const [keyBytes = 0, storedBytes = 0, rawBytes = 0, crc = 0, entries = 0, reach = 0] = Array.from({ length: 6 }, () =>
      readVarint(raw, cursor),
    );
    const firstKey = raw.subarray(cursor.at, cursor.at + keyBytes);
    cursor.at += keyBytes;
    places.push({ firstKey, offset: blockOffset, storedBytes, rawBytes, crc, entries, reach });
    blockOffset += storedBytes;
  }
  return { places, entries: footer.readDoubleLE(20) };
}

function decodeEntries(raw: Buffer, count: number): readonly DecodedEntry[] {
  const entries: DecodedEntry[] = [];
  const cursor: ByteCursor = { at: 0 };
  let previous: Buffer = Buffer.alloc(0);
  for (let index = 0; index < count; index += 1) {
    const shared = readVarint(raw, cursor);
    const further = readVarint(raw, cursor);
    const valueBytes = readVarint(raw, cursor);
    const end = readVarint(raw, cursor);
    const rest = raw.subarray(cursor.at, cursor.at + further);
    const key = shared === 0 ? rest : Buffer.concat([previous.subarray(0, shared), rest]);
    cursor.at += further;
    const value = raw.subarray(cursor.at, cursor.at + valueBytes);
    cursor.at += valueBytes;
    entries.push({ key, value, end });
    previous = key;
  }
  return entries;
}

function corrupt(): VitalomeError {
  return new VitalomeError("STORAGE_CORRUPT", "an index file is damaged");
}
