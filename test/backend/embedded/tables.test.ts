import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEmbeddedFiles } from "../../../src/backend/embedded/files.js";
import { createEmbeddedTables } from "../../../src/backend/embedded/tables.js";
import { systemClock } from "../../../src/clock.js";
import { openEngine } from "../../../src/engine/duckdb.js";
import { writeParquet } from "../../../src/engine/parquet.js";
import { createFileCache } from "../../../src/lake/file-cache.js";
import { publishRun } from "../../../src/lake/publish.js";
import { openSnapshots } from "../../../src/lake/snapshots.js";
import { silentLog } from "../../../src/log.js";
import { defineTablesContract } from "../contract/tables.js";

const ROWS = 10_000;

defineTablesContract("embedded", async () => {
  const root = await mkdtemp(join(tmpdir(), "vitalome-tables-"));
  for (const folder of ["runs/a/data", "runs/b/data", "scratch"]) await mkdir(join(root, folder), { recursive: true });
  const files = await createEmbeddedFiles({ root });
  const snapshots = await openSnapshots(files, silentLog);
  const engine = await openEngine({
    database: ":memory:",
    directories: [root],
    spillDirectory: null,
    memoryLimit: "512MB",
    threads: 1,
  });
  const publish = async (run: string, from: number, to: number, base: number): Promise<number> => {
    const path = `runs/${run}/data/numbers.parquet`;
    const query = `SELECT CAST(i AS INTEGER) AS n, 'name ' || i AS name, CASE WHEN i % 2 = 0 THEN 'even' ELSE 'odd' END AS parity FROM range(${String(from)}, ${String(to)}) t(i)`;
    const written = await writeParquet(engine, query, join(root, path), new AbortController().signal);
    if (written === null) throw new Error("nothing was written");
    const add = [{ table: "numbers", path, ...written, indexes: [], meta: {} }];
    return (
      await publishRun(
        { files, snapshots, clock: systemClock },
        { jobId: run, kind: "test", baseSnapshot: base, add, remove: {} },
      )
    ).snapshot;
  };
  const snapshot = await publish("a", 1, ROWS + 1, 0);
  const later = await publish("b", ROWS + 1, ROWS + 2, snapshot);
  engine.close();
  const tables = createEmbeddedTables({
    copies: await createFileCache({ files, directory: root, maxBytes: 0, direct: root }),
    snapshots,
    directories: [root],
    spillDirectory: join(root, "scratch", "tables"),
    memoryLimit: "512MB",
    threads: 1,
  });
  return {
    tables,
    snapshot,
    rows: ROWS,
    later,
    async close() {
      await tables.close();
      await rm(root, { recursive: true, force: true });
    },
  };
});
