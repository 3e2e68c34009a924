import { constants, type Stats } from "node:fs";
import {
  link,
  lstat,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rm,
  stat,
  unlink,
  type FileHandle,
} from "node:fs/promises";
import { createHash, randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { isVitalomeError, systemCodeOf } from "../../errors.js";
import type { ByteRange, FileStat, Files, Written } from "../index.js";
import { SCRATCH, checkRange, inPathOrder, notFound } from "../paths.js";
import { absentAsNull, unlessAbsent, placeIn, syncFolder, translate, translateWrite } from "./file-paths.js";

export { syncFolder } from "./file-paths.js";

/** Called at named steps; a test that kills the process there proves what a crash leaves behind. */
export interface FaultPoints {
  at(point: string): void;
}

export interface EmbeddedFilesOptions {
  /** An existing folder. */
  readonly root: string;
  readonly faults?: FaultPoints;
}

const CHUNK = 1 << 18;

/** Opening removes what processes that are gone left unfinished. */
export async function createEmbeddedFiles(options: EmbeddedFilesOptions): Promise<Files> {
  const root = await realpath(options.root);
  const scratch = join(root, SCRATCH);
  await mkdir(scratch, { recursive: true });
  await removeAbandoned(scratch);
  const at = (point: string): void => {
    options.faults?.at(point);
  };

  async function writeScratch(
    content: AsyncIterable<Uint8Array>,
    path: string,
  ): Promise<Written & { readonly file: string }> {
    const file = join(scratch, `${String(process.pid)}-${randomUUID()}`);
    const hash = createHash("sha256");
    let bytes = 0;
    let handle: FileHandle | null = null;
    /** The store's own faults are translated; those of the content stay as they are. */
    const store = async (work: () => Promise<unknown>): Promise<void> => {
      try {
        await work();
      } catch (thrown) {
        throw translate(thrown, path);
      }
    };
    try {
      await store(async () => {
        handle = await open(file, "wx", 0o600);
      });
      for await (const chunk of content) {
        hash.update(chunk);
        bytes += chunk.length;
        await store(async () => handle?.writeFile(chunk));
      }
      await store(async () => {
        at("files:written");
        await handle?.sync();
        await handle?.close();
        at("files:synced");
      });
      return { file, bytes, sha256: hash.digest("hex") };
    } catch (thrown) {
      await (handle as FileHandle | null)?.close().catch(() => undefined);
      await unlink(file).catch(() => undefined);
      throw thrown;
    }
  }

  return {
    async *read(path: string, range?: ByteRange): AsyncGenerator<Uint8Array> {
      if (range !== undefined) checkRange(range);
      const full = await placeIn(root, path, false);
      // Non-blocking, so that a pipe in the store cannot hold a reader.
      const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
      const handle = await open(full, flags).catch((thrown: unknown) => {
        throw translate(thrown, path);
      });
      try {
        if (!(await handle.stat()).isFile()) throw notFound(path);
        let offset = range?.offset ?? 0;
        const end = range === undefined ? Number.POSITIVE_INFINITY : range.offset + range.length;
        while (offset < end) {
          const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK, end - offset));
          const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
          if (bytesRead === 0) return;
          offset += bytesRead;
          yield buffer.subarray(0, bytesRead);
        }
      } catch (thrown) {
        throw isVitalomeError(thrown) ? thrown : translate(thrown, path);
      } finally {
        await handle.close();
      }
    },

    async write(path, content) {
      const full = await placeIn(root, path, true);
      const { file, bytes, sha256 } = await writeScratch(content, path);
      try {
        await rename(file, full);
        at("files:renamed");
        await syncFolder(dirname(full));
      } catch (thrown) {
        await unlink(file).catch(() => undefined);
        throw translateWrite(thrown, path);
      }
      return { bytes, sha256 };
    },

    async putIfAbsent(path, bytes) {
      const full = await placeIn(root, path, true);
      const { file } = await writeScratch(once(bytes), path);
      try {
        // `rename` would overwrite; `link` fails when the name is taken.
        const outcome = await link(file, full).then(
          () => "created" as const,
          (thrown: unknown) => {
            if (systemCodeOf(thrown) === "EEXIST") return "exists" as const;
            throw thrown;
          },
        );
        at("files:linked");
        // For a loser too: what it was told exists must still exist after a power loss.
        await syncFolder(dirname(full));
        return outcome;
      } catch (thrown) {
        throw translateWrite(thrown, path);
      } finally {
        await unlink(file).catch(() => undefined);
      }
    },

    async stat(path) {
      const found = await statFile(await placeIn(root, path, false), path);
      return found?.isFile() === true ? { path, bytes: found.size, modifiedAt: found.mtimeMs } : null;
    },

    async *list(prefix) {
      const found = await statFile(await placeIn(root, prefix, false), prefix);
      if (found?.isDirectory() === true) yield* walk(root, prefix);
    },

    async remove(prefix) {
      const full = await placeIn(root, prefix, false);
      try {
        await rm(full, { recursive: true, force: true });
        await syncFolder(dirname(full)).catch(absentAsNull);
      } catch (thrown) {
        throw translate(thrown, prefix);
      }
    },
  };
}

async function statFile(full: string, path: string): Promise<Stats | null> {
  return lstat(full).catch(unlessAbsent(path));
}

async function* walk(root: string, folder: string): AsyncGenerator<FileStat> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(unlessAbsent(folder));
  const named = (entries ?? []).map((entry) => ({ entry, name: entry.name, isFolder: entry.isDirectory() }));
  for (const { entry } of inPathOrder(named)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* walk(root, path);
    else if (entry.isFile()) {
      const found = await statFile(join(root, path), path);
      if (found !== null) yield { path, bytes: found.size, modifiedAt: found.mtimeMs };
    }
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield bytes;
}

/** Removes unfinished files whose process is gone, or is this one started anew under the same number. */
async function removeAbandoned(scratch: string): Promise<void> {
  const startedAt = performance.timeOrigin;
  for (const name of await readdir(scratch)) {
    const pid = Number.parseInt(name, 10);
    const file = join(scratch, name);
    const found = await stat(file).catch(absentAsNull);
    if (found === null || (pid === process.pid ? found.mtimeMs > startedAt : isRunning(pid))) continue;
    await rm(file, { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return systemCodeOf(thrown) === "EPERM";
  }
}
