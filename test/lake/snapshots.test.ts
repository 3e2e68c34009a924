import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { silentLog, type Log } from "../../src/log.js";
import type { Files } from "../../src/backend/index.js";
import { EMPTY_CATALOG, catalogPath, serialiseCatalog, type Catalog } from "../../src/lake/catalog.js";
import { openSnapshots } from "../../src/lake/snapshots.js";
import { createStore, type Store } from "./build.js";

let store: Store;
beforeEach(async () => {
  store = await createStore();
});
afterEach(async () => {
  await store.dispose();
});

const buildCatalog = (snapshot: number, parent = snapshot - 1): Catalog => ({
  ...EMPTY_CATALOG,
  snapshot,
  parent,
  createdAt: snapshot,
});

async function put(...snapshots: readonly number[]): Promise<void> {
  for (const snapshot of snapshots)
    await store.files.putIfAbsent(catalogPath(snapshot), serialiseCatalog(buildCatalog(snapshot)));
}

const damage = async (snapshot: number, content = "{"): Promise<void> => {
  await writeFile(join(store.root, catalogPath(snapshot)), content);
};

describe("snapshots", () => {
  it("begin with the empty store", async () => {
    const snapshots = await openSnapshots(store.files, silentLog);
    expect(snapshots.latest()).toEqual(EMPTY_CATALOG);
    expect(await snapshots.get(0)).toEqual(EMPTY_CATALOG);
  });

  it("take the highest by number, and see what was published since only after a refresh", async () => {
    await put(1, 2, 9, 10);
    const snapshots = await openSnapshots(store.files, silentLog);
    expect(snapshots.latest().snapshot).toBe(10);
    await put(11);
    expect(snapshots.latest().snapshot).toBe(10);
    expect((await snapshots.refresh()).snapshot).toBe(11);
    expect((await snapshots.get(2)).createdAt).toBe(2);
  });

  it("list the folder before they refuse a number they do not know", async () => {
    const snapshots = await openSnapshots(store.files, silentLog);
    await put(1);
    expect((await snapshots.get(1)).snapshot).toBe(1);
    expect(snapshots.latest().snapshot).toBe(1);
    await expect(snapshots.get(2)).rejects.toMatchObject({ code: "SNAPSHOT_NOT_FOUND" });
  });

  it("ignore a damaged catalog, say so once, and refuse it by number", async () => {
    await put(1, 2, 3);
    await damage(3);
    const error = jest.fn<Log["error"]>();
    const snapshots = await openSnapshots(store.files, { ...silentLog, error });
    await snapshots.refresh();
    expect(snapshots.latest().snapshot).toBe(2);
    expect([...snapshots.faults().keys()]).toEqual([3]);
    expect(error).toHaveBeenCalledTimes(1);
    expect(error.mock.calls[0]?.[0]).toEqual({ snapshot: 3, code: "STORAGE_CORRUPT" });
    await expect(snapshots.get(3)).rejects.toMatchObject({ code: "STORAGE_CORRUPT" });
    await rm(join(store.root, catalogPath(3)));
    await put(3);
    expect((await snapshots.refresh()).snapshot).toBe(3);
    expect(snapshots.faults().size).toBe(0);
  });

  it("take no catalog under another number's name", async () => {
    await put(1);
    await damage(5, serialiseCatalog(buildCatalog(1)).toString());
    const snapshots = await openSnapshots(store.files, silentLog);
    expect(snapshots.latest().snapshot).toBe(1);
    expect([...snapshots.faults().keys()]).toEqual([5]);
  });

  it("refuse to open a store of a later release", async () => {
    await put(1);
    const later = serialiseCatalog({ ...buildCatalog(2), formatVersion: 3 } as unknown as Catalog);
    await damage(2, later.toString());
    await expect(openSnapshots(store.files, silentLog)).rejects.toMatchObject({ code: "STORAGE_NEWER" });
  });

  it("read each catalog once: they never change", async () => {
    await put(1, 2);
    const read = jest.fn(store.files.read);
    const snapshots = await openSnapshots({ ...store.files, read }, silentLog);
    for (let round = 0; round < 3; round += 1) {
      await snapshots.refresh();
      await snapshots.get(1);
      await snapshots.get(2);
    }
    expect(read.mock.calls.map(([path]) => path).sort()).toEqual([catalogPath(1), catalogPath(2)]);
  });

  it("look at one name when nothing was published, however many there are", async () => {
    await put(1, 2, 3, 4, 5);
    const list = jest.fn(store.files.list);
    const stat = jest.fn(store.files.stat);
    const snapshots = await openSnapshots({ ...store.files, list, stat }, silentLog);
    await snapshots.refresh();
    await snapshots.refresh();
    expect(list).toHaveBeenCalledTimes(1);
    expect(stat.mock.calls).toEqual([[catalogPath(6)], [catalogPath(6)]]);
    await put(6, 7);
    expect((await snapshots.refresh()).snapshot).toBe(7);
    expect(list).toHaveBeenCalledTimes(1);
  });

  it("never go back: a slow refresh does not undo a quicker one that saw more", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const files: Files = {
      ...store.files,
      async *read(path, range) {
        if (path === catalogPath(1)) await held;
        yield* store.files.read(path, range);
      },
    };
    const snapshots = await openSnapshots(files, silentLog);
    await put(1);
    const slow = snapshots.refresh();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await put(2);
    expect((await snapshots.refresh()).snapshot).toBe(2);
    release();
    expect((await slow).snapshot).toBe(2);
    expect(snapshots.latest().snapshot).toBe(2);
  });
});
