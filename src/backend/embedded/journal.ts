import { open, mkdir, readdir, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "../../domain/crc32.js";
import { VitalomeError, systemCodeOf } from "../../errors.js";
import { syncFolder, type FaultPoints } from "./files.js";

/** Where a frame lies: the segment's number and the byte offset of its payload. */
export interface FramePlace {
  readonly segment: number;
  readonly offset: number;
  readonly bytes: number;
}

/**
 * An append-only file in segments. A frame is its length, its CRC-32 and its payload. A frame is whole or
 * it is not there: a torn last frame is cut off when the journal is opened, damage before it is STORAGE_CORRUPT.
 */
export interface Journal {
  /** Writes and flushes the payloads; they are durable, or none of them is there. One call at a time. */
  append(payloads: readonly Buffer[]): Promise<readonly FramePlace[]>;
  /** Frames from the place given to the end. */
  replay(from: JournalPosition): AsyncGenerator<{ readonly place: FramePlace; readonly payload: Buffer }>;
  read(place: FramePlace, start: number, length: number): Promise<Buffer>;
  /** Where the next frame will begin. */
  end(): JournalPosition;
  close(): Promise<void>;
}

export interface JournalPosition {
  readonly segment: number;
  /** Offset of a frame's head. */
  readonly offset: number;
}

const HEAD = 8;
const SEGMENT_BYTES = 256 * 1024 * 1024;
const MAX_FRAME = 256 * 1024 * 1024;

export async function openJournal(directory: string, faults?: FaultPoints): Promise<Journal> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const handles = new Map<number, FileHandle>();
  const names = (await readdir(directory)).filter((name) => /^\d{8}\.log$/.test(name)).sort();
  const segments = names.map((name) => Number(name.slice(0, 8)));

  async function handleOf(segment: number): Promise<FileHandle> {
    let handle = handles.get(segment);
    if (handle === undefined) {
      handle = await open(join(directory, `${String(segment).padStart(8, "0")}.log`), "a+", 0o600);
      handles.set(segment, handle);
    }
    return handle;
  }

  async function frameAt(handle: FileHandle, offset: number, size: number): Promise<Buffer | "torn" | "end"> {
    if (offset === size) return "end";
    if (offset + HEAD > size) return "torn";
    const head = Buffer.alloc(HEAD);
    await handle.read(head, 0, HEAD, offset);
    const length = head.readUInt32LE(0);
    if (length === 0 || length > MAX_FRAME || offset + HEAD + length > size) return "torn";
    const payload = Buffer.alloc(length);
    await handle.read(payload, 0, length, offset + HEAD);
    return crc32(payload) === head.readUInt32LE(4) ? payload : "torn";
  }

  async function* frames(from: JournalPosition, cut: boolean): AsyncGenerator<{ place: FramePlace; payload: Buffer }> {
    for (const segment of segments) {
      if (segment < from.segment) continue;
      const handle = await handleOf(segment);
      const { size } = await handle.stat();
      let offset = segment === from.segment ? from.offset : 0;
      for (;;) {
        const payload = await frameAt(handle, offset, size);
        if (payload === "end") break;
        if (payload === "torn") {
          const isTail = segment === segments.at(-1) && !(await anyFrameAfter(handle, offset, size));
          if (!isTail) throw new VitalomeError("STORAGE_CORRUPT", "the event journal is damaged before its end");
          if (cut) {
            await handle.truncate(offset);
            await handle.sync();
          }
          return;
        }
        yield { place: { segment, offset: offset + HEAD, bytes: payload.length }, payload };
        offset += HEAD + payload.length;
      }
    }
  }

  /** A torn write is the last thing in the file; a whole frame behind it means damage in the middle. */
  async function anyFrameAfter(handle: FileHandle, from: number, size: number): Promise<boolean> {
    const head = Buffer.alloc(HEAD);
    await handle.read(head, 0, HEAD, from);
    const length = head.readUInt32LE(0);
    const next = from + HEAD + length;
    if (length === 0 || length > MAX_FRAME || next >= size) return false;
    return typeof (await frameAt(handle, next, size)) !== "string";
  }

  let current = segments.at(-1) ?? 1;
  if (segments.length === 0) {
    segments.push(current);
    await handleOf(current);
    await syncFolder(directory);
  }
  let length = (await (await handleOf(current)).stat()).size;

  async function roll(): Promise<void> {
    current += 1;
    segments.push(current);
    await handleOf(current);
    await syncFolder(directory);
    length = 0;
  }

  return {
    async append(payloads) {
      if (length > SEGMENT_BYTES) await roll();
      const handle = await handleOf(current);
      const places: FramePlace[] = [];
      const buffers: Buffer[] = [];
      let offset = length;
      for (const payload of payloads) {
        const head = Buffer.alloc(HEAD);
        head.writeUInt32LE(payload.length, 0);
        head.writeUInt32LE(crc32(payload), 4);
        buffers.push(head, payload);
        places.push({ segment: current, offset: offset + HEAD, bytes: payload.length });
        offset += HEAD + payload.length;
      }
      try {
        faults?.at("journal:before-write");
        await handle.appendFile(Buffer.concat(buffers));
        faults?.at("journal:written");
        await handle.datasync();
        faults?.at("journal:flushed");
      } catch (thrown) {
        await handle.truncate(length).catch(() => undefined);
        const full = ["ENOSPC", "EDQUOT", "EFBIG"].includes(systemCodeOf(thrown) ?? "");
        throw full
          ? new VitalomeError("STORAGE_FULL", "the event log has no room left", { cause: thrown })
          : new VitalomeError("BACKEND_UNAVAILABLE", "the event log could not be written", { cause: thrown });
      }
      length = offset;
      return places;
    },
    async *replay(from) {
      yield* frames(from, true);
      length = (await (await handleOf(current)).stat()).size;
    },
    async read(place, start, bytes) {
      const buffer = Buffer.alloc(bytes);
      const { bytesRead } = await (await handleOf(place.segment)).read(buffer, 0, bytes, place.offset + start);
      if (bytesRead !== bytes) throw new VitalomeError("STORAGE_CORRUPT", "the event journal ends too early");
      return buffer;
    },
    end: () => ({ segment: current, offset: length }),
    async close() {
      for (const handle of handles.values()) await handle.close();
      handles.clear();
    },
  };
}
