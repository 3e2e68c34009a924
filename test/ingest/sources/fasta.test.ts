import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFasta, type Fasta } from "../../../src/ingest/sources/fasta.js";
import { removeFolder } from "../../helpers/service.js";

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
});
