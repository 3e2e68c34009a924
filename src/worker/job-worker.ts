import type { EventLog, Files, JobRunner, LoggedEvent } from "../backend/index.js";
import type { Clock } from "../clock.js";
import type { JobCommanded } from "../domain/events/job.js";
import type { JobError, JobRecord } from "../domain/job.js";
import { isTerminal } from "../domain/job.js";
import { VitalomeError, isErrorCode, isVitalomeError, messageOf } from "../errors.js";
import { foldJob, JOB_CHANGED, JOB_COMMANDED, parseJobChanged, parseJobCommand } from "../ingest/streams/job.js";
import { readJobResult, runFolder } from "../jobs/run.js";
import type { Catalog } from "../lake/catalog.js";
import { refuseExpired } from "../lake/served-snapshots.js";
import type { Snapshots } from "../lake/snapshots.js";
import { COMPACT_LOG } from "../jobs/compact-log.js";
import { stagedFolder } from "../jobs/compact-log/staged-events.js";
import type { Log } from "../log.js";
import { CLEAN_UP, createCleanUp } from "./clean-up.js";
import type { HandOver } from "./compaction/hand-over.js";
import { readHistory } from "./history.js";
import { withOwnJobs, type OwnJob } from "./own-jobs.js";
import type { Publication } from "./publisher.js";
import { REVERT_RUN, createRevertRun } from "./revert-run.js";
import type { Sweeper } from "./sweeper.js";
import { whileAway } from "./while-away.js";

export interface JobWorkerOptions {
  readonly log: Log;
  readonly clock: Clock;
  readonly files: Files;
  readonly eventLog: EventLog;
  readonly runner: JobRunner;
  readonly snapshots: Snapshots;
  /** Makes a finished run visible. */
  readonly publish: (result: Publication) => Promise<Catalog>;
  /** What there is beside the store that a clean-up removes. */
  readonly sweeper: Sweeper;
  /** Jobs that the log need not tell of any more, as a snapshot holds them. */
  readonly known?: Iterable<JobRecord>;
  /** By kind, jobs that are done in this process, beside those this file knows. */
  readonly own?: Readonly<Record<string, OwnJob>>;
  /** By kind, what completes a job before its runner gets it. */
  readonly handOver?: Readonly<Record<string, HandOver>>;
}

export interface JobWorker {
  /** Every job as it stands. */
  readonly jobs: ReadonlyMap<string, JobRecord>;
  /** Behind the last transition of a job that does more than bring the log into tables. */
  changedUpTo(): bigint;
  /** Why it stopped taking commands or running jobs; null while it works. */
  fault(): string | null;
  /** Resolves with the reason when another worker has taken its place: it takes no command and decides nothing any more. */
  readonly displaced: Promise<string>;
  /** Resolves once everything running was stopped. */
  close(): Promise<void>;
}

const PLACE = { consumer: "job-worker", topic: JOB_COMMANDED, partition: 0 } as const;
const POLL_MS = 100;
/** A progress transition is logged at most this often. */
const PROGRESS_MS = 1_000;
const RERUNS = 3;
const DISPLACED = "another worker has taken this one's place";
const CANCELED = { state: "canceled" } as const;
/** A finished run waits this long for a store that is out of reach before its job ends. */
const PUBLISH_PATIENCE_MS = 120_000;

/**
 * The only writer of job transitions. Commands are taken in order, each with its transitions in one
 * transaction; jobs run one at a time, because every job of this release writes the same tables.
 */
