import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isVitalomeError, messageOf } from "../../src/errors.js";
import {
  buildKeyIndex,
  createBlockCache,
  openKeyIndex,
  type IndexEntry,
  type KeyIndex,
} from "../../src/lake/key-index.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vitalome-index-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

let files = 0;
const newPath = (): string => join(folder, `${String(files++)}.idx`);

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}

async function withIndex<T>(
  entries: readonly IndexEntry[],
  use: (index: KeyIndex) => T,
  cacheBytes = 1 << 20,
): Promise<T> {
  const path = newPath();
  await buildKeyIndex(path, each(entries));
  const index = openKeyIndex(path, createBlockCache(cacheBytes));
  try {
    return use(index);
  } finally {
    index.close();
    await rm(path);
  }
}

/** The code of what `run` throws. */
function codeOf(run: () => unknown): string | null {
  try {
    run();
    return null;
  } catch (thrown) {
    return isVitalomeError(thrown) ? thrown.code : messageOf(thrown);
  }
}

const text = (value: string): Buffer => Buffer.from(value);
const plain = (key: string, value: string): IndexEntry => ({ key: text(key), value: text(value) });
const shown = (entries: Iterable<{ readonly key: Buffer; readonly value: Buffer }>): string[] =>
  [...entries].map(({ key, value }) => `${key.toString("hex")}=${value.toString("hex")}`);

function interval(prefix: string, position: number, end: number, rest: string): IndexEntry {
  const place = Buffer.alloc(4);
  place.writeUInt32BE(position);
  const value = text(`${prefix}:${String(position)}-${String(end)}${rest}`);
  return { key: Buffer.concat([text(prefix), place, text(rest)]), value, prefixLength: prefix.length, end };
}

const sortedByKey = (entries: readonly IndexEntry[]): IndexEntry[] => {
  const byKey = new Map(entries.map((entry) => [Buffer.from(entry.key).toString("hex"), entry]));
  return [...byKey.values()].sort((left, right) => Buffer.compare(left.key, right.key));
};

