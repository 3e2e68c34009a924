import { open, unlink, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { deflateRawSync } from "node:zlib";
import { crc32 } from "../domain/crc32.js";
import { VitalomeError, systemCodeOf } from "../errors.js";
import {
  BLOCK_BYTES,
  BLOCK_ENTRIES,
  FOOTER_BYTES,
  MAGIC,
  RESTART,
  createByteSink,
  sharedBytes,
  type BlockPlace,
  type IndexEntry,
} from "./key-index-format.js";

export interface WrittenIndex {
  readonly entries: number;
  /** No key sorts before these bytes, in hexadecimal, of at most `BOUND_BYTES`; null for an index without entries. */
  readonly minKey: string | null;
  /** No key sorts after these bytes; null as well where such a bound has no short form. */
  readonly maxKey: string | null;
}

/** Long alleles make long keys; a bound is enough to leave a file out. */
const BOUND_BYTES = 64;

/**
 * Writes an index from entries in strictly ascending key order; a repeated or unsorted key is a programming error.
 * Entries are copied as they come, so their buffers may be reused. Durable on return; nothing is left after a failure.
 */
export async function buildKeyIndex(path: string, entries: AsyncIterable<IndexEntry>): Promise<WrittenIndex> {
  const file = await open(path, "w", 0o600).catch((thrown: unknown) => {
    throw translate(thrown);
  });
  try {
    await file.writeFile(MAGIC);
    const written = await writeBlocks(file, entries);
    await writeDirectory(file, written);
    await file.sync();
    await file.close();
    await syncFolderOf(path);
    const { entries: count, firstKey, lastKey } = written;
    return {
      entries: count,
      minKey: firstKey?.subarray(0, BOUND_BYTES).toString("hex") ?? null,
      maxKey: lastKey === null ? null : upperBound(lastKey),
    };
  } catch (thrown) {
    await file.close().catch(() => undefined);
    await unlink(path).catch(() => undefined);
    throw translate(thrown);
  }
}

/** The last key, or something short that sorts after it. */
function upperBound(key: Buffer): string | null {
  if (key.length <= BOUND_BYTES) return key.toString("hex");
  const bound = Buffer.from(key.subarray(0, BOUND_BYTES));
  let at = bound.length - 1;
  while (at >= 0 && bound[at] === 255) at -= 1;
  if (at < 0) return null;
  bound[at] = (bound[at] ?? 0) + 1;
  return bound.subarray(0, at + 1).toString("hex");
}

interface WrittenBlocks {
  readonly places: readonly BlockPlace[];
  readonly entries: number;
  readonly firstKey: Buffer | null;
  readonly lastKey: Buffer | null;
  /** Offset of the first byte after the blocks. */
  readonly end: number;
}

async function writeBlocks(file: FileHandle, entries: AsyncIterable<IndexEntry>): Promise<WrittenBlocks> {
  const places: BlockPlace[] = [];
  const block = createByteSink();
  const restarts: number[] = [];
  let offset = MAGIC.length;
  let total = 0;
  let count = 0;
  let separator: Uint8Array = Buffer.alloc(0);
  let firstKey: Buffer | null = null;
  let last: Buffer | null = null;
  /** The prefix whose intervals the open block holds; null for entries without one. */
  let prefix: Buffer | null = null;
  let reach = 0;

  const close = async (): Promise<void> => {
    if (count === 0) return;
    for (const restart of restarts) block.uint32(restart);
    const raw = block.take();
    const deflated = deflateRawSync(raw, { level: 1 });
    const stored = deflated.length < raw.length ? deflated : raw;
    await file.writeFile(stored);
    places.push({
      separator,
      storedBytes: stored.length,
      rawBytes: raw.length,
      crc: crc32(stored),
      entries: count,
      reach,
    });
    offset += stored.length;
    block.clear();
    restarts.length = 0;
    count = 0;
  };

  for await (const entry of entries) {
    const key = Buffer.from(entry.key);
    if (last !== null && Buffer.compare(last, key) >= 0) {
      throw new TypeError("index entries must come in strictly ascending key order");
    }
    const own = intervalPrefix(entry, key);
    if (own === null ? prefix !== null : prefix === null || !own.equals(prefix)) {
      // A block holds the intervals of one prefix, and its blocks lie together: so reach only grows within a prefix.
      if (prefix !== null && prefix.equals(key.subarray(0, prefix.length))) {
        throw new TypeError("keys that begin with an interval prefix must be intervals of that prefix");
      }
      await close();
      prefix = own;
      reach = 0;
    }
    reach = Math.max(reach, entry.end ?? 0);
    const common = last === null ? 0 : sharedBytes(last, key);
    if (count === 0)
      separator = key.subarray(0, last === null ? (prefix?.length ?? 0) : Math.max(common + 1, prefix?.length ?? 0));
    const isRestart = count % RESTART === 0;
    if (isRestart) restarts.push(block.length);
    const shared = isRestart ? 0 : common;
    block.varint(shared);
    block.varint(key.length - shared);
    block.varint(entry.value.length);
    block.varint(entry.end ?? 0);
    block.bytes(key.subarray(shared));
    block.bytes(entry.value);
    count += 1;
    total += 1;
    firstKey ??= key;
    last = key;
    if (block.length >= BLOCK_BYTES || count >= BLOCK_ENTRIES) await close();
  }
  await close();
  return { places, end: offset, entries: total, firstKey, lastKey: last };
}

function intervalPrefix(entry: IndexEntry, key: Buffer): Buffer | null {
  if (entry.end === undefined && entry.prefixLength === undefined) return null;
  const { end = 0, prefixLength = -1 } = entry;
  if (prefixLength < 0 || key.length < prefixLength + 4 || !Number.isSafeInteger(end) || end < 1) {
    throw new TypeError("an interval needs its prefix length, a 32-bit position after it, and a positive end");
  }
  return key.subarray(0, prefixLength);
}

async function writeDirectory(file: FileHandle, { places, end, entries }: WrittenBlocks): Promise<void> {
  const directory = createByteSink();
  let before: Uint8Array = Buffer.alloc(0);
  for (const { separator, storedBytes, rawBytes, crc, entries: count, reach } of places) {
    const shared = sharedBytes(before, separator);
    for (const value of [shared, separator.length - shared, storedBytes, rawBytes, crc, count, reach]) {
      directory.varint(value);
    }
    directory.bytes(separator.subarray(shared));
    before = separator;
  }
  const raw = directory.take();
  const deflated = deflateRawSync(raw);
  await file.writeFile(deflated);
  const footer = Buffer.alloc(FOOTER_BYTES);
  footer.writeDoubleLE(end, 0);
  footer.writeUInt32LE(deflated.length, 8);
  footer.writeUInt32LE(raw.length, 12);
  footer.writeUInt32LE(crc32(deflated), 16);
  footer.writeUInt32LE(places.length, 20);
  footer.writeDoubleLE(entries, 24);
  footer.writeUInt32LE(crc32(footer.subarray(0, 36)), 36);
  MAGIC.copy(footer, 40);
  await file.writeFile(footer);
}

async function syncFolderOf(path: string): Promise<void> {
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function translate(thrown: unknown): unknown {
  const code = systemCodeOf(thrown);
  return code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG"
    ? new VitalomeError("STORAGE_FULL", "there is no room for an index", { cause: thrown })
    : thrown;
}
