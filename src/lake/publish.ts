import { createHash } from "node:crypto";
import type { Files } from "../backend/index.js";
import type { Clock } from "../clock.js";
import { VitalomeError, isVitalomeError } from "../errors.js";
import {
  FORMAT_VERSION,
  abandonedPath,
  catalogPath,
  filesOf,
  serialiseCatalog,
  type Catalog,
  type DataFile,
  type IndexFile,
} from "./catalog.js";
import { isSameHorizon, type Horizon } from "./horizon.js";
import type { Snapshots } from "./snapshots.js";

/** What one run changes. */
export interface SnapshotChange {
  readonly jobId: string;
  readonly kind: string;
  /** The snapshot the run read. */
  readonly baseSnapshot: number;
  readonly add: readonly (Omit<DataFile, "runId"> & { readonly table: string })[];
  /** Paths that leave a table. */
  readonly remove: Readonly<Record<string, readonly string[]>>;
  /** Files of earlier snapshots that return to a table as they were. */
  readonly restore?: Readonly<Record<string, readonly DataFile[]>> | undefined;
  /** How much of the log the tables hold from then on; what they hold already where it is left out. */
  readonly horizon?: Horizon | undefined;
  /** Snapshots before it can be read no more from this one on; it is only ever raised. */
  readonly oldestReadable?: number | undefined;
}

export interface PublishOptions {
  readonly files: Files;
  readonly snapshots: Snapshots;
  readonly clock: Clock;
  readonly faults?: { at(point: string): void };
}

/** Races with other publishers are expected; one that loses this often in a row gives up. */
const ATTEMPTS = 1000;

/**
 * Makes a run visible, whole or not at all, and answers the snapshot that holds it. Publishing a job twice
 * answers the same snapshot. CONFLICT when another run changed one of the same tables, or the horizon, since
 * `baseSnapshot`: the run must be done again on the new base.
 */
export async function publishRun(options: PublishOptions, change: SnapshotChange): Promise<Catalog> {
  const at = (point: string): void => {
    options.faults?.at(`publish:${point}`);
  };
  at("start");
  for (const file of [...change.add, ...Object.values(change.restore ?? {}).flat()]) {
    await verify(options.files, file);
    for (const index of file.indexes) await verify(options.files, index);
  }
  at("verified");
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const parent = await options.snapshots.refresh();
    const already = await findPublished(options.snapshots, parent, change);
    if (already !== null) return already;
    await refuseConflict(options.snapshots, parent, change);
    refuseContradiction(parent, change);
    await refuseDamage(options, parent);
    // A damaged catalog keeps its number: it is evidence, and never overwritten.
    const number = Math.max(parent.snapshot, ...options.snapshots.faults().keys()) + 1;
    const next = nextCatalog(parent, number, change, options.clock.now());
    at("before-catalog");
    const outcome = await options.files.putIfAbsent(catalogPath(next.snapshot), serialiseCatalog(next));
    at("after-catalog");
    if (outcome === "created") {
      await options.snapshots.refresh();
      return next;
    }
  }
  throw new VitalomeError("CONFLICT", "other runs were published faster");
}

/**
 * What a damaged catalog named would be left out of everything built on the one before it: nothing is published until it
 * is restored, or given up by a file beside it that says so.
 */
async function refuseDamage({ files, snapshots }: PublishOptions, parent: Catalog): Promise<void> {
  for (const number of snapshots.faults().keys()) {
    if (number < parent.snapshot || (await files.stat(abandonedPath(number))) !== null) continue;
    const path = catalogPath(number);
    throw new VitalomeError(
      "STORAGE_CORRUPT",
      `the catalog ${path} is damaged: nothing is published, so that nothing it names is lost; vitalome doctor tells the cure`,
      { details: { field: path } },
    );
  }
}

/**
 * The snapshot that already holds this run: it may have been published before a crash. A run whose files are there was
 * published, however far back; any other can only be newer than its base.
 */
