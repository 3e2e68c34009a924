import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { randomBytes } from "node:crypto";
import { createClusterFiles } from "../../../src/backend/cluster/files.js";
import { createHdfsChecksum } from "../../../src/backend/cluster/hdfs/checksum.js";
import type { Files } from "../../../src/backend/index.js";
import { systemClock } from "../../../src/clock.js";
import type { Stack } from "../../../src/stack/index.js";
import { STACK_TIMEOUT_MS, stackForTests } from "../../helpers/stack.js";
import { chunksOf, defineFilesContract, readText, readWhole } from "../contract/files.js";

const TESTS = "/tests";
let created = 0;
const newRoot = (): string => `${TESTS}/files-${String(process.pid)}-${String(Date.now())}-${String((created += 1))}`;

function open(stack: Stack, root: string, user = stack.user): Files {
  return createClusterFiles({ webhdfs: stack.webhdfs, user, root, clock: systemClock });
}

async function removeRoot(stack: Stack, root: string): Promise<void> {
  await open(stack, TESTS).remove(root.slice(TESTS.length + 1));
}

// The stack may have to be started first.
beforeAll(async () => {
  await stackForTests();
}, STACK_TIMEOUT_MS);

defineFilesContract("cluster", async () => {
  const stack = await stackForTests();
  const root = newRoot();
  return { files: open(stack, root), other: open(stack, root), dispose: async () => removeRoot(stack, root) };
});

