import type { JobRecord } from "../domain/job.js";
import { foldJob, JOB_CHANGED, parseJobChanged } from "../ingest/streams/job.js";
import { startFold, type StoredFoldOptions, type TopicFold } from "./fold.js";

/** The state of all jobs: those of the newest snapshot, and what the log tells after its horizon; one per process. */
export interface JobFold extends TopicFold {
  readonly jobs: ReadonlyMap<string, JobRecord>;
  /** Resolves with the job once the condition holds; BACKEND_UNAVAILABLE after ten seconds. */
  untilJob(id: string, condition: (job: JobRecord) => boolean): Promise<JobRecord>;
}

/** Jobs of a snapshot, and per partition where the log goes on. */
export interface StoredJobs {
  readonly jobs: Iterable<JobRecord>;
  readonly next: ReadonlyMap<number, bigint>;
}

const LATE = "the worker did not answer within ten seconds; the command is kept";

/** Resolves with the jobs of the snapshot; the log is followed from there until the signal ends it. */
export async function startJobFold({ stored, ...options }: StoredFoldOptions<StoredJobs>): Promise<JobFold> {
  const jobs = new Map<string, JobRecord>();

  async function load(): Promise<ReadonlyMap<number, bigint>> {
    const { jobs: known, next } = await stored();
    for (const job of known) foldJob(jobs, { schema: 1, job });
    return next;
  }

  const fold = startFold({
    ...options,
    topic: JOB_CHANGED,
    from: await load(),
    // What has gone from the log is in a newer snapshot.
    onGap: async () => void (await load()),
    apply: (event) => {
      foldJob(jobs, parseJobChanged(event));
    },
  });

  return Object.assign(fold, {
    jobs,
    async untilJob(id: string, condition: (job: JobRecord) => boolean) {
      const found: JobRecord[] = [];
      const isThere = (): boolean => {
        const job = jobs.get(id);
        if (job !== undefined && condition(job)) found.push(job);
        return found.length > 0;
      };
      await fold.when(isThere, LATE);
      const [job] = found;
      if (job === undefined) throw new TypeError("waited for a job that is not there");
      return job;
    },
  });
}
