import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createClusterFiles } from "../../src/backend/cluster/files.js";
import { createClusterTables, type ClusterTables } from "../../src/backend/cluster/tables.js";
import { systemClock } from "../../src/clock.js";
import { catalogPath, filesOf, type Catalog } from "../../src/lake/catalog.js";
import { openSnapshots } from "../../src/lake/snapshots.js";
import { silentLog } from "../../src/log.js";
import { stackForTests } from "../helpers/stack.js";

export interface SparkTwin {
  readonly tables: ClusterTables;
  close(): Promise<void>;
}

/** Spark SQL over the same data files as a snapshot of an embedded store: copied to HDFS, under the same number. */
export async function openSparkTwin(directory: string, catalog: Catalog): Promise<SparkTwin> {
  const stack = await stackForTests();
  const root = `/test/twin-${String(process.pid)}-${String(Date.now())}`;
  const files = createClusterFiles({ webhdfs: stack.webhdfs, root, user: stack.user, clock: systemClock });
  const paths = Object.keys(catalog.tables).flatMap((table) => filesOf(catalog, table).map(({ path }) => path));
  for (const path of [...new Set(paths), catalogPath(catalog.snapshot)])
    await files.write(path, createReadStream(join(directory, path)));
  const tables = createClusterTables({
    thrift: stack.thrift,
    user: stack.user,
    store: `${stack.hdfs}${root}`,
    files,
    snapshots: await openSnapshots(files, silentLog),
    log: silentLog,
    clock: systemClock,
  });
  return {
    tables,
    async close() {
      await tables.dropBefore(Number.MAX_SAFE_INTEGER).catch(() => undefined);
      await tables.close();
      await files.remove("runs").catch(() => undefined);
      await files.remove("snapshots").catch(() => undefined);
    },
  };
}
