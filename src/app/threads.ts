import { Worker } from "node:worker_threads";
import type { EmbeddedJobRunnerOptions, ThreadMessage } from "../backend/embedded/job-runner.js";
import type { Settings } from "../config.js";
import { VitalomeError, isErrorCode } from "../errors.js";
import type { ThreadSettings } from "../thread.js";

/** A thread's module and its settings. */
export type Thread = Pick<EmbeddedJobRunnerOptions, "threadModule" | "threadData">;

/** The module of worker threads, with what each is handed. */
export function threadOf(settings: Settings): Thread {
  const data: ThreadSettings = {
    root: settings.dataDirectory,
    memoryLimit: settings.duckdbMemoryLimit,
    threads: settings.duckdbThreads,
  };
  return { threadModule: new URL("../thread.js", import.meta.url), threadData: { ...data } };
}

/** Runs one short task in a thread of its own and answers what it answers. */
export async function runInThread(options: Thread, task: Readonly<Record<string, unknown>>): Promise<unknown> {
  const worker = new Worker(options.threadModule, { workerData: { ...options.threadData, ...task } });
  return new Promise((resolve, reject) => {
    worker.on("message", (message: ThreadMessage) => {
      if (message.kind === "succeeded") resolve(message.value);
      if (message.kind === "failed") {
        const code = isErrorCode(message.code) ? message.code : "INTERNAL_SERVER_ERROR";
        reject(new VitalomeError(code, message.message));
      }
    });
    worker.on("error", reject);
    worker.on("exit", () => {
      reject(new VitalomeError("EXECUTOR_ERROR", "a worker thread ended without a result"));
    });
  });
}
