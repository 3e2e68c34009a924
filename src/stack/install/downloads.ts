import { createHash } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../clock.js";
import type { Environment } from "../child-environment.js";
import { isThere } from "../is-there.js";
import { withLock } from "../process/wait-lock.js";

/** What an installation is told. */
export interface InstallOptions {
  readonly environment: Environment;
  readonly clock: Clock;
  /** Told what takes long. */
  readonly say: (line: string) => void;
}

/** Shared by all checkouts of one user: an entry is named by what it was made from, and never changes. */
export function downloadsFolder(environment: Environment): string {
  const cache = environment["XDG_CACHE_HOME"] ?? "";
  return join(cache === "" ? join(homedir(), ".cache") : cache, "vitalome");
}

/**
 * The folder of one entry, made by `fill` unless an earlier call, here or in another process, has finished it.
 * A fill that broke off is begun anew: only the marker, written last, makes an entry count.
 */
export async function ensureEntry(
  name: string,
  source: string,
  options: InstallOptions,
  fill: (folder: string, log: string) => Promise<void>,
): Promise<string> {
  const downloads = downloadsFolder(options.environment);
  const digest = createHash("sha256").update(source).digest("hex").slice(0, 12);
  const folder = join(downloads, `${name}-${digest}`);
  const marker = join(folder, ".complete");
  if (await isThere(marker)) return folder;
  await mkdir(downloads, { recursive: true });
  await withLock(`${folder}.lock`, options.clock, async () => {
    if (await isThere(marker)) return;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    await fill(folder, `${folder}.log`);
    await writeFile(marker, "");
  });
  return folder;
}
