import { describe, expect, it } from "@jest/globals";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkJournal } from "../../../src/backend/embedded/journal-check.js";
import {
  openJournal,
  type FramePlace,
  type Journal,
  type JournalOptions,
} from "../../../src/backend/embedded/journal.js";

interface Opened {
  readonly journal: Journal;
  readonly found: readonly string[];
  readonly places: readonly FramePlace[];
  readonly torn: number;
}

async function open(directory: string, more: Partial<JournalOptions> = {}): Promise<Opened> {
  const found: string[] = [];
  const places: FramePlace[] = [];
  let torn = 0;
  const journal = await openJournal({
    directory,
    from: null,
    onFrames: (frames) => {
      found.push(...frames.map(({ payload }) => payload.toString()));
      places.push(...frames.map(({ place }) => place));
      return Promise.resolve();
    },
    onTorn: (bytes) => {
      torn = bytes;
    },
    ...more,
  });
  return { journal, found, places, torn };
}

async function withFolder(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "journal-"));
  try {
    await run(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const bytesOf = (texts: readonly string[]): Buffer[] => texts.map((text) => Buffer.from(text));
const GROUPS = [["alpha", "beta"], ["gamma"], ["delta", "epsilon-".repeat(5), "zeta"]];
const FIRST = "00000001.log";

/** A journal of three groups, and the length of the file after each. */
async function build(
  directory: string,
): Promise<{ readonly file: string; readonly bytes: Buffer; readonly ends: number[] }> {
  const { journal } = await open(directory);
  const ends: number[] = [];
  for (const group of GROUPS) {
    const last = (await journal.append(bytesOf(group))).at(-1);
    ends.push((last?.offset ?? 0) + (last?.bytes ?? 0));
  }
  await journal.close();
  const file = join(directory, FIRST);
  return { file, bytes: await readFile(file), ends };
}

describe("openJournal", () => {
  it("gives back every frame in order, and each by its place", async () => {
    await withFolder(async (directory) => {
      await build(directory);
      const { journal, found, places } = await open(directory);
      expect(found).toEqual(GROUPS.flat());
      const shuffled = [...places].reverse();
      expect((await journal.read(shuffled)).map(String)).toEqual(GROUPS.flat().reverse());
      expect((await journal.read(places)).map(String)).toEqual(GROUPS.flat());
      await journal.close();
    });
  });

  it("recovers every flushed group from the file cut at any byte, and goes on behind it", async () => {
    await withFolder(async (directory) => {
      const { file, bytes, ends } = await build(directory);
      for (let cut = ends[1] ?? 0; cut < bytes.length; cut += 1) {
        await writeFile(file, bytes.subarray(0, cut));
        const first = await open(directory);
        expect(GROUPS.flat().slice(0, first.found.length)).toEqual(first.found);
        expect(first.found.length).toBeGreaterThanOrEqual(3);
        await first.journal.append(bytesOf(["next"]));
        await first.journal.close();
        const second = await open(directory);
        expect(second.found).toEqual([...first.found, "next"]);
        expect(second.torn).toBe(0);
        await second.journal.close();
      }
    });
  });

  it("refuses any changed bit in what was flushed before another group, and never serves it", async () => {
    await withFolder(async (directory) => {
      const { file, bytes, ends } = await build(directory);
      for (let at = 0; at < bytes.length; at += 1) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
        await writeFile(file, changed);
        const checked = await checkJournal(directory).catch((thrown: unknown) => (thrown as { code: string }).code);
        expect(await readFile(file)).toEqual(changed);
        const opened = await open(directory).catch((thrown: unknown) => (thrown as { code: string }).code);
        expect([at, checked ?? "whole"]).toEqual([at, typeof opened === "string" ? opened : "whole"]);
        if (typeof opened === "string") {
          expect(["STORAGE_CORRUPT", "STORAGE_NEWER"]).toContain(opened);
          expect(await readFile(file)).toEqual(changed);
        } else {
          // The last group looks like a write that did not finish, unless its index says that it did.
          expect(at).toBeGreaterThanOrEqual(ends[1] ?? 0);
          expect(GROUPS.flat().slice(0, opened.found.length)).toEqual(opened.found);
          await opened.journal.close();
        }
      }
    });
  });

  it("takes pages of one unfinished group that arrived out of order for an unfinished write", async () => {
    await withFolder(async (directory) => {
      const { file, bytes, ends } = await build(directory);
      const changed = Buffer.from(bytes);
      changed.fill(0, ends[1] ?? 0, (ends[1] ?? 0) + 21);
      await writeFile(file, changed);
      const { journal, found, torn } = await open(directory);
      expect(found).toEqual(["alpha", "beta", "gamma"]);
      expect(torn).toBe(bytes.length - (ends[1] ?? 0));
      await journal.close();
    });
  });

  it("reads nothing before the position given", async () => {
    await withFolder(async (directory) => {
      const { file, bytes, ends } = await build(directory);
      const changed = Buffer.from(bytes);
      changed.fill(0, 20, 40);
      await writeFile(file, changed);
      const { journal, found } = await open(directory, { from: { segment: 1, offset: ends[0] ?? 0 } });
      expect(found).toEqual(GROUPS.flat().slice(2));
      await journal.close();
    });
  });

  it("begins a new segment when one is full and reads across them", async () => {
    await withFolder(async (directory) => {
      const texts = Array.from({ length: 30 }, (_, index) => `frame ${String(index)}`);
      const { journal } = await open(directory, { segmentBytes: 100 });
      const places: FramePlace[] = [];
      for (const text of texts) places.push(...(await journal.append(bytesOf([text]))));
      expect((await journal.read(places)).map(String)).toEqual(texts);
      await journal.close();
      expect((await readdir(directory)).length).toBeGreaterThan(5);
      const again = await open(directory, { segmentBytes: 100 });
      expect(again.found).toEqual(texts);
      await again.journal.close();
    });
  });

  it("refuses a missing segment and damage at the end of one that is not the last", async () => {
    await withFolder(async (directory) => {
      const { journal } = await open(directory, { segmentBytes: 60 });
      for (const text of ["one", "two", "three", "four", "five", "six", "seven"]) await journal.append(bytesOf([text]));
      await journal.close();
      const file = join(directory, FIRST);
      const bytes = await readFile(file);
      await writeFile(file, bytes.subarray(0, bytes.length - 1));
      await expect(open(directory)).rejects.toMatchObject({ code: "STORAGE_CORRUPT" });
      await expect(checkJournal(directory)).rejects.toMatchObject({ code: "STORAGE_CORRUPT" });
      await rm(file);
      await expect(checkJournal(directory)).rejects.toMatchObject({ code: "STORAGE_CORRUPT" });
      await expect(open(directory)).rejects.toMatchObject({ code: "STORAGE_CORRUPT" });
    });
  });

  it("goes on after a crash between the making of a segment and its head", async () => {
    await withFolder(async (directory) => {
      const { journal } = await open(directory, { segmentBytes: 60 });
      await journal.append(bytesOf(["one ".repeat(20)]));
      await journal.close();
      await writeFile(join(directory, "00000002.log"), Buffer.from("VL"));
      const opened = await open(directory, { segmentBytes: 60 });
      await opened.journal.append(bytesOf(["two"]));
      await opened.journal.close();
      const again = await open(directory);
      expect(again.found).toEqual(["one ".repeat(20), "two"]);
      await again.journal.close();
    });
  });

  it("refuses a journal of a later format and leaves it unchanged", async () => {
    await withFolder(async (directory) => {
      const { file, bytes } = await build(directory);
      const newer = Buffer.from(bytes);
      newer.writeUInt32LE(2, 4);
      await writeFile(file, newer);
      await expect(open(directory)).rejects.toMatchObject({ code: "STORAGE_NEWER" });
      expect(await readFile(file)).toEqual(newer);
      newer.writeUInt32LE(0, 4);
      await writeFile(file, newer);
      await expect(open(directory)).rejects.toMatchObject({ code: "STORAGE_CORRUPT" });
    });
  });

  it("reads frames larger than its window", async () => {
    await withFolder(async (directory) => {
      const large = "x".repeat(9 * 1024 * 1024);
      const { journal } = await open(directory);
      await journal.append(bytesOf(["before", large, "after"]));
      await journal.close();
      const { journal: again, found } = await open(directory);
      expect(found.map((text) => text.length)).toEqual([6, large.length, 5]);
      await again.close();
    });
  });
});
