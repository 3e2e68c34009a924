import { constants, fdatasync, writeSync } from "node:fs";
import { mkdir, open, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { VitalomeError, systemCodeOf } from "../../errors.js";
import { syncFolder } from "./files.js";
import { createJournalFiles, removeFiles, writeBase } from "./journal-files.js";
import {
  FRAME_HEAD,
  SEGMENT_HEAD,
  checkSegmentHead,
  damaged,
  frameHead,
  frameIn,
  listSegments,
  nameOf,
  readBytes,
  runFrom,
  scanFrames,
  segmentHead,
  wasFlushed,
  type FramePlace,
} from "./journal-segment.js";
import type { Journal, JournalFrame, JournalOptions } from "./journal-types.js";

export type { FramePlace } from "./journal-segment.js";
export type { Journal, JournalFrame, JournalOptions, JournalPosition } from "./journal-types.js";

const BATCH = 1024;
/** A small group goes to the page cache at once, which spares a trip through the thread pool. */
const SMALL = 256 * 1024;

export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { directory, faults, segmentBytes = 256 * 1024 * 1024 } = options;
  const { base, segments, leftOver } = await listSegments(directory);
  const files = createJournalFiles(directory, base, faults);
  let current = segments.at(-1) ?? 0;
  let length = 0;
  let isDirty = false;
  let isRollDue = false;

  async function startSegment(segment: number): Promise<void> {
    const handle = await open(
      join(directory, nameOf(segment)),
      constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC,
      0o600,
    );
    try {
      await handle.write(segmentHead(), 0, SEGMENT_HEAD, 0);
      await handle.datasync();
      await syncFolder(directory);
    } catch (thrown) {
      await handle.close();
      throw thrown;
    }
    files.adopt(segment, handle);
    current = segment;
    length = SEGMENT_HEAD;
    isRollDue = false;
  }

  /** Hands on the frames of one segment from `offset` on, and settles where the last segment ends. */
  async function recover(segment: number, offset: number): Promise<void> {
    const handle = await files.handle(segment);
    const { size } = await handle.stat();
    const isLast = segment === current;
    if (isLast && size < SEGMENT_HEAD) {
      if (offset > SEGMENT_HEAD) throw damaged("it is shorter than its index");
      await files.close(segment);
      await startSegment(segment);
      return;
    }
    checkSegmentHead(await readBytes(handle, 0, SEGMENT_HEAD));
    if (offset > size) throw damaged("it is shorter than its index");
    let batch: JournalFrame[] = [];
    let end = offset;
    for await (const found of scanFrames(handle, offset, size)) {
      end = found.offset;
      if (found.kind === "frame") batch.push(frameAt(segment, end, found.payload));
      if (batch.length === BATCH || (found.kind === "end" && batch.length > 0)) {
        await options.onFrames(batch);
        batch = [];
      }
    }
    if (end < size) {
      if (!isLast || (await wasFlushed(handle, end, size)))
        throw damaged(`segment ${String(segment)} at byte ${String(end)}`);
      await handle.truncate(end);
      options.onTorn?.(size - end);
    }
    if (!isLast) return;
    // What was found may still lie in the page cache only; it must not be served before it is on disk.
    await handle.datasync();
    length = end;
  }

  async function* frames(segment: number): AsyncGenerator<JournalFrame> {
    const handle = await files.handle(segment);
    const { size } = await handle.stat();
    checkSegmentHead(await readBytes(handle, 0, SEGMENT_HEAD));
    for await (const found of scanFrames(handle, SEGMENT_HEAD, size)) {
      if (found.kind === "frame") yield frameAt(segment, found.offset, found.payload);
      else if (found.offset < size && segment !== current)
        throw damaged(`segment ${String(segment)} at byte ${String(found.offset)}`);
    }
  }

  /** After a failed write: removes what may have been written of it. */
  async function repair(): Promise<void> {
    const handle = await files.handle(current);
    faults?.at("journal:before-repair");
    await handle.truncate(length);
    await handle.datasync();
    isDirty = false;
  }

  async function writeGroup(handle: FileHandle, group: Buffer): Promise<void> {
    let written = 0;
    while (written < group.length) {
      const rest = group.length - written;
      written +=
        rest <= SMALL
          ? writeSync(handle.fd, group, written, rest, length + written)
          : (await handle.write(group, written, rest, length + written)).bytesWritten;
    }
  }

  await mkdir(directory, { recursive: true, mode: 0o700 });
  try {
    if (current === 0) {
      if (options.from !== null) throw damaged("its segments are gone");
      await syncFolder(dirname(directory));
      await startSegment(1);
    } else {
      await removeFiles(directory, leftOver);
      const known = base > 0 && options.onBase ? await options.onBase(base, () => frames(base)) : options.from;
      const from = known ?? { segment: base + 1, offset: SEGMENT_HEAD };
      if (from.segment <= base) throw damaged("its index ends before its base");
      if (from.segment > current) throw damaged("it is shorter than its index");
      for (const segment of segments) {
        if (segment >= from.segment) await recover(segment, segment === from.segment ? from.offset : SEGMENT_HEAD);
      }
    }
  } catch (thrown) {
    await files.closeAll();
    throw thrown;
  }

  return {
    async append(payloads) {
      try {
        if (isDirty) await repair();
        if (length >= segmentBytes || (isRollDue && length > SEGMENT_HEAD)) await startSegment(current + 1);
        const places: FramePlace[] = [];
        const pieces: Buffer[] = [];
        let end = length;
        for (const payload of payloads) {
          pieces.push(frameHead(payload, length), payload);
          places.push({ segment: current, offset: end, bytes: FRAME_HEAD + payload.length });
          end += FRAME_HEAD + payload.length;
        }
        const handle = await files.handle(current);
        isDirty = true;
        faults?.at("journal:before-write");
        await writeGroup(handle, Buffer.concat(pieces, end - length));
        faults?.at("journal:written");
        await flush(handle.fd);
        isDirty = false;
        length = end;
        return places;
      } catch (thrown) {
        if (isDirty) await repair().catch(() => undefined);
        throw translate(thrown);
      }
    },

    read: (places) =>
      files.use(new Set(places.map(({ segment }) => segment)), async (handleOf) => {
        const payloads: Buffer[] = [];
        for (let first = 0; first < places.length;) {
          const run = runFrom(places, first);
          const start = run[0]?.offset ?? 0;
          const stop = run.reduce((end, place) => Math.max(end, place.offset + place.bytes), 0);
          const bytes = await readBytes(await handleOf(run[0]?.segment ?? 0), start, stop - start);
          for (const place of run) {
            const payload = frameIn(bytes, place.offset - start);
            if (payload === null) throw damaged(`segment ${String(place.segment)} at byte ${String(place.offset)}`);
            payloads.push(payload);
          }
          first += run.length;
        }
        return payloads;
      }),

    get bounds() {
      return { base: files.base, current };
    },
    frames,
    sizeOf: (segment) => files.sizeOf(segment),
    roll() {
      isRollDue = true;
    },
    async replace(through, payloads, onPlaced) {
      const places = await writeBase(directory, through, payloads, faults).catch((thrown: unknown) => {
        throw translate(thrown);
      });
      onPlaced(places);
      const removed = files.supersede(through);
      faults?.at("journal:base-taken");
      await removed;
    },

    close: () => files.closeAll(),
  };
}

function frameAt(segment: number, offset: number, payload: Buffer): JournalFrame {
  return { place: { segment, offset, bytes: FRAME_HEAD + payload.length }, payload };
}

function flush(descriptor: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(descriptor, (fault) => {
      if (fault === null) resolve();
      else reject(fault);
    });
  });
}

function translate(thrown: unknown): VitalomeError {
  const isFull = ["ENOSPC", "EDQUOT", "EFBIG"].includes(systemCodeOf(thrown) ?? "");
  return isFull
    ? new VitalomeError("STORAGE_FULL", "the event log has no room left", { cause: thrown })
    : new VitalomeError("BACKEND_UNAVAILABLE", "the event log could not be written", { cause: thrown });
}
