import { isDeepStrictEqual } from "node:util";
import type { EventLog, Files, JobRunner } from "../backend/index.js";
import type { Clock } from "../clock.js";
import type { CursorSealer } from "../cursors.js";
import type { Caller } from "../domain/caller.js";
import type { JobCommanded } from "../domain/events/job.js";
import { EXPORT_KIND } from "../domain/export.js";
import { isTerminal, type JobRecord, type RunState } from "../domain/job.js";
import type { LiveSource } from "../domain/live.js";
import { VitalomeError } from "../errors.js";
import { foldJob, JOB_CHANGED, JOB_COMMANDED, jobId, parseJobChanged } from "../ingest/streams/job.js";
import type { JobResult } from "../jobs/context.js";
import { readJobResult } from "../jobs/run.js";
import { mayRead, policy } from "../policy.js";
import { watchTopic } from "./live.js";
import { checkFirst, openCursor, pageOf, queryHash, type Page } from "./page.js";

export interface JobFilter {
  readonly states: readonly RunState[] | null;
  readonly kind: string | null;
  readonly submittedBy: string | null;
}

export interface JobSubmission {
  readonly kind: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly inputs: readonly string[];
  readonly idempotencyKey: string;
  readonly retryOf: string | null;
}

export interface JobView {
  find(id: string): JobRecord | null;
  /** Newest first. */
  list(filter: JobFilter, first: number, after: string | null): Page<JobRecord>;
  /** The job of this kind and key, or null. */
  findByKey(kind: string, idempotencyKey: string): JobRecord | null;
  /** What may be shown of its parameters: neither a statement, nor to whom may not read variants what was asked of them. */
  parametersOf(job: JobRecord): Readonly<Record<string, unknown>>;
  /**
   * The job of this key; IDEMPOTENCY_CONFLICT when the key was used with other parameters. `isSame` says which are the
   * same: all of them, unless told.
   */
  submit(submission: JobSubmission, isSame?: (known: JobRecord["parameters"]) => boolean): Promise<JobRecord>;
  cancel(id: string): Promise<JobRecord>;
  retry(id: string): Promise<JobRecord>;
  result(job: JobRecord): Promise<JobResult | null>;
  logTail(job: JobRecord, lines: number): Promise<readonly string[]>;
  /** Every transition, of one job or one kind where given. */
  watchUpdates(
    filter: { readonly id: string | null; readonly kind: string | null },
    after: string | null,
  ): Promise<LiveSource<JobRecord>>;
}

/** The state of all jobs: those of the newest snapshot, and what the log tells after its horizon; one per process. */
export interface JobFold {
  readonly jobs: ReadonlyMap<string, JobRecord>;
  /** Resolves with the job once the condition holds; BACKEND_UNAVAILABLE after ten seconds. */
  until(id: string, condition: (job: JobRecord) => boolean): Promise<JobRecord>;
}

/** Jobs of a snapshot, and where the log goes on. */
export interface StoredJobs {
  readonly jobs: Iterable<JobRecord>;
  /** By partition. */
  readonly next: ReadonlyMap<number, bigint>;
}

export interface JobFoldOptions {
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** What the newest snapshot holds. */
  readonly stored: () => Promise<StoredJobs>;
  readonly onFailure: (thrown: unknown) => void;
}

const COMMAND_TIMEOUT_MS = 10_000;

/** Resolves with the jobs of the snapshot; the log is followed from there until the signal ends it. */
export async function startJobFold({ eventLog, clock, signal, stored, onFailure }: JobFoldOptions): Promise<JobFold> {
  const jobs = new Map<string, JobRecord>();
  const waiting = new Set<() => void>();
  const { jobs: known, next } = await stored();
  for (const job of known) foldJob(jobs, { schema: 1, job });
  void (async () => {
    for await (const event of eventLog.read(JOB_CHANGED, next, signal)) {
      // What has gone from the log is in a newer snapshot.
      if (event.kind === "gap") for (const job of (await stored()).jobs) foldJob(jobs, { schema: 1, job });
      else foldJob(jobs, parseJobChanged(event));
      for (const wake of waiting) wake();
    }
  })().catch((thrown: unknown) => {
    if (!signal.aborted) onFailure(thrown);
  });
  return {
    jobs,
    async until(id, condition) {
      const timeout = new AbortController();
      const deadline = clock.now() + COMMAND_TIMEOUT_MS;
      for (;;) {
        const job = jobs.get(id);
        if (job !== undefined && condition(job)) return job;
        if (clock.now() >= deadline) {
          throw new VitalomeError(
            "BACKEND_UNAVAILABLE",
            "the worker did not answer within ten seconds; the command is kept",
          );
        }
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            waiting.delete(wake);
            timeout.abort(new Error("woken"));
            resolve();
          };
          waiting.add(wake);
          clock.sleep(250, timeout.signal).then(wake, () => undefined);
        });
      }
    },
  };
}

