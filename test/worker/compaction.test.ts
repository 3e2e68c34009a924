import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { join } from "node:path";
import type { JobRunner, JobSpec, RunStatus } from "../../src/backend/index.js";
import type { JobRecord } from "../../src/domain/job.js";
import { JOB_CHANGED, JOB_COMMANDED, parseStoredJobs } from "../../src/ingest/streams/job.js";
import { VITALS_ACCEPTED } from "../../src/ingest/streams/observation.js";
import { COMPACT_LOG } from "../../src/jobs/compact-log.js";
import { stagedFolder, stagedPath } from "../../src/jobs/compact-log/staged-events.js";
import { runJob } from "../../src/jobs/run.js";
import { horizonOf } from "../../src/lake/horizon.js";
import { silentLog } from "../../src/log.js";
import { startJobFold } from "../../src/views/job-fold.js";
import { createLogFloors } from "../../src/worker/compaction/floors.js";
import { createCompactionHandOver } from "../../src/worker/compaction/hand-over.js";
import { startCompactionSchedule, type CompactionSchedule } from "../../src/worker/compaction/schedule.js";
import { startJobWorker, type JobWorker } from "../../src/worker/job-worker.js";
import { nothingBeside } from "../../src/worker/sweeper.js";
import { openCompaction, type Compaction } from "../helpers/compaction.js";
import { buildJob, openLiveLog, type LiveLog } from "../helpers/live-log.js";
import { buildReading } from "../helpers/live-views.js";

const MINUTES = 60_000;
const FEW = { events: 3, ms: 10 * MINUTES };

let live: LiveLog;
let compaction: Compaction;
let worker: JobWorker | null = null;
let schedule: CompactionSchedule | null = null;
beforeEach(async () => {
  live = await openLiveLog();
  compaction = await openCompaction(live);
});
afterEach(async () => {
  await schedule?.close();
  await worker?.close();
  schedule = worker = null;
  await live.close();
  await compaction.close();
});

/** Runs jobs in this process; `before` may hold one up. */
function inProcess(before: (spec: JobSpec) => Promise<void> = async () => Promise.resolve()): JobRunner {
  const statuses = new Map<string, RunStatus>();
  const stops = new Map<string, AbortController>();
  const runs = new Map<string, Promise<unknown>>();
  const { store, snapshots } = compaction;
  const { files, root } = store;
  return {
    async submit(spec) {
      statuses.set(spec.id, { state: "running", progress: null, stage: null, heartbeatAt: 0 });
      const stop = new AbortController();
      stops.set(spec.id, stop);
      await before(spec);
      const { signal } = stop;
      if (signal.aborted) return;
      const quiet = { progress: () => undefined, log: () => undefined };
      const how = { files, snapshots, clock: live.clock, signal, root, memoryLimit: "500MB", threads: 1, ...quiet };
      const run = runJob(spec, how).then(
        () => statuses.set(spec.id, { state: "succeeded" }),
        () => statuses.set(spec.id, { state: "failed", code: "EXECUTOR_ERROR", message: "it failed" }),
      );
      runs.set(spec.id, run);
    },
    status: async (id) => Promise.resolve(statuses.get(id) ?? { state: "unknown" }),
    async cancel(id) {
      stops.get(id)?.abort(new Error("cancelled"));
      await runs.get(id);
    },
    logs: async () => Promise.resolve([]),
    async close() {
      await Promise.all(runs.values());
    },
  };
}

async function start(runner = inProcess()): Promise<JobWorker> {
  const { store, snapshots, publish } = compaction;
  const { eventLog, clock } = live;
  const handOver = createCompactionHandOver({ eventLog, files: store.files, log: silentLog, jobsReachLog: false });
  worker = await startJobWorker({
    ...{ log: silentLog, clock, eventLog, runner, files: store.files, snapshots, publish, sweeper: nothingBeside },
    known: parseStoredJobs((await compaction.reader()).logged.jobs()),
    handOver: { [COMPACT_LOG]: handOver },
  });
  return worker;
}

