import type { EmbeddedJobRunnerOptions } from "../backend/embedded/job-runner.js";
import type { Settings } from "../config.js";
import type { ThreadSettings } from "../thread.js";

/** The module of worker threads, with what each is handed. */
export function threadOf(settings: Settings): Pick<EmbeddedJobRunnerOptions, "threadModule" | "threadData"> {
  const data: ThreadSettings = {
    root: settings.dataDirectory,
    memoryLimit: settings.duckdbMemoryLimit,
    threads: settings.duckdbThreads,
  };
  return { threadModule: new URL("../thread.js", import.meta.url), threadData: { ...data } };
}