export interface JobViewOptions {
  readonly caller: Caller;
  readonly fold: JobFold;
  readonly eventLog: EventLog;
  readonly files: Files;
  readonly runner: JobRunner;
  readonly sealer: CursorSealer;
  readonly clock: Clock;
  /** Ends what is watched. */
  readonly signal: AbortSignal;
  /** The longest time between two events of what is watched. */
  readonly heartbeatMs: number;
}

export function createJobView(options: JobViewOptions): JobView {
  const { caller, fold, eventLog, files, runner, sealer, clock } = options;
  const allowed = (): ReturnType<typeof policy> => policy(caller, "jobs");

  function get(id: string): JobRecord {
    const job = fold.jobs.get(id);
    if (job === undefined) throw new VitalomeError("NOT_FOUND", "there is no such job", { details: { field: "id" } });
    return job;
  }

  async function submit(
    submission: JobSubmission,
    isSame = (known: JobRecord["parameters"]): boolean => isDeepStrictEqual(known, submission.parameters),
  ): Promise<JobRecord> {
    allowed();
    const id = jobId(caller.tenant, submission.kind, submission.idempotencyKey);
    const known = fold.jobs.get(id);
    if (known === undefined) {
      const command: JobCommanded = { schema: 1, command: "submit", id, submittedBy: caller.subject, ...submission };
      await eventLog.append(JOB_COMMANDED, [{ key: id, value: command }]);
    }
    const job = known ?? (await fold.until(id, () => true));
    if (!isSame(job.parameters)) throw keyWasUsed();
    return job;
  }

  return {
    submit,
    find(id) {
      allowed();
      return fold.jobs.get(id) ?? null;
    },
    findByKey(kind, idempotencyKey) {
      allowed();
      return fold.jobs.get(jobId(caller.tenant, kind, idempotencyKey)) ?? null;
    },
    parametersOf({ kind, parameters }) {
      if (kind !== EXPORT_KIND) return parameters;
      const { statement: _, filter, ...shown } = parameters;
      return { ...shown, filter: mayRead(caller, "variants") ? filter : null };
    },
    list(filter, first, after) {
      const scope = { kind: "jobs", tenant: caller.tenant, queryHash: queryHash(filter), policyHash: allowed().hash };
      const cursor = openCursor(sealer, after, scope);
      const limit = checkFirst(first);
      const position = cursor?.position as { readonly queuedAt: number; readonly id: string } | undefined;
      const found = [...fold.jobs.values()]
        .filter((job) => filter.states === null || filter.states.includes(job.state))
        .filter((job) => filter.kind === null || job.kind === filter.kind)
        .filter((job) => filter.submittedBy === null || job.submittedBy === filter.submittedBy)
        .sort(newestFirst)
        .filter((job) => position === undefined || newestFirst(position, job) < 0)
        .slice(0, limit + 1)
        .map((job) => ({ node: job, position: { queuedAt: job.queuedAt, id: job.id } }));
      return pageOf({ ...scope, sealer, snapshot: 0, now: clock.now() }, found, limit, cursor !== null);
    },
    async cancel(id) {
      allowed();
      const job = get(id);
      if (isTerminal(job.state)) return job;
      await eventLog.append(JOB_COMMANDED, [
        { key: id, value: { schema: 1, command: "cancel", id, submittedBy: caller.subject } },
      ]);
      return fold.until(id, ({ state }) => state === "CANCELING" || isTerminal(state));
    },
    async retry(id) {
      const job = get(id);
      if (job.state !== "EXECUTOR_ERROR" && job.state !== "SYSTEM_ERROR" && job.state !== "CANCELED") {
        throw new VitalomeError("CONFLICT", "only a job that failed or was cancelled can be tried again", {
          details: { field: "id" },
        });
      }
      const { kind, parameters, inputs } = job;
      if (kind === EXPORT_KIND) policy(caller, "variants");
      return submit({
        kind,
        parameters,
        inputs,
        idempotencyKey: `retry of ${id}, version ${String(job.version)}`,
        retryOf: id,
      });
    },
    async result(job) {
      allowed();
      return isTerminal(job.state) ? readJobResult(files, job.id) : null;
    },
    async logTail(job, lines) {
      allowed();
      return runner.logs(job.id, lines);
    },
    async watchUpdates(filter, after) {
      const { hash } = allowed();
      return watchTopic({
        ...options,
        topic: JOB_CHANGED,
        scope: { kind: "jobUpdates", tenant: caller.tenant, queryHash: queryHash(filter), policyHash: hash },
        after,
        pick(event) {
          const { job } = parseJobChanged(event);
          const isAsked = (filter.id ?? job.id) === job.id && (filter.kind ?? job.kind) === job.kind;
          return isAsked ? job : null;
        },
      });
    },
  };
}

export function keyWasUsed(): VitalomeError {
  return new VitalomeError("IDEMPOTENCY_CONFLICT", "this idempotency key was used with other parameters", {
    details: { field: "idempotencyKey" },
  });
}

function newestFirst(
  left: { readonly queuedAt: number; readonly id: string },
  right: { readonly queuedAt: number; readonly id: string },
): number {
  return right.queuedAt - left.queuedAt || (left.id < right.id ? -1 : left.id > right.id ? 1 : 0);
}
