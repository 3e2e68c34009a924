import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { inflateRawSync } from "node:zlib";
import { VitalomeError, systemCodeOf } from "../errors.js";
import { crc32 } from "../domain/crc32.js";
import { FOOTER_BYTES, MAGIC, createByteSink, readVarint, type ByteCursor } from "./key-index-format.js";

/** The blocks of one index, in flat arrays: about 60 bytes a block. */
export interface Directory {
  readonly blocks: number;
  readonly entries: number;
  readonly offsets: Float64Array;
  readonly storedBytes: Uint32Array;
  readonly rawBytes: Uint32Array;
  readonly crcs: Uint32Array;
  readonly counts: Uint32Array;
  readonly reaches: Float64Array;
  /** Block `b`'s separator is `keys[starts[b], starts[b + 1])`. */
  readonly keys: Buffer;
  readonly starts: Uint32Array;
}

export function damaged(cause?: unknown): VitalomeError {
  return new VitalomeError("STORAGE_CORRUPT", "an index file is damaged", { cause });
}

/** A read-only descriptor of an index file. */
export function openDescriptor(path: string): number {
  try {
    return openSync(path, "r");
  } catch (thrown) {
    const isAbsent = systemCodeOf(thrown) === "ENOENT";
    throw isAbsent
      ? new VitalomeError("STORAGE_CORRUPT", "an index file is missing", { cause: thrown })
      : new VitalomeError("BACKEND_UNAVAILABLE", "an index file cannot be opened", { cause: thrown });
  }
}

/** Exactly `length` bytes, or STORAGE_CORRUPT. */
export function readExactly(descriptor: number, offset: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafeSlow(length);
  for (let done = 0; done < length;) {
    const read = readSync(descriptor, buffer, done, length - done, offset + done);
    if (read === 0) throw damaged();
    done += read;
  }
  return buffer;
}

/** Inflates what must give exactly `length` bytes, or STORAGE_CORRUPT. */
export function inflateExactly(stored: Buffer, length: number): Buffer {
  let raw: Buffer;
  try {
    raw = inflateRawSync(stored, { chunkSize: Math.max(64, length), maxOutputLength: Math.max(1, length) });
  } catch (thrown) {
    throw damaged(thrown);
  }
  if (raw.length !== length) throw damaged();
  return raw;
}

/** Opens the file, checks it and reads its directory; the descriptor is open unless this throws. */
export function openDirectory(path: string): { readonly descriptor: number; readonly directory: Directory } {
  const descriptor = openDescriptor(path);
  try {
    return { descriptor, directory: readDirectory(descriptor) };
  } catch (thrown) {
    closeSync(descriptor);
    throw thrown;
  }
}

function readDirectory(descriptor: number): Directory {
  const { size } = fstatSync(descriptor);
  if (size < MAGIC.length + FOOTER_BYTES) throw damaged();
  if (!readExactly(descriptor, 0, MAGIC.length).equals(MAGIC)) throw damaged();
  const footer = readExactly(descriptor, size - FOOTER_BYTES, FOOTER_BYTES);
  if (!footer.subarray(40).equals(MAGIC) || crc32(footer.subarray(0, 36)) !== footer.readUInt32LE(36)) throw damaged();
  const end = footer.readDoubleLE(0);
  const stored = footer.readUInt32LE(8);
  if (end + stored + FOOTER_BYTES !== size) throw damaged();
  const deflated = readExactly(descriptor, end, stored);
  if (crc32(deflated) !== footer.readUInt32LE(16)) throw damaged();
  const raw = inflateExactly(deflated, footer.readUInt32LE(12));
  return decodeDirectory(raw, footer.readUInt32LE(20), footer.readDoubleLE(24));
}

function decodeDirectory(raw: Buffer, blocks: number, entries: number): Directory {
  const offsets = new Float64Array(blocks);
  const storedBytes = new Uint32Array(blocks);
  const rawBytes = new Uint32Array(blocks);
  const crcs = new Uint32Array(blocks);
  const counts = new Uint32Array(blocks);
  const reaches = new Float64Array(blocks);
  const starts = new Uint32Array(blocks + 1);
  const keys = createByteSink(Math.max(64, raw.length));
  const cursor: ByteCursor = { at: 0 };
  let offset = MAGIC.length;
  let before: Buffer = Buffer.alloc(0);
  for (let block = 0; block < blocks; block += 1) {
    const shared = readVarint(raw, cursor);
    const further = readVarint(raw, cursor);
    offsets[block] = offset;
    offset += storedBytes[block] = readVarint(raw, cursor);
    rawBytes[block] = readVarint(raw, cursor);
    crcs[block] = readVarint(raw, cursor);
    counts[block] = readVarint(raw, cursor);
    reaches[block] = readVarint(raw, cursor);
    before = Buffer.concat([before.subarray(0, shared), raw.subarray(cursor.at, cursor.at + further)]);
    cursor.at += further;
    starts[block] = keys.length;
    keys.bytes(before);
  }
  starts[blocks] = keys.length;
  return { blocks, entries, offsets, storedBytes, rawBytes, crcs, counts, reaches, keys: keys.take(), starts };
}

/** The last block whose separator is not after `key`; -1 before the first. */
export function blockBefore({ blocks, keys, starts }: Directory, key: Uint8Array): number {
  let low = 0;
  let high = blocks;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys.compare(key, 0, key.length, starts[middle], starts[middle + 1]) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Whether the block's separator begins with `prefix`. */
export function isWithin({ keys, starts }: Directory, block: number, prefix: Uint8Array): boolean {
  const from = starts[block] ?? 0;
  const length = (starts[block + 1] ?? 0) - from;
  return length >= prefix.length && keys.compare(prefix, 0, prefix.length, from, from + prefix.length) === 0;
}
