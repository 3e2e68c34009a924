import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { it } from "@jest/globals";

const ROOT = resolve(import.meta.dirname, "../../../shared/data");

/** A file of the public data set that lies beside the checkout, or null where there is none. */
export function sharedPath(relative: string): string | null {
  const path = join(ROOT, relative);
  return existsSync(path) ? path : null;
}

export function requireShared(relative: string): string {
  const path = sharedPath(relative);
  if (path === null) throw new Error(`shared data file is absent: ${relative}`);
  return path;
}

/** A test that needs the public data set; skipped, and counted as skipped, where it is absent. */
export const itShared: typeof it | typeof it.skip = existsSync(ROOT) ? it : it.skip;
