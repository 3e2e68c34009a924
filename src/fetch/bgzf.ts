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
