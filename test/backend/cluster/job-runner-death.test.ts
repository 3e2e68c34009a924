import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClusterFiles } from "../../../src/backend/cluster/files.js";
import { createClusterJobRunner } from "../../../src/backend/cluster/job-runner.js";
import type { Files, JobRunner, RunStatus } from "../../../src/backend/index.js";
import { systemClock } from "../../../src/clock.js";
import { silentLog } from "../../../src/log.js";
import type { Stack } from "../../../src/stack/index.js";
import { ensureBuilt } from "../../helpers/built.js";
import { buildIngestSpec, storeVcf } from "../../helpers/ingest-spec.js";
import { sparkSubmit } from "../../helpers/spark-submit.js";
import { STACK_TIMEOUT_MS, stackForTests } from "../../helpers/stack.js";
import { generateVcf } from "../../helpers/vcf.js";

jest.setTimeout(STACK_TIMEOUT_MS);

/** Java processes that run the job. */
function driversOf(id: string): readonly number[] {
  return execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes(`--job ${id}`) && line.includes("SparkSubmit"))
    .map((line) => Number.parseInt(line, 10));
}

const sleep = async (): Promise<void> => systemClock.sleep(200);

describe("a Spark job whose", () => {
  let stack: Stack;
  let files: Files;
  let localScratch = "";
  let uri = "";
  const root = `/tests/runner-death-${String(process.pid)}-${String(Date.now())}`;
  const runners: JobRunner[] = [];
  const newRunner = (): JobRunner => {
    const submit = sparkSubmit(stack, root, localScratch);
    const runner = createClusterJobRunner({ files, clock: systemClock, log: silentLog, submit });
    runners.push(runner);
    return runner;
  };
  beforeAll(async () => {
    stack = await stackForTests();
    localScratch = await mkdtemp(join(tmpdir(), "vitalome-spark-"));
    files = createClusterFiles({ webhdfs: stack.webhdfs, user: stack.user, root, clock: systemClock });
    uri = await storeVcf(files, generateVcf(4_000, 1_500, 5));
  });
  afterAll(async () => {
    for (const runner of runners) await runner.close();
    await files.remove("raw");
    await files.remove("runs");
    await rm(localScratch, { recursive: true, force: true });
  });

  async function ended(runner: JobRunner, id: string): Promise<RunStatus> {
    for (;;) {
      const status = await runner.status(id);
      if (status.state !== "running") return status;
      await sleep();
    }
  }

  async function beats(id: string): Promise<void> {
    while ((await files.stat(`runs/${id}/status.json`)) === null) await sleep();
  }

  it("driver is killed fails with EXECUTOR_ERROR, says so to every runner, and leaves no result", async () => {
    const runner = newRunner();
    await runner.submit(buildIngestSpec("job-killed", uri));
    await beats("job-killed");
    for (const pid of driversOf("job-killed")) process.kill(pid, "SIGKILL");
    const failure = { state: "failed", code: "EXECUTOR_ERROR" };
    expect(await ended(runner, "job-killed")).toMatchObject({
      ...failure,
      message: expect.stringContaining("was killed (SIGKILL)"),
    });
    expect(await newRunner().status("job-killed")).toMatchObject(failure);
    expect(await files.stat("runs/job-killed/result.json")).toBeNull();
    expect(await runner.logs("job-killed", 1)).toEqual([expect.stringContaining("was killed")]);
    expect(execFileSync("ps", ["-eo", "args="], { encoding: "utf8" })).not.toContain("--job job-killed");
  });

  it("runner is killed is found by the next one, never started twice, and ended by it", async () => {
    const spec = buildIngestSpec("job-orphan", uri);
    const work = {
      dist: await ensureBuilt(),
      webhdfs: stack.webhdfs,
      user: stack.user,
      root,
      submit: sparkSubmit(stack, root, localScratch),
      spec,
    };
    const child = spawn(process.execPath, [join(import.meta.dirname, "job-runner-child.mjs"), JSON.stringify(work)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise<void>((resolve, reject) => {
      child.stdout.on("data", () => {
        resolve();
      });
      child.on("exit", () => {
        reject(new Error("the runner's process ended"));
      });
    });
    child.kill("SIGKILL");
    const runner = newRunner();
    expect(await runner.status("job-orphan")).toMatchObject({ state: "running" });
    await runner.submit(spec);
    await beats("job-orphan");
    expect(driversOf("job-orphan")).toHaveLength(1);
    expect(await runner.status("job-orphan")).toMatchObject({ state: "running" });
    await runner.cancel("job-orphan");
    expect(await runner.status("job-orphan")).toEqual({ state: "canceled" });
    expect(await files.stat("runs/job-orphan/result.json")).toBeNull();
  });

  it("start command is not there fails with EXECUTOR_ERROR", async () => {
    const submit = { ...sparkSubmit(stack, root, localScratch), sparkSubmit: "/nowhere/spark-submit" };
    const runner = createClusterJobRunner({ files, clock: systemClock, log: silentLog, submit });
    await runner.submit(buildIngestSpec("job-unstarted", uri));
    expect(await ended(runner, "job-unstarted")).toMatchObject({
      state: "failed",
      code: "EXECUTOR_ERROR",
      message: "spark-submit could not be started (ENOENT)",
    });
  });
});