async function findPublished(snapshots: Snapshots, newest: Catalog, change: SnapshotChange): Promise<Catalog | null> {
  const isThere = Object.values(newest.tables).some(({ files }) => files.some((file) => file.runId === change.jobId));
  const oldest = isThere ? 0 : change.baseSnapshot;
  for (let at: Catalog | null = newest; at !== null && at.snapshot > oldest;) {
    if (at.cause?.jobId === change.jobId) return at;
    at = at.parent === null ? null : await getReadable(snapshots, at.parent);
  }
  return isThere ? newest : null;
}

/** Null for a catalog that was damaged after others were built on it: those are whole without it. */
async function getReadable(snapshots: Snapshots, snapshot: number): Promise<Catalog | null> {
  try {
    return await snapshots.get(snapshot);
  } catch (thrown) {
    if (isVitalomeError(thrown) && thrown.code === "STORAGE_CORRUPT") return null;
    throw thrown;
  }
}

async function refuseConflict(snapshots: Snapshots, newest: Catalog, change: SnapshotChange): Promise<void> {
  if (newest.snapshot === change.baseSnapshot) return;
  const base = await getReadable(snapshots, change.baseSnapshot);
  const pathsOf = (of: Catalog | null, table: string): string | null =>
    of === null
      ? null
      : filesOf(of, table)
          .map((file) => file.path)
          .join("\n");
  for (const table of tablesOf(change)) {
    if (pathsOf(base, table) !== pathsOf(newest, table)) {
      throw new VitalomeError("CONFLICT", `table ${table} changed while the job ran; run it again`);
    }
  }
  if (change.horizon !== undefined && (base === null || !isSameHorizon(base.horizon, newest.horizon))) {
    throw new VitalomeError("CONFLICT", "more of the log came into tables while the job ran; run it again");
  }
}

function tablesOf(change: SnapshotChange): ReadonlySet<string> {
  const removed = Object.entries(change.remove).filter(([, paths]) => paths.length > 0);
  const restored = Object.keys(change.restore ?? {});
  return new Set([...change.add.map((file) => file.table), ...removed.map(([table]) => table), ...restored]);
}

/** A run that removes what its base does not hold, or adds what it does, is wrong and changes nothing. */
function refuseContradiction(parent: Catalog, change: SnapshotChange): void {
  for (const table of tablesOf(change)) {
    const held = new Set(filesOf(parent, table).map((file) => file.path));
    const added = [...change.add.filter((file) => file.table === table), ...(change.restore?.[table] ?? [])].map(
      (file) => file.path,
    );
    const isSound =
      (change.remove[table] ?? []).every((path) => held.has(path)) &&
      added.every((path) => !held.has(path)) &&
      new Set(added).size === added.length;
    if (!isSound) {
      throw new VitalomeError("INTERNAL_SERVER_ERROR", `the run contradicts its base in table ${table}`);
    }
  }
}

function nextCatalog(parent: Catalog, snapshot: number, change: SnapshotChange, now: number): Catalog {
  const tables: Record<string, { files: DataFile[] }> = {};
  const names = new Set([...Object.keys(parent.tables), ...tablesOf(change)]);
  for (const name of [...names].sort()) {
    const gone = new Set(change.remove[name]);
    const kept = (parent.tables[name]?.files ?? []).filter((file) => !gone.has(file.path));
    const added = change.add
      .filter((file) => file.table === name)
      .map(({ path, rows, bytes, sha256, indexes, meta }): DataFile => ({
        path,
        rows,
        bytes,
        sha256,
        runId: change.jobId,
        indexes,
        meta,
      }));
    const files = [...kept, ...(change.restore?.[name] ?? []), ...added];
    if (files.length > 0) tables[name] = { files };
  }
  return {
    formatVersion: FORMAT_VERSION,
    snapshot,
    parent: parent.snapshot,
    createdAt: now,
    oldestReadable: Math.max(parent.oldestReadable, change.oldestReadable ?? 0),
    cause: { jobId: change.jobId, kind: change.kind },
    horizon: change.horizon ?? parent.horizon,
    tables,
  };
}

async function verify(files: Files, file: Pick<IndexFile, "path" | "bytes" | "sha256">): Promise<void> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of files.read(file.path)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  if (bytes !== file.bytes || hash.digest("hex") !== file.sha256) {
    throw new VitalomeError("STORAGE_CORRUPT", "a file of the run is not what its job wrote");
  }
}
