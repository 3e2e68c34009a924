import type { Clock } from "../../clock.js";
import { VitalomeError, isVitalomeError, messageOf } from "../../errors.js";
import type { Log } from "../../log.js";
import type { Files, JobRunner, JobSpec, RunStatus } from "../index.js";
import { failureOfDriver } from "./submit/dead-driver.js";
import { startDriver, type DriverEnd, type DriverProcess } from "./submit/driver-process.js";
import { createRunFiles, type Failure, type Heartbeat } from "./submit/run-files.js";
import { createSilence, type Silence } from "./submit/silence.js";
import type { SparkSubmit } from "./submit/arguments.js";

export type { SparkSubmit } from "./submit/arguments.js";

export interface ClusterJobRunnerOptions {
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
  readonly submit: SparkSubmit;
}

/** A driver beats every 5 s; silent for so long it is dead. Milliseconds. */
const SILENCE_MS = 60_000;
/** Until its first beat it has a machine, a JVM and a session to come by. */
const START_MS = 300_000;
/** A driver looks for its cancel every second. */
const CANCEL_GRACE_MS = 15_000;
/** What the lake said is taken for true as long. */
const FRESH_MS = 400;
const POLL_MS = 500;
const CANCELED: Failure = { code: "CANCELED", message: "the job was cancelled" };

type Running = Extract<RunStatus, { state: "running" }>;

interface Run {
  /** Null: another process started it. */
  readonly driver: DriverProcess | null;
  readonly silence: Silence;
  end: DriverEnd | null;
  last: Running;
  readAt: number;
  /** Only of a driver of ours: what another process started, it may start again. */
  final: RunStatus | null;
  looking: Promise<RunStatus> | null;
  cancelling: Promise<void> | null;
}

/**
 * Runs each job as a Spark application that talks to the lake only. What a job is and how it ends is read there, so a job
 * whose runner died is found by the next one; what was never seen to end is ended when its heartbeat stops.
 */
