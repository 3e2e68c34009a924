import { lstat, mkdir, open, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { VitalomeError, systemCodeOf } from "../../errors.js";
import { checkPath, invalid, notFound } from "../paths.js";

/**
 * The full path of a stored path, once its folder is proven to lie inside the root: no link leads out of it.
 * The folder is made, durably, only when asked for and only after that proof. `root` is a real path.
 */
export async function placeIn(root: string, path: string, make: boolean): Promise<string> {
  checkPath(path);
  const full = join(root, path);
  const folder = dirname(full);
  const nearest = await nearestIn(root, folder, path);
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

/** The nearest folder that is there, from one up to the root; others may be removing and making folders meanwhile. */
async function nearestIn(root: string, folder: string, path: string): Promise<string> {
  for (let at = folder; ;) {
    const real = await realpath(at).catch(unlessAbsent(path));
    if (real === at) return at;
    const found = await lstat(at).catch(unlessAbsent(path));
    if (real !== null || found?.isSymbolicLink() === true) throw invalid("a path without links");
    if (found === null && at === root) throw notFound(path);
    if (found === null) at = dirname(at);
  }
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

/** What is not there as null, all else in the closed codes. */
export function unlessAbsent(path: string): (thrown: unknown) => null {
  return (thrown) => {
    if (isAbsent(thrown)) return null;
    throw translate(thrown, path);
  };
}

export function isAbsent(thrown: unknown): boolean {
  const code = systemCodeOf(thrown);
  return code === "ENOENT" || code === "ENOTDIR";
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
