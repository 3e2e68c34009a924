import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Files } from "../../../src/backend/index.js";
import { createClusterFiles } from "../../../src/backend/cluster/files.js";
import {
  createClusterTables,
  type ClusterTables,
  type ClusterTablesOptions,
} from "../../../src/backend/cluster/tables.js";
import { systemClock } from "../../../src/clock.js";
import { openEngine } from "../../../src/engine/duckdb.js";
import { writeParquet } from "../../../src/engine/parquet.js";
import { publishRun } from "../../../src/lake/publish.js";
import { openSnapshots, type Snapshots } from "../../../src/lake/snapshots.js";
import { silentLog } from "../../../src/log.js";
import type { Stack } from "../../../src/stack/index.js";

/** A store of its own in HDFS, and Spark SQL over it. */
export interface TablesStore {
  readonly files: Files;
  readonly snapshots: Snapshots;
  readonly root: string;
  readonly store: string;
  readonly tables: ClusterTables;
  /** Publishes one run: rows of each table by a query of DuckDB, in the file given below `runs/<run>/data/`. */
  publish(run: string, base: number, added: readonly AddedFile[]): Promise<number>;
  /** One more adapter over the same store. */
  another(overrides?: Partial<ClusterTablesOptions>): ClusterTables;
  close(): Promise<void>;
}

export interface AddedFile {
  readonly table: string;
  /** Below `runs/<run>/data/`. */
  readonly file: string;
  readonly query: string;
}

export async function openTablesStore(
  stack: Pick<Stack, "hdfs" | "webhdfs" | "thrift" | "user">,
  overrides: Partial<ClusterTablesOptions> = {},
): Promise<TablesStore> {
  const root = `/test/tables-${String(process.pid)}-${String(Date.now())}-${String(Math.floor(Math.random() * 1e6))}`;
  const store = `${stack.hdfs}${root}`;
  const local = await mkdtemp(join(tmpdir(), "vitalome-tables-"));
  const files = createClusterFiles({ webhdfs: stack.webhdfs, root, user: stack.user, clock: systemClock });
  const snapshots = await openSnapshots(files, silentLog);
  const opened: ClusterTables[] = [];

  function another(more: Partial<ClusterTablesOptions> = {}): ClusterTables {
    const { thrift, user } = stack;
    const base = { thrift, user, store, files, snapshots, log: silentLog, clock: systemClock };
    const tables = createClusterTables({ ...base, ...overrides, ...more });
    opened.push(tables);
    return tables;
  }

  return {
    files,
    snapshots,
    root,
    store,
    tables: another(),
    another,
    async publish(run, base, added) {
      const engine = await openEngine({
        database: ":memory:",
        directories: [local],
        spillDirectory: null,
        memoryLimit: "512MB",
        threads: 1,
      });
      const add = [];
      for (const { table, file, query } of added) {
        const copy = join(local, "data.parquet");
        const written = await writeParquet(engine, query, copy, new AbortController().signal);
        if (written === null) throw new Error("nothing was written");
        const path = `runs/${run}/data/${file}`;
        await files.write(path, createReadStream(copy));
        add.push({ table, path, ...written, indexes: [], meta: {} });
      }
      engine.close();
      const published = await publishRun(
        { files, snapshots, clock: systemClock },
        { jobId: run, kind: "test", baseSnapshot: base, add, remove: {} },
      );
      return published.snapshot;
    },
    async close() {
      const [first] = opened;
      await first?.dropBefore(Number.MAX_SAFE_INTEGER).catch(() => undefined);
      for (const tables of opened) await tables.close();
      await files.remove("runs").catch(() => undefined);
      await files.remove("snapshots").catch(() => undefined);
      await rm(local, { recursive: true, force: true });
    },
  };
}

/** `numbers(n INTEGER, name VARCHAR, parity VARCHAR)`. */
export function numbersQuery(from: number, to: number): string {
  return `SELECT CAST(i AS INTEGER) AS n, 'name ' || i AS name, CASE WHEN i % 2 = 0 THEN 'even' ELSE 'odd' END AS parity FROM range(${String(from)}, ${String(to)}) t(i)`;
}
