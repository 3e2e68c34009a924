import type { EventLog } from "../../backend/index.js";
import type { Clock } from "../../clock.js";
import type { JobCommanded } from "../../domain/events/job.js";
import { isTerminal, type JobRecord } from "../../domain/job.js";
import { messageOf } from "../../errors.js";
import { JOB_CHANGED, JOB_COMMANDED, jobId } from "../../ingest/streams/job.js";
import { COMPACT_LOG } from "../../jobs/compact-log.js";
import type { Snapshots } from "../../lake/snapshots.js";
import type { Log } from "../../log.js";
import type { JobWorker } from "../job-worker.js";
import type { LogFloors } from "./floors.js";
import { pendingOf, type Pending } from "./pending.js";

export interface CompactionLimits {
  /** So many events that no table holds are brought into tables at once. */
  readonly events: number;
  /** Milliseconds after which few are brought in, too. */
  readonly ms: number;
}

export interface CompactionScheduleOptions {
  readonly eventLog: EventLog;
  readonly snapshots: Snapshots;
  readonly clock: Clock;
  readonly log: Log;
  readonly worker: Pick<JobWorker, "jobs" | "changedUpTo">;
  readonly floors: LogFloors;
  readonly limits: CompactionLimits;
}

export interface CompactionSchedule {
  /** Events that no table held a moment ago; null: not known. */
  pending(): number | null;
  close(): Promise<void>;
}

const LOOK_MS = 5_000;
/** One that failed is not tried again sooner. */
const REST_MS = 60_000;
/** Who submitted it. */
const ITSELF = "worker";

/** Submits `compact-log` when it is due, as anybody else might, never while one is open. */
export function startCompactionSchedule(options: CompactionScheduleOptions): CompactionSchedule {
  const { eventLog, snapshots, clock, log, worker, floors, limits } = options;
  const stop = new AbortController();
  const startedAt = clock.now();
  let submitted: string | null = null;
  let count: number | null = null;

  /** The last that was submitted by anybody. */
  function last(): JobRecord | null {
    let found: JobRecord | null = null;
    for (const job of worker.jobs.values())
      if (job.kind === COMPACT_LOG && (found === null || job.queuedAt >= found.queuedAt)) found = job;
    return found;
  }

  /** What only compactions say of themselves is no reason for another one. */
  function eventsIn({ events, range }: Pending): number {
    const isOwn = worker.changedUpTo() <= BigInt(range.from[JOB_CHANGED]?.[0] ?? "0");
    return [...events].reduce((sum, [topic, own]) => sum + (isOwn && topic === JOB_CHANGED ? 0 : own), 0);
  }

  function isDue(events: number, before: JobRecord | null): boolean {
    const now = clock.now();
    const endedAt = before?.endedAt ?? startedAt;
    if (before !== null && before.state !== "COMPLETE" && now < endedAt + REST_MS) return false;
    return events >= limits.events || (events > 0 && now >= Math.max(startedAt, endedAt) + limits.ms);
  }

  async function look(): Promise<void> {
    await floors.update(snapshots);
    const pending = await pendingOf(eventLog, await snapshots.refresh());
    count = eventsIn(pending);
    const before = last();
    const isOpen = before !== null && !isTerminal(before.state);
    const isOnItsWay = submitted !== null && !worker.jobs.has(submitted);
    if (isOpen || isOnItsWay || !isDue(count, before)) return;
    const idempotencyKey = `by itself at ${new Date(clock.now()).toISOString()}`;
    const id = jobId(ITSELF, COMPACT_LOG, idempotencyKey);
    const facts = { parameters: {}, inputs: [], submittedBy: ITSELF, idempotencyKey, retryOf: null };
    const value: JobCommanded = { schema: 1, command: "submit", id, kind: COMPACT_LOG, ...facts };
    await eventLog.append(JOB_COMMANDED, [{ key: id, value }]);
    submitted = id;
  }

  const looking = (async () => {
    while (!stop.signal.aborted) {
      await look().catch((thrown: unknown) => {
        count = null;
        if (!stop.signal.aborted) log.warn({ cause: messageOf(thrown) }, "what no table holds yet could not be told");
      });
      await clock.sleep(LOOK_MS, stop.signal).catch(() => undefined);
    }
  })();

  return {
    pending: () => count,
    async close() {
      stop.abort(new Error("the worker is closing"));
      await looking;
    },
  };
}
