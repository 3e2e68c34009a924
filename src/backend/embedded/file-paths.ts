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
