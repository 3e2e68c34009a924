import type { Files } from "../backend/index.js";
import { VitalomeError } from "../errors.js";
import type { JobResult } from "../jobs/context.js";
import { withoutStale } from "../jobs/derived.js";
import { parseParameters, revertRunParameters } from "../jobs/parameters.js";
import type { Catalog, DataFile } from "../lake/catalog.js";
import { isSameHorizon } from "../lake/horizon.js";
import type { Snapshots } from "../lake/snapshots.js";
import type { OwnJob } from "./own-jobs.js";

export const REVERT_RUN = "revert-run";

interface RevertRunOptions {
  readonly files: Files;
  readonly snapshots: Snapshots;
  /** The newest snapshot. */
  readonly base: Catalog;
  /** The run to take back, and the snapshot it published. */
  readonly runId: string;
  readonly published: number;
}

/** Takes back what one run published. */
export function createRevertRun(store: Pick<RevertRunOptions, "files" | "snapshots">): OwnJob {
  return ({ spec }) =>
    async () => {
      const { runId, snapshot } = parseParameters(revertRunParameters, spec.parameters);
      const base = await store.snapshots.get(spec.baseSnapshot);
      const change = await revertRun({ ...store, base, runId, published: snapshot });
      const { id, kind, baseSnapshot } = spec;
      return { jobId: id, kind, baseSnapshot, add: [], ...change, files: [], estimate: null };
    };
}

/**
 * Files the run added leave, files it took out of a table return: it is arithmetic over catalogs. What it had taken from the log
 * is read from there again. NOT_FOUND when the newest snapshot holds nothing of the run; CONFLICT when a later run wrote again
 * what this one had written: that one goes first; SNAPSHOT_EXPIRED when a clean-up has removed what would return.
 */
async function revertRun(options: RevertRunOptions): Promise<Pick<JobResult, "remove" | "restore" | "horizon">> {
  const { snapshots, base, runId, published } = options;
  const after = await snapshots.get(published);
  if (after.cause?.jobId !== runId || after.parent === null) throw nothingToRevert();
  const before = await snapshots.get(after.parent);
  const horizon = isSameHorizon(before.horizon, after.horizon) ? undefined : before.horizon;
  if (horizon !== undefined) await refuseOtherHorizon(options, before, after);
  const remove: Record<string, readonly string[]> = {};
  const restore: Record<string, readonly DataFile[]> = {};
  for (const table of new Set([...Object.keys(before.tables), ...Object.keys(after.tables)])) {
    const added = without(after, before, table);
    const taken = without(before, after, table);
    if (added.some((file) => !holds(base, table, file)) || taken.some((file) => holds(base, table, file))) {
      await refuse(snapshots, options, table);
    }
    if (added.length > 0) remove[table] = added.map(({ path }) => path);
    if (taken.length > 0) restore[table] = taken;
  }
  if (horizon === undefined && Object.keys(remove).length + Object.keys(restore).length === 0) throw nothingToRevert();
  await refuseGone(options, restore);
  const change = {
    jobId: "",
    kind: "",
    baseSnapshot: base.snapshot,
    add: [],
    remove,
    restore,
    files: [],
    estimate: null,
  };
  return { remove: withoutStale(change, base).remove, restore, horizon };
}

/** What the tables no longer hold has to be in the log: it is as long as a snapshot can be read that does not hold it either. */
async function refuseOtherHorizon(options: RevertRunOptions, before: Catalog, after: Catalog): Promise<void> {
  const { snapshots, base, runId } = options;
  if (before.snapshot < base.oldestReadable) {
    const text = `what ${runId} took from the log cannot be taken back: the log need no longer hold it, because the snapshots before that run are no longer kept`;
    throw new VitalomeError("SNAPSHOT_EXPIRED", text, { details: { field: "jobId" } });
  }
  if (isSameHorizon(base.horizon, after.horizon)) return;
  for (let at = base; at.snapshot > after.snapshot && at.parent !== null;) {
    const parent = await snapshots.get(at.parent);
    if (!isSameHorizon(parent.horizon, at.horizon)) {
      if (at.cause?.kind === REVERT_RUN) throw nothingToRevert();
      const text = `${at.cause?.jobId ?? "a later run"} took from the log what came after ${runId}: revert that run first`;
      throw new VitalomeError("CONFLICT", text, { details: { field: "jobId" } });
    }
    at = parent;
  }
}

/** Files of a table in one snapshot and not in another. */
function without(of: Catalog, other: Catalog, table: string): readonly DataFile[] {
  return (of.tables[table]?.files ?? []).filter((file) => !holds(other, table, file));
}

function holds(catalog: Catalog, table: string, { path }: DataFile): boolean {
  return (catalog.tables[table]?.files ?? []).some((file) => file.path === path);
}

/** Names the first later run that changed what this run had written; a run that was taken back already is that run's own. */
async function refuse(
  snapshots: Snapshots,
  { base, published, runId }: RevertRunOptions,
  table: string,
): Promise<never> {
  const written = without(await snapshots.get(published), await parentOf(snapshots, published), table);
  for (let at = base; at.snapshot > published && at.parent !== null; at = await snapshots.get(at.parent)) {
    const before = await snapshots.get(at.parent);
    const changed = written.some((file) => holds(before, table, file) && !holds(at, table, file));
    if (!changed) continue;
    if (at.cause?.kind === "revert-run") throw nothingToRevert();
    throw new VitalomeError(
      "CONFLICT",
      `${at.cause?.jobId ?? "a later run"} wrote again what ${runId} had written in ${table}: revert that run first`,
      { details: { field: "jobId" } },
    );
  }
  throw nothingToRevert();
}

/** Said before anything changes: nobody can bring back what is not there. */
async function refuseGone({ files, runId }: RevertRunOptions, restore: JobResult["restore"]): Promise<void> {
  for (const [table, held] of Object.entries(restore ?? {})) {
    for (const { path } of held.flatMap((file) => [file, ...file.indexes])) {
      if ((await files.stat(path)) !== null) continue;
      throw new VitalomeError(
        "SNAPSHOT_EXPIRED",
        `what ${runId} replaced in ${table} cannot return: a clean-up removed it, because the snapshots before that run are no longer kept`,
        { details: { field: "jobId" } },
      );
    }
  }
}

async function parentOf(snapshots: Snapshots, snapshot: number): Promise<Catalog> {
  return snapshots.get((await snapshots.get(snapshot)).parent ?? 0);
}

function nothingToRevert(): VitalomeError {
  return new VitalomeError("NOT_FOUND", "the newest snapshot holds nothing of this run", {
    details: { field: "jobId" },
  });
}
