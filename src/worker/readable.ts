import type { Files } from "../backend/index.js";
import { isTerminal, type JobRecord } from "../domain/job.js";
import { VitalomeError, isVitalomeError } from "../errors.js";
import { abandonedPath, catalogPath, type Catalog } from "../lake/catalog.js";
import type { Snapshots } from "../lake/snapshots.js";
import { REVERT_RUN } from "./revert-run.js";

export interface ReadableOptions {
  readonly files: Files;
  readonly snapshots: Snapshots;
  readonly jobs: ReadonlyMap<string, JobRecord>;
}

/**
 * The lowest snapshot that stays readable: of the newest, those that were the newest at any time since `since`, and those
 * that open jobs use. Never below what is readable now: what was given up does not come back. STORAGE_CORRUPT when a
 * catalog that had to be looked at is damaged.
 */
export async function oldestReadable(options: ReadableOptions, since: number): Promise<number> {
  const newest = await options.snapshots.refresh();
  let oldest = newest.snapshot;
  let next = newest;
  for (let number = newest.snapshot - 1; number >= newest.oldestReadable; number -= 1) {
    const catalog = await wholeOrGivenUp(options, number);
    if (catalog === null) continue;
    // It was the newest until `next` came, by whichever clock was ahead.
    if (Math.max(next.createdAt, catalog.createdAt) < since) break;
    oldest = number;
    next = catalog;
  }
  for (const job of options.jobs.values()) {
    if (!isTerminal(job.state)) oldest = Math.min(oldest, ...(await pinsOf(options.snapshots, job)));
  }
  return Math.max(oldest, newest.oldestReadable);
}

/** Every file that a snapshot from `oldest` on names. STORAGE_CORRUPT when a catalog that might name more is damaged. */
export async function namedFiles(options: ReadableOptions, oldest: number): Promise<ReadonlySet<string>> {
  const { snapshots } = options;
  const named = new Set<string>();
  const highest = Math.max(snapshots.latest().snapshot, ...snapshots.faults().keys());
  for (let number = oldest; number <= highest; number += 1) {
    const catalog = await wholeOrGivenUp(options, number);
    for (const { files } of Object.values(catalog?.tables ?? {})) {
      for (const file of files) for (const { path } of [file, ...file.indexes]) named.add(path);
    }
  }
  return named;
}

/** When the snapshots that cannot be read were given up, in milliseconds since the epoch; null: before `since`. */
export async function givenUpAt(snapshots: Snapshots, since: number): Promise<number | null> {
  const newest = snapshots.latest();
  for (let at = newest; at.parent !== null && at.createdAt >= since;) {
    // Behind a damaged one nothing can be told: it may have been this one.
    const parent = await snapshots.get(at.parent).catch(() => null);
    if (parent === null || parent.oldestReadable < newest.oldestReadable) return at.createdAt;
    at = parent;
  }
  return null;
}

/** A run is taken back to the snapshot before it, so that one is in use too. */
async function pinsOf(snapshots: Snapshots, job: JobRecord): Promise<readonly number[]> {
  const asked = job.parameters["snapshot"];
  const pins = [job.baseSnapshot, asked].filter((pin): pin is number => Number.isSafeInteger(pin));
  if (job.kind !== REVERT_RUN || typeof asked !== "number") return pins;
  // One that cannot be read ends that job, not this one.
  const parent = await snapshots.get(asked).then(
    (catalog) => catalog.parent ?? asked,
    () => asked,
  );
  return [...pins, parent];
}

/** Null for a damaged catalog that an operator gave up. */
async function wholeOrGivenUp({ files, snapshots }: ReadableOptions, number: number): Promise<Catalog | null> {
  try {
    return await snapshots.get(number);
  } catch (thrown) {
    if (!isVitalomeError(thrown) || thrown.code !== "STORAGE_CORRUPT") throw thrown;
    if ((await files.stat(abandonedPath(number))) !== null) return null;
    throw new VitalomeError(
      "STORAGE_CORRUPT",
      `the catalog ${catalogPath(number)} is damaged: nothing is removed, so that nothing it names is lost; restore it, or give it up with an empty file ${abandonedPath(number)}`,
      { details: { field: catalogPath(number) } },
    );
  }
}
