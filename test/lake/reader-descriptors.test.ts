import { describe, expect, it } from "@jest/globals";
import { readdir, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openEngine } from "../../src/engine/duckdb.js";
import { EMPTY_CATALOG, type Catalog } from "../../src/lake/catalog.js";
import { createFileCache } from "../../src/lake/file-cache.js";
import { buildKeyIndex, createBlockCache } from "../../src/lake/key-index.js";
import { columnsOf } from "../../src/lake/log-tables.js";
import { createSnapshotReaders } from "../../src/lake/snapshot-reader.js";
import { namedKey } from "../../src/lake/variant-keys.js";
import { createStore } from "./build.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Index files below the folder that this process has open. */
async function openBelow(folder: string): Promise<number> {
  const links = (await readdir("/proc/self/fd")).map((name) => readlink(join("/proc/self/fd", name)).catch(() => ""));
  return (await Promise.all(links)).filter((path) => path.startsWith(folder) && path.endsWith(".idx")).length;
}

const SNAPSHOTS = 60;

describe("readers of many snapshots", () => {
  it("leave no file open that no reader in use has, and close none that somebody is reading", async () => {
    const { root, files, dispose } = await createStore();
    const where = { database: ":memory:", directories: [root], spillDirectory: null };
    const engine = await openEngine({ ...where, memoryLimit: "100MB", threads: 1 });
    const copies = await createFileCache({ files, directory: root, maxBytes: 0, direct: root });
    const readers = createSnapshotReaders({ copies, engine, cache: createBlockCache(1 << 20) });

    /** A snapshot whose table of jobs was written again: two jobs that say which snapshot it is. */
    async function build(snapshot: number): Promise<Catalog> {
      const path = `${String(snapshot)}.idx`;
      const cells = Object.keys(columnsOf("jobs")).map((name) => (name === "record" ? String(snapshot) : null));
      const value = Buffer.from(JSON.stringify(cells));
      const built = await buildKeyIndex(
        join(root, path),
        (async function* () {
          yield await Promise.resolve({ key: namedKey("jobs", "a"), value });
          yield { key: namedKey("jobs", "b"), value };
        })(),
      );
      const { size: bytes } = await stat(join(root, path));
      const index = { name: "jobs", path, bytes, sha256: "0".repeat(64), ...built };
      const file = { path: `${path}.parquet`, rows: 2, bytes: 1, sha256: "0".repeat(64), runId: "", meta: {} };
      return { ...EMPTY_CATALOG, snapshot, tables: { jobs: { files: [{ ...file, indexes: [index] }] } } };
    }

    try {
      // Of the reader itself nobody keeps hold.
      const reading = (await readers.open(await build(1))).logged.jobs();
      expect(reading.next().value).toBe(1);
      for (let snapshot = 2; snapshot <= SNAPSHOTS; snapshot += 1) await readers.open(await build(snapshot));
      expect(await openBelow(root)).toBeGreaterThan(17);
      for (let look = 0; look < 100 && (await openBelow(root)) > 17; look += 1) {
        collect();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      // Sixteen readers are kept, and one file is being read.
      expect(await openBelow(root)).toBe(17);
      expect([...reading]).toEqual([1]);
    } finally {
      readers.close();
      engine.close();
      await dispose();
    }
  });
});
