import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEmbeddedFiles } from "../../src/backend/embedded/files.js";
import type { EventLog, JobRunner, RunStatus } from "../../src/backend/index.js";
import type { JobRecord } from "../../src/domain/job.js";
import { VitalomeError } from "../../src/errors.js";
import { JOB_CHANGED, JOB_COMMANDED, parseJobChanged } from "../../src/ingest/streams/job.js";
import { openSnapshots } from "../../src/lake/snapshots.js";
import { silentLog } from "../../src/log.js";
import { startJobWorker, type JobWorker } from "../../src/worker/job-worker.js";
import { nothingBeside } from "../../src/worker/sweeper.js";
import { openLiveLog, type LiveLog } from "../helpers/live-log.js";

let root: string;
let live: LiveLog;
let worker: JobWorker | null = null;
/** Calls that fail before the log is in reach again; half of them after they wrote. */
let outage = 0;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "vitalome-outage-"));
  live = await openLiveLog();
  outage = 0;
});
afterEach(async () => {
  await worker?.close();
  await live.close();
  await rm(root, { recursive: true, force: true });
});

/** The log as it looks from behind a broken network: a write may arrive although its answer does not. */
function unreliable(log: EventLog): EventLog {
  const away = (): Promise<never> => Promise.reject(new VitalomeError("BACKEND_UNAVAILABLE", "Kafka is out of reach"));
  const broken = async <T>(work: () => Promise<T>): Promise<T> => {
    if (outage === 0) return work();
    outage -= 1;
    if (outage % 2 === 0) await work();
    return away();
  };
  return {
    ...log,
    append: (topic, events) => broken(() => log.append(topic, events)),
    transact: (place, work) => broken(() => log.transact(place, work)),
  };
}

/** Runs elsewhere: what it submits, and how each job stands. */
function elsewhere(statuses: Map<string, RunStatus>): JobRunner & { readonly submitted: string[] } {
  const submitted: string[] = [];
  return {
    submitted,
    submit: async ({ id }) => {
      submitted.push(id);
      statuses.set(id, { state: "failed", code: "EXECUTOR_ERROR", message: "as asked" });
      return Promise.resolve();
    },
    status: async (id) => Promise.resolve(statuses.get(id) ?? { state: "unknown" }),
    cancel: async () => Promise.resolve(),
    logs: async () => Promise.resolve([]),
    close: async () => Promise.resolve(),
  };
}

async function start(runner: JobRunner): Promise<void> {
  const files = await createEmbeddedFiles({ root });
  worker = await startJobWorker({
    log: silentLog,
    clock: live.clock,
    files,
    eventLog: unreliable(live.eventLog),
    runner,
    snapshots: await openSnapshots(files, silentLog),
    publish: async () => Promise.reject(new Error("nothing is published here")),
    sweeper: nothingBeside,
  });
}

/** Every transition of one job as the log holds it, until it has ended. */
async function transitionsOf(id: string): Promise<readonly JobRecord[]> {
  const transitions: JobRecord[] = [];
  const enough = new AbortController();
  for await (const event of live.eventLog.read(JOB_CHANGED, new Map(), enough.signal)) {
    if (event.kind !== "event" || event.key !== id) continue;
    const { job } = parseJobChanged(event);
    transitions.push(job);
    if (job.endedAt !== null) enough.abort();
  }
  return transitions;
}

/** States of one job, each version once. */
async function statesOf(id: string): Promise<readonly string[]> {
  return [...new Map((await transitionsOf(id)).map((job) => [job.version, job.state])).values()];
}

const submit = (id: string): object => ({
  ...{ schema: 1, command: "submit", id, kind: "annotate-variants", parameters: {}, inputs: [], submittedBy: "me" },
  ...{ idempotencyKey: id, retryOf: null },
});

describe("a worker whose log is out of reach for a while", () => {
  it("takes each command once and goes on with the next", async () => {
    const runner = elsewhere(new Map());
    await start(runner);
    outage = 5;
    await live.eventLog.append(JOB_COMMANDED, [{ key: "first", value: submit("first") }]);
    expect(await statesOf("first")).toEqual(["QUEUED", "RUNNING", "EXECUTOR_ERROR"]);
    expect((await transitionsOf("first")).filter(({ state }) => state === "QUEUED")).toHaveLength(1);
    outage = 4;
    await live.eventLog.append(JOB_COMMANDED, [{ key: "second", value: submit("second") }]);
    expect(await statesOf("second")).toEqual(["QUEUED", "RUNNING", "EXECUTOR_ERROR"]);
    expect(runner.submitted).toEqual(["first", "second"]);
    expect(worker?.fault()).toBeNull();
  });
});

describe("a worker", () => {
  it("passes over what is no command, whoever wrote it", async () => {
    await start(elsewhere(new Map()));
    await live.eventLog.append(JOB_COMMANDED, [
      { key: "x", value: "not a command" },
      { key: "y", value: { schema: 99, command: "explode" } },
      { key: "job", value: submit("job") },
    ]);
    expect(await statesOf("job")).toEqual(["QUEUED", "RUNNING", "EXECUTOR_ERROR"]);
    expect(worker?.fault()).toBeNull();
  });

  it("follows on what runs elsewhere since before it started, and starts it no second time", async () => {
    await live.change({ id: "running", state: "RUNNING", version: 2 });
    const statuses = new Map<string, RunStatus>([
      ["running", { state: "running", progress: 0.5, stage: "reading", heartbeatAt: live.clock.now() }],
    ]);
    const runner = elsewhere(statuses);
    await start(runner);
    const transitions = transitionsOf("running");
    await live.clock.sleep(10);
    statuses.set("running", { state: "failed", code: "STORAGE_FULL", message: "as asked" });
    expect((await transitions).at(-1)?.error).toMatchObject({ code: "STORAGE_FULL", message: "as asked" });
    expect(runner.submitted).toEqual([]);
  });
});