describe("key index", () => {
  it("answers points and ranges like a sorted array, whatever the keys", async () => {
    // Few distinct bytes make long shared beginnings; some values are longer than a block.
    const bytes = fc.uint8Array({ minLength: 0, maxLength: 6, max: 3 });
    const value = fc.oneof(
      { weight: 20, arbitrary: fc.uint8Array({ maxLength: 40 }) },
      {
        weight: 1,
        arbitrary: fc.integer({ min: 1, max: 50_000 }).map((length) => new Uint8Array(length).fill(length)),
      },
    );
    const entry = fc.record({ key: bytes, value });
    const property = fc.asyncProperty(
      fc.array(entry, { maxLength: 700, size: "max" }),
      fc.array(fc.tuple(bytes, bytes, fc.nat(20)), { minLength: 1, maxLength: 20 }),
      async (unsorted, questions) => {
        const entries = sortedByKey(unsorted);
        await withIndex(entries, (index) => {
          expect(index.entries).toBe(entries.length);
          for (const { key, value: expected } of entries) expect(index.get(key)?.equals(expected)).toBe(true);
          for (const [from, to, limit] of questions) {
            const found = entries.find(({ key }) => Buffer.compare(key, from) === 0)?.value ?? null;
            expect(index.getMany([from])).toEqual([found === null ? null : Buffer.from(found)]);
            const within = entries
              .filter(({ key }) => Buffer.compare(key, from) >= 0 && (to.length === 0 || Buffer.compare(key, to) < 0))
              .map(({ key, value: own }) => ({ key: Buffer.from(key), value: Buffer.from(own) }));
            expect(shown(index.scan(from, to))).toEqual(shown(within));
            expect(shown(index.scan(from, to, { limit }))).toEqual(shown(within.slice(0, limit)));
            expect(shown(index.scan(from, to, { limit, reverse: true }))).toEqual(
              shown([...within].reverse().slice(0, limit)),
            );
          }
        });
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  it("finds exactly the intervals that overlap, across prefixes and blocks", async () => {
    const entry = fc
      .tuple(
        fc.constantFrom("a1", "a2", "b", "c\0x"),
        fc.nat(3000),
        fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3000 })),
      )
      .map(([prefix, position, length]) => interval(prefix, position, position + length, `/${String(length)}`));
    const other = fc.nat(300).map((id) => plain(`z${String(id)}`, "name"));
    const property = fc.asyncProperty(
      fc.array(fc.oneof({ weight: 8, arbitrary: entry }, { weight: 1, arbitrary: other }), {
        maxLength: 1200,
        size: "max",
      }),
      fc.array(fc.tuple(fc.constantFrom("a0", "a1", "a2", "b", "c\0x", "d"), fc.nat(6500), fc.nat(400)), {
        minLength: 5,
        maxLength: 30,
      }),
      async (unsorted, questions) => {
        const entries = sortedByKey(unsorted);
        await withIndex(entries, (index) => {
          for (const [prefix, start, length] of questions) {
            const end = start + length;
            const expected = entries.filter(
              ({ key, prefixLength, end: ends = 0 }) =>
                prefixLength === prefix.length &&
                text(prefix).equals(key.subarray(0, prefixLength)) &&
                Buffer.from(key).readUInt32BE(prefixLength) < end &&
                ends > start,
            );
            expect([...index.overlapping(text(prefix), start, end)].map(({ value }) => value.toString())).toEqual(
              expected.map(({ value }) => Buffer.from(value).toString()),
            );
          }
        });
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  it("reads one block for an overlap at the end of a long prefix", async () => {
    const entries = Array.from({ length: 20_000 }, (_, at) => interval("p", at * 10, at * 10 + 5, ""));
    const path = newPath();
    await buildKeyIndex(path, each(entries));
    const cache = createBlockCache(1 << 24);
    const index = openKeyIndex(path, cache);
    expect([...index.overlapping(text("p"), 199_990, 200_000)].map(({ value }) => value.toString())).toEqual([
      "p:199990-199995",
    ]);
    expect(cache.bytes).toBeLessThan(40_000);
    index.close();
    expect(cache.bytes).toBe(0);
  });

  it("keeps the cache within its bytes and gives the same answers", async () => {
    const entries = Array.from({ length: 5000 }, (_, at) => plain(String(at).padStart(8, "0"), "v".repeat(100)));
    const path = newPath();
    await buildKeyIndex(path, each(entries));
    const cache = createBlockCache(40_000);
    const index = openKeyIndex(path, cache);
    for (let at = 0; at < 5000; at += 7) {
      expect(index.get(text(String(at).padStart(8, "0")))?.length).toBe(100);
      expect(cache.bytes).toBeLessThanOrEqual(40_000);
    }
    index.close();
  });

  it("does not serve the blocks of an older file of the same path", async () => {
    const path = newPath();
    const cache = createBlockCache(1 << 20);
    for (const value of ["old", "new"]) {
      await buildKeyIndex(path, each([plain("k", value)]));
      const index = openKeyIndex(path, cache);
      expect(index.get(text("k"))?.toString()).toBe(value);
      if (value === "new") index.close();
    }
  });

  it("refuses unsorted and repeated keys, and leaves no file", async () => {
    for (const keys of [
      ["b", "a"],
      ["a", "a"],
    ]) {
      const path = newPath();
      await expect(buildKeyIndex(path, each(keys.map((key) => plain(key, ""))))).rejects.toThrow(/ascending/);
      await expect(stat(path)).rejects.toThrow(/ENOENT/);
    }
  });

  it("refuses an interval prefix that other keys begin with", async () => {
    const entries = [interval("a", 1, 2, ""), plain("ab", ""), interval("a", 0x70000000, 0x70000001, "")];
    await expect(buildKeyIndex(newPath(), each(entries))).rejects.toThrow(/prefix/);
  });

  it("copies entries as they come, so a source may reuse its buffers", async () => {
    async function* reused(): AsyncGenerator<IndexEntry> {
      const key = Buffer.alloc(1);
      const value = Buffer.alloc(1);
      for (let at = 0; at < 5; at += 1) {
        key[0] = at;
        value[0] = at * 2;
        yield await Promise.resolve({ key, value });
      }
    }
    const path = newPath();
    const built = await buildKeyIndex(path, reused());
    expect(built).toEqual({ entries: 5, minKey: "00", maxKey: "04" });
    const index = openKeyIndex(path, createBlockCache(1000));
    expect(index.get(Buffer.from([3]))).toEqual(Buffer.from([6]));
    index.close();
  });

  it("bounds its keys in few bytes, however long they are", async () => {
    const long = (first: number, rest: number): IndexEntry => ({
      key: Buffer.concat([Buffer.from([first]), Buffer.alloc(100_000, rest)]),
      value: text("x"),
    });
    const bounds = async (entries: readonly IndexEntry[]): Promise<readonly (string | null)[]> => {
      const { minKey, maxKey } = await buildKeyIndex(newPath(), each(entries));
      return [minKey, maxKey];
    };
    expect(await bounds([])).toEqual([null, null]);
    expect(await bounds([long(1, 7), long(2, 7)])).toEqual([`01${"07".repeat(63)}`, `02${"07".repeat(62)}08`]);
    expect(await bounds([long(2, 255)])).toEqual([`02${"ff".repeat(63)}`, "03"]);
    expect(await bounds([long(255, 255)])).toEqual(["ff".repeat(64), null]);
    await withIndex([long(1, 7), long(2, 7)], (index) => {
      expect(index.get(long(2, 7).key)?.toString()).toBe("x");
      expect([...index.scan(Buffer.from([2]), Buffer.alloc(0))]).toHaveLength(1);
    });
  });

  it("serves no wrong row from a damaged file: any byte changed or cut is STORAGE_CORRUPT", async () => {
    const path = newPath();
    const entries = Array.from({ length: 2000 }, (_, at) =>
      plain(String(at).padStart(6, "0"), `value ${String(at * at)}`),
    );
    await buildKeyIndex(path, each(entries));
    const whole = await readFile(path);
    const expected = entries.map(({ value }) => Buffer.from(value).toString());
    const readAll = (): string[] => {
      const index = openKeyIndex(path, createBlockCache(0));
      try {
        return [...index.scan(Buffer.alloc(0), Buffer.alloc(0))].map(({ value }) => value.toString());
      } finally {
        index.close();
      }
    };
    expect(readAll()).toEqual(expected);
    const step = Math.max(1, Math.floor(whole.length / 300));
    for (let at = 0; at < whole.length; at += at > whole.length - 60 ? 1 : step) {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      await writeFile(path, flipped);
      expect(codeOf(readAll)).toBe("STORAGE_CORRUPT");
      await writeFile(path, whole.subarray(0, at));
      expect(codeOf(readAll)).toBe("STORAGE_CORRUPT");
    }
  });

  it("says STORAGE_CORRUPT for a missing file", () => {
    expect(codeOf(() => openKeyIndex(join(folder, "none"), createBlockCache(0)))).toBe("STORAGE_CORRUPT");
  });
});
