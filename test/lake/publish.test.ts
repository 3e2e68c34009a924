import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { rm, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isVitalomeError } from "../../src/errors.js";
import { silentLog } from "../../src/log.js";
import { abandonedPath, catalogPath, filesOf, type Catalog } from "../../src/lake/catalog.js";
import { horizonOf } from "../../src/lake/horizon.js";
import { publishRun, type PublishOptions, type SnapshotChange } from "../../src/lake/publish.js";
import { openSnapshots } from "../../src/lake/snapshots.js";
import { NOON, buildAddedFile, buildChange, createStore, fixedClock, type Store } from "./build.js";

let store: Store;
beforeEach(async () => {
  store = await createStore();
});
afterEach(async () => {
  await store.dispose();
});

/** What another process has: its own view of the same store. */
async function createPublisher(): Promise<PublishOptions> {
  return { files: store.files, snapshots: await openSnapshots(store.files, silentLog), clock: fixedClock };
}

const pathsOf = (catalog: Catalog, table: string): string[] => filesOf(catalog, table).map((file) => file.path);

describe("publishing a run", () => {
  it("adds its files to those of its parent, with what the run says of them", async () => {
    const publisher = await createPublisher();
    const first = await publishRun(publisher, await buildChange(store.files, "one", ["variants", "calls"]));
    const second = await publishRun(
      publisher,
      await buildChange(store.files, "two", ["variants"], { baseSnapshot: 1 }),
    );
    expect(first).toMatchObject({ snapshot: 1, parent: 0, createdAt: NOON, cause: { jobId: "one", kind: "test" } });
    expect(second).toMatchObject({ snapshot: 2, parent: 1 });
    expect(pathsOf(second, "variants")).toEqual(["runs/one/data/variants.parquet", "runs/two/data/variants.parquet"]);
    expect(pathsOf(second, "calls")).toEqual(["runs/one/data/calls.parquet"]);
    expect(filesOf(second, "variants").map((file) => file.runId)).toEqual(["one", "two"]);
    expect(publisher.snapshots.latest()).toEqual(second);
    expect((await createPublisher()).snapshots.latest()).toEqual(second);
    expect(await publisher.snapshots.get(1)).toEqual(first);
  });

  it("takes files away from the next snapshot and leaves them in the ones before", async () => {
    const publisher = await createPublisher();
    const first = await publishRun(publisher, await buildChange(store.files, "one", ["variants", "calls"]));
    const remove = { variants: pathsOf(first, "variants"), calls: [] };
    const second = await publishRun(publisher, { jobId: "undo", kind: "remove", baseSnapshot: 1, add: [], remove });
    expect(Object.keys(second.tables)).toEqual(["calls"]);
    expect(pathsOf(await publisher.snapshots.get(1), "variants")).toHaveLength(1);
  });

  it("refuses a run whose file or index is not what it wrote, and publishes nothing", async () => {
    const publisher = await createPublisher();
    const change = await buildChange(store.files, "one", ["variants"]);
    const [file] = change.add;
    if (file === undefined) throw new Error("no file");
    const {
      table: _table,
      rows: _rows,
      runId: _run,
      meta: _meta,
      indexes: _indexes,
      ...plain
    } = { ...file, runId: "" };
    const index = { ...plain, name: "variants", entries: 1, minKey: null, maxKey: null };
    const bad: SnapshotChange["add"] = [
      { ...file, bytes: file.bytes - 1 },
      { ...file, sha256: "0".repeat(64) },
      { ...file, indexes: [index, { ...index, sha256: "0".repeat(64) }] },
    ];
    for (const damaged of bad) {
      await expect(publishRun(publisher, { ...change, add: [damaged] })).rejects.toMatchObject({
        code: "STORAGE_CORRUPT",
      });
    }
    await rm(join(store.root, file.path));
    await expect(publishRun(publisher, change)).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect((await publisher.snapshots.refresh()).snapshot).toBe(0);
  });

  it("answers the same snapshot when a job is published twice, however much came between", async () => {
    const publisher = await createPublisher();
    const change = await buildChange(store.files, "one", ["variants"]);
    const first = await publishRun(publisher, change);
    for (const job of ["two", "three"]) {
      const { snapshot: baseSnapshot } = publisher.snapshots.latest();
      await publishRun(publisher, await buildChange(store.files, job, ["variants"], { baseSnapshot }));
    }
    expect(await publishRun(await createPublisher(), change)).toEqual(first);
    expect(await publishRun(publisher, { ...change, baseSnapshot: 3 })).toEqual(first);
    expect((await publisher.snapshots.refresh()).snapshot).toBe(3);
  });

  it("knows a published job by its files when the catalogs between are damaged", async () => {
    const publisher = await createPublisher();
    const change = await buildChange(store.files, "one", ["variants"]);
    await publishRun(publisher, change);
    for (const [at, job] of ["two", "three"].entries()) {
      await publishRun(publisher, await buildChange(store.files, job, ["genes"], { baseSnapshot: at + 1 }));
    }
    await writeFile(join(store.root, catalogPath(2)), "torn");
    expect((await publishRun(await createPublisher(), change)).snapshot).toBe(3);
    expect((await publisher.snapshots.refresh()).snapshot).toBe(3);
  });

  it("answers the same snapshot for a run that only takes away", async () => {
    const publisher = await createPublisher();
    await publishRun(publisher, await buildChange(store.files, "one", ["variants"]));
    const remove = { variants: ["runs/one/data/variants.parquet"] };
    const undo: SnapshotChange = { jobId: "undo", kind: "remove", baseSnapshot: 1, add: [], remove };
    const second = await publishRun(publisher, undo);
    expect(await publishRun(publisher, undo)).toEqual(second);
  });

  it("rebases on a run that changed other tables", async () => {
    const [left, right] = [await createPublisher(), await createPublisher()];
    await publishRun(left, await buildChange(store.files, "one", ["variants", "calls"]));
    const remove = { variants: [] };
    const second = await publishRun(right, await buildChange(store.files, "two", ["genes"], { remove }));
    expect(second).toMatchObject({ snapshot: 2, parent: 1 });
    expect(Object.keys(second.tables).sort()).toEqual(["calls", "genes", "variants"]);
  });

  it("is a CONFLICT when another run changed one of its tables, and fine on the new base", async () => {
    const [left, right] = [await createPublisher(), await createPublisher()];
    await publishRun(left, await buildChange(store.files, "one", ["variants", "calls"]));
    const change = await buildChange(store.files, "two", ["calls", "genes"]);
    await expect(publishRun(right, change)).rejects.toMatchObject({ code: "CONFLICT", canRetry: true });
    expect((await right.snapshots.refresh()).snapshot).toBe(1);
    const second = await publishRun(right, { ...change, baseSnapshot: 1 });
    expect(pathsOf(second, "calls")).toHaveLength(2);
  });

  it("says how much of the log its tables hold, and every later run says it on", async () => {
    const publisher = await createPublisher();
    const horizon = { "vitals.accepted.v1": ["3", "0"] };
    const first = await publishRun(publisher, await buildChange(store.files, "one", ["vitals"], { horizon }));
    const second = await publishRun(
      publisher,
      await buildChange(store.files, "two", ["variants"], { baseSnapshot: 1, oldestReadable: 1 }),
    );
    expect([first.horizon, second.horizon]).toEqual([horizon, horizon]);
    expect(horizonOf(second, "vitals.accepted.v1")).toEqual(
      new Map([
        [0, 3n],
        [1, 0n],
      ]),
    );
    expect(horizonOf(second, "job.changed.v1")).toEqual(new Map());
  });

  it("is a CONFLICT when another run took more of the log, also where that one wrote no row", async () => {
    const [left, right] = [await createPublisher(), await createPublisher()];
    const none = { kind: "compact-log", baseSnapshot: 0, add: [], remove: {} };
    const first = { ...none, jobId: "one", horizon: { "job.changed.v1": ["5"] } };
    const second = { ...none, jobId: "two", horizon: { "job.changed.v1": ["6"] } };
    const published = await publishRun(left, first);
    expect(await publishRun(left, first)).toEqual(published);
    await expect(publishRun(right, second)).rejects.toMatchObject({ code: "CONFLICT", canRetry: true });
    expect((await publishRun(right, { ...second, baseSnapshot: 1 })).horizon).toEqual({ "job.changed.v1": ["6"] });
  });

  it("refuses a run that contradicts its base, and publishes nothing", async () => {
    const publisher = await createPublisher();
    const first = await buildChange(store.files, "one", ["variants"]);
    await publishRun(publisher, first);
    const next = { jobId: "two", kind: "test", baseSnapshot: 1, add: [], remove: {} };
    const again = first.add.map((file) => ({ ...file }));
    const twice = buildAddedFile("genes", "runs/one/data/variants.parquet");
    for (const change of [{ remove: { variants: ["runs/none"] } }, { add: again }, { add: [twice, twice] }]) {
      await expect(publishRun(publisher, { ...next, ...change })).rejects.toMatchObject({
        code: "INTERNAL_SERVER_ERROR",
      });
    }
    expect((await publisher.snapshots.refresh()).snapshot).toBe(1);
  });

  it("refuses to build beside a damaged newest catalog until it is restored", async () => {
    const publisher = await createPublisher();
    await publishRun(publisher, await buildChange(store.files, "one", ["variants"]));
    await publishRun(publisher, await buildChange(store.files, "two", ["genes"], { baseSnapshot: 1 }));
    const path = join(store.root, catalogPath(2));
    const whole = await readFile(path);
    await writeFile(path, "torn");
    const change = await buildChange(store.files, "three", ["variants"], { baseSnapshot: 1 });
    const refused = publishRun(await createPublisher(), change);
    await expect(refused).rejects.toMatchObject({
      code: "STORAGE_CORRUPT",
      message: expect.stringContaining(catalogPath(2)) as unknown as string,
    });
    await writeFile(path, whole);
    expect(await publishRun(await createPublisher(), change)).toMatchObject({ snapshot: 3, parent: 2 });
  });

  it("builds on the last whole catalog once a damaged one is given up, and keeps that as evidence", async () => {
    const publisher = await createPublisher();
    await publishRun(publisher, await buildChange(store.files, "one", ["variants"]));
    await writeFile(join(store.root, catalogPath(2)), "torn");
    await writeFile(join(store.root, abandonedPath(2)), "");
    const third = await publishRun(
      await createPublisher(),
      await buildChange(store.files, "two", ["variants"], { baseSnapshot: 1 }),
    );
    expect(third).toMatchObject({ snapshot: 3, parent: 1 });
    expect((await store.files.stat(catalogPath(2)))?.bytes).toBe(4);
    expect((await publisher.snapshots.refresh()).snapshot).toBe(3);
  });

  it("asks for a rerun when the base was damaged meanwhile", async () => {
    const publisher = await createPublisher();
    await publishRun(publisher, await buildChange(store.files, "one", ["variants"]));
    await publishRun(publisher, await buildChange(store.files, "two", ["genes"], { baseSnapshot: 1 }));
    await writeFile(join(store.root, catalogPath(1)), "torn");
    const change = await buildChange(store.files, "three", ["variants"], { baseSnapshot: 1 });
    await expect(publishRun(await createPublisher(), change)).rejects.toMatchObject({ code: "CONFLICT" });
    expect((await publishRun(await createPublisher(), { ...change, baseSnapshot: 2 })).snapshot).toBe(3);
  });

  it("loses nothing when many publish at once: disjoint tables all arrive, equal ones one at a time", async () => {
    const publishers = await Promise.all(Array.from({ length: 6 }, createPublisher));
    await Promise.all(
      publishers.map(async (publisher, at) => {
        for (let round = 0; round < 5; round += 1) {
          const change = await buildChange(store.files, `job-${String(at)}-${String(round)}`, [
            `own_${String(at)}`,
            "shared",
          ]);
          for (;;) {
            const { snapshot: baseSnapshot } = await publisher.snapshots.refresh();
            const outcome = await publishRun(publisher, { ...change, baseSnapshot }).catch((thrown: unknown) => thrown);
            if (!isVitalomeError(outcome)) break;
            expect(outcome.code).toBe("CONFLICT");
          }
        }
      }),
    );
    const latest = (await createPublisher()).snapshots.latest();
    expect(latest.snapshot).toBe(30);
    expect(new Set(pathsOf(latest, "shared")).size).toBe(30);
    for (let at = 0; at < 6; at += 1) expect(pathsOf(latest, `own_${String(at)}`)).toHaveLength(5);
  });
});
