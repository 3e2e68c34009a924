import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { checkJournal } from "./backend/embedded/journal-check.js";
import { abandonedPath, catalogPath, parseCatalog, snapshotOfPath } from "./lake/catalog.js";
import { isVitalomeError, systemCodeOf } from "./errors.js";

/**
 * What can be told of a store from its files alone. Nothing is changed, made or locked: the service may run, and so may
 * a user who can only read.
 */

/** Damaged catalogs above the newest whole one that nobody gave up: paths below the root, the newest first. */
export async function findDamagedCatalogs(root: string): Promise<readonly string[]> {
  const names = await readdir(join(root, "snapshots"));
  const numbers = names.map((name) => snapshotOfPath(`snapshots/${name}`)).filter((number) => number !== null);
  const found: string[] = [];
  for (const number of numbers.sort((left, right) => right - left)) {
    if (await isWhole(root, number)) break;
    const isGivenUp = await stat(join(root, abandonedPath(number))).catch(absentAsNull);
    if (isGivenUp === null) found.push(catalogPath(number));
  }
  return found;
}

async function isWhole(root: string, number: number): Promise<boolean> {
  const bytes = await readFile(join(root, catalogPath(number)));
  try {
    parseCatalog(bytes, number);
    return true;
  } catch (thrown) {
    if (isVitalomeError(thrown) && thrown.code === "STORAGE_CORRUPT") return false;
    throw thrown;
  }
}

/** What is wrong with the event journal of a store; null when it is whole, or there is none. */
export async function findJournalDamage(root: string): Promise<string | null> {
  try {
    await checkJournal(join(root, "log", "journal"));
    return null;
  } catch (thrown) {
    if (isVitalomeError(thrown)) return thrown.message;
    throw thrown;
  }
}

function absentAsNull(thrown: unknown): null {
  if (systemCodeOf(thrown) === "ENOENT") return null;
  throw thrown;
}
