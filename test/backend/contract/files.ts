import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createHash } from "node:crypto";
import type { Files } from "../../../src/backend/index.js";

export interface FilesUnderTest {
  readonly files: Files;
  /** A second way to the same store, as another process has. */
  readonly other: Files;
  dispose(): Promise<void>;
}

export async function* chunksOf(...parts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield await Promise.resolve(typeof part === "string" ? Buffer.from(part) : part);
}

export async function readWhole(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function readText(files: Files, path: string): Promise<string> {
  return (await readWhole(files.read(path))).toString();
}

async function namesBelow(files: Files, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { path } of files.list(prefix)) names.push(path);
  return names;
}

const sha256 = (bytes: string | Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** The guarantees of `Files`, for any back end. */
export function defineFilesContract(name: string, create: () => Promise<FilesUnderTest>): void {
  describe(`${name}: files`, () => {
    let tested: FilesUnderTest;
    let files: Files;
    beforeAll(async () => {
      tested = await create();
      files = tested.files;
    });
    afterAll(async () => {
      await tested.dispose();
    });

    it("reads back what was written, and says its size and SHA-256", async () => {
      const written = await files.write("round/trip/data.bin", chunksOf("one ", "", "two"));
      expect(written).toEqual({ bytes: 7, sha256: sha256("one two") });
      expect(await readText(tested.other, "round/trip/data.bin")).toBe("one two");
      expect(await tested.other.stat("round/trip/data.bin")).toMatchObject({ path: "round/trip/data.bin", bytes: 7 });
    });

    it("keeps an empty file", async () => {
      expect(await files.write("round/empty", chunksOf())).toEqual({ bytes: 0, sha256: sha256("") });
      expect(await readText(files, "round/empty")).toBe("");
      expect((await files.stat("round/empty"))?.bytes).toBe(0);
    });

    it("reads a range, and cuts one that goes past the end", async () => {
      const large = Buffer.from(Uint32Array.from({ length: 300_000 }, (_, at) => at).buffer);
      await files.write("range/large", chunksOf(large.subarray(0, 500_001), large.subarray(500_001)));
      for (const [offset, length] of [
        [0, 10],
        [499_990, 40],
        [262_143, 262_146],
        [0, 1_200_000],
        [1_199_999, 5],
        [1_200_000, 5],
        [9e9, 1],
        [5, 0],
      ] as const) {
        const read = await readWhole(files.read("range/large", { offset, length }));
        expect(read.equals(large.subarray(offset, offset + length))).toBe(true);
      }
    });

    it("says NOT_FOUND for a file that is not there, and for a folder", async () => {
      await files.write("absent/folder/file", chunksOf("x"));
      for (const path of ["absent/none", "absent/folder", "nowhere/at/all", "absent/folder/file/below"]) {
        await expect(readWhole(files.read(path))).rejects.toMatchObject({ code: "NOT_FOUND" });
        expect(await files.stat(path)).toBeNull();
      }
    });

    it("writes whole or not at all: a source that fails leaves the old file, and nothing else", async () => {
      await files.write("whole/file", chunksOf("old"));
      const failure = new Error("the source broke");
      async function* failing(): AsyncGenerator<Uint8Array> {
        yield* chunksOf("new, but not");
        throw failure;
      }
      await expect(files.write("whole/file", failing())).rejects.toBe(failure);
      await expect(files.write("whole/other", failing())).rejects.toBe(failure);
      expect(await readText(files, "whole/file")).toBe("old");
      expect(await namesBelow(files, "whole")).toEqual(["whole/file"]);
    });

    it("shows a reader the old file or the new one, never a part", async () => {
      const versions = ["a", "b", "c", "d"].map((letter) => letter.repeat(400_000));
      await files.write("swap/file", chunksOf(versions[0] ?? ""));
      let isWriting = true;
      const writing = (async (): Promise<void> => {
        for (let round = 0; round < 12; round += 1) {
          const version = versions[round % versions.length] ?? "";
          await files.write("swap/file", chunksOf(version.slice(0, 1000), version.slice(1000)));
        }
        isWriting = false;
      })();
      let reads = 0;
      while (isWriting || reads === 0) {
        expect(versions).toContain(await readText(tested.other, "swap/file"));
        reads += 1;
      }
      await writing;
    });

    it("creates a file once: of any number of racers exactly one gets `created`, and its bytes stay", async () => {
      for (let round = 0; round < 5; round += 1) {
        const path = `race/${String(round)}`;
        const outcomes = await Promise.all(
          Array.from({ length: 20 }, async (_, racer) =>
            (racer % 2 === 0 ? files : tested.other).putIfAbsent(path, Buffer.from(`racer ${String(racer)}`)),
          ),
        );
        const winners = outcomes.flatMap((outcome, racer) => (outcome === "created" ? [racer] : []));
        expect(winners).toHaveLength(1);
        expect(await readText(files, path)).toBe(`racer ${String(winners[0])}`);
      }
      expect(await namesBelow(files, "race")).toHaveLength(5);
    });

    it("does not overwrite by putIfAbsent what write made", async () => {
      await files.write("kept/file", chunksOf("first"));
      expect(await files.putIfAbsent("kept/file", Buffer.from("second"))).toBe("exists");
      expect(await readText(files, "kept/file")).toBe("first");
    });

    it("lists every whole file below a folder, in path order; an absent folder is empty", async () => {
      const paths = ["list/a", "list/a-b/z", "list/a/nothing", "list/b/c/d", "list/b.txt", "list/ü"].filter(
        (path) => path !== "list/a/nothing",
      );
      for (const path of [...paths].reverse()) await files.write(path, chunksOf(path));
      await files.write("list-beside/x", chunksOf("x"));
      expect(await namesBelow(files, "list")).toEqual([...paths].sort());
      expect(await namesBelow(files, "list/b")).toEqual(["list/b/c/d"]);
      expect(await namesBelow(files, "list/none")).toEqual([]);
      expect(await namesBelow(files, "list/a")).toEqual([]);
    });

    it("does not list a file that is still being written", async () => {
      let seen: string[] | null = null;
      async function* slow(): AsyncGenerator<Uint8Array> {
        yield* chunksOf("part");
        seen = await namesBelow(tested.other, "unfinished");
        yield* chunksOf("rest");
      }
      await files.write("unfinished/file", slow());
      expect(seen).toEqual([]);
      expect(await namesBelow(files, "unfinished")).toEqual(["unfinished/file"]);
    });

    it("removes a file, or a folder with everything below; removing what is not there is no error", async () => {
      for (const path of ["gone/a/1", "gone/a/2", "gone/b"]) await files.write(path, chunksOf("x"));
      await files.remove("gone/a");
      expect(await namesBelow(files, "gone")).toEqual(["gone/b"]);
      await files.remove("gone/b");
      await files.remove("gone/b");
      await files.remove("never/was");
      expect(await files.stat("gone/b")).toBeNull();
    });

    it("refuses a path that is not relative and of plain segments, before anything is touched", async () => {
      const bad = [
        "",
        "/",
        "/etc/passwd",
        ".",
        "..",
        "../x",
        "a/../b",
        "a/./b",
        "a//b",
        "a/",
        "a\\b",
        "a\0b",
        "x".repeat(2000),
      ];
      for (const path of bad) {
        const refusal = { code: "BAD_USER_INPUT" };
        await expect(readWhole(files.read(path))).rejects.toMatchObject(refusal);
        await expect(files.write(path, chunksOf("x"))).rejects.toMatchObject(refusal);
        await expect(files.putIfAbsent(path, Buffer.from("x"))).rejects.toMatchObject(refusal);
        await expect(files.stat(path)).rejects.toMatchObject(refusal);
        await expect(namesBelow(files, path)).rejects.toMatchObject(refusal);
        await expect(files.remove(path)).rejects.toMatchObject(refusal);
      }
    });

    it("refuses a file below a file, and a file in a folder's place", async () => {
      await files.write("kind/file", chunksOf("x"));
      await files.write("kind/folder/file", chunksOf("x"));
      await expect(files.write("kind/file/below", chunksOf("y"))).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
      await expect(files.write("kind/folder", chunksOf("y"))).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
      expect(await namesBelow(files, "kind")).toEqual(["kind/file", "kind/folder/file"]);
    });
  });
}
