import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { VitalAccepted } from "../../src/domain/events/observation.js";
import { openEngine } from "../../src/engine/duckdb.js";
import type { JobResult } from "../../src/jobs/context.js";
import { COMPACT_LOG } from "../../src/jobs/compact-log.js";
import { runJob } from "../../src/jobs/run.js";
import { buildTableIndex } from "../../src/lake/build-indexes.js";
import type { Catalog, IndexFile } from "../../src/lake/catalog.js";
import { createFileCache } from "../../src/lake/file-cache.js";
import { createBlockCache } from "../../src/lake/key-index.js";
import { createSnapshotReaders, type SnapshotReader, type SnapshotReaders } from "../../src/lake/snapshot-reader.js";
import { openSnapshots, type Snapshots } from "../../src/lake/snapshots.js";
import { silentLog } from "../../src/log.js";
import { createCompactionHandOver } from "../../src/worker/compaction/hand-over.js";
import { createPublisher, type FileToIndex } from "../../src/worker/publisher.js";
import { createStore, type Store } from "../lake/build.js";
import type { LiveLog } from "./live-log.js";

/** A store beside a log, and the job that brings the one into the other, in this process. */
export interface Compaction {
  readonly store: Store;
  readonly snapshots: Snapshots;
  readonly readers: SnapshotReaders;
  /** Runs the job over all that no table holds, without publishing it. */
  run(jobId: string): Promise<JobResult>;
  /** The same, published. */
  compact(jobId: string): Promise<Catalog>;
  publish(result: JobResult): Promise<Catalog>;
  /** Reads the newest snapshot. */
  reader(): Promise<SnapshotReader>;
  /** Rows of a table of the newest snapshot. */
  rows(table: string, order?: string): Promise<readonly Record<string, unknown>[]>;
  close(): Promise<void>;
}

export async function openCompaction({ eventLog, clock }: Pick<LiveLog, "eventLog" | "clock">): Promise<Compaction> {
  const store = await createStore();
  const { files, root } = store;
  const snapshots = await openSnapshots(files, silentLog);
  const engine = await openEngine({
    ...{ database: ":memory:", directories: [root], spillDirectory: null, memoryLimit: "500MB", threads: 1 },
  });
  const copies = await createFileCache({ files, directory: root, maxBytes: 0, direct: root });
  const readers = createSnapshotReaders({ copies, engine, cache: createBlockCache(1 << 24) });
  const handOver = createCompactionHandOver({ eventLog, files, log: silentLog, jobsReachLog: false });
  const { signal } = new AbortController();

  async function buildIndexes(toIndex: readonly FileToIndex[]): Promise<readonly IndexFile[]> {
    const built: IndexFile[] = [];
    for (const { table, path } of toIndex) {
      const index = path.replace(/\.parquet$/, ".idx");
      const task = { table, data: join(root, path), index: join(root, index) };
      built.push({ ...(await buildTableIndex(engine, task)), path: index });
    }
    return built;
  }

  const { publish } = createPublisher({ files, snapshots, eventLog, clock, buildIndexes });

  async function run(id: string): Promise<JobResult> {
    await mkdir(join(root, "raw"), { recursive: true });
    const base = await snapshots.refresh();
    const asked = { id, kind: COMPACT_LOG, parameters: {}, baseSnapshot: base.snapshot, submittedBy: "worker" };
    const spec = await handOver(asked, base, signal);
    const quiet = { progress: () => undefined, log: () => undefined };
    return runJob(spec, { files, snapshots, clock, signal, root, memoryLimit: "500MB", threads: 1, ...quiet });
  }

  return {
    ...{ store, snapshots, readers, run, publish },
    compact: async (id) => publish(await run(id)),
    reader: async () => readers.open(await snapshots.refresh()),
    async rows(table, order = "ALL") {
      const paths = snapshots.latest().tables[table]?.files.map(({ path }) => `'${join(root, path)}'`) ?? [];
      if (paths.length === 0) return [];
      return engine.rows(`SELECT * FROM read_parquet([${paths.join(", ")}]) ORDER BY ${order}`);
    },
    async close() {
      readers.close();
      engine.close();
      await store.dispose();
    },
  };
}

/** Readings as they are told apart: everything of the event, without what JSON does not keep. */
export function plain(reading: VitalAccepted): unknown {
  return JSON.parse(JSON.stringify(reading));
}
