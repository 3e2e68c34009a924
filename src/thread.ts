import { parentPort, workerData } from "node:worker_threads";
import { join } from "node:path";
import type { JobSpec } from "./backend/index.js";
import { createEmbeddedFiles } from "./backend/embedded/files.js";
import type { ThreadMessage } from "./backend/embedded/job-runner.js";
import { systemClock } from "./clock.js";
import { openEngine } from "./engine/duckdb.js";
import { VitalomeError, isVitalomeError, messageOf, systemCodeOf } from "./errors.js";
import { runJob } from "./jobs/run.js";
import { buildTableIndex, type BuiltIndex, type IndexTask } from "./lake/build-indexes.js";
import { openSnapshots } from "./lake/snapshots.js";
import { createLog } from "./log.js";

/** The composition root of worker threads: a job, or the key indexes of what one wrote. */
export interface ThreadSettings {
  readonly root: string;
  readonly memoryLimit: string;
  readonly threads: number;
}

export type ThreadTask =
  | { readonly task: "job"; readonly spec: JobSpec }
  | { readonly task: "index"; readonly files: readonly IndexTask[]; readonly directories: readonly string[] };

const abort = new AbortController();
const say = (message: ThreadMessage): void => {
  parentPort?.postMessage(message);
};
const log = (line: string): void => {
  say({ kind: "log", line: `${new Date(systemClock.now()).toISOString()} ${line}` });
};
parentPort?.on("message", (message) => {
  if (message === "cancel") abort.abort(new VitalomeError("CANCELED", "the job was cancelled"));
});

async function runTask(data: ThreadSettings & ThreadTask): Promise<unknown> {
  if (data.task === "index") return buildIndexes(data, data);
  const files = await createEmbeddedFiles({ root: data.root });
  await runJob(data.spec, {
    files,
    snapshots: await openSnapshots(files, createLog("error")),
    clock: systemClock,
    signal: abort.signal,
    root: data.root,
    memoryLimit: data.memoryLimit,
    threads: data.threads,
    progress: (fraction, stage) => {
      say({ kind: "progress", fraction, stage });
    },
    log,
  });
  return null;
}

async function buildIndexes(
  settings: ThreadSettings,
  { files, directories }: { readonly files: readonly IndexTask[]; readonly directories: readonly string[] },
): Promise<readonly BuiltIndex[]> {
  const engine = await openEngine({
    database: ":memory:",
    directories: [...directories, join(settings.root, "scratch")],
    spillDirectory: join(settings.root, "scratch"),
    memoryLimit: settings.memoryLimit,
    threads: settings.threads,
  });
  try {
    const built: BuiltIndex[] = [];
    for (const file of files) built.push(await buildTableIndex(engine, file));
    return built;
  } finally {
    engine.close();
  }
}

/** A full disk that a stream of Node met; the store and the engine tell theirs themselves. */
function withoutRoom(thrown: unknown): unknown {
  const code = systemCodeOf(thrown);
  if (code !== "ENOSPC" && code !== "EDQUOT") return thrown;
  return new VitalomeError("STORAGE_FULL", "the disk of the store is full: nothing of this job is published", {
    cause: thrown,
  });
}

try {
  say({ kind: "succeeded", value: await runTask(workerData as ThreadSettings & ThreadTask) });
} catch (thrown) {
  const known = abort.signal.aborted ? (abort.signal.reason as unknown) : withoutRoom(thrown);
  if (isVitalomeError(known) && known.code === "STORAGE_FULL") {
    // One line, and nothing of where the store lies. Other causes may quote a record: they never reach a job's log.
    const [line = ""] = messageOf(known.cause ?? known).split("\n");
    log(line.replaceAll(`${(workerData as ThreadSettings).root}/`, ""));
  }
  if (isVitalomeError(known)) {
    if (known.code === "INTERNAL_SERVER_ERROR")
      createLog("error").error({ cause: messageOf(known.cause) }, known.message);
    say({ kind: "failed", code: known.code, message: known.message });
  } else {
    createLog("error").error({ cause: messageOf(known), stack: (known as Error).stack }, "a job failed");
    say({ kind: "failed", code: "EXECUTOR_ERROR", message: "the job failed; its log names the cause" });
  }
}
parentPort?.close();
