import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createEmbeddedFiles } from "../../src/backend/embedded/files.js";
import { createEmbeddedJobRunner } from "../../src/backend/embedded/job-runner.js";
import { systemClock } from "../../src/clock.js";
import type { JobRecord } from "../../src/domain/job.js";
import { VitalomeError } from "../../src/errors.js";
import { JOB_CHANGED, parseJobChanged } from "../../src/ingest/streams/job.js";
import { openSnapshots } from "../../src/lake/snapshots.js";
import { silentLog } from "../../src/log.js";
import { startJobWorker, type JobWorkerOptions } from "../../src/worker/job-worker.js";
import { nothingBeside } from "../../src/worker/sweeper.js";
import { openLiveLog, type LiveLog } from "../helpers/live-log.js";

let root: string;
let live: LiveLog;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "vitalome-worker-"));
  live = await openLiveLog();
});
afterEach(async () => {
  await live.close();
  await rm(root, { recursive: true, force: true });
});

/** What a process that was killed leaves of a job. */
async function leave(id: string, state: JobRecord["state"], files: Readonly<Record<string, string>>): Promise<void> {
  await live.change({ id, state });
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(root, "runs", id, path, ".."), { recursive: true });
    await writeFile(join(root, "runs", id, path), text);
  }
}

/** Starts the worker, lets it recover and stops it. */
async function recover(publish: JobWorkerOptions["publish"]): Promise<Map<string, JobRecord>> {
  const files = await createEmbeddedFiles({ root });
  const worker = await startJobWorker({
    log: silentLog,
    clock: systemClock,
    files,
    eventLog: live.eventLog,
    runner: createEmbeddedJobRunner({
      threadModule: new URL("../../src/thread.ts", import.meta.url),
      threadData: {},
      clock: systemClock,
      files,
    }),
    snapshots: await openSnapshots(files, silentLog),
    publish,
    sweeper: nothingBeside,
  });
  await worker.close();
  const [range] = await live.eventLog.positions(JOB_CHANGED);
  const jobs = new Map<string, JobRecord>();
  const enough = new AbortController();
  for await (const event of live.eventLog.read(JOB_CHANGED, new Map(), enough.signal)) {
    if (event.kind !== "event") continue;
    const { job } = parseJobChanged(event);
    jobs.set(job.id, job);
    if (event.offset + 1n >= (range?.end ?? 0n)) enough.abort();
  }
  return jobs;
}

const refusing: JobWorkerOptions["publish"] = async () =>
  Promise.reject(new VitalomeError("STORAGE_CORRUPT", "the catalog snapshots/000000000002.json is damaged"));

describe("recovery after a kill", () => {
  it("takes away what jobs had in hand, and nothing of those that had ended", async () => {
    const scratch = { "scratch/staging.duckdb": "rows", "scratch/spill/block": "rows", "spec.json": "{}" };
    await leave("killed", "RUNNING", scratch);
    await leave("cancelling", "CANCELING", scratch);
    await leave("ended", "COMPLETE", { "data/a.parquet": "rows", "spec.json": "{}" });
    const jobs = await recover(refusing);
    expect(await readdir(join(root, "runs", "killed"))).toEqual(["spec.json"]);
    expect(await readdir(join(root, "runs", "cancelling"))).toEqual(["spec.json"]);
    expect((await readdir(join(root, "runs", "ended"))).sort()).toEqual(["data", "spec.json"]);
    expect([...jobs.values()].map(({ id, state, error }) => [id, state, error?.code])).toEqual([
      ["killed", "EXECUTOR_ERROR", "EXECUTOR_ERROR"],
      ["cancelling", "CANCELED", undefined],
      ["ended", "COMPLETE", undefined],
    ]);
  });

  it("ends a job whose result cannot be published, and starts all the same", async () => {
    const result = {
      jobId: "done",
      kind: "ingest-variants",
      baseSnapshot: 0,
      add: [{ table: "variants", path: "runs/done/data/a.parquet", rows: 1, bytes: 4, meta: {} }],
      remove: {},
      files: [],
      estimate: null,
    };
    await leave("done", "RUNNING", { "result.json": JSON.stringify(result) });
    expect((await recover(refusing)).get("done")).toMatchObject({
      state: "EXECUTOR_ERROR",
      error: { code: "STORAGE_CORRUPT", retryable: false },
      snapshotId: null,
    });
  });
});
