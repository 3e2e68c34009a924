import { createHash } from "node:crypto";
import type { LoggedEvent } from "../../backend/index.js";
import type { TopicName } from "../../domain/events/index.js";
import { jobChangedSchema, jobCommandedSchema, type JobChanged, type JobCommanded } from "../../domain/events/job.js";
import type { JobRecord } from "../../domain/job.js";
import { VitalomeError } from "../../errors.js";
import { readEvent } from "./read.js";

export const JOB_COMMANDED = "job.commanded.v1" satisfies TopicName;
export const JOB_CHANGED = "job.changed.v1" satisfies TopicName;

export function jobId(tenant: string, kind: string, idempotencyKey: string): string {
  const hash = createHash("sha256").update(`${tenant}\n${kind}\n${idempotencyKey}`).digest("hex");
  return `job-${hash.slice(0, 20)}`;
}

export function parseJobCommand(event: LoggedEvent): JobCommanded {
  return readEvent(event, jobCommandedSchema);
}

export function parseJobChanged(event: LoggedEvent): JobChanged {
  return readEvent(event, jobChangedSchema);
}

/** Jobs as a snapshot holds them. STORAGE_CORRUPT for one that is none. */
export function* parseStoredJobs(rows: Iterable<unknown>): Generator<JobRecord> {
  for (const row of rows) {
    const parsed = jobChangedSchema.safeParse({ schema: 1, job: row });
    if (!parsed.success)
      throw new VitalomeError("STORAGE_CORRUPT", "a job of the snapshot is not readable", { cause: parsed.error });
    yield parsed.data.job;
  }
}

/** Jobs by id; a repeat or an older version changes nothing. */
export function foldJob(jobs: Map<string, JobRecord>, { job }: JobChanged): void {
  const known = jobs.get(job.id);
  if (known === undefined || known.version < job.version) jobs.set(job.id, job);
}
