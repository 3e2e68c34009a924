import { RESTART, readVarint, type ByteCursor, type DecodedEntry } from "./key-index-format.js";

/** One block as it lies in memory: its raw bytes, read in place. */
export interface Block {
  readonly raw: Buffer;
  readonly entries: number;
}

function restartsOf(block: Block): number {
  return Math.ceil(block.entries / RESTART);
}

function restartOffset(block: Block, restart: number): number {
  return block.raw.readUInt32LE(block.raw.length - 4 * (restartsOf(block) - restart));
}

/** The last restart whose key is not after `key`; -1 when the block begins after it. */
function restartBefore(block: Block, key: Uint8Array): number {
  const { raw } = block;
  const cursor: ByteCursor = { at: 0 };
  let low = 0;
  let high = restartsOf(block);
  while (low < high) {
    const middle = (low + high) >>> 1;
    cursor.at = restartOffset(block, middle) + 1;
    const length = readVarint(raw, cursor);
    readVarint(raw, cursor);
    readVarint(raw, cursor);
    if (raw.compare(key, 0, key.length, cursor.at, cursor.at + length) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The value of exactly this key, or null. */
export function findInBlock(block: Block, key: Uint8Array): Buffer | null {
  const restart = restartBefore(block, key);
  if (restart < 0) return null;
  const { raw } = block;
  const cursor: ByteCursor = { at: restartOffset(block, restart) };
  const last = Math.min(block.entries, (restart + 1) * RESTART);
  // Bytes of `key` that the entry before shares with it: an entry is compared from there on, and never rebuilt.
  let matched = 0;
  for (let index = restart * RESTART; index < last; index += 1) {
    const shared = readVarint(raw, cursor);
    const further = readVarint(raw, cursor);
    const valueBytes = readVarint(raw, cursor);
    readVarint(raw, cursor);
    const from = cursor.at;
    cursor.at = from + further + valueBytes;
    // The entry before was smaller at byte `matched`; one that shares more with it is smaller there too.
    if (shared > matched) continue;
    let at = 0;
    while (at < further && shared + at < key.length && raw[from + at] === key[shared + at]) at += 1;
    matched = shared + at;
    if (at === further && matched === key.length) return raw.subarray(from + further, cursor.at);
    const isAfter = matched === key.length || (at < further && (raw[from + at] ?? 0) > (key[matched] ?? 0));
    if (isAfter) return null;
  }
  return null;
}

/** The entries of a block in order, from the last restart before `key` on: a few may be smaller than it. */
export function* entriesFrom(block: Block, key: Uint8Array | null): Generator<DecodedEntry> {
  const restart = key === null ? 0 : Math.max(0, restartBefore(block, key));
  if (block.entries === 0) return;
  const { raw } = block;
  const cursor: ByteCursor = { at: restartOffset(block, restart) };
  let before: Buffer = Buffer.alloc(0);
  for (let index = restart * RESTART; index < block.entries; index += 1) {
    const shared = readVarint(raw, cursor);
    const further = readVarint(raw, cursor);
    const valueBytes = readVarint(raw, cursor);
    const end = readVarint(raw, cursor);
    const valueAt = cursor.at + further;
    const entryKey = Buffer.allocUnsafe(shared + further);
    before.copy(entryKey, 0, 0, shared);
    raw.copy(entryKey, shared, cursor.at, valueAt);
    cursor.at = valueAt + valueBytes;
    before = entryKey;
    yield { key: entryKey, value: raw.subarray(valueAt, cursor.at), end };
  }
}