function startSchedule(): void {
  if (worker === null) throw new Error("no worker");
  const { eventLog, clock } = live;
  const { snapshots } = compaction;
  const floors = createLogFloors();
  schedule = startCompactionSchedule({ eventLog, clock, log: silentLog, snapshots, floors, worker, limits: FEW });
}

const accept = async (...ids: readonly string[]): Promise<void> => {
  await live.eventLog.append(
    VITALS_ACCEPTED,
    ids.map((eventId) => ({ key: "p1", value: buildReading({ eventId }) })),
  );
};

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let left = 500; !(await condition()); left -= 1) {
    if (left === 0) throw new Error("it did not happen");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const isUnstaged = async (): Promise<boolean> =>
  (await compaction.store.files.stat(stagedPath("one", VITALS_ACCEPTED))) === null;

/** Long enough for the schedule to have looked several times. */
const aWhile = async (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 300));

const compactions = (): readonly JobRecord[] =>
  [...(worker?.jobs.values() ?? [])].filter(({ kind }) => kind === COMPACT_LOG);
const ended = (count: number) => (): boolean => compactions().filter(({ endedAt }) => endedAt !== null).length >= count;

describe("bringing the log into tables", () => {
  it("begins by itself when enough events wait, or any have waited long enough, and never for its own sake", async () => {
    await start();
    startSchedule();
    await accept("a", "b");
    await aWhile();
    expect([compactions().length, schedule?.pending()]).toEqual([0, 2]);
    await accept("c");
    await until(ended(1));
    expect(compactions()).toMatchObject([{ state: "COMPLETE", submittedBy: "worker", snapshotId: 1, error: null }]);
    live.clock.ahead(60 * MINUTES);
    await aWhile();
    expect([compactions().length, schedule?.pending()]).toEqual([1, 0]);
    await accept("d");
    await until(ended(2));
    expect(await compaction.rows("vitals")).toHaveLength(4);
    await live.change({ id: "ingest", state: "COMPLETE", endedAt: 1 });
    await aWhile();
    expect(compactions()).toHaveLength(2);
  });

  it("takes what other jobs did as a reason", async () => {
    await live.change({ id: "ingest", state: "COMPLETE", endedAt: 1 });
    await start();
    startSchedule();
    live.clock.ahead(11 * MINUTES);
    await until(ended(1));
    const { logged } = await compaction.reader();
    expect([...parseStoredJobs(logged.jobs())].map(({ id, state }) => [id, state])).toContainEqual([
      "ingest",
      "COMPLETE",
    ]);
  });

  it("tries again after one that failed, and not at once", async () => {
    const broken = inProcess(async () => Promise.reject(new Error("no runner")));
    await start(broken);
    startSchedule();
    await accept("a", "b", "c");
    await until(ended(1));
    await aWhile();
    expect(compactions()).toMatchObject([{ state: "EXECUTOR_ERROR" }]);
    live.clock.ahead(MINUTES);
    await until(ended(2));
    expect(compaction.snapshots.latest().snapshot).toBe(0);
  });

  it("fixes the range when it hands the job over: what comes later is left for the next", async () => {
    await accept("a");
    await start(inProcess(async () => accept("later")));
    await submit("one");
    await until(ended(1));
    const catalog = compaction.snapshots.latest();
    const partition = [...horizonOf(catalog, VITALS_ACCEPTED)].find(([, next]) => next > 0n);
    expect(partition?.[1]).toBe(1n);
    expect((await compaction.rows("vitals")).map((row) => row["event_id"])).toEqual(["a"]);
    await until(isUnstaged);
  });

  it("publishes nothing when it is cancelled, and leaves nothing of what was staged", async () => {
    await accept("a");
    let cancelled = false;
    const runner = inProcess(async ({ id }) => {
      await eventLogCommand({ command: "cancel", id });
      await until(() => worker?.jobs.get(id)?.state === "CANCELING");
      cancelled = true;
    });
    await start(runner);
    await submit("one");
    await until(ended(1));
    expect(cancelled).toBe(true);
    expect(compactions()).toMatchObject([{ state: "CANCELED", snapshotId: null }]);
    expect(compaction.snapshots.latest().snapshot).toBe(0);
    await until(isUnstaged);
  });

  it("is begun anew after a kill: what was half done is thrown away, and nothing is there twice", async () => {
    await accept("a", "b");
    await compaction.store.files.write(join(stagedFolder("killed"), "x.ndjson"), bytes("half a line"));
    await live.change({ id: "killed", kind: COMPACT_LOG, state: "RUNNING" });
    await start();
    expect(worker?.jobs.get("killed")).toMatchObject({ state: "EXECUTOR_ERROR" });
    expect(await compaction.store.files.stat(join(stagedFolder("killed"), "x.ndjson"))).toBeNull();
    await submit("one");
    await until(ended(2));
    expect(await compaction.rows("vitals")).toHaveLength(2);
  });
});

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}