export function createClusterJobRunner(options: ClusterJobRunnerOptions): JobRunner {
  const { clock, log, submit: how } = options;
  const lake = createRunFiles(options.files);
  const runs = new Map<string, Run>();
  const submitting = new Map<string, Promise<void>>();

  function follow(id: string, driver: DriverProcess | null): Run {
    const run: Run = {
      driver,
      silence: createSilence(),
      end: null,
      last: { state: "running", progress: null, stage: null, heartbeatAt: clock.now() },
      readAt: 0,
      final: null,
      looking: null,
      cancelling: null,
    };
    void driver?.ended.then((end) => {
      run.end = end;
      run.readAt = 0;
    });
    runs.set(id, run);
    return run;
  }

  function settle(id: string, run: Run, status: RunStatus): RunStatus {
    if (run.driver === null) {
      runs.delete(id);
      return status;
    }
    // Whoever cancels it says how it ended.
    if (run.cancelling !== null && status.state !== "canceled") return run.last;
    run.final = status;
    // A driver that has said how it ended still needs a moment to leave.
    const driver = run.driver;
    const keepOutput = status.state === "failed" && status.code === "EXECUTOR_ERROR";
    void driver.ended.then(async () => driver.sweep(keepOutput)).catch(() => undefined);
    return status;
  }

  async function writtenEnd(id: string): Promise<RunStatus | null> {
    if (await lake.hasResult(id)) return { state: "succeeded" };
    const failure = await lake.failure(id);
    if (failure === null) return null;
    return failure.code === "CANCELED" ? { state: "canceled" } : { state: "failed", ...failure };
  }

  /** What the lake, and the process if it is ours, say now. */
  async function look(id: string, run: Run): Promise<RunStatus> {
    // Asked before the lake: whatever a driver that is gone has written is then there.
    const end = run.end;
    const said = await writtenEnd(id);
    if (said !== null) return settle(id, run, said);
    if (run.driver !== null && end !== null) {
      const classes = await run.driver.faultClasses();
      log.error({ job: id, code: end.code, signal: end.signal, fault: end.fault, classes }, "a job's driver died");
      return bury(id, run, failureOfDriver(end, classes));
    }
    const beat = await lake.heartbeat(id);
    const since = beat?.at ?? (await lake.submittedAt(id));
    if (since === null && run.driver === null) {
      runs.delete(id);
      return { state: "unknown" };
    }
    const now = clock.now();
    if (since !== null) run.silence.see(now, since);
    if (run.silence.isDead(now, beat === null ? START_MS : SILENCE_MS)) {
      log.error({ job: id }, "a job's driver fell silent");
      await run.driver?.kill();
      // One that was only cut off ends when it comes back.
      await lake.writeCancel(id);
      const last = await writtenEnd(id);
      if (last !== null) return settle(id, run, last);
      return bury(id, run, { code: "EXECUTOR_ERROR", message: "the job has not been heard of for too long" });
    }
    await run.driver?.trimOutput();
    run.last = runningOf(beat, run.last);
    return run.last;
  }

  /** Writes down how a driver ended that could not do so itself. */
  async function bury(id: string, run: Run, failure: Failure): Promise<RunStatus> {
    if (run.driver !== null && run.cancelling !== null) return run.last;
    await lake.writeLog(id, [...(await lake.log(id)), `${new Date(clock.now()).toISOString()} ${failure.message}`]);
    await lake.writeFailure(id, failure);
    return settle(id, run, { state: "failed", ...failure });
  }

  async function status(id: string): Promise<RunStatus> {
    checkId(id);
    const run = runs.get(id) ?? follow(id, null);
    if (run.final !== null) return run.final;
    if (run.driver !== null && run.cancelling !== null) return run.last;
    if (run.readAt > 0 && clock.now() - run.readAt < FRESH_MS) return run.last;
    run.looking ??= look(id, run)
      .then(
        (found) => {
          run.readAt = clock.now();
          return found;
        },
        (thrown: unknown) => {
          run.silence.blind(clock.now());
          // While the lake is away nothing is known to have changed.
          if (run.driver !== null && isUnavailable(thrown)) return run.last;
          throw thrown;
        },
      )
      .finally(() => {
        run.looking = null;
      });
    return run.looking;
  }

  async function start(spec: JobSpec): Promise<void> {
    const before = runs.get(spec.id);
    await before?.cancelling;
    if ((await status(spec.id)).state === "running") return;
    await before?.driver?.ended;
    if ((await lake.prepare(spec)) === "exists") return;
    runs.delete(spec.id);
    try {
      follow(spec.id, await startDriver(how, spec.id, clock));
    } catch (thrown) {
      log.error({ job: spec.id, cause: messageOf(thrown) }, "a job's driver could not be started");
      await lake.writeFailure(spec.id, { code: "EXECUTOR_ERROR", message: "the job's process could not be started" });
    }
  }

  async function cancelOurs(id: string, run: Run, driver: DriverProcess): Promise<void> {
    // Before its first beat a driver looks at nothing.
    const listens = await lake.heartbeat(id).then((beat) => beat !== null, isUnavailable);
    if (listens) {
      const asked = await lake.writeCancel(id).then(
        () => true,
        () => false,
      );
      if (asked) await Promise.race([driver.ended, clock.sleep(CANCEL_GRACE_MS)]);
    }
    await driver.kill();
    try {
      await endCanceled(id);
    } catch (thrown) {
      log.warn({ job: id, cause: messageOf(thrown) }, "a cancelled job could not be written down");
    }
    settle(id, run, { state: "canceled" });
  }

  async function cancelForeign(id: string): Promise<void> {
    await lake.writeCancel(id);
    while ((await status(id)).state === "running") await clock.sleep(POLL_MS);
    await endCanceled(id);
  }

  /** A result that was faster than the cancel is not one. */
  async function endCanceled(id: string): Promise<void> {
    await lake.removeResult(id);
    if ((await lake.failure(id))?.code !== CANCELED.code) await lake.writeFailure(id, CANCELED);
  }

  async function cancel(id: string): Promise<void> {
    await submitting.get(id);
    if ((await status(id)).state !== "running") return;
    const run = runs.get(id);
    if (run === undefined) return;
    run.cancelling ??= run.driver === null ? cancelForeign(id) : cancelOurs(id, run, run.driver);
    await run.cancelling;
  }

  return {
    async submit(spec) {
      checkId(spec.id);
      const work = submitting.get(spec.id) ?? start(spec).finally(() => submitting.delete(spec.id));
      submitting.set(spec.id, work);
      await work;
    },
    status,
    cancel,
    async logs(id, lines) {
      checkId(id);
      return lines <= 0 ? [] : (await lake.log(id)).slice(-lines);
    },
    async close() {
      await Promise.all(submitting.values());
      await Promise.all(
        [...runs].flatMap(([id, run]) => (run.driver === null || run.final !== null ? [] : [cancel(id)])),
      );
    },
  };
}

function runningOf(beat: Heartbeat | null, before: Running): Running {
  if (beat === null) return before;
  return { state: "running", progress: beat.fraction ?? before.progress, stage: beat.stage, heartbeatAt: beat.at };
}

function isUnavailable(thrown: unknown): boolean {
  return isVitalomeError(thrown) && thrown.code === "BACKEND_UNAVAILABLE";
}

/** It names folders and stands among the arguments of a command. */
function checkId(id: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(id) || id.includes(".."))
    throw new VitalomeError("BAD_USER_INPUT", "not the id of a job", { details: { field: "id" } });
}
