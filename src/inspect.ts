import { createEmbeddedFiles } from "./backend/embedded/files.js";
import { abandonedPath, catalogPath } from "./lake/catalog.js";
import { openSnapshots } from "./lake/snapshots.js";
import { createLog } from "./log.js";

/** Damaged catalogs of a store that nobody gave up: paths below the root. Changes nothing; the service may run. */
export async function findDamagedCatalogs(root: string): Promise<readonly string[]> {
  const files = await createEmbeddedFiles({ root });
  const snapshots = await openSnapshots(files, createLog("silent"));
  const found: string[] = [];
  for (const number of snapshots.faults().keys()) {
    if ((await files.stat(abandonedPath(number))) === null) found.push(catalogPath(number));
  }
  return found;
}