const eventLogCommand = async (command: object): Promise<void> => {
  await live.eventLog.append(JOB_COMMANDED, [{ key: "one", value: { schema: 1, submittedBy: "me", ...command } }]);
};
const submit = async (id: string): Promise<void> =>
  eventLogCommand({
    ...{ command: "submit", id, kind: COMPACT_LOG, parameters: {}, inputs: [], idempotencyKey: id, retryOf: null },
  });

describe("jobs that the log no longer tells of", () => {
  it("are read from the newest snapshot, by whoever serves and by the worker, and go on from there", async () => {
    const old = buildJob({ id: "old", state: "COMPLETE", endedAt: 5, version: 9 });
    await live.change(old, { id: "open", version: 1, state: "QUEUED" });
    const catalog = await compaction.compact("one");
    // A log that is younger than the snapshot, as after its retention has passed everything.
    const young = await openLiveLog();
    try {
      for (let at = 0; at < 3; at += 1) await young.change({ id: "later", version: at + 1 });
      const { eventLog, clock } = young;
      const stop = new AbortController();
      const { logged } = await compaction.reader();
      const fold = await startJobFold({
        ...{ eventLog, clock, signal: stop.signal, onFailure: () => undefined },
        stored: async () =>
          Promise.resolve({ jobs: parseStoredJobs(logged.jobs()), next: horizonOf(catalog, JOB_CHANGED) }),
      });
      expect(fold.jobs.get("old")).toEqual(old);
      expect((await fold.untilJob("later", ({ version }) => version === 3)).id).toBe("later");
      stop.abort(new Error("done"));
    } finally {
      await young.close();
    }
    const started = await start();
    expect(started.jobs.get("old")).toEqual(old);
    expect(started.changedUpTo()).toBe(2n);
  });
});

describe("what the log has to keep for tables", () => {
  it("is what the tables of some readable snapshot do not hold", async () => {
    const floors = createLogFloors();
    const partition = 0;
    const needed = (): bigint | null => floors.needs(JOB_CHANGED, partition);
    expect([needed(), floors.needs(VITALS_ACCEPTED, 3), floors.needs("audit.recorded.v1", 0)]).toEqual([0n, 0n, null]);
    await live.change({ id: "a" }, { id: "b" });
    const first = await compaction.run("one");
    await compaction.publish(first);
    await live.change({ id: "c" });
    await compaction.compact("two");
    await floors.update(compaction.snapshots);
    // The empty store can still be read.
    expect(needed()).toBe(0n);
    const tidy = async (jobId: string, oldestReadable: number): Promise<void> => {
      const { snapshot: baseSnapshot } = compaction.snapshots.latest();
      const nothing = { add: [], remove: {}, files: [], estimate: null };
      await compaction.publish({ jobId, kind: "clean-up", baseSnapshot, ...nothing, oldestReadable } as never);
      await floors.update(compaction.snapshots);
    };
    await tidy("tidy", 1);
    expect(needed()).toBe(2n);
    await tidy("tidier", 2);
    expect(needed()).toBe(3n);
  });
});
