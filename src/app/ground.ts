import type { EventLog, Files, ForeignTopics, JobRunner, Tables } from "../backend/index.js";
import type { LogNeeds } from "../backend/log/needs.js";
import type { Clock } from "../clock.js";
import type { Settings } from "../config.js";
import type { Engine } from "../engine/duckdb.js";
import type { FileCache } from "../lake/file-cache.js";
import type { Snapshots } from "../lake/snapshots.js";
import type { Log } from "../log.js";
import type { Readiness, Uploads } from "../server/http.js";
import type { PublisherOptions } from "../worker/publisher.js";
import type { Sweeper } from "../worker/sweeper.js";

/** What a profile stands on; everything above it is the same in both. */
export interface Ground {
  readonly files: Files;
  readonly eventLog: EventLog;
  readonly foreign: ForeignTopics;
  readonly snapshots: Snapshots;
  /** The same, for readers. */
  readonly served: Snapshots;
  readonly tables: Tables;
  readonly runner: JobRunner;
  /** Whether jobs read the event log themselves. */
  readonly jobsReachLog: boolean;
  /** Local copies of published files. */
  readonly copies: FileCache;
  /** Reads local copies. */
  readonly engine: Engine;
  readonly uploads: Uploads;
  readonly buildIndexes: PublisherOptions["buildIndexes"];
  /** What a clean-up removes beside the store. */
  readonly sweeper: Sweeper;
  /** The state of what the profile depends on, none older than a few seconds. */
  dependencies(): Promise<Readiness["dependencies"]>;
}

export interface GroundOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Log;
  /** What of the event log has to stay. */
  readonly needs: LogNeeds;
  /** Closed in the reverse order of opening. */
  readonly closing: (() => Promise<void> | void)[];
}
