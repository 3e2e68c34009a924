import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Files, JobSpec } from "../backend/index.js";
import type { Clock } from "../clock.js";
import { exportedSnapshot, exportFolder } from "../domain/export.js";
import { VitalomeError } from "../errors.js";
import { filesOf } from "../lake/catalog.js";
import type { Snapshots } from "../lake/snapshots.js";
import type { JobResult } from "./context.js";
import { withoutStale } from "./derived.js";
import { JOBS } from "./index.js";

export interface RunOptions {
  readonly files: Files;
  readonly snapshots: Snapshots;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Local root of the store, or of its cache. */
  readonly root: string;
  readonly memoryLimit: string;
  readonly threads: number;
  progress(fraction: number | null, stage: string): void;
  log(line: string): void;
}

export function runFolder(jobId: string): string {
  return `runs/${jobId}`;
}

export function resultPath(jobId: string): string {
  return `${runFolder(jobId)}/result.json`;
}

const LEFT = ["data", "scratch", "index", "log.json", "failure.json", "result.json"] as const;

/** Runs a job to its end; `result.json` appears last and only when it succeeded. */
export async function runJob(spec: JobSpec, options: RunOptions): Promise<JobResult> {
  const job = JOBS[spec.kind];
  if (job === undefined)
    throw new VitalomeError("BAD_USER_INPUT", `there is no job ${spec.kind}`, { details: { field: "kind" } });
  const { files, snapshots, root } = options;
  const folder = runFolder(spec.id);
  const base = await snapshots.get(exportedSnapshot(spec.kind, spec.parameters) ?? spec.baseSnapshot);
  const workDirectory = join(root, folder);
  // What an attempt before this one left is of no use: nothing of it was published. What was staged for this one stays.
  for (const name of LEFT) await files.remove(`${folder}/${name}`);
  await files.remove(`quarantine/${spec.id}`);
  await files.remove(exportFolder(spec.id));
  await mkdir(workDirectory, { recursive: true });
  await files.write(`${folder}/spec.json`, once(JSON.stringify(spec)));
  options.log(`${spec.kind} on snapshot ${String(base.snapshot)}`);
  const result = withoutStale(
    await job({
      spec,
      files,
      clock: options.clock,
      signal: options.signal,
      workDirectory,
      quarantineDirectory: join(root, "quarantine", spec.id),
      readableDirectories: [join(root, "runs"), join(root, "raw")],
      memoryLimit: options.memoryLimit,
      threads: options.threads,
      tableFiles: async (table) => Promise.resolve(filesOf(base, table).map((file) => join(root, file.path))),
      tableFileEntries: async (table) => Promise.resolve(filesOf(base, table)),
      localPath: async (path) => Promise.resolve(join(root, path)),
      progress: options.progress,
      log: options.log,
    }),
    base,
  );
  options.signal.throwIfAborted();
  await files.write(resultPath(spec.id), once(JSON.stringify(result)));
  return result;
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield Buffer.from(text);
}

export async function readJobResult(files: Files, jobId: string): Promise<JobResult | null> {
  if ((await files.stat(resultPath(jobId))) === null) return null;
  const chunks: Uint8Array[] = [];
  for await (const chunk of files.read(resultPath(jobId))) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString("utf8")) as JobResult;
}