export async function startJobWorker(options: JobWorkerOptions): Promise<JobWorker> {
  const { eventLog, clock, log } = options;
  const stop = new AbortController();
  const jobs = new Map<string, JobRecord>();
  const own = {
    ...{ [REVERT_RUN]: createRevertRun(options), [CLEAN_UP]: createCleanUp({ ...options, jobs }) },
    ...options.own,
  };
  const runner = withOwnJobs({ ...options, own });
  const queue: string[] = [];
  let wake: () => void = () => undefined;
  let running: string | null = null;
  /** Cancelled while they run: whatever transition follows, they publish nothing. */
  const cancelled = new Set<string>();
  /** Ends what is under way before a job's runner has it. */
  let handing = new AbortController();
  let changedUpTo = 0n;
  let turn: Promise<unknown> = Promise.resolve();
  let fault: string | null = null;
  let isDisplaced = false;
  let tellDisplaced: (reason: string) => void = () => undefined;
  const displaced = new Promise<string>((resolve) => {
    tellDisplaced = resolve;
  });

  for (const job of options.known ?? []) foldJob(jobs, { schema: 1, job });
  for (const event of await readHistory(eventLog, JOB_CHANGED)) {
    const changed = parseJobChanged(event);
    foldJob(jobs, changed);
    note(changed.job, event.offset);
  }
  await recover();
  const taking = takeCommands().catch((thrown: unknown) => {
    if (isVitalomeError(thrown) && thrown.code === "CONFLICT" && !stop.signal.aborted) giveUp();
    else fail(thrown);
  });
  const executing = execute().catch(fail);

  function note({ kind }: JobRecord, offset: bigint | undefined): void {
    if (kind !== COMPACT_LOG && offset !== undefined) changedUpTo = offset + 1n;
  }

  function fail(thrown: unknown): void {
    if (stop.signal.aborted) return;
    fault = isVitalomeError(thrown) ? thrown.message : "the job worker stopped";
    log.error({ cause: messageOf(thrown) }, "the job worker stopped");
  }

  /** What runs goes on in the hands of the other worker. */
  function giveUp(): void {
    isDisplaced = true;
    fault = DISPLACED;
    log.error({}, DISPLACED);
    stop.abort(new Error(DISPLACED));
    wake();
    tellDisplaced(DISPLACED);
  }

  function persist<T>(work: () => Promise<T>, deadline?: number): Promise<T> {
    const onAway = (thrown: unknown): void => {
      log.warn({ cause: messageOf(thrown) }, "tried again in a moment");
    };
    return whileAway(work, { clock, signal: stop.signal, deadline, onAway });
  }

  function next(job: JobRecord, change: Partial<JobRecord>): JobRecord {
    return { ...job, ...change, version: job.version + 1 };
  }

  /** Reading a job, deciding, logging and folding is one step: two at once would give one version twice. */
  async function exclusive<T>(work: () => Promise<T>): Promise<T> {
    const step = turn.then(work);
    turn = step.catch(() => undefined);
    return step;
  }

  async function transition(job: JobRecord, change: Partial<JobRecord>): Promise<JobRecord> {
    return exclusive(async () => {
      const changed = next(jobs.get(job.id) ?? job, change);
      // Written twice, where the answer to the first attempt was lost, it is one version and folds once.
      const event = { key: job.id, value: { schema: 1, job: changed } };
      const [position] = await persist(() => eventLog.append(JOB_CHANGED, [event]));
      note(changed, position?.offset);
      foldJob(jobs, { schema: 1, job: changed });
      return changed;
    });
  }

  /**
   * What ran in the process that died is ended, what runs elsewhere is followed on; what had finished is published; what
   * waited goes on waiting.
   */
  async function recover(): Promise<void> {
    for (const job of jobs.values()) {
      if (isTerminal(job.state)) continue;
      const status = job.state === "QUEUED" ? null : await persist(() => runner.status(job.id));
      if (job.state === "CANCELING" && status?.state === "running") await runner.cancel(job.id);
      if (job.state === "QUEUED" || (job.state === "RUNNING" && status?.state === "running")) {
        queue.push(job.id);
        continue;
      }
      // Nothing runs before this is through: whoever wrote here is dead, and nothing of it was published.
      for (const left of [`${runFolder(job.id)}/scratch`, stagedFolder(job.id)])
        await persist(() => options.files.remove(left));
      if (job.state === "CANCELING") await transition(job, { state: "CANCELED", endedAt: clock.now() });
      else {
        const result = await persist(() => readJobResult(options.files, job.id));
        if (result !== null) {
          // What cannot be published now ends this job, not the start.
          await finish(job, result).catch(async (thrown: unknown) => end(job, errorOf(thrown)));
        } else {
          const error = { code: "EXECUTOR_ERROR", message: "the process that ran the job ended", retryable: true };
          await transition(job, { state: "EXECUTOR_ERROR", endedAt: clock.now(), error });
        }
      }
    }
  }

  async function takeCommands(): Promise<void> {
    const { next: from } = await eventLog.consumerState(PLACE);
    for await (const event of eventLog.read(JOB_COMMANDED, new Map([[0, from]]), stop.signal)) {
      if (event.kind === "gap") {
        log.error(
          { from: String(event.from), to: String(event.to) },
          "commands went from the log before they were read",
        );
        continue;
      }
      const changed = await exclusive(async () => {
        const command = parseOrNull(event);
        const decided = command === null ? null : decide(command);
        let isRepeat = false;
        await persist(async () => {
          // The answer to an earlier attempt may have been lost after it was written.
          if (isRepeat && (await eventLog.consumerState(PLACE)).next > event.offset) return;
          isRepeat = true;
          const [position] = await eventLog.transact(PLACE, (transaction) => {
            if (decided !== null)
              transaction.append(JOB_CHANGED, { key: decided.id, value: { schema: 1, job: decided } });
            transaction.advance(event.offset + 1n);
          });
          if (decided !== null) note(decided, position?.offset);
        });
        if (decided !== null) foldJob(jobs, { schema: 1, job: decided });
        return decided;
      });
      if (changed === null) continue;
      if (changed.state === "QUEUED") {
        queue.push(changed.id);
        wake();
      }
      if (changed.state === "CANCELING") {
        cancelled.add(changed.id);
        handing.abort(new VitalomeError("CANCELED", "the job was cancelled"));
        void runner.cancel(changed.id).catch(fail);
      }
    }
  }

  /** Null for what is no command: others may write to the topic too, and nothing they write stops the stream. */
  function parseOrNull(event: LoggedEvent): JobCommanded | null {
    try {
      return parseJobCommand(event);
    } catch (thrown) {
      log.error({ offset: String(event.offset), cause: messageOf(thrown) }, "what is no command was passed over");
      return null;
    }
  }

  /** Null when the command changes nothing: a repeat, or a cancel of what has ended. */
  function decide(command: JobCommanded): JobRecord | null {
    const known = jobs.get(command.id);
    if (command.command === "submit") {
      if (known !== undefined) return null;
      const { id, kind, parameters, inputs, submittedBy, idempotencyKey, retryOf } = command;
      return {
        id,
        kind,
        parameters,
        inputs,
        submittedBy,
        idempotencyKey,
        retryOf,
        state: "QUEUED",
        progress: null,
        stage: null,
        queuedAt: clock.now(),
        startedAt: null,
        endedAt: null,
        error: null,
        baseSnapshot: null,
        snapshotId: null,
        version: 1,
      };
    }
    if (known === undefined || isTerminal(known.state) || known.state === "CANCELING") return null;
    return running === known.id
      ? next(known, { state: "CANCELING" })
      : next(known, { state: "CANCELED", endedAt: clock.now() });
  }

  async function execute(): Promise<void> {
    while (!stop.signal.aborted) {
      const id = queue.shift();
      const job = id === undefined ? undefined : jobs.get(id);
      if (job?.state === "QUEUED" || job?.state === "RUNNING") {
        running = job.id;
        await runOne(job);
        running = null;
      } else if (id === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (stop.signal.aborted || queue.length > 0) resolve();
        });
      }
    }
  }

  async function runOne(queued: JobRecord): Promise<void> {
    try {
      for (let attempt = 1; await runAttempt(queued, attempt); attempt += 1);
    } finally {
      cancelled.delete(queued.id);
      // What a job did not get to is staged anew when it is tried again.
      if (options.handOver?.[queued.kind] !== undefined && !isDisplaced)
        await options.files.remove(stagedFolder(queued.id)).catch(() => undefined);
    }
  }

  /** True when the run lost a race for its tables and has to be done again on the new base. */
  async function runAttempt(queued: JobRecord, attempt: number): Promise<boolean> {
    const { id, kind, parameters, submittedBy } = queued;
    const isUnderWay = attempt === 1 && queued.state === "RUNNING";
    if (!cancelled.has(id) && !isUnderWay) {
      const newest = await persist(() => options.snapshots.refresh());
      const { snapshot } = newest;
      await transition(queued, {
        state: "RUNNING",
        startedAt: queued.startedAt ?? clock.now(),
        baseSnapshot: snapshot,
      });
      try {
        // A job that reads an older snapshot may have waited, or be tried again, for longer than that was kept.
        if (kind !== REVERT_RUN && typeof parameters["snapshot"] === "number")
          refuseExpired(newest, parameters["snapshot"]);
        handing = new AbortController();
        if (cancelled.has(id)) handing.abort(new VitalomeError("CANCELED", "the job was cancelled"));
        const signal = AbortSignal.any([stop.signal, handing.signal]);
        const asked = { id, kind, parameters, baseSnapshot: snapshot, submittedBy };
        const handOver = options.handOver?.[kind];
        const spec = handOver === undefined ? asked : await persist(() => handOver(asked, newest, signal));
        await persist(() => runner.submit(spec));
      } catch (thrown) {
        if (!cancelled.has(id)) {
          if (!stop.signal.aborted) await end(queued, errorOf(thrown));
          return false;
        }
      }
      // The command may have come while the job was being handed over.
      if (cancelled.has(id)) await runner.cancel(id);
    }
    const status = cancelled.has(id) ? CANCELED : await follow(id);
    if (isDisplaced || (stop.signal.aborted && status.state !== "succeeded")) return false;
    if (cancelled.has(id) || status.state === "canceled") {
      await transition(queued, { state: "CANCELED", endedAt: clock.now() });
    } else if (status.state === "failed") {
      const retryable = isErrorCode(status.code) && new VitalomeError(status.code, "").canRetry;
      await end(queued, { code: status.code, message: status.message, retryable });
    } else {
      const result = await persist(() => readJobResult(options.files, id));
      if (result === null) {
        await end(queued, { code: "EXECUTOR_ERROR", message: "the job left no result", retryable: true });
        return false;
      }
      try {
        await finish(queued, result);
      } catch (thrown) {
        if (isVitalomeError(thrown) && thrown.code === "CONFLICT" && attempt < RERUNS) return true;
        await end(queued, errorOf(thrown));
      }
    }
    return false;
  }

  /** Waits for the end of a run, logging its progress now and then. */
  async function follow(id: string): ReturnType<JobRunner["status"]> {
    let saidAt = 0;
    for (;;) {
      const status = await persist(() => runner.status(id));
      if (status.state !== "running" || isDisplaced) return status;
      const job = jobs.get(id);
      const changed = job !== undefined && (job.progress !== status.progress || job.stage !== status.stage);
      if (job?.state === "RUNNING" && changed && clock.now() - saidAt >= PROGRESS_MS) {
        saidAt = clock.now();
        await transition(job, { progress: status.progress, stage: status.stage });
      }
      await clock.sleep(POLL_MS);
    }
  }

  async function finish(job: JobRecord, result: Publication): Promise<void> {
    const tables = [result.add, Object.keys(result.remove), Object.keys(result.restore ?? {})];
    const isTold = result.oldestReadable !== undefined || result.horizon !== undefined;
    const changes = isTold || tables.some((changed) => changed.length > 0);
    // Publishing a run twice answers the same snapshot, so it may be tried again.
    const deadline = clock.now() + PUBLISH_PATIENCE_MS;
    const snapshotId = changes ? (await persist(() => options.publish(result), deadline)).snapshot : null;
    const refused = result.files.filter((file) => file.status === "refused").length;
    const allRefused = result.files.length > 0 && refused === result.files.length;
    const error = allRefused
      ? {
          code: "INGEST_REJECTED",
          message: "every file was refused; the file ledgers name the reasons",
          retryable: false,
        }
      : null;
    await transition(job, {
      state: allRefused ? "EXECUTOR_ERROR" : "COMPLETE",
      progress: 1,
      stage: null,
      endedAt: clock.now(),
      snapshotId,
      error,
    });
  }

  async function end(job: JobRecord, error: JobError): Promise<void> {
    await transition(job, { state: "EXECUTOR_ERROR", endedAt: clock.now(), error });
  }

  function errorOf(thrown: unknown): JobError {
    if (isVitalomeError(thrown)) return { code: thrown.code, message: thrown.message, retryable: thrown.canRetry };
    log.error({ cause: messageOf(thrown) }, "publishing a run failed");
    return { code: "INTERNAL_SERVER_ERROR", message: "publishing failed", retryable: true };
  }

  return {
    jobs,
    changedUpTo: () => changedUpTo,
    fault: () => fault,
    displaced,
    async close() {
      stop.abort(new Error("the worker is closing"));
      wake();
      await (isDisplaced ? runner.closeOwn() : runner.close());
      await Promise.all([taking, executing]);
    },
  };
}
