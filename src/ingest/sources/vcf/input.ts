import { crc32, createGunzip, inflateRawSync } from "node:zlib";
import { Readable } from "node:stream";
import { VitalomeError } from "../../../errors.js";
import type { VcfLimits } from "./types.js";

const RATIO_GRACE = 16 << 20;
const BLOCK_BYTES = 65_536;

/** Formats people send by mistake, by their first bytes. */
const FOREIGN: readonly { readonly name: string; readonly magic: Buffer }[] = [
  { name: "bzip2", magic: Buffer.from("BZh") },
  { name: "xz", magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]) },
  { name: "a zip archive", magic: Buffer.from([0x50, 0x4b, 3, 4]) },
  { name: "zstd", magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]) },
  { name: "compress (.Z)", magic: Buffer.from([0x1f, 0x9d]) },
];

/** Plain text, gzip (of one or more members) or BGZF, told by the first bytes. */
export async function* decompress(chunks: AsyncIterable<Uint8Array>, limits: VcfLimits): AsyncGenerator<Buffer> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    yield* decompressFrom(iterator, limits);
  } finally {
    // Whoever stops early, at a fault or on cancellation, lets go of the file.
    await iterator.return?.();
  }
}

async function* decompressFrom(iterator: AsyncIterator<Uint8Array>, limits: VcfLimits): AsyncGenerator<Buffer> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < 18) {
    const next = await iterator.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  const all = async function* (): AsyncGenerator<Buffer> {
    yield head;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
      yield Buffer.from(next.value);
  };
  const foreign = FOREIGN.find(({ magic }) => head.subarray(0, magic.length).equals(magic));
  if (foreign !== undefined) {
    throw new VitalomeError("INGEST_REJECTED", `the file is ${foreign.name}: expected plain text, gzip or bgzip`, {
      details: { field: "compression", expected: "plain text, gzip or bgzip", line: 1 },
    });
  }
  if (head.length < 2 || head[0] !== 31 || head[1] !== 139) yield* all();
  else if (blockHeader(head)) yield* limited(inflateBlocks(all()), limits);
  else yield* limited(gunzip(all()), limits);
}

const MEMBER_HEADER = 12;
const TRAILER = 8;

export interface BlockHeader {
  /** Of the whole block. */
  readonly size: number;
  readonly dataAt: number;
}

/** The BGZF extra field of a gzip member; null where it is another kind of member, undefined where bytes are missing. */
export function blockHeader(bytes: Buffer): BlockHeader | null | undefined {
  if (bytes.length < MEMBER_HEADER) return undefined;
  if (bytes[0] !== 31 || bytes[1] !== 139 || bytes[2] !== 8 || bytes[3] !== 4) return null;
  const dataAt = MEMBER_HEADER + bytes.readUInt16LE(10);
  if (bytes.length < dataAt) return undefined;
  for (let at = MEMBER_HEADER; at + 4 <= dataAt; at += 4 + bytes.readUInt16LE(at + 2)) {
    if (bytes[at] !== 66 || bytes[at + 1] !== 67 || bytes.readUInt16LE(at + 2) !== 2 || at + 6 > dataAt) continue;
    const size = bytes.readUInt16LE(at + 4) + 1;
    return size < dataAt + TRAILER ? null : { size, dataAt };
  }
  return null;
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
        details: {
          field: "compression",
          limit: "ratio",
          max: limits.ratio,
          actual: Math.round(bytes / Math.max(1, stored)),
        },
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
    for (;;) {
      const rest = pending.subarray(at);
      const header = blockHeader(rest);
      if (header === null) throw damaged("a BGZF block");
      if (header === undefined || rest.length < header.size) break;
      const data = inflateBlock(rest.subarray(0, header.size), header.dataAt);
      lastWasEmpty = data.length === 0;
      at += header.size;
      yield { data, stored: header.size };
    }
    pending = pending.subarray(at);
  }
  if (pending.length > 0 || !lastWasEmpty) {
    throw new VitalomeError("INGEST_REJECTED", "the file is cut off: the BGZF end-of-file block is missing", {
      details: { field: "compression", expected: "the BGZF end-of-file block" },
    });
  }
}

export function inflateBlock(block: Buffer, dataAt: number): Buffer {
  const length = block.readUInt32LE(block.length - 4);
  if (length > BLOCK_BYTES) throw damaged("a block of at most 64 KiB");
  let data: Buffer;
  try {
    data = inflateRawSync(block.subarray(dataAt, block.length - TRAILER), {
      maxOutputLength: BLOCK_BYTES,
      chunkSize: BLOCK_BYTES,
    });
  } catch {
    throw damaged("deflated data");
  }
  if (data.length !== length || crc32(data) !== block.readUInt32LE(block.length - TRAILER)) {
    throw damaged("data that match their checksum");
  }
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
    const code = typeof thrown === "object" && thrown !== null && "code" in thrown ? String(thrown.code) : "";
    if (!code.startsWith("Z_")) throw thrown;
    throw code === "Z_BUF_ERROR"
      ? new VitalomeError("INGEST_REJECTED", "the file is cut off: its gzip stream does not end", {
          details: { field: "compression", expected: "a whole gzip stream" },
        })
      : damaged("gzip data");
  } finally {
    stream.destroy();
  }
}

function damaged(expected: string): VitalomeError {
  return new VitalomeError("INGEST_REJECTED", `the compressed file is damaged: expected ${expected}`, {
    details: { field: "compression", expected },
  });
}
