import type { Files } from "../backend/index.js";
import type { Clock } from "../clock.js";
import { createCleanUpCount, type CleanUpLedger, type CleanUpReason, type Leftover } from "../domain/clean-up.js";
import type { JobRecord } from "../domain/job.js";
import { LONGEST_READ_MS } from "../domain/retention.js";
import { isVitalomeError } from "../errors.js";
import { cleanUpParameters, keepMs, parseParameters } from "../jobs/parameters.js";
import type { Catalog } from "../lake/catalog.js";
import type { Snapshots } from "../lake/snapshots.js";
import type { OwnJob, OwnJobContext } from "./own-jobs.js";
import type { Publication } from "./publisher.js";
import { givenUpAt, namedFiles, oldestReadable } from "./readable.js";
import { isOver, removalsOf, type Removal } from "./removals.js";
import type { Sweeper } from "./sweeper.js";

export const CLEAN_UP = "clean-up";

export interface CleanUpOptions {
  readonly files: Files;
  readonly snapshots: Snapshots;
  readonly clock: Clock;
  readonly jobs: ReadonlyMap<string, JobRecord>;
  readonly publish: (publication: Publication) => Promise<Catalog>;
  readonly sweeper: Sweeper;
  readonly faults?: { at(point: string): void } | undefined;
}

/** Reasons for which a snapshot may have named what goes: a job can publish and still not end well. */
const MAY_BE_READ: ReadonlySet<CleanUpReason> = new Set(["superseded", "failed", "cancelled", "unknown"]);

/** The result of a clean-up. */
export type CleanUpResult = Publication & { readonly cleanUp: CleanUpLedger };

/**
 * Removes what no readable snapshot names, of jobs that ended long enough ago. First a snapshot is published that says which
 * ones can still be read; then whoever has begun to read an older one is let finish; only then anything goes. So at each
 * moment every readable snapshot is whole, and what a clean-up that died left is found by the next.
 */
export function createCleanUp(options: CleanUpOptions): OwnJob {
  const { snapshots, clock } = options;
  const at = (point: string): void => {
    options.faults?.at(`clean-up:${point}`);
  };

  return (context) => {
    const { spec, signal } = context;
    const { keep, dryRun } = parseParameters(cleanUpParameters, spec.parameters);
    const removed = createCleanUpCount();
    let raisedTo: number | undefined;

    function resultOf(ledger: CleanUpLedger): CleanUpResult {
      const { id: jobId, kind, baseSnapshot } = spec;
      const nothing = { add: [], remove: {}, files: [], estimate: null };
      return { jobId, kind, baseSnapshot, ...nothing, oldestReadable: raisedTo, cleanUp: ledger };
    }

    return async () => {
      const endedBefore = clock.now() - keepMs(keep);
      const { oldestReadable: before } = await snapshots.refresh();
      const oldest = await oldestReadable(options, endedBefore);
      const removals: Removal[] = [];
      context.progress(null, "looking for what nobody can ask for any more");
      const named = await namedFiles(options, oldest);
      for await (const removal of removalsOf({ ...options, named, endedBefore })) removals.push(removal);
      const leftovers = (await options.sweeper.leftovers()).filter(({ jobId, modifiedAt }) =>
        isOver({ ...options, endedBefore }, jobId, modifiedAt),
      );
      at("planned");
      if (dryRun) {
        const planned = createCleanUpCount();
        for (const { reason, files, bytes } of removals) planned.add(reason, files, bytes);
        for (const { files, bytes } of leftovers) planned.add("driver", files, bytes);
        return tell(context, resultOf(planned.ledger(true, oldest)));
      }
      signal.throwIfAborted();
      if (oldest > before) {
        raisedTo = oldest;
        await options.publish(resultOf(removed.ledger(false, oldest)));
        context.log(`from now on the oldest snapshot that can be read is ${String(oldest)}, before ${String(before)}`);
        at("published");
      }
      if (removals.some(({ reason }) => MAY_BE_READ.has(reason))) await letReadersFinish(context);
      await dropDatabases(context, oldest);
      at("dropped");
      await removeAll(context, removals, removed);
      for (const leftover of leftovers) await sweep(leftover, removed);
      return tell(context, resultOf(removed.ledger(false, oldest)));
    };
  };

  async function letReadersFinish({ signal, progress }: OwnJobContext): Promise<void> {
    const now = clock.now();
    const raisedAt = await givenUpAt(snapshots, now - LONGEST_READ_MS);
    if (raisedAt === null) return;
    progress(null, "waiting for those who still read older snapshots");
    // A moment in the future is another clock's.
    await clock.sleep(Math.min(raisedAt + LONGEST_READ_MS - now, LONGEST_READ_MS), signal);
    at("waited");
  }

  /** What is out of reach now is dropped by the next clean-up: files need not wait for it. */
  async function dropDatabases({ log }: OwnJobContext, oldest: number): Promise<void> {
    try {
      const dropped = await options.sweeper.dropBefore(oldest);
      if (dropped.length > 0) log(`dropped the databases of ${String(dropped.length)} snapshots`);
    } catch (thrown) {
      if (!isVitalomeError(thrown) || thrown.code !== "BACKEND_UNAVAILABLE") throw thrown;
      log(`databases of older snapshots stay until the next clean-up: ${thrown.message}`);
    }
  }

  async function removeAll(
    { signal, progress }: OwnJobContext,
    removals: readonly Removal[],
    removed: ReturnType<typeof createCleanUpCount>,
  ): Promise<void> {
    for (const [done, { path, reason, files, bytes }] of removals.entries()) {
      signal.throwIfAborted();
      progress(done / removals.length, "removing");
      await options.files.remove(path);
      removed.add(reason, files, bytes);
      at("removed");
    }
  }

  async function sweep(leftover: Leftover, removed: ReturnType<typeof createCleanUpCount>): Promise<void> {
    await leftover.remove();
    removed.add("driver", leftover.files, leftover.bytes);
    at("swept");
  }
}

/** The ledger in words. */
function tell({ log }: OwnJobContext, result: CleanUpResult): CleanUpResult {
  const { dryRun, oldestReadable: oldest, files, bytes, reasons } = result.cleanUp;
  const verb = dryRun ? "would remove" : "removed";
  for (const { reason, ...count } of reasons) {
    log(`${verb} ${String(count.files)} files, ${String(count.bytes)} bytes: ${reason}`);
  }
  log(`${verb} ${String(files)} files, ${String(bytes)} bytes; the oldest readable snapshot is ${String(oldest)}`);
  return result;
}
