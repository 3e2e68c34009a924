import { Readable } from "node:stream";
import { Worker } from "node:worker_threads";
import type { Clock } from "../../clock.js";
import type { Files, JobRunner, JobSpec, RunStatus } from "../index.js";

/** What a job's thread tells its runner. */
export type ThreadMessage =
  | { readonly kind: "progress"; readonly fraction: number | null; readonly stage: string }
  | { readonly kind: "log"; readonly line: string }
  | { readonly kind: "succeeded"; readonly value: unknown }
  | { readonly kind: "failed"; readonly code: string; readonly message: string };

export interface EmbeddedJobRunnerOptions {
  /** The compiled composition root of worker threads. */
  readonly threadModule: URL;
  /** Handed to each thread beside its task. */
  readonly threadData: Readonly<Record<string, unknown>>;
  readonly clock: Clock;
  readonly files: Files;
}

const LOG_LINES = 1000;
const CANCEL_GRACE_MS = 5_000;

interface Running {
  readonly worker: Worker;
  readonly ended: Promise<void>;
}

function logPath(id: string): string {
  return `runs/${id}/log.json`;
}

/** Runs each job in a worker thread of this process: a crash of the process ends its jobs with it. */
export function createEmbeddedJobRunner(options: EmbeddedJobRunnerOptions): JobRunner {
  const running = new Map<string, Running>();
  const statuses = new Map<string, RunStatus>();
  const lines = new Map<string, string[]>();

  function settle(id: string, status: RunStatus): void {
    if (statuses.get(id)?.state === "running") statuses.set(id, status);
  }

  /** Readers of a later process find the lines beside the run. A disk that is full costs the log, not the job. */
  async function keepLog(id: string, logged: readonly string[]): Promise<void> {
    await options.files.write(logPath(id), Readable.from([Buffer.from(JSON.stringify(logged))])).catch(() => undefined);
  }

  async function readLog(id: string): Promise<readonly string[]> {
    if ((await options.files.stat(logPath(id))) === null) return [];
    const chunks: Uint8Array[] = [];
    for await (const chunk of options.files.read(logPath(id))) chunks.push(chunk);
    return JSON.parse(Buffer.concat(chunks).toString("utf8")) as readonly string[];
  }

  async function submit(spec: JobSpec): Promise<void> {
    const before = running.get(spec.id);
    if (before !== undefined) {
      if (statuses.get(spec.id)?.state === "running") return;
      // It has said how it ended, and its thread is about to follow.
      await before.ended;
    }
    statuses.set(spec.id, { state: "running", progress: null, stage: null, heartbeatAt: options.clock.now() });
    const logged: string[] = [];
    lines.set(spec.id, logged);
    const worker = new Worker(options.threadModule, { workerData: { ...options.threadData, task: "job", spec } });
    const ended = new Promise<void>((resolve) => {
      worker.on("message", (message: ThreadMessage) => {
        switch (message.kind) {
          case "progress":
            if (statuses.get(spec.id)?.state === "running") {
              const before = statuses.get(spec.id);
              const progress = message.fraction ?? (before?.state === "running" ? before.progress : null);
              statuses.set(spec.id, {
                state: "running",
                progress,
                stage: message.stage,
                heartbeatAt: options.clock.now(),
              });
            }
            break;
          case "log":
            logged.push(message.line);
            if (logged.length > LOG_LINES) logged.shift();
            break;
          case "succeeded":
            settle(spec.id, { state: "succeeded" });
            break;
          case "failed":
            settle(
              spec.id,
              message.code === "CANCELED"
                ? { state: "canceled" }
                : { state: "failed", code: message.code, message: message.message },
            );
        }
      });
      worker.on("error", (error) => {
        settle(spec.id, { state: "failed", code: "EXECUTOR_ERROR", message: `the job's thread failed: ${error.name}` });
      });
      worker.on("exit", () => {
        settle(spec.id, {
          state: "failed",
          code: "EXECUTOR_ERROR",
          message: "the job's thread ended without a result",
        });
        void keepLog(spec.id, logged).finally(() => {
          running.delete(spec.id);
          resolve();
        });
      });
    });
    running.set(spec.id, { worker, ended });
  }

  async function cancel(id: string): Promise<void> {
    const job = running.get(id);
    if (job === undefined) return;
    job.worker.postMessage("cancel");
    const grace = new AbortController();
    const waited = options.clock.sleep(CANCEL_GRACE_MS, grace.signal).then(
      async () => {
        settle(id, { state: "canceled" });
        await job.worker.terminate();
      },
      () => undefined,
    );
    await job.ended;
    grace.abort(new Error("ended"));
    await waited;
  }

  return {
    submit,
    status: async (id) => Promise.resolve(statuses.get(id) ?? { state: "unknown" }),
    cancel,
    logs: async (id, count) => (lines.get(id) ?? (await readLog(id))).slice(-count),
    async close() {
      await Promise.all([...running.keys()].map(cancel));
    },
  };
}
