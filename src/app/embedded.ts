import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createEmbeddedEventLog } from "../backend/embedded/event-log.js";
import { createEmbeddedFiles } from "../backend/embedded/files.js";
import { createEmbeddedForeignTopics } from "../backend/embedded/foreign-topics.js";
import { createEmbeddedJobRunner } from "../backend/embedded/job-runner.js";
import { createEmbeddedTables } from "../backend/embedded/tables.js";
import { LIVE } from "../domain/observation/live.js";
import { openEngine } from "../engine/duckdb.js";
import type { BuiltIndex } from "../lake/build-indexes.js";
import { createFileCache } from "../lake/file-cache.js";
import { servedSnapshots } from "../lake/served-snapshots.js";
import { openSnapshots } from "../lake/snapshots.js";
import { createUploads } from "../uploads.js";
import type { Ground, GroundOptions } from "./ground.js";
import { runInThread, threadOf } from "./threads.js";
import { nothingBeside } from "../worker/sweeper.js";

/** One folder, one process: local files, an own journal, DuckDB, jobs in threads. */
export async function openEmbedded({ settings, clock, log, needs, closing }: GroundOptions): Promise<Ground> {
  const root = settings.dataDirectory;
  await rm(join(root, "scratch"), { recursive: true, force: true });
  for (const folder of ["scratch", "runs", "raw", "foreign"]) await mkdir(join(root, folder), { recursive: true });
  const files = await createEmbeddedFiles({ root });
  const eventLog = await createEmbeddedEventLog({
    directory: join(root, "log"),
    clock,
    log,
    retention: { keepMs: settings.logKeepMs, maxBytes: settings.logMaxBytes, needs },
  });
  closing.push(() => eventLog.close());
  const foreign = createEmbeddedForeignTopics({
    ...{ directory: join(root, "foreign"), clock, longestLine: LIVE.recordBytes },
  });
  closing.push(() => {
    foreign.close();
  });
  const snapshots = await openSnapshots(files, log);
  const memory = { memoryLimit: settings.duckdbMemoryLimit, threads: settings.duckdbThreads };
  const engine = await openEngine({
    database: ":memory:",
    directories: [join(root, "runs"), join(root, "scratch")],
    spillDirectory: join(root, "scratch", "spill"),
    ...memory,
  });
  closing.push(() => {
    engine.close();
  });
  const copies = await createFileCache({ files, directory: root, maxBytes: 0, direct: root });
  const tables = createEmbeddedTables({
    copies,
    snapshots,
    directories: [join(root, "runs"), join(root, "scratch")],
    spillDirectory: join(root, "scratch", "tables"),
    ...memory,
  });
  closing.push(() => tables.close());
  const thread = threadOf(settings);
  return {
    files,
    eventLog,
    foreign,
    snapshots,
    served: servedSnapshots(snapshots),
    tables,
    engine,
    runner: createEmbeddedJobRunner({ ...thread, clock, files }),
    jobsReachLog: false,
    copies,
    uploads: createUploads({ files, scratch: join(root, "scratch"), root }),
    async buildIndexes(toIndex) {
      const paths = toIndex.map(({ path }) => path.replace(/\.parquet$/, ".idx"));
      const tasks = toIndex.map(({ table, path }, at) => ({
        table,
        data: join(root, path),
        index: join(root, paths[at] ?? ""),
      }));
      const task = { task: "index", files: tasks, directories: [join(root, "runs")] };
      const built = (await runInThread(thread, task)) as readonly BuiltIndex[];
      return built.map((index, at) => ({ ...index, path: paths[at] ?? "" }));
    },
    sweeper: nothingBeside,
    async dependencies() {
      return snapshots.refresh().then(
        (latest) => ({ store: { ok: true, detail: `snapshot ${String(latest.snapshot)}` } }),
        () => ({ store: { ok: false, detail: "the store cannot be read" } }),
      );
    },
  };
}
