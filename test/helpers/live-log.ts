import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEmbeddedEventLog } from "../../src/backend/embedded/event-log.js";
import type { EventLog, Position } from "../../src/backend/index.js";
import { systemClock, type Clock } from "../../src/clock.js";
import type { RequestContext } from "../../src/context.js";
import { createCursorSealer, type CursorSealer } from "../../src/cursors.js";
import type { JobRecord } from "../../src/domain/job.js";
import { JOB_CHANGED } from "../../src/ingest/streams/job.js";
import { silentLog } from "../../src/log.js";
import type { ServerOptions } from "../../src/server.js";
import { createDatasetView } from "../../src/views/dataset.js";
import { createJobView, type JobViewOptions } from "../../src/views/job.js";

/** A clock that a test moves on; who sleeps looks at it every few milliseconds. */
export function createMovableClock(): Clock & { ahead(ms: number): void } {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    sleep: (ms, signal) => systemClock.sleep(Math.min(Math.max(ms, 0), 10), signal),
    ahead(ms) {
      ahead += ms;
    },
  };
}

export interface LiveLog {
  readonly eventLog: EventLog;
  readonly sealer: CursorSealer;
  readonly clock: ReturnType<typeof createMovableClock>;
  /** Appends transitions of jobs. */
  change(...jobs: readonly Partial<JobRecord>[]): Promise<readonly Position[]>;
  close(): Promise<void>;
}

/** An event log in a folder of its own. */
export async function openLiveLog(options: { readonly ringEvents?: number } = {}): Promise<LiveLog> {
  const directory = await mkdtemp(join(tmpdir(), "vitalome-live-"));
  const clock = createMovableClock();
  const eventLog = await createEmbeddedEventLog({ directory, clock, log: silentLog, ...options });
  return {
    eventLog,
    clock,
    sealer: createCursorSealer(Buffer.alloc(32, 3), clock),
    change: (...jobs) =>
      eventLog.append(
        JOB_CHANGED,
        jobs.map((job) => {
          const whole = buildJob(job);
          return { key: whole.id, value: { schema: 1, job: whole } };
        }),
      ),
    async close() {
      await eventLog.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export function buildJob(overrides: Partial<JobRecord> = {}): JobRecord {
  return {
    id: "job-1",
    kind: "ingest-variants",
    state: "RUNNING",
    progress: null,
    stage: null,
    submittedBy: "somebody",
    idempotencyKey: "key",
    parameters: {},
    inputs: [],
    queuedAt: 1,
    startedAt: 2,
    endedAt: null,
    error: null,
    baseSnapshot: 0,
    snapshotId: null,
    retryOf: null,
    version: 1,
    ...overrides,
  };
}

/** Contexts with the views that are watched, over this log. */
export function liveContext(
  log: Pick<LiveLog, "eventLog" | "sealer" | "clock">,
  heartbeatMs: number,
): ServerOptions["contextFor"] {
  const { eventLog, sealer, clock } = log;
  return (caller, requestId, signal) => {
    const live = { caller, eventLog, sealer, clock, signal, heartbeatMs };
    // What only queries and mutations touch is not there.
    const jobs = createJobView({ ...live, ...({} as Pick<JobViewOptions, "fold" | "files" | "runner">) });
    const context = { caller, requestId, signal, log: silentLog, jobs, datasets: createDatasetView(live) };
    return context as unknown as RequestContext;
  };
}
