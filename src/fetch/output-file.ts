import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { VitalomeError, systemCodeOf } from "../errors.js";

/**
 * Runs `work` on a temporary path beside `path` and gives the result its name only when all of it is there. A file of
 * that name stays, with CONFLICT, unless `force` is set.
 */
export async function writeWhole<T>(path: string, force: boolean, work: (temporary: string) => Promise<T>): Promise<T> {
  if (!force && (await exists(path))) {
    throw new VitalomeError("CONFLICT", `${path} is already there: --force replaces it`);
  }
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.part`);
  try {
    await mkdir(dirname(path), { recursive: true });
    const result = await work(temporary);
    await rename(temporary, path);
    return result;
  } catch (thrown) {
    await rm(temporary, { force: true });
    const code = systemCodeOf(thrown);
    if (code !== "ENOSPC" && code !== "EDQUOT") throw thrown;
    throw new VitalomeError("STORAGE_FULL", `no room left for ${path}`, { cause: thrown });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (thrown: unknown) => {
      if (systemCodeOf(thrown) === "ENOENT") return false;
      throw thrown;
    },
  );
}
