/**
 * A key index file, written once and never changed:
 *
 *   header     8 bytes  magic and version
 *   blocks     each raw-deflated, or plain where that is no larger
 *   directory           one deflated list of blocks: separator, sizes, CRC-32, entries, reach
 *   footer    48 bytes  directory offset, sizes, CRC-32, number of entries, of blocks; its own CRC-32, magic
 *
 * Every byte of the file is under a checksum or the magic. A block holds entries, then the offsets of its restarts
 * (32-bit little-endian), every `RESTART`th entry being one. An entry is: key bytes shared with the entry before (none
 * at a restart), further key bytes, value bytes, end (0 for none), all varints; then the further key, then the value.
 */
export const MAGIC = Buffer.from("VITAKEY1");
export const FOOTER_BYTES = 48;
/** A block is closed when either is reached. */
export const BLOCK_BYTES = 16 * 1024;
export const BLOCK_ENTRIES = 128;
/** Entries from one whole key to the next. */
export const RESTART = 16;

export interface IndexEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** Key bytes before the 32-bit big-endian position, for entries that cover an interval. */
  readonly prefixLength?: number;
  /** First position no longer covered. */
  readonly end?: number;
}

export interface DecodedEntry {
  readonly key: Buffer;
  /** A view of the cached block: copied by whoever keeps it, changed by nobody. */
  readonly value: Buffer;
  /** 0 when the entry covers no interval. */
  readonly end: number;
}

/** What the directory knows of one block. */
export interface BlockPlace {
  /** A beginning of the block's first key that is greater than every key before the block. */
  readonly separator: Uint8Array;
  readonly storedBytes: number;
  readonly rawBytes: number;
  readonly crc: number;
  readonly entries: number;
  /** Greatest `end` of any entry of the same prefix up to and including this block. */
  readonly reach: number;
}

/** A byte buffer that grows. */
export interface ByteSink {
  readonly length: number;
  varint(value: number): void;
  uint32(value: number): void;
  bytes(value: Uint8Array): void;
  /** A copy of what was written. */
  take(): Buffer;
  clear(): void;
}

export function createByteSink(initial = 64 * 1024): ByteSink {
  let buffer = Buffer.allocUnsafe(initial);
  let length = 0;
  const room = (bytes: number): void => {
    if (length + bytes <= buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, length + bytes));
    buffer.copy(larger, 0, 0, length);
    buffer = larger;
  };
  return {
    get length() {
      return length;
    },
    varint(value) {
      room(8);
      let rest = value;
      while (rest > 127) {
        buffer[length++] = (rest % 128) | 128;
        rest = Math.floor(rest / 128);
      }
      buffer[length++] = rest;
    },
    uint32(value) {
      room(4);
      length = buffer.writeUInt32LE(value, length);
    },
    bytes(value) {
      room(value.length);
      buffer.set(value, length);
      length += value.length;
    },
    take: () => Buffer.from(buffer.subarray(0, length)),
    clear() {
      length = 0;
    },
  };
}

export interface ByteCursor {
  at: number;
}

export function readVarint(bytes: Uint8Array, cursor: ByteCursor): number {
  let value = 0;
  let scale = 1;
  for (;;) {
    const byte = bytes[cursor.at];
    if (byte === undefined) throw new RangeError("a number ends too early");
    cursor.at += 1;
    value += (byte & 127) * scale;
    if (byte < 128) return value;
    scale *= 128;
  }
}

export function sharedBytes(left: Uint8Array, right: Uint8Array): number {
  const limit = Math.min(left.length, right.length);
  let shared = 0;
  while (shared < limit && left[shared] === right[shared]) shared += 1;
  return shared;
}
