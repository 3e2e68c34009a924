import { createHash } from "node:crypto";
import type { LoggedEvent } from "../../backend/index.js";
import type { JobRecord } from "../../domain/job.js";

export const JOB_COMMANDED = "job.commanded.v1";
export const JOB_CHANGED = "job.changed.v1";

/** What the API asks of the worker. */
export type JobCommand =
  | {
      readonly schema: 1;
      readonly command: "submit";
      readonly id: string;
      readonly kind: string;
      readonly parameters: Readonly<Record<string, unknown>>;
      readonly inputs: readonly string[];
      readonly submittedBy: string;
      readonly idempotencyKey: string;
      readonly retryOf: string | null;
    }
  | { readonly schema: 1; readonly command: "cancel"; readonly id: string; readonly submittedBy: string };

/** The whole job after a transition. */
export interface JobChanged {
  readonly schema: 1;
  readonly job: JobRecord;
}

export function jobId(tenant: string, kind: string, idempotencyKey: string): string {
  const hash = createHash("sha256").update(`${tenant}\n${kind}\n${idempotencyKey}`).digest("hex");
  return `job-${hash.slice(0, 20)}`;
}

export function parseJobCommand(event: LoggedEvent): JobCommand {
  return event.value as JobCommand;
}

export function parseJobChanged(event: LoggedEvent): JobChanged {
  return event.value as JobChanged;
}

/** Jobs by id; a repeat or an older version changes nothing. */
export function foldJob(jobs: Map<string, JobRecord>, { job }: JobChanged): void {
  const known = jobs.get(job.id);
  if (known === undefined || known.version < job.version) jobs.set(job.id, job);
}
