import { createHash, randomUUID } from "node:crypto";
import { createReadStream, rmSync } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import type { Files } from "../backend/index.js";
import { VitalomeError, systemCodeOf } from "../errors.js";

/** A published file as the catalog lists it. */
export interface CachedFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Published files by local path, for the engines that read from disk. */
export interface FileCache {
  /**
   * A local path with exactly the bytes the catalog names, or STORAGE_CORRUPT. The copy used least goes when others
   * come: what is open by then stays readable, and asking again brings it back.
   */
  localPath(file: CachedFile): Promise<string>;
  /** Runs `work` with the local paths of these files, in their order; none of them goes while it runs. */
  hold<T>(files: readonly CachedFile[], work: (paths: readonly string[]) => Promise<T>): Promise<T>;
}

export interface FileCacheOptions {
  readonly files: Files;
  /** Where copies lie. Nothing else may be in it, and one process uses it. */
  readonly directory: string;
  /** Of all copies together, those on their way included. Only a single larger file, and files held, may exceed it. */
  readonly maxBytes: number;
  /** The store's own root where it is a local folder: then nothing is copied. Null otherwise. */
  readonly direct: string | null;
}

export async function createFileCache(options: FileCacheOptions): Promise<FileCache> {
  return options.direct === null ? createCopies(options) : createDirect(options.direct);
}

/** Contents were verified when they were published; here a file that was cut or replaced by another is refused. */
function createDirect(root: string): FileCache {
  const localPath = async (file: CachedFile): Promise<string> => {
    const path = join(root, file.path);
    if ((await sizeOf(path)) !== file.bytes) throw damaged();
    return path;
  };
  return { localPath, hold: async (files, work) => work(await Promise.all(files.map(localPath))) };
}

interface Copy {
  /** 0 until there is room for it. */
  bytes: number;
  /** The verified path; null for one an earlier process left, until its first use here. */
  ready: Promise<string> | null;
}

async function createCopies({ files, directory, maxBytes }: FileCacheOptions): Promise<FileCache> {
  /** By name, the least recently used first. */
  const copies = new Map<string, Copy>();
  /** Names of copies on their way: they are never taken away. */
  const incoming = new Set<string>();
  /** How many hold a name: neither are these. */
  const held = new Map<string, number>();
  let incomingBytes = 0;
  let total = 0;
  let waiting: (() => void)[] = [];

  const forget = (name: string): void => {
    total -= copies.get(name)?.bytes ?? 0;
    copies.delete(name);
  };

  function makeRoom(): void {
    for (const name of [...copies.keys()]) {
      if (total <= maxBytes) return;
      if (incoming.has(name) || held.has(name)) continue;
      forget(name);
      // In the same breath: the name may be asked for again at once.
      rmSync(join(directory, name), { force: true });
    }
  }

  async function bring(file: CachedFile, name: string, copy: Copy): Promise<string> {
    const path = join(directory, name);
    try {
      while (incomingBytes > 0 && incomingBytes + file.bytes > maxBytes) {
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      incomingBytes += file.bytes;
      copy.bytes = file.bytes;
      total += file.bytes;
      try {
        makeRoom();
        const isThere = (await sizeOf(path)) === file.bytes && (await hashOf(path)) === file.sha256;
        if (!isThere) await download(files, file, directory, path);
        return path;
      } finally {
        incomingBytes -= file.bytes;
      }
    } catch (thrown) {
      forget(name);
      throw thrown;
    } finally {
      incoming.delete(name);
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    }
  }

  await mkdir(directory, { recursive: true });
  for (const name of await readdir(directory)) {
    const bytes = NAME.test(name) ? await sizeOf(join(directory, name)) : null;
    if (bytes === null) await rm(join(directory, name), { recursive: true, force: true });
    else {
      copies.set(name, { bytes, ready: null });
      total += bytes;
    }
  }
  makeRoom();

  async function localPath(file: CachedFile): Promise<string> {
    const name = nameOf(file);
    for (;;) {
      const copy = copies.get(name);
      if (copy?.ready == null) {
        forget(name);
        incoming.add(name);
        const fresh: Copy = { bytes: 0, ready: null };
        copies.set(name, fresh);
        fresh.ready = bring(file, name, fresh);
        return fresh.ready;
      }
      copies.delete(name);
      copies.set(name, copy);
      const path = await copy.ready;
      if ((await sizeOf(path)) === file.bytes) return path;
      // Somebody cleared the folder.
      if (copies.get(name) === copy) forget(name);
    }
  }

  return {
    localPath,
    async hold(wanted, work) {
      const names = wanted.map(nameOf);
      for (const name of names) held.set(name, (held.get(name) ?? 0) + 1);
      try {
        const paths: string[] = [];
        for (const file of wanted) paths.push(await localPath(file));
        return await work(paths);
      } finally {
        for (const name of names) {
          const others = (held.get(name) ?? 1) - 1;
          if (others > 0) held.set(name, others);
          else held.delete(name);
        }
        makeRoom();
      }
    },
  };
}

const NAME = /^[0-9a-f]{64}(\.[a-z0-9]{1,10})?$/;

/** The content's hash names the copy: the same content under two paths is one. Engines look at the extension. */
function nameOf(file: CachedFile): string {
  const extension = extname(file.path);
  return NAME.test(`${file.sha256}${extension}`) ? `${file.sha256}${extension}` : file.sha256;
}

async function download(files: Files, file: CachedFile, directory: string, path: string): Promise<void> {
  const unfinished = join(directory, `incoming-${randomUUID()}`);
  try {
    const handle = await open(unfinished, "wx", 0o600);
    const hash = createHash("sha256");
    let bytes = 0;
    try {
      for await (const chunk of files.read(file.path)) {
        bytes += chunk.length;
        if (bytes > file.bytes) throw damaged();
        hash.update(chunk);
        await handle.writeFile(chunk);
      }
    } finally {
      await handle.close();
    }
    if (bytes !== file.bytes || hash.digest("hex") !== file.sha256) throw damaged();
    await rename(unfinished, path);
  } catch (thrown) {
    await rm(unfinished, { force: true });
    if (systemCodeOf(thrown) === "ENOSPC") {
      throw new VitalomeError("STORAGE_FULL", "there is no room for a copy of a data file", { cause: thrown });
    }
    throw thrown;
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** Null when there is no such file. */
async function sizeOf(path: string): Promise<number | null> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : null;
  } catch (thrown) {
    if (systemCodeOf(thrown) === "ENOENT") return null;
    throw thrown;
  }
}

function damaged(): VitalomeError {
  return new VitalomeError("STORAGE_CORRUPT", "a data file is not what was published");
}
