import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEmbeddedFiles } from "../../src/backend/embedded/files.js";
import type { Files } from "../../src/backend/index.js";
import { createFileCache, type CachedFile, type FileCache } from "../../src/lake/file-cache.js";

let folder = "";
let files: Files;
let reads: string[] = [];
/** While set, reads wait for it before their last chunk. */
let gate: Promise<void> | null = null;
/** Most bytes of copies seen at the end of any read. */
let most = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vitalome-cache-"));
  await mkdir(join(folder, "store"));
  const store = await createEmbeddedFiles({ root: join(folder, "store") });
  reads = [];
  gate = null;
  most = 0;
  files = {
    ...store,
    async *read(path, range) {
      reads.push(path);
      const opened = gate;
      for await (const chunk of store.read(path, range)) {
        yield chunk.subarray(0, 1);
        await opened;
        yield chunk.subarray(1);
      }
      most = Math.max(most, copiedBytes());
    },
  };
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function publish(name: string, bytes: number): Promise<CachedFile> {
  const content = Buffer.alloc(bytes, name);
  const path = `runs/job/data/${name}.parquet`;
  await files.write(
    path,
    (async function* () {
      yield await Promise.resolve(content);
    })(),
  );
  return { path, bytes, sha256: createHash("sha256").update(content).digest("hex") };
}

const copying = async (maxBytes: number): Promise<FileCache> =>
  createFileCache({ files, directory: join(folder, "cache"), maxBytes, direct: null });

function copiedBytes(): number {
  const cache = join(folder, "cache");
  return readdirSync(cache).reduce((total, name) => total + statSync(join(cache, name)).size, 0);
}

