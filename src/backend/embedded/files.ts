import { constants } from "node:fs";
import { link, lstat, mkdir, open, readdir, realpath, rename, rm, unlink, type FileHandle } from "node:fs/promises";
import { createHash, randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import { VitalomeError, isVitalomeError, systemCodeOf } from "../../errors.js";
import type { ByteRange, FileStat, Files, Written } from "../index.js";

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
/** Unfinished files live here, on the same file system, and are never listed. */
const SCRATCH = ".scratch";

export async function createEmbeddedFiles(options: EmbeddedFilesOptions): Promise<Files> {
  await mkdir(join(options.root, SCRATCH), { recursive: true });
  const root = await realpath(options.root);
  const at = (point: string): void => {
    options.faults?.at(point);
  };

  /** The folder of a path, made if wanted, and proven to lie inside the root: no link leads out of it. */
  async function place(path: string, make: boolean): Promise<string> {
    checkPath(path);
    const full = join(root, path);
    const folder = dirname(full);
    if (make) await mkdir(folder, { recursive: true });
    const real = await realpath(folder).catch((thrown: unknown) => {
      if (isAbsent(thrown)) return folder;
      throw translate(thrown, path);
    });
    if (real !== root && !real.startsWith(`${root}/`)) throw invalid("path", "a path inside the store");
    return full;
  }

  async function writeScratch(content: AsyncIterable<Uint8Array>, path: string): Promise<Written & { readonly file: string }> {
    const file = join(root, SCRATCH, randomUUID());
    const hash = createHash("sha256");
    let bytes = 0;
    let handle: FileHandle | null = null;
    try {
      handle = await open(file, "wx", 0o600);
      for await (const chunk of content) {
        hash.update(chunk);
        bytes += chunk.length;
        await handle.writeFile(chunk);
      }
      at("files:written");
      await handle.sync();
      await handle.close();
      at("files:synced");
      return { file, bytes, sha256: hash.digest("hex") };
    } catch (thrown) {
      await handle?.close().catch(() => undefined);
      await unlink(file).catch(() => undefined);
      throw isVitalomeError(thrown) ? thrown : translate(thrown, path);
    }
  }

  return {
    async *read(path: string, range?: ByteRange): AsyncGenerator<Uint8Array> {
      const full = await place(path, false);
      const handle = await open(full, constants.O_RDONLY | constants.O_NOFOLLOW).catch((thrown: unknown) => {
        throw translate(thrown, path);
      });
      try {
        if (!(await handle.stat()).isFile()) throw notFound(path);
        let offset = range?.offset ?? 0;
        const end = range === undefined ? Number.POSITIVE_INFINITY : range.offset + range.length;
        while (offset < end) {
          const buffer = Buffer.allocUnsafe(Math.min(CHUNK, end - offset));
          const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
          if (bytesRead === 0) return;
          offset += bytesRead;
          yield buffer.subarray(0, bytesRead);
        }
      } finally {
        await handle.close();
      }
    },

    async write(path, content) {
      const full = await place(path, true);
      const { file, bytes, sha256 } = await writeScratch(content, path);
      try {
        await rename(file, full);
        at("files:renamed");
        await syncFolder(dirname(full));
      } catch (thrown) {
        await unlink(file).catch(() => undefined);
        throw translate(thrown, path);
      }
      return { bytes, sha256 };
    },

    async putIfAbsent(path, bytes) {
      const full = await place(path, true);
      const { file } = await writeScratch(once(bytes), path);
      try {
        // `rename` would overwrite; `link` fails when the name is taken.
        await link(file, full);
        at("files:linked");
        await syncFolder(dirname(full));
        return "created";
      } catch (thrown) {
        if (systemCodeOf(thrown) === "EEXIST") return "exists";
        throw translate(thrown, path);
      } finally {
        await unlink(file).catch(() => undefined);
      }
    },

    async stat(path) {
      const full = await place(path, false);
      const found = await lstat(full).catch((thrown: unknown) => {
        if (isAbsent(thrown)) return null;
        throw translate(thrown, path);
      });
      return found?.isFile() === true ? { path, bytes: found.size, modifiedAt: found.mtimeMs } : null;
    },

    async *list(prefix) {
      checkPath(prefix);
      yield* walk(root, prefix);
    },

    async remove(prefix) {
      const full = await place(prefix, false);
      await rm(full, { recursive: true, force: true }).catch((thrown: unknown) => {
        throw translate(thrown, prefix);
      });
    },
  };
}

async function* walk(root: string, folder: string): AsyncGenerator<FileStat> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((thrown: unknown) => {
    if (isAbsent(thrown) || systemCodeOf(thrown) === "ENOTDIR") return [];
    throw translate(thrown, folder);
  });
  const sortName = (name: string, isFolder: boolean): string => (isFolder ? `${name}/` : name);
  const sorted = entries
    .map((entry) => ({ entry, name: sortName(entry.name, entry.isDirectory()) }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  for (const { entry } of sorted) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* walk(root, path);
    else if (entry.isFile()) {
      const found = await lstat(join(root, path)).catch(() => null);
      if (found !== null) yield { path, bytes: found.size, modifiedAt: found.mtimeMs };
    }
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield bytes;
}

/** Makes a new name in a folder survive a power loss. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function checkPath(path: string): void {
  const segments = path.split("/");
  const isPlain = (segment: string): boolean => segment !== "" && segment !== "." && segment !== ".." && segment !== SCRATCH;
  if (/[\\\0]/.test(path) || path.length > 1024 || !segments.every(isPlain)) {
    throw invalid("path", "plain segments separated by /");
  }
}

function invalid(field: string, expected: string): VitalomeError {
  return new VitalomeError("BAD_USER_INPUT", `not a path of the store: expected ${expected}`, { details: { field, expected } });
}

function notFound(path: string, cause?: unknown): VitalomeError {
  return new VitalomeError("NOT_FOUND", "no such file in the store", { cause: cause ?? new Error(path) });
}

function isAbsent(thrown: unknown): boolean {
  return systemCodeOf(thrown) === "ENOENT" || systemCodeOf(thrown) === "ENOTDIR";
}

function translate(thrown: unknown, path: string): VitalomeError {
  const code = systemCodeOf(thrown);
  if (code === "ENOENT" || code === "EISDIR" || code === "ENOTDIR") return notFound(path, thrown);
  if (code === "ELOOP") return invalid("path", "no links");
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") {
    return new VitalomeError("STORAGE_FULL", "the store has no room left", { cause: thrown });
  }
  return new VitalomeError("BACKEND_UNAVAILABLE", "the file store failed", { cause: thrown });
}