describe("cluster files", () => {
  let stack: Stack;
  let root = "";
  let files: Files;
  beforeAll(async () => {
    stack = await stackForTests();
    root = newRoot();
    files = open(stack, root);
  }, STACK_TIMEOUT_MS);
  afterAll(async () => {
    await removeRoot(stack, root);
  });

  async function ask(method: string, path: string, parameters: Readonly<Record<string, string>>): Promise<Response> {
    const query = new URLSearchParams({ "user.name": stack.user, ...parameters });
    return fetch(`${stack.webhdfs}/webhdfs/v1${path}?${query.toString()}`, { method });
  }

  it("takes names with spaces, percent signs, accents and what has a meaning in a URL (T27)", async () => {
    const names = ["a b", "100%", "50%25", "é ü", "日本", "a?b=c&d", "a#b", "a+b", "a;b", "'\"<>"];
    for (const name of names) {
      const path = `names ${name}/${name}.json`;
      await files.write(path, chunksOf(name));
      expect(await readText(files, path)).toBe(name);
      expect(await files.stat(path)).toMatchObject({ path, bytes: Buffer.byteLength(name) });
      expect(await files.putIfAbsent(path, Buffer.from("x"))).toBe("exists");
      const found: string[] = [];
      for await (const entry of files.list(`names ${name}`)) found.push(entry.path);
      expect(found).toEqual([path]);
      await files.remove(path);
      expect(await files.stat(path)).toBeNull();
    }
  });

  it("refuses what HDFS cannot name, as a mistake of the caller", async () => {
    for (const path of ["a:b/file", `${"x".repeat(300)}/file`, `folder/${"x".repeat(300)}`]) {
      await expect(files.write(path, chunksOf("x"))).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
    }
  });

  it("does not let putIfAbsent move into a folder of that name, as a plain RENAME does", async () => {
    await files.write("taken/folder/file", chunksOf("x"));
    expect(await files.putIfAbsent("taken/folder", Buffer.from("y"))).toBe("exists");
    const found: string[] = [];
    for await (const { path } of files.list("taken")) found.push(path);
    expect(found).toEqual(["taken/folder/file"]);
  });

  it("leaves nothing in the scratch folder, nor lets anybody in there", async () => {
    await files.write("clean/file", chunksOf("x"));
    await files.putIfAbsent("clean/file", Buffer.from("y"));
    await expect(
      files.write(
        "clean/other",
        (async function* () {
          yield* chunksOf("part");
          throw new Error("the source broke");
        })(),
      ),
    ).rejects.toThrow("the source broke");
    const listed = (await (await ask("GET", `${root}/.scratch`, { op: "LISTSTATUS" })).json()) as {
      FileStatuses: { FileStatus: unknown[] };
    };
    expect(listed.FileStatuses.FileStatus).toEqual([]);
    await expect(files.write(".scratch/x", chunksOf("x"))).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
    const other = await fetch(`${stack.webhdfs}/webhdfs/v1${root}/.scratch?op=LISTSTATUS&user.name=somebody`);
    expect(other.status).toBe(403);
  });

  it("sweeps unfinished files of writers long gone, and no others", async () => {
    const own = newRoot();
    await open(stack, own).write("first", chunksOf("x"));
    for (const [name, age] of [
      ["old", 25 * 3_600_000],
      ["new", 60_000],
    ] as const) {
      await ask("PUT", `${own}/.scratch/${name}`, { op: "MKDIRS" });
      await ask("PUT", `${own}/.scratch/${name}`, { op: "SETTIMES", modificationtime: String(Date.now() - age) });
    }
    await open(stack, own).write("second", chunksOf("x"));
    expect((await ask("GET", `${own}/.scratch/old`, { op: "GETFILESTATUS" })).status).toBe(404);
    expect((await ask("GET", `${own}/.scratch/new`, { op: "GETFILESTATUS" })).status).toBe(200);
    await removeRoot(stack, own);
  });

  it("says FORBIDDEN where HDFS does not let its user, for every call", async () => {
    await files.write("mine/file", chunksOf("x"));
    await ask("PUT", root, { op: "SETPERMISSION", permission: "700" });
    const stranger = open(stack, root, "somebody");
    const refusal = { code: "FORBIDDEN", canRetry: false };
    try {
      await expect(readText(stranger, "mine/file")).rejects.toMatchObject(refusal);
      await expect(stranger.write("mine/file", chunksOf("y"))).rejects.toMatchObject(refusal);
      await expect(stranger.putIfAbsent("mine/new", Buffer.from("y"))).rejects.toMatchObject(refusal);
      await expect(stranger.stat("mine/file")).rejects.toMatchObject(refusal);
      await expect(stranger.remove("mine/file")).rejects.toMatchObject(refusal);
      await expect(readWhole(stranger.read("mine/file"))).rejects.not.toThrow(/somebody|inode|\//);
    } finally {
      await ask("PUT", root, { op: "SETPERMISSION", permission: "755" });
    }
    expect(await readText(files, "mine/file")).toBe("x");
  });

  it("says STORAGE_FULL when a quota is used up, keeps the old file and goes on when there is room", async () => {
    const own = newRoot();
    const limited = open(stack, own);
    await limited.write("file", chunksOf("old"));
    const quota = async (names: number, bytes: number): Promise<void> => {
      const parameters = { namespacequota: String(names), storagespacequota: String(bytes) };
      expect((await ask("PUT", own, { op: "SETQUOTA", ...parameters })).status).toBe(200);
    };
    const full = { code: "STORAGE_FULL", canRetry: true };
    await quota(3, 2 ** 40);
    await expect(limited.write("file", chunksOf("new"))).rejects.toMatchObject(full);
    await quota(1000, 1000);
    await expect(limited.write("file", chunksOf("new"))).rejects.toMatchObject(full);
    await expect(limited.putIfAbsent("other", Buffer.from("new"))).rejects.toMatchObject(full);
    expect(await readText(limited, "file")).toBe("old");
    await quota(1000, 2 ** 40);
    await limited.write("file", chunksOf("new"));
    expect(await readText(limited, "file")).toBe("new");
    await removeRoot(stack, own);
  });

  it("computes the checksum HDFS has of the same bytes, over any number of blocks", async () => {
    for (const [bytes, blockBytes] of [
      [1, 1 << 20],
      [511, 1 << 20],
      [512, 1 << 20],
      [513, 1 << 20],
      [1 << 20, 1 << 20],
      [(1 << 20) + 1, 1 << 20],
      [5 * (1 << 20) + 777, 1 << 20],
    ] as const) {
      const content = randomBytes(bytes);
      const ours = createHdfsChecksum(blockBytes);
      for (let at = 0; at < bytes; at += 70_001) ours.update(content.subarray(at, at + 70_001));
      const path = `${root}/checksum`;
      const redirect = await ask("PUT", path, {
        op: "CREATE",
        noredirect: "true",
        overwrite: "true",
        blocksize: String(blockBytes),
      });
      const { Location } = (await redirect.json()) as { Location: string };
      await put(Location, content);
      const told = await ask("GET", path, { op: "GETFILECHECKSUM" });
      const { FileChecksum } = (await told.json()) as { FileChecksum: { bytes: string } };
      expect(FileChecksum.bytes.slice(24, 56)).toBe(ours.digest());
    }
  });

  it("streams a file of many megabytes in both directions, and a range of it", async () => {
    const part = randomBytes(1 << 20);
    async function* many(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < 24; at += 1) yield await Promise.resolve(part);
    }
    expect(await files.write("large/file", many())).toMatchObject({ bytes: 24 << 20 });
    let bytes = 0;
    let longest = 0;
    for await (const chunk of files.read("large/file")) {
      bytes += chunk.length;
      longest = Math.max(longest, chunk.length);
    }
    expect(bytes).toBe(24 << 20);
    expect(longest).toBeLessThan(1 << 20);
    const range = await readWhole(files.read("large/file", { offset: (3 << 20) - 5, length: 3 << 20 }));
    expect(range.equals(Buffer.concat([part.subarray(-5), part, part, part]).subarray(0, 3 << 20))).toBe(true);
  });

  it("gives a reader who stops early no more than it asked for, and goes on", async () => {
    await files.write("early/file", chunksOf(randomBytes(6 << 20)));
    for await (const chunk of files.read("early/file")) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect((await files.stat("early/file"))?.bytes).toBe(6 << 20);
  });
});

/** `fetch` cannot: the DataNode answers `100 Continue` unasked. */
async function put(url: string, content: Uint8Array): Promise<void> {
  const { request } = await import("node:http");
  await new Promise<void>((resolve, reject) => {
    const sent = request(url, { method: "PUT" }, (response) => {
      response.resume().on("end", () => {
        if (response.statusCode === 201) resolve();
        else reject(new Error(`HTTP ${String(response.statusCode)}`));
      });
    });
    sent.on("error", reject);
    sent.end(content);
  });
}
