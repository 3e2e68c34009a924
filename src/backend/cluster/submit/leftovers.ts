import { lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Leftover } from "../../../domain/clean-up.js";
import { systemCodeOf } from "../../../errors.js";

type Size = Pick<Leftover, "files" | "bytes" | "modifiedAt">;

const NOTHING: Size = { files: 0, bytes: 0, modifiedAt: 0 };

/** Work folders and output of drivers, by job; empty where no driver ever ran. */
export async function listLeftovers(localScratch: string): Promise<readonly Leftover[]> {
  const names = await readdir(localScratch).catch(absentAsNull);
  const byJob = new Map<string, string[]>();
  for (const name of names ?? []) {
    const jobId = name.replace(/\.log(\.1)?$/, "");
    byJob.set(jobId, [...(byJob.get(jobId) ?? []), join(localScratch, name)]);
  }
  const found: Leftover[] = [];
  for (const [jobId, paths] of byJob) {
    const size = (await Promise.all(paths.map(sizeOf))).reduce(add, NOTHING);
    const remove = async (): Promise<void> => {
      for (const path of paths) await rm(path, { recursive: true, force: true });
    };
    found.push({ jobId, ...size, remove });
  }
  return found;
}

/** Of a file, or of a folder with all that is below it. A driver may be at work: what goes meanwhile counts nothing. */
async function sizeOf(path: string): Promise<Size> {
  const found = await lstat(path).catch(absentAsNull);
  if (found === null) return NOTHING;
  if (!found.isDirectory()) return { files: 1, bytes: found.size, modifiedAt: found.mtimeMs };
  let size: Size = { files: 0, bytes: 0, modifiedAt: found.mtimeMs };
  for (const name of (await readdir(path).catch(absentAsNull)) ?? []) size = add(size, await sizeOf(join(path, name)));
  return size;
}

function add(left: Size, right: Size): Size {
  return {
    files: left.files + right.files,
    bytes: left.bytes + right.bytes,
    modifiedAt: Math.max(left.modifiedAt, right.modifiedAt),
  };
}

function absentAsNull(thrown: unknown): null {
  if (systemCodeOf(thrown) === "ENOENT") return null;
  throw thrown;
}
