import { crc32 } from "node:zlib";
import { readdir, type FileHandle } from "node:fs/promises";
import { VitalomeError, systemCodeOf } from "../../errors.js";

/**
 * One segment file: a head (mark, format version), then frames. A frame is
 *
 *     mark u32 | payload bytes u32 | flushed u32 | CRC-32 u32 | payload
 *
 * little-endian. `flushed` is how far the segment was on disk when the frame was written, so a frame proves that
 * everything below it was whole once: this tells damage from a write that a crash cut short. The checksum covers
 * the length, `flushed` and the payload.
 */
export interface FramePlace {
  readonly segment: number;
  /** Offset of the frame's head in its segment. */
  readonly offset: number;
  /** Head and payload. */
  readonly bytes: number;
}

export const SEGMENT_HEAD = 8;
export const FRAME_HEAD = 16;
/** The largest payload of one frame: 64 MiB. */
export const MAX_PAYLOAD = 64 * 1024 * 1024;
const FORMAT = 1;
const SEGMENT_MARK = 0x4c4f4c56;
const FRAME_MARK = 0x9e45f1d7;
const WINDOW = 4 * 1024 * 1024;
const READ_TOGETHER = 1024 * 1024;
const READ_GAP = 64 * 1024;

export function segmentHead(): Buffer {
  const head = Buffer.alloc(SEGMENT_HEAD);
  head.writeUInt32LE(SEGMENT_MARK, 0);
  head.writeUInt32LE(FORMAT, 4);
  return head;
}

/** STORAGE_CORRUPT for what is no segment, STORAGE_NEWER for one of a later format; neither is changed. */
export function checkSegmentHead(head: Buffer): void {
  if (head.length < SEGMENT_HEAD || head.readUInt32LE(0) !== SEGMENT_MARK) throw damaged("a segment has no head");
  const format = head.readUInt32LE(4);
  if (format === 0) throw damaged("a segment has no format");
  if (format > FORMAT) {
    throw new VitalomeError("STORAGE_NEWER", "the event journal was written by a newer version");
  }
}

export function frameHead(payload: Buffer, flushed: number): Buffer {
  const head = Buffer.alloc(FRAME_HEAD);
  head.writeUInt32LE(FRAME_MARK, 0);
  head.writeUInt32LE(payload.length, 4);
  head.writeUInt32LE(flushed, 8);
  head.writeUInt32LE(crc32(payload, crc32(head.subarray(4, 12))), 12);
  return head;
}

/** The payload of the whole and unchanged frame that begins at `at`, or null. */
export function frameIn(bytes: Buffer, at: number): Buffer | null {
  if (at + FRAME_HEAD > bytes.length || bytes.readUInt32LE(at) !== FRAME_MARK) return null;
  const length = bytes.readUInt32LE(at + 4);
  const start = at + FRAME_HEAD;
  if (length === 0 || length > MAX_PAYLOAD || start + length > bytes.length) return null;
  const payload = bytes.subarray(start, start + length);
  return crc32(payload, crc32(bytes.subarray(at + 4, at + 12))) === bytes.readUInt32LE(at + 12) ? payload : null;
}

/** What one scan of a segment yields: every frame in order, then where whole frames end. */
export type Scanned =
  | { readonly kind: "frame"; readonly offset: number; readonly payload: Buffer }
  | { readonly kind: "end"; readonly offset: number };

/** Frames from `from` up to `size` or to the first that is not whole. Reads a few MiB at a time. */
export async function* scanFrames(handle: FileHandle, from: number, size: number): AsyncGenerator<Scanned> {
  let window: Buffer = Buffer.alloc(0);
  let start = from;
  let offset = from;
  while (offset < size) {
    let payload = frameIn(window, offset - start);
    if (payload === null) {
      start = offset;
      window = await readBytes(handle, offset, Math.min(WINDOW, size - offset));
      payload = frameIn(window, 0);
    }
    const length = FRAME_HEAD + (window.length < FRAME_HEAD ? 0 : window.readUInt32LE(offset - start + 4));
    if (payload === null && length > window.length && length <= Math.min(FRAME_HEAD + MAX_PAYLOAD, size - offset)) {
      window = await readBytes(handle, offset, length);
      payload = frameIn(window, 0);
    }
    if (payload === null) break;
    yield { kind: "frame", offset, payload };
    offset += FRAME_HEAD + payload.length;
  }
  yield { kind: "end", offset };
}

/** Whether a whole frame behind `broken` proves that the bytes there were once flushed. */
export async function wasFlushed(handle: FileHandle, broken: number, size: number): Promise<boolean> {
  const rest = await readBytes(handle, broken, size - broken);
  const mark = Buffer.alloc(4);
  mark.writeUInt32LE(FRAME_MARK);
  for (let at = rest.indexOf(mark, 1); at >= 0; at = rest.indexOf(mark, at + 1)) {
    if (frameIn(rest, at) !== null && rest.readUInt32LE(at + 8) > broken) return true;
  }
  return false;
}

/** Exactly as many bytes as wanted, or as many as the file still has. */
export async function readBytes(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

export function nameOf(segment: number): string {
  return `${String(segment).padStart(8, "0")}.log`;
}

/** The file that stands for this segment and all before it. */
export function baseNameOf(segment: number): string {
  return `${String(segment).padStart(8, "0")}.base`;
}

export interface SegmentList {
  /** Every segment up to this one is replaced by a base; 0: none is. */
  readonly base: number;
  /** Numbers of the segments after the base, in order. */
  readonly segments: readonly number[];
  /** Names of files that a crash left behind: what the base replaces, and a base that was not finished. */
  readonly leftOver: readonly string[];
}

/** One segment missing between the base and the last is damage. */
export async function listSegments(directory: string): Promise<SegmentList> {
  const names = await readdir(directory).catch((thrown: unknown) => {
    if (systemCodeOf(thrown) === "ENOENT") return [];
    throw thrown;
  });
  const numberOf = (name: string): number => Number(name.slice(0, 8));
  const bases = names.filter((name) => /^\d{8}\.base$/.test(name));
  const logs = names.filter((name) => /^\d{8}\.log$/.test(name));
  const base = Math.max(0, ...bases.map(numberOf));
  const isCurrent = (name: string): boolean => numberOf(name) > base;
  const segments = logs.filter(isCurrent).map(numberOf);
  segments.sort((left, right) => left - right);
  segments.forEach((segment, at) => {
    if (segment !== base + at + 1) throw damaged(`segment ${String(base + at + 1)} is missing`);
  });
  if (base > 0 && segments.length === 0) throw damaged(`segment ${String(base + 1)} is missing`);
  const leftOver = names.filter((name) => name.endsWith(".base.unfinished"));
  leftOver.push(...bases.filter((name) => numberOf(name) < base), ...logs.filter((name) => !isCurrent(name)));
  return { base, segments, leftOver };
}

/** The places from `first` on that one read of bounded size covers. */
export function runFrom(places: readonly FramePlace[], first: number): readonly FramePlace[] {
  const start = places[first];
  if (start === undefined) return [];
  let count = 1;
  let end = start.offset + start.bytes;
  for (let next = places[first + 1]; next !== undefined; next = places[first + count]) {
    const isNear = next.segment === start.segment && next.offset >= end && next.offset - end <= READ_GAP;
    if (!isNear || next.offset + next.bytes - start.offset > READ_TOGETHER) break;
    end = next.offset + next.bytes;
    count += 1;
  }
  return places.slice(first, first + count);
}

export function damaged(what: string): VitalomeError {
  return new VitalomeError("STORAGE_CORRUPT", `the event journal is damaged: ${what}`);
}
