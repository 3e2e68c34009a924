import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEmbeddedFiles } from "../../../src/backend/embedded/files.js";
import { chunksOf, defineFilesContract, readText, readWhole } from "../contract/files.js";

const newFolder = async (): Promise<string> => mkdtemp(join(tmpdir(), "vitalome-files-"));

defineFilesContract("embedded", async () => {
  const root = await newFolder();
  return {
    files: await createEmbeddedFiles({ root }),
    other: await createEmbeddedFiles({ root }),
    dispose: async () => rm(root, { recursive: true }),
  };
});

describe("embedded files", () => {
  let outside = "";
  let root = "";
  beforeEach(async () => {
    outside = await newFolder();
    root = join(outside, "root");
    await mkdir(root);
  });
  afterEach(async () => {
    await rm(outside, { recursive: true });
  });

  it("follows no link out of the root, be it a folder or the file itself", async () => {
    const files = await createEmbeddedFiles({ root });
    await mkdir(join(outside, "secrets"));
    await writeFile(join(outside, "secrets", "key"), "secret");
    await symlink(join(outside, "secrets"), join(root, "folder"));
    await symlink(join(outside, "secrets", "key"), join(root, "file"));
    const refusal = { code: "BAD_USER_INPUT" };
    await expect(readWhole(files.read("folder/key"))).rejects.toMatchObject(refusal);
    await expect(readWhole(files.read("file"))).rejects.toMatchObject(refusal);
    await expect(files.stat("folder/key")).rejects.toMatchObject(refusal);
    await expect(files.write("folder/new", chunksOf("x"))).rejects.toMatchObject(refusal);
    await expect(files.write("folder/made/new", chunksOf("x"))).rejects.toMatchObject(refusal);
    await expect(files.putIfAbsent("folder/new", Buffer.from("x"))).rejects.toMatchObject(refusal);
    await expect(files.remove("folder/key")).rejects.toMatchObject(refusal);
    expect(await files.stat("file")).toBeNull();
    for (const prefix of ["folder", "file"]) for await (const { path } of files.list(prefix)) throw new Error(path);
    expect(await files.putIfAbsent("file", Buffer.from("x"))).toBe("exists");
    await files.write("file", chunksOf("mine"));
    expect(await readText(files, "file")).toBe("mine");
    await files.remove("folder");
    expect(await readdir(join(outside, "secrets"))).toEqual(["key"]);
    expect(await readFile(join(outside, "secrets", "key"), "utf8")).toBe("secret");
  });

  it("says that a file is not there while its folders come and go", async () => {
    const files = await createEmbeddedFiles({ root });
    const deadline = Date.now() + 1_000;
    const comeAndGo = async (): Promise<void> => {
      while (Date.now() < deadline) {
        await mkdir(join(root, "a", "b"), { recursive: true });
        await rm(join(root, "a"), { recursive: true, force: true });
      }
    };
    const ask = async (): Promise<void> => {
      while (Date.now() < deadline) expect(await files.stat("a/b/file")).toBeNull();
    };
    await Promise.all([comeAndGo(), ask(), ask()]);
  });

  it("does not wait for a writer of a pipe that lies in the store", async () => {
    const files = await createEmbeddedFiles({ root });
    expect(spawnSync("mkfifo", [join(root, "pipe")]).status).toBe(0);
    await expect(readWhole(files.read("pipe"))).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("says STORAGE_FULL when there is no room, keeps the old file and goes on once there is", async () => {
    let isFull = false;
    const faults = {
      at: (point: string): void => {
        if (isFull && point === "files:written") throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      },
    };
    const files = await createEmbeddedFiles({ root, faults });
    await files.write("a/file", chunksOf("old"));
    isFull = true;
    await expect(files.write("a/file", chunksOf("new"))).rejects.toMatchObject({
      code: "STORAGE_FULL",
      canRetry: true,
    });
    await expect(files.putIfAbsent("a/other", Buffer.from("new"))).rejects.toMatchObject({ code: "STORAGE_FULL" });
    expect(await readText(files, "a/file")).toBe("old");
    expect(await files.stat("a/other")).toBeNull();
    expect(await readdir(join(root, ".scratch"))).toEqual([]);
    isFull = false;
    await files.write("a/file", chunksOf("new"));
    expect(await readText(files, "a/file")).toBe("new");
  });

  it("clears away what a killed process left unfinished, and nothing that is being written", async () => {
    const { pid } = spawnSync("true");
    const files = await createEmbeddedFiles({ root });
    await writeFile(join(root, ".scratch", `${String(pid)}-left`), "unfinished");
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield* chunksOf("part ");
      await createEmbeddedFiles({ root });
      expect(await readdir(join(root, ".scratch"))).toHaveLength(1);
      yield* chunksOf("rest");
    }
    await files.write("a/file", slow());
    expect(await readText(files, "a/file")).toBe("part rest");
    expect(await readdir(join(root, ".scratch"))).toEqual([]);
  });

  it("hides its unfinished files from every operation", async () => {
    const files = await createEmbeddedFiles({ root });
    await expect(files.write(".scratch/x", chunksOf("x"))).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
    await expect(files.stat(".scratch/x")).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
  });
});
