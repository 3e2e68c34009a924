import type { EventLog } from "../backend/index.js";
import type { Clock } from "../clock.js";
import type { CursorSealer } from "../cursors.js";
import type { Caller } from "../domain/caller.js";
import type { DatasetPublished } from "../domain/events/dataset.js";
import type { LiveSource } from "../domain/live.js";
import { DATASET_PUBLISHED, parseDatasetPublished } from "../ingest/streams/dataset.js";
import { policy } from "../policy.js";
import { watchTopic } from "./live.js";
import { queryHash } from "./page.js";

export interface DatasetView {
  /** Every published snapshot, in order; `kind` keeps those of one kind of job. */
  watchPublished(kind: string | null, after: string | null): Promise<LiveSource<DatasetPublished>>;
}

export interface DatasetViewOptions {
  readonly caller: Caller;
  readonly eventLog: EventLog;
  readonly sealer: CursorSealer;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly heartbeatMs: number;
}

export function createDatasetView(options: DatasetViewOptions): DatasetView {
  const { caller } = options;
  return {
    async watchPublished(kind, after) {
      // What was published is told to whoever may see the jobs that publish.
      const { hash } = policy(caller, "jobs");
      return watchTopic({
        ...options,
        topic: DATASET_PUBLISHED,
        scope: { kind: "datasetPublished", tenant: caller.tenant, queryHash: queryHash({ kind }), policyHash: hash },
        after,
        pick(event) {
          const published = parseDatasetPublished(event);
          return kind === null || published.kind === kind ? published : null;
        },
      });
    },
  };
}