describe("file cache, where the store is not local", () => {
  it("brings a file once for all who wait, and then serves the copy", async () => {
    const cache = await copying(1000);
    const file = await publish("a", 100);
    const paths = await Promise.all(Array.from({ length: 20 }, async () => cache.localPath(file)));
    expect(new Set(paths).size).toBe(1);
    expect(await readFile(paths[0] ?? "", "utf8")).toBe("a".repeat(100));
    expect(paths[0]).toMatch(/\.parquet$/);
    await cache.localPath(file);
    expect(reads).toEqual([file.path]);
  });

  it("refuses what is not what was published, keeps nothing of it, and serves it once it is right", async () => {
    const cache = await copying(1000);
    const file = await publish("a", 100);
    for (const content of ["a".repeat(99), "a".repeat(101), `b${"a".repeat(99)}`]) {
      await writeFile(join(folder, "store", file.path), content);
      const waiters = await Promise.allSettled([cache.localPath(file), cache.localPath(file)]);
      expect(waiters).toMatchObject([{ reason: { code: "STORAGE_CORRUPT" } }, { reason: { code: "STORAGE_CORRUPT" } }]);
      expect(await readdir(join(folder, "cache"))).toEqual([]);
    }
    await writeFile(join(folder, "store", file.path), "a".repeat(100));
    expect(await readFile(await cache.localPath(file), "utf8")).toBe("a".repeat(100));
    await rm(join(folder, "store", file.path));
    await expect(cache.localPath({ ...file, sha256: "0".repeat(64) })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("lets go of what was used least recently", async () => {
    const cache = await copying(350);
    const [a, b, c, d] = await Promise.all(["a", "b", "c", "d"].map(async (name) => publish(name, 100)));
    if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error("no files");
    for (const file of [a, b, c, a, d]) await cache.localPath(file);
    expect(copiedBytes()).toBe(300);
    reads = [];
    for (const file of [a, c, d]) await cache.localPath(file);
    expect(reads).toEqual([]);
    expect(await readFile(await cache.localPath(b), "utf8")).toBe("b".repeat(100));
    expect(reads).toEqual([b.path]);
  });

  it("stays within its bytes while many files come in at once, and serves each of them whole", async () => {
    const cache = await copying(250);
    const all = await Promise.all(
      Array.from({ length: 12 }, async (_, at) => publish(String.fromCharCode(97 + at), 100)),
    );
    const paths = await Promise.all([...all, ...all].map(async (file) => cache.localPath(file)));
    expect(new Set(paths).size).toBe(12);
    expect(most).toBeGreaterThan(100);
    expect(most).toBeLessThanOrEqual(250);
    expect(copiedBytes()).toBe(200);
  });

  it("keeps what is held, beyond its bytes if it must, and lets it go afterwards", async () => {
    const cache = await copying(250);
    const all = await Promise.all(
      Array.from({ length: 12 }, async (_, at) => publish(String.fromCharCode(97 + at), 100)),
    );
    const expected = all.map((file) => file.path.slice(-9, -8).repeat(100));
    const readAll = async (paths: readonly string[]): Promise<string[]> => {
      for (const file of all.slice(0, 3)) await cache.localPath(file);
      return Promise.all(paths.map(async (path) => readFile(path, "utf8")));
    };
    expect(await cache.hold(all, readAll)).toEqual(expected);
    expect(copiedBytes()).toBeLessThanOrEqual(250);
    const one = await Promise.all(all.map(async (file) => cache.hold([file, file], readAll)));
    expect(one).toEqual(expected.map((content) => [content, content]));
    expect(copiedBytes()).toBeLessThanOrEqual(250);
    await expect(cache.hold([{ ...(all[0] as CachedFile), path: "none" }], readAll)).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    await cache.hold([], async () => Promise.resolve());
    expect(copiedBytes()).toBeLessThanOrEqual(250);
  });

  it("does not take away what is still coming in", async () => {
    const cache = await copying(250);
    const slow = await publish("s", 100);
    const [a, b] = await Promise.all([publish("a", 100), publish("b", 100)]);
    let open = (): void => undefined;
    gate = new Promise((resolve) => {
      open = resolve;
    });
    const pending = cache.localPath(slow);
    while (reads.length === 0) await new Promise((resolve) => setImmediate(resolve));
    gate = null;
    for (const file of [a, b, a, b]) await cache.localPath(file);
    open();
    expect(await readFile(await pending, "utf8")).toBe("s".repeat(100));
  });

  it("keeps a file larger than all its bytes, alone", async () => {
    const cache = await copying(250);
    await cache.localPath(await publish("a", 100));
    const large = await publish("l", 1000);
    expect((await readFile(await cache.localPath(large))).length).toBe(1000);
    expect(copiedBytes()).toBe(1000);
    await cache.localPath(await publish("b", 100));
    expect(copiedBytes()).toBe(100);
  });

  it("takes up verified copies of an earlier process, brings damaged ones again and clears unfinished ones", async () => {
    const [a, b] = [await publish("a", 100), await publish("b", 100)];
    const before = await copying(1000);
    await before.localPath(a);
    const path = await before.localPath(b);
    await writeFile(path, "x".repeat(100));
    await writeFile(join(folder, "cache", "incoming-1"), "part");
    reads = [];
    const cache = await copying(1000);
    expect(await readdir(join(folder, "cache"))).toHaveLength(2);
    expect(await readFile(await cache.localPath(a), "utf8")).toBe("a".repeat(100));
    expect(reads).toEqual([]);
    expect(await readFile(await cache.localPath(b), "utf8")).toBe("b".repeat(100));
    expect(reads).toEqual([b.path]);
    await copying(150);
    expect(copiedBytes()).toBe(100);
  });

  it("brings a copy again that somebody cleared away", async () => {
    const cache = await copying(1000);
    const file = await publish("a", 100);
    await rm(await cache.localPath(file));
    const paths = await Promise.all([cache.localPath(file), cache.localPath(file)]);
    expect(await readFile(paths[1], "utf8")).toBe("a".repeat(100));
    expect(reads).toHaveLength(2);
  });
});

describe("file cache, where the store is a local folder", () => {
  it("answers the stored file itself, and refuses one that was cut or is gone", async () => {
    const root = join(folder, "store");
    const cache = await createFileCache({ files, directory: join(folder, "cache"), maxBytes: 0, direct: root });
    const file = await publish("a", 100);
    expect(await cache.localPath(file)).toBe(join(root, file.path));
    expect(await cache.hold([file], async (paths) => Promise.resolve(paths))).toEqual([join(root, file.path)]);
    expect(reads).toEqual([]);
    await truncate(join(root, file.path), 50);
    await expect(cache.localPath(file)).rejects.toMatchObject({ code: "STORAGE_CORRUPT" });
    await rm(join(root, file.path));
    await expect(cache.localPath(file)).rejects.toMatchObject({ code: "STORAGE_CORRUPT" });
    await expect(readdir(join(folder, "cache"))).rejects.toThrow(/ENOENT/);
  });
});
