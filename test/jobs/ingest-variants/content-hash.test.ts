import { describe, expect, it } from "@jest/globals";
import { createContentHash, hashText, type ContentHash } from "../../../src/jobs/ingest-variants/content-hash.js";
import { createRandom } from "../../helpers/random.js";

type Entry = readonly [number, number, number, number];

function digest(add: (hash: ContentHash) => void): bigint {
  const hash = createContentHash();
  add(hash);
  return hash.digest();
}
function ofEntries(entries: readonly Entry[]): bigint {
  return digest((hash) => {
    for (const entry of entries) hash.addEntry(...entry);
  });
}

describe("the hash of a record's content", () => {
  it("is the same for the same content, and fits a signed 64-bit column", () => {
    const random = createRandom(41);
    for (let round = 0; round < 200; round += 1) {
      const text = random.bases(random.below(40));
      const value = random.below(2 ** 31);
      const add = (hash: ContentHash): void => {
        hash.addText(text);
        hash.addInteger(value);
        hash.addEntry(value, 1, 2, 3);
      };
      expect(digest(add)).toBe(digest(add));
      expect(BigInt.asIntN(64, digest(add))).toBe(digest(add));
    }
  });

  it("does not depend on the order of the samples of a file", () => {
    const random = createRandom(42);
    for (let round = 0; round < 100; round += 1) {
      const entries = Array.from({ length: 2 + random.below(30) }, (_, sample): Entry => [
        sample,
        random.below(2 ** 31) | 0,
        random.below(90) - 1,
        random.below(90) - 1,
      ]);
      const shuffled = [...entries].sort(() => random.below(3) - 1);
      expect(ofEntries(shuffled)).toBe(ofEntries(entries));
    }
  });

  it("changes with any value of any entry, with an entry more, and when two samples swap their genotypes", () => {
    const entries: readonly Entry[] = [
      [0, 11, 30, 99],
      [1, 12, 30, 99],
      [2, 11, -1, -1],
    ];
    const others = [
      ...entries.flatMap((entry, at) =>
        entry.map((value, column) => entries.with(at, entry.with(column, value + 1) as unknown as Entry)),
      ),
      entries.slice(1),
      [...entries, entries[0]!],
      entries.with(0, [0, 12, 30, 99]).with(1, [1, 11, 30, 99]),
      entries.with(0, [0, 11, 99, 30]),
    ];
    expect(new Set([ofEntries(entries), ...others.map(ofEntries)]).size).toBe(others.length + 1);
  });

  it("depends on the order of texts, and on where one ends and the next begins", () => {
    const ofTexts = (...texts: readonly string[]): bigint =>
      digest((hash) => {
        for (const text of texts) hash.addText(text);
      });
    const all = [["a", "b"], ["b", "a"], ["ab"], ["ab", ""], ["", "ab"], ["a", "b", ""], [""], [], ["AB"], ["ba"]];
    expect(new Set(all.map((texts) => ofTexts(...texts))).size).toBe(all.length);
  });

  it("tells a missing value from zero, and a depth from a quality", () => {
    const all: readonly Entry[] = [
      [0, 7, -1, -1],
      [0, 7, 0, -1],
      [0, 7, -1, 0],
      [0, 7, 0, 0],
    ];
    expect(new Set(all.map((entry) => ofEntries([entry]))).size).toBe(4);
    expect(
      digest((hash) => {
        hash.addInteger(-1);
      }),
    ).not.toBe(
      digest((hash) => {
        hash.addInteger(0);
      }),
    );
  });

  it("has no collision among 100,000 records that differ little, nor in either half beyond chance", () => {
    const seen = new Set<bigint>();
    for (let pos = 0; pos < 1_000; pos += 1) {
      for (let depth = 0; depth < 100; depth += 1) {
        seen.add(
          digest((hash) => {
            hash.addText("A>G");
            hash.addEntry(pos, 7, depth, 99);
          }),
        );
      }
    }
    expect(seen.size).toBe(100_000);
    // Of 100,000 numbers of 32 bits some one pair is expected to be equal; ten is out of all likelihood.
    expect(new Set([...seen].map((value) => value & 0xffffffffn)).size).toBeGreaterThan(99_990);
    expect(new Set([...seen].map((value) => value >> 32n)).size).toBeGreaterThan(99_990);
  });

  it("is of 64 bits for texts too: two that share one 32-bit hash are still told apart", () => {
    const ofText = (text: string): bigint =>
      digest((hash) => {
        hash.addText(text);
      });
    // A known pair of equal length with the same 32-bit FNV-1a.
    expect(ofText("declinate")).not.toBe(ofText("macallums"));
  });

  it("of a genotype text is an integer of 32 bits that differs for any two short texts", () => {
    const alleles = [".", "0", "1", "2", "3", "10"];
    const texts = alleles.flatMap((a) => [a, ...alleles.flatMap((b) => [`${a}/${b}`, `${a}|${b}`])]);
    const hashes = texts.map(hashText);
    expect(new Set(hashes).size).toBe(texts.length);
    expect(hashes.every((hash) => (hash | 0) === hash)).toBe(true);
  });
});
