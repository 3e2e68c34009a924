import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Text of a VCF with a GRCh38 contig line; records are given without CHROM. */
export function buildVcf(
  records: readonly string[],
  samples: readonly string[] = ["S1", "S2", "S3"],
  extra: readonly string[] = [],
): string {
  const columns = [
    "#CHROM",
    "POS",
    "ID",
    "REF",
    "ALT",
    "QUAL",
    "FILTER",
    "INFO",
    ...(samples.length === 0 ? [] : ["FORMAT", ...samples]),
  ];
  return [
    "##fileformat=VCFv4.3",
    "##contig=<ID=chr1,length=248956422>",
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    ...extra,
    columns.join("\t"),
    ...records.map((record) => `chr1\t${record.replaceAll(" ", "\t")}`),
    "",
  ].join("\n");
}

/** A generated cohort file of any number of records, the same for the same seed. */
export function generateVcf(records: number, samples: number, seed: number): string {
  let state = seed >>> 0 || 1;
  const random = (below: number): number => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
  const names = Array.from({ length: samples }, (_, index) => `S${String(index).padStart(4, "0")}`);
  const bases = "ACGT";
  const rows: string[] = [];
  for (let index = 0; index < records; index += 1) {
    const ref = random(4);
    const alt = (ref + 1 + random(3)) % 4;
    const rarity = 2 + random(200);
    const genotypes = names.map(() => `${random(rarity) === 0 ? "1" : "0"}|${random(rarity) === 0 ? "1" : "0"}`);
    rows.push(
      `${String(1000 + index * 7)} . ${bases[ref] ?? "A"} ${bases[alt] ?? "C"} ${String(random(100))} PASS . GT ${genotypes.join(" ")}`,
    );
  }
  return buildVcf(rows, names);
}

export async function writeVcf(folder: string, name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}
