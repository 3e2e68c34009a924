import { isDeepStrictEqual } from "node:util";
import type { EventLog, Files, JobRunner } from "../backend/index.js";
import type { Clock } from "../clock.js";
import type { CursorSealer } from "../cursors.js";
import type { Caller } from "../domain/caller.js";
import type { JobCommanded } from "../domain/events/job.js";
import { BACKTEST_KIND } from "../domain/alert/backtest.js";
import { EXPORT_KIND } from "../domain/export.js";
import { isTerminal, type JobRecord, type RunState } from "../domain/job.js";
import type { LiveSource } from "../domain/live.js";
import { VitalomeError } from "../errors.js";
import { JOB_CHANGED, JOB_COMMANDED, jobId, parseJobChanged } from "../ingest/streams/job.js";
import type { JobResult } from "../jobs/context.js";
import { readJobResult } from "../jobs/run.js";
import { mayRead, policy } from "../policy.js";
import type { JobFold } from "./job-fold.js";
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
  /** What may be shown of its parameters: no statement, and to nobody what was asked of variants or rules they may not read. */
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
    const job = known ?? (await fold.untilJob(id, () => true));
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
      if (kind === BACKTEST_KIND) return mayRead(caller, "rules") ? parameters : {};
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
      return fold.untilJob(id, ({ state }) => state === "CANCELING" || isTerminal(state));
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
      if (kind === BACKTEST_KIND) policy(caller, "rules");
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
