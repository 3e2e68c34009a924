import { Readable } from "node:stream";
import type { Files, JobRunner, JobSpec, RunStatus } from "../backend/index.js";
import type { Clock } from "../clock.js";
import { isVitalomeError, messageOf } from "../errors.js";
import type { JobResult } from "../jobs/context.js";
import { resultPath, runFolder } from "../jobs/run.js";
import type { Log } from "../log.js";
import { whileAway } from "./while-away.js";

/** What a job that the worker does itself may touch. */
export interface OwnJobContext {
  readonly spec: JobSpec;
  /** Ends the job. */
  readonly signal: AbortSignal;
  progress(fraction: number | null, stage: string): void;
  log(line: string): void;
}

/** Called once per run; what it answers is called again as long as the store is out of reach. */
export type OwnJob = (context: OwnJobContext) => () => Promise<JobResult>;

export interface OwnJobsOptions {
  /** Runs every other job. */
  readonly runner: JobRunner;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
  /** By kind. */
  readonly own: Readonly<Record<string, OwnJob>>;
}

export interface OwnJobRunner extends JobRunner {
  /** Ends the jobs of its own kinds alone: those of the runner are somebody else's by now. */
  closeOwn(): Promise<void>;
}

interface Run {
  readonly stop: AbortController;
  readonly lines: string[];
  status: RunStatus;
  ended: Promise<void>;
}

/**
 * A runner that does jobs of its own kinds in this process, with the same result and log as any other. They are arithmetic
 * over catalogs and need nothing but the store. They end with the process: none of them goes on without it.
 */
export function withOwnJobs({ runner, files, clock, log, own }: OwnJobsOptions): OwnJobRunner {
  const runs = new Map<string, Run>();

  async function write(path: string, value: unknown): Promise<void> {
    await files.write(path, Readable.from([Buffer.from(JSON.stringify(value))]));
  }

  async function carryOut(spec: JobSpec, job: OwnJob, run: Run): Promise<RunStatus> {
    const { signal } = run.stop;
    const say = (line: string): void => {
      run.lines.push(`${new Date(clock.now()).toISOString()} ${line}`);
    };
    say(`${spec.kind} on snapshot ${String(spec.baseSnapshot)}`);
    try {
      const work = job({
        spec,
        signal,
        log: say,
        progress(fraction, stage) {
          run.status = { state: "running", progress: fraction, stage, heartbeatAt: clock.now() };
        },
      });
      const result = await whileAway(work, { clock, signal });
      signal.throwIfAborted();
      await whileAway(() => write(resultPath(spec.id), result), { clock, signal });
      return { state: "succeeded" };
    } catch (thrown) {
      if (signal.aborted) return { state: "canceled" };
      const isKnown = isVitalomeError(thrown);
      if (!isKnown) log.error({ job: spec.id, cause: messageOf(thrown) }, "a job of the worker failed");
      const code = isKnown ? thrown.code : "INTERNAL_SERVER_ERROR";
      const message = isKnown ? thrown.message : "the job failed";
      say(`${code}: ${message}`);
      return { state: "failed", code, message };
    } finally {
      // A store that is out of reach or full costs the log, not the job.
      await write(`${runFolder(spec.id)}/log.json`, run.lines).catch(() => undefined);
    }
  }

  async function cancel(id: string): Promise<void> {
    const run = runs.get(id);
    if (run === undefined) {
      await runner.cancel(id);
      return;
    }
    run.stop.abort(new Error("cancelled"));
    await run.ended;
  }

  async function closeOwn(): Promise<void> {
    await Promise.all([...runs.keys()].map(cancel));
  }

  return {
    async submit(spec) {
      const job = own[spec.kind];
      if (job === undefined) {
        await runner.submit(spec);
        return;
      }
      await runs.get(spec.id)?.ended;
      const status = { state: "running", progress: null, stage: null, heartbeatAt: clock.now() } as const;
      const run: Run = { stop: new AbortController(), lines: [], status, ended: Promise.resolve() };
      runs.set(spec.id, run);
      run.ended = carryOut(spec, job, run).then((end) => {
        run.status = end;
      });
    },
    status: async (id) => runs.get(id)?.status ?? runner.status(id),
    cancel,
    async logs(id, lines) {
      const run = runs.get(id);
      if (run === undefined) return runner.logs(id, lines);
      return lines <= 0 ? [] : run.lines.slice(-lines);
    },
    closeOwn,
    async close() {
      await closeOwn();
      await runner.close();
    },
  };
}
