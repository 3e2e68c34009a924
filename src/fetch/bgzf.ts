import { createWriteStream } from "node:fs";
import { crc32, deflateRawSync } from "node:zlib";
import { VitalomeError } from "../errors.js";
import { blockHeader, inflateBlock } from "../ingest/sources/vcf/input.js";
import { plainUrl } from "./http.js";
import type { RemoteFile } from "./remote-file.js";
import { blockOf, withinOf, type VirtualOffset } from "./tabix-index.js";

export interface Block {
  /** Offset of the compressed block in its file. */
  readonly offset: number;
  readonly text: Buffer;
}

const MOST_BLOCK = 65_536;
const SEGMENT = 256 << 10;
/** Text per block written, below 64 KiB so that even what does not compress fits. Source: htslib's bgzip. */
const TEXT_BLOCK = 0xff00;
const END_OF_FILE = Buffer.from("1f8b08040000000000ff0600424302001b0003000000000000000000", "hex");

/** Blocks from the one that begins at `start` up to the place `stop`, each checked; null is the end of the file. */
export async function* readBlocks(file: RemoteFile, start: number, stop: VirtualOffset | null): AsyncGenerator<Block> {
  const isWithin = stop !== null && withinOf(stop) > 0;
  // How long the last block is stands in its own header.
  const end = stop === null ? null : blockOf(stop) + (isWithin ? MOST_BLOCK : 0);
  const needed = stop === null ? Infinity : blockOf(stop) + (isWithin ? 1 : 0);
  let pending: Buffer = Buffer.alloc(0);
  let offset = start;
  for await (const piece of end === null ? readSegments(file, start) : file.read(start, end)) {
    pending = pending.length === 0 ? piece : Buffer.concat([pending, piece]);
    let at = 0;
    for (;;) {
      const rest = pending.subarray(at);
      const header = blockHeader(rest);
      if (header === null) throw notBlocks(file.url, offset);
      if (header === undefined || rest.length < header.size) break;
      yield { offset, text: inflateBlock(rest.subarray(0, header.size), header.dataAt) };
      at += header.size;
      offset += header.size;
      if (offset >= needed) return;
    }
    pending = pending.subarray(at);
  }
  if (pending.length > 0 || (needed !== Infinity && offset < needed)) {
    throw new VitalomeError("INGEST_REJECTED", `${plainUrl(file.url)}: ends in the middle of a BGZF block`, {
      details: { field: "compression" },
    });
  }
}

/** To the end of the file, in requests of growing size: whoever wants a header alone has little sent in vain. */
async function* readSegments(file: RemoteFile, start: number): AsyncGenerator<Buffer> {
  let at = start;
  for (let size = SEGMENT; ; size *= 2) {
    const stop = at + size;
    for await (const piece of file.read(at, stop)) {
      at += piece.length;
      yield piece;
    }
    if (at < stop || at === file.identity()?.size) return;
  }
}

function notBlocks(url: string, offset: number): VitalomeError {
  const where =
    offset === 0
      ? "is not compressed with bgzip"
      : `has no BGZF block at byte ${String(offset)}; is its index of another version?`;
  return new VitalomeError("INGEST_REJECTED", `${plainUrl(url)}: ${where}`, {
    details: { field: "compression", expected: "BGZF" },
  });
}

export interface BgzfWriter {
  /** Resolves when the file takes more. */
  write(text: Buffer): Promise<void>;
  /** Writes what is left and the end-of-file block. */
  end(): Promise<void>;
  /** Lets go of the file without finishing it. */
  abandon(): Promise<void>;
}

/** Writes a new file that gzip and bgzip both read. */
export function createBgzfWriter(path: string): BgzfWriter {
  const stream = createWriteStream(path, { flags: "wx", flush: true });
  let fault: Error | null = null;
  stream.on("error", (error) => (fault = error));
  let pending: Buffer[] = [];
  let size = 0;

  async function put(bytes: Buffer): Promise<void> {
    if (fault !== null) throw fault;
    await new Promise<void>((resolve, reject) => {
      stream.write(bytes, (error) => {
        if (error == null) resolve();
        else reject(error);
      });
    });
  }

  async function flush(all: boolean): Promise<void> {
    if (size === 0 || (!all && size < TEXT_BLOCK)) return;
    const text = Buffer.concat(pending);
    let at = 0;
    for (; text.length - at >= TEXT_BLOCK || (all && at < text.length); at += TEXT_BLOCK) {
      await put(bgzfBlock(text.subarray(at, at + TEXT_BLOCK)));
    }
    const rest = text.subarray(at);
    pending = [rest];
    size = rest.length;
  }

  return {
    async write(text) {
      pending.push(text);
      size += text.length;
      await flush(false);
    },
    async end() {
      await flush(true);
      await put(END_OF_FILE);
      await new Promise<void>((resolve, reject) => {
        stream.once("error", reject);
        stream.once("close", resolve);
        stream.end();
      });
    },
    async abandon() {
      await new Promise<void>((resolve) => {
        if (stream.closed) resolve();
        else stream.once("close", resolve).destroy();
      });
    },
  };
}

/** One block of at most 65,280 bytes of text. */
export function bgzfBlock(text: Buffer): Buffer {
  const data = deflateRawSync(text);
  const block = Buffer.alloc(18 + data.length + 8);
  block.set([31, 139, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, 66, 67, 2, 0]);
  block.writeUInt16LE(block.length - 1, 16);
  data.copy(block, 18);
  block.writeUInt32LE(crc32(text), 18 + data.length);
  block.writeUInt32LE(text.length, 18 + data.length + 4);
  return block;
}
