import { open } from "node:fs/promises";
import { join } from "node:path";
import { systemCodeOf } from "../../errors.js";
import {
  SEGMENT_HEAD,
  baseNameOf,
  checkSegmentHead,
  damaged,
  listSegments,
  nameOf,
  readBytes,
  scanFrames,
  wasFlushed,
  type SegmentList,
} from "./journal-segment.js";

const ATTEMPTS = 3;

/**
 * Reads every frame of a journal and changes nothing; whoever owns the journal may go on writing. STORAGE_CORRUPT for
 * what opening it would refuse: damage to anything that was flushed. What a crash left half written is no damage.
 */
export async function checkJournal(directory: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await checkFiles(directory, await listSegments(directory));
      return;
    } catch (thrown) {
      // Retention may take files away between the list and the reading.
      if (systemCodeOf(thrown) !== "ENOENT" || attempt === ATTEMPTS) throw thrown;
    }
  }
}

async function checkFiles(directory: string, { base, segments }: SegmentList): Promise<void> {
  if (base > 0) await checkFile(join(directory, baseNameOf(base)), base, false);
  for (const segment of segments) {
    await checkFile(join(directory, nameOf(segment)), segment, segment === segments.at(-1));
  }
}

async function checkFile(path: string, segment: number, isLast: boolean): Promise<void> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    if (isLast && size < SEGMENT_HEAD) return;
    checkSegmentHead(await readBytes(handle, 0, SEGMENT_HEAD));
    let end = SEGMENT_HEAD;
    for await (const found of scanFrames(handle, SEGMENT_HEAD, size)) end = found.offset;
    if (end < size && (!isLast || (await wasFlushed(handle, end, size))))
      throw damaged(`segment ${String(segment)} at byte ${String(end)}`);
  } finally {
    await handle.close();
  }
}
