import { closeSync } from "node:fs";
import { crc32 } from "../domain/crc32.js";
import type { BlockCache } from "./block-cache.js";
import { entriesFrom, findInBlock, type Block } from "./key-index-block.js";
import { blockBefore, damaged, inflateExactly, isWithin, openDirectory, readExactly } from "./key-index-directory.js";
import type { DecodedEntry } from "./key-index-format.js";

export interface ScanOptions {
  /** Default: no bound. */
  readonly limit?: number | undefined;
  /** Descending; default false. */
  readonly reverse?: boolean | undefined;
}

/** Reads are synchronous: a block is one positional read and one inflate. A damaged block is STORAGE_CORRUPT. */
export interface KeyIndex {
  readonly entries: number;
  /** The value of exactly this key. */
  get(key: Uint8Array): Buffer | null;
  /** Values in the order of the keys; fastest when those ascend. */
  getMany(keys: readonly Uint8Array[]): readonly (Buffer | null)[];
  /** Entries with from <= key < to, ascending unless asked otherwise. An empty `to` is no bound. */
  scan(from: Uint8Array, to: Uint8Array, options?: ScanOptions): Generator<DecodedEntry>;
  /**
   * Entries of one prefix with position < end and entry.end > start, in key order. Positions are in the key.
   * `prefix` must be the whole prefix the entries were built with.
   */
  overlapping(prefix: Uint8Array, start: number, end: number): Generator<DecodedEntry>;
  /**
   * Lets go of the file and of its cached blocks. An iteration that goes on afterwards throws. One that nobody holds any more, nor
   * an iteration over it, is closed by itself, some time later.
   */
  close(): void;
}

/** What an open index has, apart from everything that refers to it. */
interface Held {
  readonly descriptor: number;
  readonly cache: BlockCache;
  readonly owner: number;
}

const forgotten = new FinalizationRegistry<Held>(release);

function release({ descriptor, cache, owner }: Held): void {
  cache.drop(owner);
  closeSync(descriptor);
}

export function openKeyIndex(path: string, cache: BlockCache): KeyIndex {
  const { descriptor, directory } = openDirectory(path);
  const { blocks, offsets, storedBytes, rawBytes, crcs, counts, reaches } = directory;
  const owner = cache.register();
  /** Every method and iteration refers to it: it lives as long as any of them. */
  const life = { isOpen: true };
  forgotten.register(life, { descriptor, cache, owner }, life);

  function blockAt(index: number): Block {
    if (!life.isOpen) throw new TypeError("the index is closed");
    const entries = counts[index] ?? 0;
    const known = cache.get(owner, index);
    if (known !== undefined) return { raw: known, entries };
    const length = rawBytes[index] ?? 0;
    const stored = readExactly(descriptor, offsets[index] ?? 0, storedBytes[index] ?? 0);
    if (crc32(stored) !== crcs[index]) throw damaged();
    const raw = stored.length === length ? stored : inflateExactly(stored, length);
    cache.set(owner, index, raw);
    return { raw, entries };
  }

  function get(key: Uint8Array): Buffer | null {
    const index = blockBefore(directory, key);
    return index < 0 ? null : findInBlock(blockAt(index), key);
  }

  function* ascending(from: Uint8Array, to: Uint8Array): Generator<DecodedEntry> {
    const first = Math.max(0, blockBefore(directory, from));
    for (let index = first; index < blocks; index += 1) {
      for (const entry of entriesFrom(blockAt(index), index === first ? from : null)) {
        if (to.length > 0 && Buffer.compare(entry.key, to) >= 0) return;
        if (index !== first || Buffer.compare(entry.key, from) >= 0) yield entry;
      }
    }
  }

  function* descending(from: Uint8Array, to: Uint8Array): Generator<DecodedEntry> {
    for (let index = to.length > 0 ? blockBefore(directory, to) : blocks - 1; index >= 0; index -= 1) {
      for (const entry of [...entriesFrom(blockAt(index), null)].reverse()) {
        if (to.length > 0 && Buffer.compare(entry.key, to) >= 0) continue;
        if (Buffer.compare(entry.key, from) < 0) return;
        yield entry;
      }
    }
  }

  function* overlapping(prefix: Uint8Array, start: number, end: number): Generator<DecodedEntry> {
    if (end <= 0) return;
    const position = Buffer.alloc(4);
    position.writeUInt32BE(Math.min(end, 0xffffffff));
    const last = blockBefore(directory, Buffer.concat([prefix, position]));
    // Every block after `blockBefore(prefix)` up to `last` holds this prefix alone, and there `reach` only grows:
    // the first that can hold an overlap is found by halving.
    let low = Math.max(0, blockBefore(directory, prefix));
    let high = last + 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (!isWithin(directory, middle, prefix) || (reaches[middle] ?? 0) <= start) low = middle + 1;
      else high = middle;
    }
    for (let index = low; index <= last; index += 1) {
      for (const entry of entriesFrom(blockAt(index), null)) {
        if (entry.end <= start) continue;
        if (entry.key.readUInt32BE(prefix.length) >= end) return;
        yield entry;
      }
    }
  }

  return {
    entries: directory.entries,
    get,
    getMany: (keys) => keys.map(get),
    *scan(from, to, { limit = Number.POSITIVE_INFINITY, reverse = false } = {}) {
      let left = limit;
      if (left <= 0) return;
      for (const entry of reverse ? descending(from, to) : ascending(from, to)) {
        yield entry;
        left -= 1;
        if (left <= 0) return;
      }
    },
    overlapping,
    close() {
      if (!life.isOpen) return;
      life.isOpen = false;
      forgotten.unregister(life);
      release({ descriptor, cache, owner });
    },
  };
}
