import { createGunzip, inflateRawSync } from "node:zlib";
import { Readable } from "node:stream";
import { crc32 } from "../../../domain/crc32.js";
import { VitalomeError } from "../../../errors.js";
import type { VcfLimits } from "./types.js";

const RATIO_GRACE = 16 << 20;

/** Formats people send by mistake, by their first bytes. */
const FOREIGN: readonly { readonly name: string; readonly magic: Buffer }[] = [
  { name: "bzip2", magic: Buffer.from("BZh") },
  { name: "xz", magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]) },
  { name: "a zip archive", magic: Buffer.from([0x50, 0x4b, 3, 4]) },
  { name: "zstd", magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]) },
  { name: "compress (.Z)", magic: Buffer.from([0x1f, 0x9d]) },
  { name: "BCF", magic: Buffer.from("BCF") },
];

/** Plain text, gzip (of one or more members) or BGZF, told by the first bytes. */
export async function* decompress(chunks: AsyncIterable<Uint8Array>, limits: VcfLimits): AsyncGenerator<Buffer> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  while (head.length < 18) {
    const next = await iterator.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  const all = async function* (): AsyncGenerator<Buffer> {
    yield head;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield Buffer.from(next.value);
  };
  const foreign = FOREIGN.find(({ magic }) => head.subarray(0, magic.length).equals(magic));
  if (foreign !== undefined) {
    throw new VitalomeError("INGEST_REJECTED", `the file is ${foreign.name}: expected plain text, gzip or bgzip`, {
      details: { field: "compression", expected: "plain text, gzip or bgzip", line: 1 },
    });
  }
  if (head.length < 2 || head[0] !== 31 || head[1] !== 139) yield* all();
  else if (isBgzf(head)) yield* limited(inflateBlocks(all()), limits);
  else yield* limited(gunzip(all()), limits);
}

function isBgzf(head: Buffer): boolean {
  return head.length >= 18 && head[2] === 8 && (head[3] ?? 0) === 4 && head[12] === 66 && head[13] === 67 && head.readUInt16LE(14) === 2;
}

/** What was read, and what it became. */
interface Inflated {
  readonly data: Buffer;
  readonly stored: number;
}

/** A small file may not become a huge one. */
async function* limited(source: AsyncIterable<Inflated>, limits: VcfLimits): AsyncGenerator<Buffer> {
  let stored = 0;
  let bytes = 0;
  for await (const piece of source) {
    stored += piece.stored;
    bytes += piece.data.length;
    if (bytes > RATIO_GRACE && bytes > stored * limits.ratio) {
      throw new VitalomeError("INGEST_REJECTED", "the file decompresses to more than the allowed ratio", {
        details: { field: "compression", limit: "ratio", max: limits.ratio, actual: Math.round(bytes / Math.max(1, stored)) },
      });
    }
    if (piece.data.length > 0) yield piece.data;
  }
}

/** BGZF: each block is checked against its CRC-32 and length; the end-of-file block must be there. Source: SAMv1, 4.1. */
async function* inflateBlocks(source: AsyncIterable<Buffer>): AsyncGenerator<Inflated> {
  let pending: Buffer = Buffer.alloc(0);
  let lastWasEmpty = false;
  for await (const chunk of source) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    let at = 0;
    const pieces: Buffer[] = [];
    while (pending.length - at >= 18) {
      const header = pending.subarray(at);
      if (!isBgzf(header)) throw damaged("a BGZF block");
      const size = header.readUInt16LE(16) + 1;
      if (size < 26) throw damaged("a BGZF block");
      if (header.length < size) break;
      const length = header.readUInt32LE(size - 4);
      if (length > 65_536) throw damaged("a block of at most 64 KiB");
      lastWasEmpty = length === 0;
      if (length > 0) pieces.push(inflateBlock(header, size, length));
      at += size;
    }
    pending = pending.subarray(at);
    yield { data: pieces.length === 1 ? (pieces[0] ?? Buffer.alloc(0)) : Buffer.concat(pieces), stored: chunk.length };
  }
  if (pending.length > 0 || !lastWasEmpty) {
    throw new VitalomeError("INGEST_REJECTED", "the file is cut off: the BGZF end-of-file block is missing", {
      details: { field: "compression", expected: "the BGZF end-of-file block" },
    });
  }
}

function inflateBlock(block: Buffer, size: number, length: number): Buffer {
  let data: Buffer;
  try {
    data = inflateRawSync(block.subarray(18, size - 8), { maxOutputLength: 65_536, chunkSize: 65_536 });
  } catch {
    throw damaged("deflated data");
  }
  if (data.length !== length || crc32(data) !== block.readUInt32LE(size - 8)) throw damaged("data that match their checksum");
  return data;
}

async function* gunzip(source: AsyncIterable<Buffer>): AsyncGenerator<Inflated> {
  let stored = 0;
  const counted = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      stored += chunk.length;
      yield chunk;
    }
  };
  const stream = createGunzip({ chunkSize: 1 << 16 });
  const reading = Readable.from(counted());
  reading.on("error", (error) => stream.destroy(error));
  reading.pipe(stream);
  try {
    for await (const data of stream) {
      const piece = { data: data as Buffer, stored };
      stored = 0;
      yield piece;
    }
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && /^Z_/.test(String(thrown.code))) {
      throw thrown.code === "Z_BUF_ERROR"
        ? new VitalomeError("INGEST_REJECTED", "the file is cut off: its gzip stream does not end", {
            details: { field: "compression", expected: "a whole gzip stream" },
          })
        : damaged("gzip data");
    }
    throw thrown;
  } finally {
    stream.destroy();
  }
}

function damaged(expected: string): VitalomeError {
  return new VitalomeError("INGEST_REJECTED", `the compressed file is damaged: expected ${expected}`, {
    details: { field: "compression", expected },
  });
}
