import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { readFileSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFasta, type Fasta } from "../../../src/ingest/sources/fasta.js";
import { createRandom } from "../../helpers/random.js";
import { removeFolder } from "../../helpers/service.js";
import { itShared, requireShared } from "../../helpers/shared.js";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vitalome-fasta-"));
});
afterAll(async () => {
  await removeFolder(folder);
});

async function fasta(text: string): Promise<Fasta> {
  const path = join(folder, "reference.fa");
  await writeFile(path, text);
  return openFasta(path, "reference.fa");
}

describe("a reference FASTA", () => {
  it.each([
    ["short lines", ">chr1 first\nACGT\nacgt\nGG\n>2\nTTTT\n"],
    ["Windows line ends", ">chr1 first\r\nACGT\r\nacgt\r\nGG\r\n>2\r\nTTTT\r\n"],
    ["no last line end", ">2\nTTTT\n>1\nACGT\nacgt\nGG"],
    ["blank lines between contigs", ">1\nACGT\nacgt\nGG\n\n\n>2\nTTTT\n\n"],
    ["one line a contig", ">1\nACGTACGTGG\n>2\nTTTT\n"],
  ])("with %s gives 1-based closed intervals in upper case", async (_name, text) => {
    const reference = await fasta(text);
    const bases = reference.basesOf("chr1");
    expect([bases?.(1, 4), bases?.(4, 9), bases?.(10, 10), bases?.(9, 99), bases?.(0, 1)]).toEqual([
      "ACGT",
      "TACGTG",
      "G",
      "GG",
      "A",
    ]);
    expect(reference.basesOf("2")?.(1, 9)).toBe("TTTT");
    expect(reference.basesOf("3")).toBeNull();
    reference.close();
  });

  it("is read far from where it was read before", async () => {
    const sequence = Array.from({ length: 40_000 }, (_, index) => "ACGT"[(index * 7 + (index >> 5)) % 4] ?? "N").join(
      "",
    );
    const reference = await fasta(`>1\n${sequence.replaceAll(/.{60}/g, "$&\n")}\n`);
    for (const start of [39_990, 1, 20_000, 39_000, 59, 60, 61]) {
      expect(reference.basesOf("1")?.(start, start + 9)).toBe(sequence.slice(start - 1, start + 9));
    }
    reference.close();
  });

  it.each([
    ["a line longer than the first", ">1\nACGT\nACGTA\n", 3],
    ["a short line in the middle", ">1\nACGT\nAC\nACGT\n", 4],
    ["a blank line in the middle", ">1\nACGT\n\nACGT\n", 4],
    ["line ends that change", ">1\nACGT\r\nACGT\nACGT\r\n", 4],
    ["bases before a name", "ACGT\n", 1],
    ["a contig twice", ">1\nACGT\n>chr1\nACGT\n", 4],
    ["nothing", "", 1],
  ])("with %s is refused with the line", async (_name, text, line) => {
    await expect(fasta(text)).rejects.toMatchObject({ code: "INGEST_REJECTED", details: { line } });
  });

  it("of several megabases and contigs gives any interval of any of them, near and far", async () => {
    const random = createRandom(51);
    const contigs = ["chr1", "NC_000002.12", "chrX", "chrM", "KI270734.1"].map((name, index) => {
      const bases = random.bases(1 + random.below(3_000), "ACGTacgtnN").repeat(1 + random.below(400));
      return { name, bases, width: [60, 70, 61, 4_000_000, 1][index]! };
    });
    const ends = ["\n", "\r\n", "\n", "\n", "\r\n"];
    const reference = await fasta(
      contigs
        .map(({ name, bases, width }, index) => {
          const end = ends[index]!;
          const lines = Array.from({ length: Math.ceil(bases.length / width) }, (_, line) =>
            bases.slice(line * width, (line + 1) * width),
          );
          return `>${name} a description${end}${lines.join(end)}${end}`;
        })
        .join(""),
    );
    for (const [index, canonical] of ["1", "2", "X", "MT", "KI270734.1"].entries()) {
      const { name, bases } = contigs[index]!;
      const basesOf = reference.basesOf(canonical)!;
      for (let round = 0; round < 60; round += 1) {
        const start = 1 + random.below(bases.length);
        const end = start + random.below(200);
        expect(basesOf(start, end)).toBe(bases.slice(start - 1, end).toUpperCase());
      }
      expect(basesOf(bases.length + 1, bases.length + 5)).toBe("");
      expect(basesOf(bases.length, bases.length + 5)).toBe(bases.at(-1)?.toUpperCase());
      expect(reference.basesOf(name)?.(1, 10)).toBe(bases.slice(0, 10).toUpperCase());
    }
    reference.close();
  });

  it("an interval is 1-based and closed: 1:100-200 is [99, 200) (handbook 1.5)", async () => {
    const sequence = createRandom(52).bases(300);
    const reference = await fasta(`>1\n${sequence}\n`);
    expect(reference.basesOf("1")?.(100, 200)).toBe(sequence.slice(99, 200));
    expect([reference.basesOf("1")?.(0, 0), reference.basesOf("1")?.(5, 4)]).toEqual(["", ""]);
    reference.close();
  });

  it("a contig without bases has none, and is not another", async () => {
    const reference = await fasta(">1\n>2\nACGT\n>3");
    expect([1, 2, 3].map((contig) => reference.basesOf(String(contig))?.(1, 9))).toEqual(["", "ACGT", ""]);
    reference.close();
  });

  itShared("the real one of the normalisation set is read as its text says", () => {
    const path = requireShared("genomes/normalize/20_altered.fasta");
    const [head = "", ...lines] = readFileSync(path, "latin1").split(/\r?\n/);
    const sequence = lines.join("").toUpperCase();
    const reference = openFasta(path, "20_altered.fasta");
    const basesOf = reference.basesOf(head.slice(1).split(/\s/)[0] ?? "");
    for (const start of [1, 60, 61, 71, 1_000, sequence.length - 5, sequence.length]) {
      expect(basesOf?.(start, start + 9)).toBe(sequence.slice(start - 1, start + 9));
    }
    reference.close();
  });
});
