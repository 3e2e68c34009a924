import { lstat, mkdir, open, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { VitalomeError, systemCodeOf } from "../../errors.js";

/** Unfinished files lie here, on the same file system, and are never listed. */
export const SCRATCH = ".scratch";

/** BAD_USER_INPUT unless the path is relative and of plain segments. */
export function checkPath(path: string): void {
  const isPlain = (segment: string): boolean => segment !== "" && segment !== "." && segment !== "..";
  const segments = path.split("/");
  if (/[\\\0]/.test(path) || path.length > 1024 || !segments.every(isPlain) || segments[0] === SCRATCH) {
    throw invalid("plain segments separated by /");
  }
}

/**
 * The full path of a stored path, once its folder is proven to lie inside the root: no link leads out of it.
 * The folder is made, durably, only when asked for and only after that proof. `root` is a real path.
 */
export async function placeIn(root: string, path: string, make: boolean): Promise<string> {
  checkPath(path);
  const full = join(root, path);
  const folder = dirname(full);
  let nearest = folder;
  while (nearest !== root && (await lstat(nearest).catch(absentAsNull)) === null) nearest = dirname(nearest);
  const real = await realpath(nearest).catch((thrown: unknown) => {
    throw translate(thrown, path);
  });
  if (real !== nearest) throw invalid("a path without links");
  if (make && nearest !== folder) {
    try {
      await mkdir(folder, { recursive: true });
      for (let at = folder; at !== nearest; at = dirname(at)) await syncFolder(dirname(at));
    } catch (thrown) {
      throw translateWrite(thrown, path);
    }
  }
  return full;
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

export function absentAsNull(thrown: unknown): null {
  if (isAbsent(thrown)) return null;
  throw thrown;
}

export function isAbsent(thrown: unknown): boolean {
  const code = systemCodeOf(thrown);
  return code === "ENOENT" || code === "ENOTDIR";
}

export function notFound(path: string, cause?: unknown): VitalomeError {
  return new VitalomeError("NOT_FOUND", "no such file in the store", { cause: cause ?? new Error(path) });
}

/** What the operating system says, in the closed codes. */
export function translate(thrown: unknown, path: string): VitalomeError {
  const code = systemCodeOf(thrown);
  if (isAbsent(thrown) || code === "EISDIR") return notFound(path, thrown);
  if (code === "ELOOP") return invalid("a path without links");
  if (code === "ENAMETOOLONG") return invalid("segments of at most 255 bytes");
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") {
    return new VitalomeError("STORAGE_FULL", "the store has no room left", { cause: thrown });
  }
  return new VitalomeError("BACKEND_UNAVAILABLE", "the file store failed", { cause: thrown });
}

/** As `translate`, where a name is taken by the wrong kind of thing. */
export function translateWrite(thrown: unknown, path: string): VitalomeError {
  const code = systemCodeOf(thrown);
  if (code === "ENOTDIR" || code === "EISDIR" || code === "EEXIST") return invalid("a file below folders");
  return translate(thrown, path);
}

export function invalid(expected: string): VitalomeError {
  return new VitalomeError("BAD_USER_INPUT", `not a path of the store: expected ${expected}`, {
    details: { field: "path", expected },
  });
}
