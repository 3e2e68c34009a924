import type { EventLog, Files } from "../backend/index.js";
import type { Clock } from "../clock.js";
import type { DatasetPublished } from "../domain/events/dataset.js";
import { DATASET_PUBLISHED, parseDatasetPublished } from "../ingest/streams/dataset.js";
import type { JobResult, WrittenFile } from "../jobs/context.js";
import { INDEXED_TABLES, type IndexedTable } from "../lake/build-indexes.js";
import type { Catalog, IndexFile } from "../lake/catalog.js";
import { publishRun, type SnapshotChange } from "../lake/publish.js";
import type { Snapshots } from "../lake/snapshots.js";

export type FileToIndex = WrittenFile & { readonly table: IndexedTable };

export interface PublisherOptions {
  readonly files: Files;
  readonly snapshots: Snapshots;
  readonly eventLog: EventLog;
  readonly clock: Clock;
  /** Builds the key index of each data file and stores it. */
  readonly buildIndexes: (files: readonly FileToIndex[]) => Promise<readonly IndexFile[]>;
  readonly faults?: { at(point: string): void };
}

/** A run, and what else the snapshot that holds it says. */
export type Publication = JobResult & Pick<SnapshotChange, "oldestReadable">;

export interface Publisher {
  publish(result: Publication): Promise<Catalog>;
  /** Says on the topic what it lacks: a crash may have come between a catalog and its event. */
  announce(): Promise<void>;
}

/** The only writer of snapshots. */
export function createPublisher(options: PublisherOptions): Publisher {
  const { files, snapshots, eventLog, clock } = options;
  let announced: number | null = null;

  async function announce(): Promise<void> {
    announced ??= await lastAnnounced(eventLog);
    const latest = await snapshots.refresh();
    const missing: Catalog[] = [];
    for (let at: Catalog = latest; at.snapshot > announced;) {
      missing.unshift(at);
      if (at.parent === null) break;
      at = await snapshots.get(at.parent);
    }
    if (missing.length === 0) return;
    await eventLog.append(
      DATASET_PUBLISHED,
      missing.map((catalog) => ({ key: "dataset", value: eventOf(catalog) })),
    );
    announced = latest.snapshot;
  }

  return {
    announce,
    async publish(result) {
      const indexed = result.add.filter((file): file is FileToIndex =>
        (INDEXED_TABLES as readonly string[]).includes(file.table),
      );
      options.faults?.at("publish:before-index");
      const built = indexed.length === 0 ? [] : await options.buildIndexes(indexed);
      options.faults?.at("publish:indexed");
      const indexOf = new Map(indexed.map((file, position) => [file.path, built[position]]));
      const catalog = await publishRun(
        { files, snapshots, clock, ...(options.faults === undefined ? {} : { faults: options.faults }) },
        {
          jobId: result.jobId,
          kind: result.kind,
          baseSnapshot: result.baseSnapshot,
          remove: result.remove,
          restore: result.restore,
          horizon: result.horizon,
          oldestReadable: result.oldestReadable,
          add: result.add.map((file) => {
            const index = indexOf.get(file.path);
            return { ...file, indexes: index === undefined ? [] : [index] };
          }),
        },
      );
      options.faults?.at("publish:before-event");
      await announce();
      return catalog;
    },
  };
}

function eventOf(catalog: Catalog): DatasetPublished {
  const tables = Object.fromEntries(
    Object.entries(catalog.tables).map(([name, { files }]) => [name, files.reduce((sum, file) => sum + file.rows, 0)]),
  );
  return {
    schema: 1,
    id: catalog.snapshot,
    jobId: catalog.cause?.jobId ?? null,
    kind: catalog.cause?.kind ?? null,
    tables,
    publishedAt: catalog.createdAt,
  };
}

/** The last snapshot the topic knows of; 0 when it is empty. */
async function lastAnnounced(eventLog: EventLog): Promise<number> {
  const [range] = await eventLog.positions(DATASET_PUBLISHED);
  if (range === undefined || range.end <= range.start) return 0;
  const enough = new AbortController();
  for await (const event of eventLog.read(DATASET_PUBLISHED, new Map([[0, range.end - 1n]]), enough.signal)) {
    enough.abort();
    if (event.kind === "event") return parseDatasetPublished(event).id;
  }
  return 0;
}
