import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { JobRunner } from "../../src/backend/index.js";
import type { JobRecord } from "../../src/domain/job.js";
import { DATASET_PUBLISHED, parseDatasetPublished } from "../../src/ingest/streams/dataset.js";
import { JOB_CHANGED, JOB_COMMANDED, parseJobChanged } from "../../src/ingest/streams/job.js";
import { readJobResult } from "../../src/jobs/run.js";
import { publishRun } from "../../src/lake/publish.js";
import { openSnapshots } from "../../src/lake/snapshots.js";
import { silentLog } from "../../src/log.js";
import { startJobWorker, type JobWorker } from "../../src/worker/job-worker.js";
import { createPublisher } from "../../src/worker/publisher.js";
import { nothingBeside } from "../../src/worker/sweeper.js";
import { openLiveLog, type LiveLog } from "../helpers/live-log.js";
import { buildChange, createStore, type Store } from "../lake/build.js";

const DAY = 24 * 3_600_000;

let live: LiveLog;
let store: Store;
let worker: JobWorker | null = null;
beforeEach(async () => {
  live = await openLiveLog();
  store = await createStore();
});
afterEach(async () => {
  await worker?.close();
  await live.close();
  await store.dispose();
});

async function submit(kind: string, parameters: object): Promise<void> {
  const command = { schema: 1, command: "submit", id: `a ${kind}`, kind, parameters, inputs: [], retryOf: null };
  const value = { ...command, submittedBy: "somebody", idempotencyKey: kind };
  await live.eventLog.append(JOB_COMMANDED, [{ key: kind, value }]);
}

/** The job once it has ended. */
async function endOf(kind: string): Promise<JobRecord> {
  const enough = new AbortController();
  for await (const event of live.eventLog.read(JOB_CHANGED, new Map(), enough.signal)) {
    if (event.kind !== "event") continue;
    const { job } = parseJobChanged(event);
    if (job.kind !== kind || job.endedAt === null) continue;
    enough.abort();
    return job;
  }
  throw new Error("the log has ended");
}

const nowhere: JobRunner = {
  submit: async () => Promise.reject(new Error("no job has a runner here")),
  status: async () => Promise.resolve({ state: "unknown" }),
  cancel: async () => Promise.resolve(),
  logs: async () => Promise.resolve([]),
  close: async () => Promise.resolve(),
};

describe("a clean-up in the worker", () => {
  it("needs no runner, is published once, and ends jobs that would read what is gone", async () => {
    const { files } = store;
    const { clock, eventLog } = live;
    const snapshots = await openSnapshots(files, silentLog);
    for (const [at, id] of ["a", "b"].entries()) {
      const remove = at === 0 ? {} : { call_sets: ["runs/a/data/call_sets.parquet"] };
      const change = await buildChange(files, id, ["call_sets"], { baseSnapshot: at, remove });
      const { snapshot } = await publishRun({ files, snapshots, clock }, change);
      await live.change({ id, state: "COMPLETE", endedAt: clock.now(), snapshotId: snapshot });
    }
    clock.ahead(2 * DAY);
    const buildIndexes = async (): Promise<never> => Promise.reject(new Error("nothing is indexed here"));
    const { publish } = createPublisher({ files, snapshots, eventLog, clock, buildIndexes });
    const kept = { files, snapshots, publish, sweeper: nothingBeside };
    worker = await startJobWorker({ log: silentLog, clock, eventLog, runner: nowhere, ...kept });
    await submit("clean-up", { keep: "24h", dryRun: false });
    expect(await endOf("clean-up")).toMatchObject({ state: "COMPLETE", baseSnapshot: 2, snapshotId: 3, error: null });
    expect(await readJobResult(files, "a clean-up")).toMatchObject({
      ...{ add: [], remove: {}, oldestReadable: 2 },
      cleanUp: { files: 1, oldestReadable: 2, reasons: [{ reason: "superseded", files: 1, bytes: 29 }] },
    });
    expect(await files.stat("runs/a/data/call_sets.parquet")).toBeNull();
    expect(await files.stat("runs/b/data/call_sets.parquet")).not.toBeNull();
    const published: unknown[] = [];
    const enough = new AbortController();
    for await (const event of eventLog.read(DATASET_PUBLISHED, new Map(), enough.signal)) {
      if (event.kind === "event") published.push(parseDatasetPublished(event));
      if (published.length === 3) break;
    }
    enough.abort();
    expect(published.at(-1)).toMatchObject({ id: 3, kind: "clean-up", tables: { call_sets: 1 } });
    expect(snapshots.latest()).toMatchObject({ snapshot: 3, oldestReadable: 2 });
    await submit("export", { snapshot: 1 });
    expect(await endOf("export")).toMatchObject({
      state: "EXECUTOR_ERROR",
      error: { code: "SNAPSHOT_EXPIRED", retryable: false },
    });
  });
});
