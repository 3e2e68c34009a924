import { constants } from "node:fs";
import { open, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder, type FaultPoints } from "./files.js";
import {
  baseNameOf,
  frameHead,
  nameOf,
  segmentHead,
  type FramePlace,
  FRAME_HEAD,
  SEGMENT_HEAD,
} from "./journal-segment.js";

/** So much is written at once. */
const GROUP = 1024 * 1024;

interface OpenFile {
  readonly handle: Promise<FileHandle>;
  users: number;
  /** Set once the file is no longer part of the journal: called when nobody uses it. */
  released: (() => void) | null;
}

/** The open files of a journal. A file that leaves it stays readable for whoever uses it at that moment. */
export interface JournalFiles {
  /** The segment up to which the base holds what is left; 0: there is no base. */
  readonly base: number;
  handle(segment: number): Promise<FileHandle>;
  sizeOf(segment: number): Promise<number>;
  adopt(segment: number, handle: FileHandle): void;
  close(segment: number): Promise<void>;
  /** Files are chosen in the same step as the call. */
  use<T>(
    segments: Iterable<number>,
    work: (handleOf: (segment: number) => Promise<FileHandle>) => Promise<T>,
  ): Promise<T>;
  /** From this step on the base stands for every segment up to `through`; resolves once the files they had are gone. */
  supersede(through: number): Promise<void>;
  closeAll(): Promise<void>;
}

export function createJournalFiles(directory: string, initialBase: number, faults?: FaultPoints): JournalFiles {
  const files = new Map<number, OpenFile>();
  let base = initialBase;

  const pathOf = (segment: number): string => join(directory, segment === base ? baseNameOf(segment) : nameOf(segment));

  function fileOf(segment: number): OpenFile {
    const known = files.get(segment);
    if (known !== undefined) return known;
    const handle = open(pathOf(segment), constants.O_RDWR);
    const file: OpenFile = { handle, users: 0, released: null };
    files.set(segment, file);
    handle.catch(() => {
      if (files.get(segment) === file) files.delete(segment);
    });
    return file;
  }

  async function dispose(file: OpenFile): Promise<void> {
    if (file.users > 0)
      await new Promise<void>((resolve) => {
        file.released = resolve;
      });
    const handle = await file.handle.catch(() => null);
    await handle?.close();
  }

  return {
    get base() {
      return base;
    },
    handle: (segment) => fileOf(segment).handle,
    sizeOf: async (segment) => (await stat(pathOf(segment))).size,
    adopt(segment, handle) {
      files.set(segment, { handle: Promise.resolve(handle), users: 0, released: null });
    },
    async close(segment) {
      const file = files.get(segment);
      files.delete(segment);
      if (file !== undefined) await dispose(file);
    },
    async use(segments, work) {
      const used = new Map([...segments].map((segment) => [segment, fileOf(segment)]));
      for (const file of used.values()) file.users += 1;
      try {
        return await work((segment) => used.get(segment)?.handle ?? Promise.reject(new TypeError("not in use")));
      } finally {
        for (const file of used.values()) {
          file.users -= 1;
          if (file.users === 0) file.released?.();
        }
      }
    },
    async supersede(through) {
      const gone = [...files].filter(([segment]) => segment <= through);
      for (const [segment] of gone) files.delete(segment);
      const before = base;
      base = through;
      for (const [, file] of gone) await dispose(file);
      const replaced = Array.from({ length: through - before }, (_, at) => nameOf(before + 1 + at));
      if (before > 0 && before < through) replaced.unshift(baseNameOf(before));
      await removeFiles(directory, replaced, faults);
    },
    async closeAll() {
      const open = [...files.values()];
      files.clear();
      for (const file of open) await (await file.handle.catch(() => null))?.close();
    },
  };
}

/** Removing what is not there is no error. */
export async function removeFiles(directory: string, names: readonly string[], faults?: FaultPoints): Promise<void> {
  if (names.length === 0) return;
  for (const name of names) {
    await rm(join(directory, name), { force: true });
    faults?.at("journal:file-removed");
  }
  await syncFolder(directory);
}

/** Writes the base of `through`, whole or not at all. Durable on return. */
export async function writeBase(
  directory: string,
  through: number,
  payloads: Iterable<Buffer>,
  faults?: FaultPoints,
): Promise<readonly FramePlace[]> {
  const unfinished = join(directory, `${baseNameOf(through)}.unfinished`);
  const handle = await open(unfinished, "w", 0o600);
  const places: FramePlace[] = [];
  try {
    let end = SEGMENT_HEAD;
    let flushed = 0;
    let group: Buffer[] = [segmentHead()];
    for (const payload of payloads) {
      group.push(frameHead(payload, 0), payload);
      places.push({ segment: through, offset: end, bytes: FRAME_HEAD + payload.length });
      end += FRAME_HEAD + payload.length;
      if (end - flushed < GROUP) continue;
      await handle.writeFile(Buffer.concat(group));
      flushed = end;
      group = [];
    }
    await handle.writeFile(Buffer.concat(group));
    await handle.datasync();
  } finally {
    await handle.close();
  }
  faults?.at("journal:base-written");
  await rename(unfinished, join(directory, baseNameOf(through)));
  await syncFolder(directory);
  faults?.at("journal:base-named");
  return places;
}
