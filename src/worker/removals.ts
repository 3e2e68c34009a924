import type { FileStat, Files } from "../backend/index.js";
import type { CleanUpReason } from "../domain/clean-up.js";
import { isTerminal, type JobRecord } from "../domain/job.js";

/** A file, or a folder with all that is below it. */
export interface Removal {
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
  readonly reason: CleanUpReason;
}

export interface RemovalOptions {
  readonly files: Files;
  readonly jobs: ReadonlyMap<string, JobRecord>;
  /** What a readable snapshot names, and so stays. */
  readonly named: ReadonlySet<string>;
  /** Only what jobs left that ended before. Milliseconds since the epoch. */
  readonly endedBefore: number;
}

/**
 * What nobody can ask for any more: of runs their data, indexes, scratch files and staged input, of exports everything. What tells of a
 * job stays: specification, log, result, failure.
 */
export async function* removalsOf(options: RemovalOptions): AsyncGenerator<Removal> {
  for await (const [jobId, files] of byJob(options.files, "runs")) {
    if (!isOver(options, jobId, lastChange(files))) continue;
    for (const area of ["data", "index", "scratch", "input"] as const) {
      const isScratch = area === "scratch" || area === "input";
      const reason = isScratch ? "scratch" : reasonOf(options.jobs.get(jobId));
      const folder = `runs/${jobId}/${area}`;
      const inside = files.filter(({ path }) => path.startsWith(`${folder}/`));
      const left = inside.filter(({ path }) => !options.named.has(path));
      if (inside.length === 0) continue;
      if (left.length === inside.length) yield wholeFolder(folder, inside, reason);
      else for (const { path, bytes } of left) yield { path, files: 1, bytes, reason };
    }
  }
  for await (const [jobId, files] of byJob(options.files, "exports")) {
    if (isOver(options, jobId, lastChange(files))) yield wholeFolder(`exports/${jobId}`, files, "export");
  }
}

/** Whether a job has ended long enough ago. One that nobody knows has ended when nothing of it changes any more. */
export function isOver(
  { jobs, endedBefore }: Pick<RemovalOptions, "jobs" | "endedBefore">,
  jobId: string,
  modifiedAt: number,
): boolean {
  const job = jobs.get(jobId);
  if (job === undefined) return modifiedAt < endedBefore;
  return isTerminal(job.state) && (job.endedAt ?? modifiedAt) < endedBefore;
}

function wholeFolder(path: string, files: readonly FileStat[], reason: CleanUpReason): Removal {
  return { path, files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0), reason };
}

function reasonOf(job: JobRecord | undefined): CleanUpReason {
  if (job === undefined) return "unknown";
  if (job.snapshotId !== null) return "superseded";
  if (job.state === "CANCELED") return "cancelled";
  return job.state === "COMPLETE" ? "unpublished" : "failed";
}

function lastChange(files: readonly FileStat[]): number {
  return files.reduce((last, { modifiedAt }) => Math.max(last, modifiedAt), 0);
}

/** The files of one job after the other: a listing is in path order. */
async function* byJob(files: Files, root: string): AsyncGenerator<readonly [string, readonly FileStat[]]> {
  let current = "";
  let held: FileStat[] = [];
  for await (const file of files.list(root)) {
    const [, jobId = "", ...below] = file.path.split("/");
    if (below.length === 0) continue;
    if (jobId !== current && held.length > 0) yield [current, held];
    if (jobId !== current) held = [];
    current = jobId;
    held.push(file);
  }
  if (held.length > 0) yield [current, held];
}
