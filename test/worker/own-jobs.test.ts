import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { JobRunner, JobSpec, RunStatus } from "../../src/backend/index.js";
import { VitalomeError } from "../../src/errors.js";
import { readJobResult } from "../../src/jobs/run.js";
import { silentLog } from "../../src/log.js";
import { withOwnJobs, type OwnJob } from "../../src/worker/own-jobs.js";
import { createStore, fixedClock, type Store } from "../lake/build.js";

let store: Store;
beforeEach(async () => {
  store = await createStore();
});
afterEach(async () => {
  await store.dispose();
});

const asked: string[] = [];
const elsewhere: JobRunner = {
  submit: async ({ id }) => Promise.resolve(void asked.push(`submit ${id}`)),
  status: async () => Promise.resolve({ state: "unknown" }),
  cancel: async (id) => Promise.resolve(void asked.push(`cancel ${id}`)),
  logs: async () => Promise.resolve(["elsewhere"]),
  close: async () => Promise.resolve(),
};

function runnerOf(job: OwnJob): JobRunner {
  return withOwnJobs({ runner: elsewhere, files: store.files, clock: fixedClock, log: silentLog, own: { own: job } });
}

const spec = (id: string, kind = "own"): JobSpec => ({
  ...{ id, kind, parameters: {}, baseSnapshot: 3, submittedBy: "somebody" },
});
const result = { jobId: "j", kind: "own", baseSnapshot: 3, add: [], remove: {}, files: [], estimate: null };

async function endOf(runner: JobRunner, id: string): Promise<RunStatus> {
  for (;;) {
    const status = await runner.status(id);
    if (status.state !== "running") return status;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("jobs that the worker does itself", () => {
  it("leave a result and a log as any other, and are told from those of the runner", async () => {
    const runner = runnerOf(({ log, progress }) => async () => {
      progress(0.5, "half");
      log("a line");
      return Promise.resolve(result);
    });
    await runner.submit(spec("j"));
    expect(await endOf(runner, "j")).toEqual({ state: "succeeded" });
    expect(await readJobResult(store.files, "j")).toEqual(result);
    const lines = [expect.stringMatching(/Z own on snapshot 3$/), expect.stringMatching(/Z a line$/)];
    expect(await runner.logs("j", 10)).toEqual(lines);
    expect(await runner.logs("j", 0)).toEqual([]);
    const chunks: Uint8Array[] = [];
    for await (const chunk of store.files.read("runs/j/log.json")) chunks.push(chunk);
    expect(JSON.parse(Buffer.concat(chunks).toString())).toEqual(lines);
    await runner.submit(spec("other", "ingest-variants"));
    await runner.cancel("other");
    expect(asked).toEqual(["submit other", "cancel other"]);
    expect(await runner.logs("other", 1)).toEqual(["elsewhere"]);
  });

  it("go on where they were when the store comes back", async () => {
    let calls = 0;
    const runner = runnerOf(() => async () => {
      calls += 1;
      if (calls < 3) throw new VitalomeError("BACKEND_UNAVAILABLE", "HDFS is out of reach");
      return Promise.resolve(result);
    });
    await runner.submit(spec("j"));
    expect(await endOf(runner, "j")).toEqual({ state: "succeeded" });
    expect(calls).toBe(3);
  });

  it("fail with their own reason, and with none of a fault that has no code", async () => {
    const failing = (thrown: Error): JobRunner => runnerOf(() => async () => Promise.reject(thrown));
    const known = failing(new VitalomeError("CONFLICT", "later runs build on it"));
    await known.submit(spec("known"));
    expect(await endOf(known, "known")).toEqual({
      state: "failed",
      code: "CONFLICT",
      message: "later runs build on it",
    });
    expect((await known.logs("known", 1))[0]).toMatch(/ CONFLICT: later runs build on it$/);
    const unknown = failing(new Error("at /some/path"));
    await unknown.submit(spec("unknown"));
    expect(await endOf(unknown, "unknown")).toEqual({
      ...{ state: "failed", code: "INTERNAL_SERVER_ERROR", message: "the job failed" },
    });
    expect(await readJobResult(store.files, "known")).toBeNull();
  });

  it("end when they are cancelled or the worker closes, and leave no result", async () => {
    const runner = runnerOf(({ signal }) => async () => {
      await new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => {
          resolve();
        });
      });
      return result;
    });
    await runner.submit(spec("cancelled"));
    await runner.cancel("cancelled");
    expect(await runner.status("cancelled")).toEqual({ state: "canceled" });
    expect(await readJobResult(store.files, "cancelled")).toBeNull();
    await runner.submit(spec("closed"));
    await runner.close();
    expect(await runner.status("closed")).toEqual({ state: "canceled" });
  });
});
