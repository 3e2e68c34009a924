import { createHash } from "node:crypto";

/** HDFS's own: a CRC of each chunk, an MD5 over the CRCs of each block, an MD5 over those of the file. */
export interface HdfsChecksum {
  update(bytes: Uint8Array): void;
  /** Lower-case hexadecimal MD5. Ends the computation. */
  digest(): string;
}

const CHUNK_BYTES = 512;
const TABLES = crc32cTables();

/** The checksum HDFS gives to the same bytes in blocks of `blockBytes` (a multiple of 512) with CRC32C over 512 bytes. */
export function createHdfsChecksum(blockBytes: number): HdfsChecksum {
  const blocks: Buffer[] = [];
  let block = createHash("md5");
  let blockFill = 0;
  let chunkFill = 0;
  let crc = -1;
  const crcs = Buffer.allocUnsafe(4096);
  let crcsFill = 0;

  const flushCrcs = (): void => {
    block.update(crcs.subarray(0, crcsFill));
    // The hash has read it: the buffer is free again.
    crcsFill = 0;
  };
  const endChunk = (): void => {
    if (crcsFill === crcs.length) flushCrcs();
    crcs.writeInt32BE(~crc, crcsFill);
    crcsFill += 4;
    blockFill += chunkFill;
    chunkFill = 0;
    crc = -1;
  };
  const endBlock = (): void => {
    flushCrcs();
    blocks.push(block.digest());
    block = createHash("md5");
    blockFill = 0;
  };

  return {
    update(bytes) {
      for (let at = 0; at < bytes.length;) {
        const end = Math.min(bytes.length, at + CHUNK_BYTES - chunkFill);
        crc = crc32c(crc, bytes, at, end);
        chunkFill += end - at;
        at = end;
        if (chunkFill === CHUNK_BYTES) endChunk();
        if (blockFill === blockBytes) endBlock();
      }
    },
    digest() {
      if (chunkFill > 0) endChunk();
      if (blockFill > 0) endBlock();
      const filled = Buffer.concat(blocks);
      // HDFS hashes the whole buffer it gathered them in: 32 bytes, doubled as needed, with zeros behind.
      let size = 32;
      while (size < filled.length) size *= 2;
      return createHash("md5")
        .update(filled)
        .update(Buffer.alloc(size - filled.length))
        .digest("hex");
    },
  };
}

/** The MD5 inside an answer of GETFILECHECKSUM, or null when the server computes it in another way than we do. */
export function md5OfChecksum(algorithm: string, hex: string): string | null {
  if (!/^MD5-of-\d+MD5-of-512CRC32C$/.test(algorithm)) return null;
  // Chunk size (4 bytes), CRCs of one block (8 bytes), MD5.
  return hex.slice(24, 56);
}

/** Castagnoli's polynomial, eight bytes a step. */
function crc32c(start: number, bytes: Uint8Array, from: number, to: number): number {
  const table = TABLES;
  let crc = start;
  let at = from;
  for (; at + 8 <= to; at += 8) {
    crc ^= (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
    crc =
      (table[0x700 + (crc & 0xff)] ?? 0) ^
      (table[0x600 + ((crc >>> 8) & 0xff)] ?? 0) ^
      (table[0x500 + ((crc >>> 16) & 0xff)] ?? 0) ^
      (table[0x400 + (crc >>> 24)] ?? 0) ^
      (table[0x300 + (bytes[at + 4] ?? 0)] ?? 0) ^
      (table[0x200 + (bytes[at + 5] ?? 0)] ?? 0) ^
      (table[0x100 + (bytes[at + 6] ?? 0)] ?? 0) ^
      (table[bytes[at + 7] ?? 0] ?? 0);
  }
  for (; at < to; at += 1) crc = (crc >>> 8) ^ (table[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return crc;
}

function crc32cTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    tables[byte] = crc;
  }
  for (let at = 256; at < tables.length; at += 1) {
    const before = tables[at - 256] ?? 0;
    tables[at] = (before >>> 8) ^ (tables[before & 0xff] ?? 0);
  }
  return tables;
}
