import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createClusterEventLog } from "../backend/cluster/event-log.js";
import { createClusterFiles } from "../backend/cluster/files.js";
import { createClusterForeignTopics } from "../backend/cluster/foreign-topics.js";
import { createClusterJobRunner } from "../backend/cluster/job-runner.js";
import { listLeftovers } from "../backend/cluster/submit/leftovers.js";
import { createNearTables } from "../backend/cluster/near-tables.js";
import { createClusterTables } from "../backend/cluster/tables.js";
import { createEmbeddedTables } from "../backend/embedded/tables.js";
import { sql } from "../backend/sql.js";
import { openEngine } from "../engine/duckdb.js";
import { VitalomeError } from "../errors.js";
import { createFileCache } from "../lake/file-cache.js";
import { servedSnapshots } from "../lake/served-snapshots.js";
import { openSnapshots } from "../lake/snapshots.js";
import { createUploads } from "../uploads.js";
import type { Sweeper } from "../worker/sweeper.js";
import type { Ground, GroundOptions } from "./ground.js";
import { watchHealth } from "./health.js";
import { createIndexBuilder } from "./index-builder.js";
import { threadOf } from "./threads.js";

const PYSPARK = resolve(import.meta.dirname, "../../pyspark");

/** HDFS, Kafka and Spark; on this machine only copies of published files, and what is on its way. */
export async function openCluster({ settings, clock, log, needs, closing }: GroundOptions): Promise<Ground> {
  const { cluster } = settings;
  if (cluster === null) throw new VitalomeError("CONFIG_INVALID", "the cluster profile has no addresses");
  const scratch = join(settings.dataDirectory, "scratch");
  const copyDirectory = join(settings.dataDirectory, "cache");
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true });
  const store = `${cluster.hdfs}${cluster.root}`;
  const files = createClusterFiles({ webhdfs: cluster.webhdfs, root: cluster.root, user: cluster.user, clock });
  const eventLog = await createClusterEventLog({
    brokers: cluster.brokers,
    prefix: cluster.topicPrefix,
    clock,
    log,
    retention: settings.role === "api" ? undefined : { keepMs: settings.logKeepMs, needs },
  });
  closing.push(() => eventLog.close());
  const foreign = createClusterForeignTopics({ brokers: cluster.brokers, prefix: cluster.topicPrefix });
  closing.push(() => {
    foreign.close();
  });
  const snapshots = await openSnapshots(files, log);
  const far = createClusterTables({
    thrift: cluster.thrift,
    user: cluster.user,
    store,
    files,
    snapshots,
    log,
    clock,
  });
  closing.push(() => far.close());
  const copies = await createFileCache({ files, directory: copyDirectory, maxBytes: cluster.cacheBytes, direct: null });
  const engine = await openEngine({
    database: ":memory:",
    directories: [copyDirectory],
    spillDirectory: join(scratch, "spill"),
    memoryLimit: settings.duckdbMemoryLimit,
    threads: settings.duckdbThreads,
  });
  closing.push(() => {
    engine.close();
  });
  // Not below scratch, which a start clears: a driver that outlived its runner works on in its folder.
  const localScratch = join(settings.dataDirectory, "spark");
  const near = createEmbeddedTables({
    copies,
    snapshots,
    directories: [copyDirectory],
    spillDirectory: join(scratch, "tables"),
    memoryLimit: settings.duckdbMemoryLimit,
    threads: settings.duckdbThreads,
  });
  closing.push(() => near.close());
  const tables = createNearTables({ near, far, snapshots, maxBytes: cluster.nearBytes });
  const runner = createClusterJobRunner({
    files,
    clock,
    log,
    submit: {
      python: cluster.python,
      sparkSubmit: null,
      script: join(PYSPARK, "run_job.py"),
      master: cluster.sparkMaster,
      driverMemory: cluster.sparkMemory,
      conf: {},
      jars: cluster.jars,
      kafka: { servers: cluster.brokers.join(","), prefix: cluster.topicPrefix },
      store,
      webhdfs: cluster.webhdfs,
      user: cluster.user,
      replication: cluster.replication,
      localScratch,
      path: cluster.path,
      javaHome: cluster.javaHome,
    },
  });
  const sweeper: Sweeper = {
    dropBefore: (oldest) => far.dropBefore(oldest),
    leftovers: () => listLeftovers(localScratch),
  };
  const health = watchHealth(
    {
      store: async () => `snapshot ${String((await snapshots.refresh()).snapshot)}`,
      log: async () => `${String((await eventLog.positions("job.changed.v1")).length)} partition answers`,
      tables: async (signal) => {
        for await (const batch of far.query(sql`SELECT 1 AS one`, { snapshot: snapshots.latest().snapshot, signal }))
          void batch;
        return "answers";
      },
    },
    clock,
    log,
  );
  closing.push(() => {
    health.close();
  });
  return {
    files,
    eventLog,
    foreign,
    snapshots,
    served: servedSnapshots(snapshots),
    tables,
    runner,
    jobsReachLog: true,
    copies,
    engine,
    uploads: createUploads({ files, scratch, root: null }),
    buildIndexes: createIndexBuilder({ files, copies, copyDirectory, scratch, thread: threadOf(settings) }),
    sweeper,
    dependencies: () => Promise.resolve(health.dependencies()),
  };
}
