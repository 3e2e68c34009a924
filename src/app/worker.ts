import type { Clock } from "../clock.js";
import type { Settings } from "../config.js";
import { BACKTEST_KIND } from "../domain/alert/backtest.js";
import { DEFAULT_RULES } from "../domain/alert/default-rules.js";
import { messageOf } from "../errors.js";
import { parseStoredJobs } from "../ingest/streams/job.js";
import { COMPACT_LOG } from "../jobs/compact-log.js";
import type { SnapshotReaders } from "../lake/snapshot-reader.js";
import type { Log } from "../log.js";
import type { Readiness } from "../server/http.js";
import { createBacktestJob } from "../worker/backtest/index.js";
import { createCompactionHandOver } from "../worker/compaction/hand-over.js";
import type { LogFloors } from "../worker/compaction/floors.js";
import { startCompactionSchedule } from "../worker/compaction/schedule.js";
import { startJobWorker } from "../worker/job-worker.js";
import { startLiveWorker, type LiveWorker } from "../worker/live/index.js";
import { createPeopleDirectory } from "../worker/live/people-directory.js";
import type { WindowsWatch } from "../worker/live/windows-watch.js";
import { createPublisher } from "../worker/publisher.js";
import type { Ground } from "./ground.js";
import { watchHealth } from "./health.js";

export interface WorkerOptions {
  readonly ground: Ground;
  readonly readers: SnapshotReaders;
  readonly settings: Pick<Settings, "profile" | "liveTime" | "compactEvents" | "compactMs">;
  /** What of the log has to stay. */
  readonly floors: LogFloors;
  /** Of the streaming job that computes windows; null where the worker does. */
  readonly windows: WindowsWatch | null;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Worker {
  /** How its parts were a moment ago. */
  dependencies(): Readiness["dependencies"];
  /** Resolves with the reason when another worker has taken its place. */
  readonly displaced: Promise<string>;
  close(): Promise<void>;
}

const ANNOUNCE_MS = 10_000;

/** Takes commands, runs jobs, publishes and announces; judges readings and moves alerts. */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { ground, readers, settings, floors, windows, clock, log } = options;
  const { files, snapshots, served, eventLog, foreign, tables, runner, buildIndexes, sweeper, jobsReachLog } = ground;
  const publisher = createPublisher({ files, snapshots, eventLog, clock, buildIndexes });
  await publisher.announce();
  const announcing = setInterval(() => {
    publisher.announce().catch((thrown: unknown) => {
      log.error({ cause: messageOf(thrown) }, "announcing snapshots failed");
    });
  }, ANNOUNCE_MS);
  const closing: (() => Promise<void> | void)[] = [];
  const close = async (): Promise<void> => {
    clearInterval(announcing);
    await Promise.all(closing.map(async (step) => step()));
  };
  try {
    const store = { files, snapshots, publish: publisher.publish, sweeper };
    const { logged } = await readers.open(await served.refresh());
    const people = createPeopleDirectory({ snapshots: served, readers, clock });
    const jobs = await startJobWorker({
      ...{ log, clock, eventLog, runner, ...store },
      known: parseStoredJobs(logged.jobs()),
      own: { [BACKTEST_KIND]: createBacktestJob({ eventLog, tables, snapshots, readers, people }) },
      handOver: { [COMPACT_LOG]: createCompactionHandOver({ eventLog, files, log, jobsReachLog }) },
    });
    closing.push(() => jobs.close());
    const limits = { events: settings.compactEvents, ms: settings.compactMs };
    const compaction = startCompactionSchedule({ eventLog, snapshots, clock, log, worker: jobs, floors, limits });
    closing.push(() => compaction.close());
    const live = await startLiveWorker({
      ...{ eventLog, foreign, clock, log, people, rules: DEFAULT_RULES },
      isInputTime: settings.liveTime === "input",
      withWindows: windows === null,
    });
    closing.push(() => live.close());
    const beside = watchHealth(
      windows === null ? {} : { windowing: () => windows.look({ files, eventLog, clock }) },
      clock,
      log,
    );
    closing.push(() => {
      beside.close();
    });
    return {
      dependencies() {
        const fault = jobs.fault() ?? live.fault();
        const waiting = String(live.behind() ?? "unknown how many");
        const uncompacted = String(compaction.pending() ?? "unknown how many");
        return {
          worker: { ok: fault === null, detail: fault ?? "takes commands" },
          live: { ok: true, detail: `${waiting} records wait` },
          compaction: { ok: true, detail: `${uncompacted} events are in the log alone` },
          foreign: foreignHealth(live.foreign()),
          ...beside.dependencies(),
        };
      },
      displaced: Promise.race([jobs.displaced, live.displaced]),
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

function foreignHealth({ topics, faults }: ReturnType<LiveWorker["foreign"]>): Readiness["dependencies"][string] {
  const told = [...faults].map(([topic, fault]) => `${topic}: ${fault}`);
  return { ok: faults.size === 0, detail: [`${String(topics)} topics are read`, ...told].join("; ") };
}
