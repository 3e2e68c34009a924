import { jest } from "@jest/globals";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { createNearTables } from "../../../src/backend/cluster/near-tables.js";
import { createEmbeddedTables } from "../../../src/backend/embedded/tables.js";
import type { Tables } from "../../../src/backend/index.js";
import { raw } from "../../../src/backend/sql.js";
import { EMPTY_CATALOG, type Catalog, type DataFile } from "../../../src/lake/catalog.js";
import { createFileCache } from "../../../src/lake/file-cache.js";
import { STACK_TIMEOUT_MS, stackForTests } from "../../helpers/stack.js";
import { defineTablesContract } from "../contract/tables.js";
import { numbersQuery, openTablesStore } from "./tables-store.js";

const ROWS = 10_000;

jest.setTimeout(STACK_TIMEOUT_MS);

/** Answers nothing: what comes here needed more than a copy. */
const nowhere: Tables = {
  async *query() {
    await Promise.reject(new Error("it went to Spark"));
  },
};

defineTablesContract("cluster, from copies of little data", async () => {
  const store = await openTablesStore(await stackForTests());
  const numbers = (from: number, to: number) => [
    { table: "numbers", file: "numbers.parquet", query: numbersQuery(from, to) },
  ];
  const snapshot = await store.publish("a", 0, numbers(1, ROWS + 1));
  const later = await store.publish("b", snapshot, numbers(ROWS + 1, ROWS + 2));
  const directory = await mkdtemp(join(tmpdir(), "vitalome-near-"));
  const { files, snapshots } = store;
  const near = createEmbeddedTables({
    copies: await createFileCache({ files, directory: join(directory, "copies"), maxBytes: 1 << 20, direct: null }),
    snapshots,
    directories: [join(directory, "copies")],
    spillDirectory: join(directory, "spill"),
    memoryLimit: "512MB",
    threads: 1,
  });
  return {
    tables: createNearTables({ near, far: nowhere, snapshots, maxBytes: 1 << 20 }),
    snapshot,
    rows: ROWS,
    later,
    async close() {
      await near.close();
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
});

describe("where a statement is answered", () => {
  const file = (path: string, bytes: number): DataFile => ({
    ...{ path, bytes, rows: 1, sha256: "0".repeat(64), runId: "r", indexes: [], meta: {} },
  });
  const catalog: Catalog = {
    ...EMPTY_CATALOG,
    snapshot: 3,
    tables: { small: { files: [file("a", 60), file("b", 40)] }, large: { files: [file("c", 101)] } },
  };
  const named = (name: string): Tables => ({
    async *query() {
      yield await Promise.resolve({ names: [name], rows: 0, columns: [[]] });
    },
  });

  async function placeOf(text: string, maxBytes: number): Promise<string | undefined> {
    const snapshots = { get: () => Promise.resolve(catalog) };
    const tables = createNearTables({
      near: named("near"),
      far: named("far"),
      snapshots: snapshots as never,
      maxBytes,
    });
    for await (const batch of tables.query(raw(text), { snapshot: 3 })) return batch.names[0];
    return undefined;
  }

  it("is near while the files of all tables it names are no larger than the bound", async () => {
    expect(await placeOf("SELECT * FROM snap_3.small", 100)).toBe("near");
    expect(await placeOf("SELECT * FROM snap_3.small", 99)).toBe("far");
    expect(await placeOf("SELECT * FROM snap_3.large", 100)).toBe("far");
    expect(await placeOf('SELECT * FROM snap_3.small JOIN "snap_3"."large" USING (n)', 200)).toBe("far");
    expect(await placeOf('SELECT * FROM snap_3.small JOIN "snap_3"."large" USING (n)', 201)).toBe("near");
  });

  it("is far for everything when the bound is 0", async () => {
    expect(await placeOf("SELECT 1 AS one", 0)).toBe("far");
  });
});
