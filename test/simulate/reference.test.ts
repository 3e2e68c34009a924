import { describe, expect, it } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { contigLength } from "../../src/domain/contig.js";
import { POPULATIONS, SIMULATED_REGIONS } from "../../src/simulate/regions.js";
import { regionOf } from "./cohort.js";

const REFERENCE = resolve(import.meta.dirname, "../../reference");

interface Table {
  readonly sources: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** Alternate alleles of AFR, AMR, EAS, EUR, SAS, as published and recounted with bcftools. */
const KNOWN: readonly (readonly [gene: string, key: string, rsid: string, name: string | null, counts: string])[] = [
  ["CYP2C9", "94942290-C-T", "rs1799853", "*2", "16 94 2 163 46"],
  ["CYP2C9", "94981296-A-C", "rs1057910", "*3", "3 40 41 87 122"],
  ["VKORC1", "31096368-C-T", "rs9923231", "-1639G>A", "103 400 1036 489 172"],
  ["CYP4F2", "15879621-C-T", "rs2108622", "*3", "140 242 249 351 502"],
  ["CYP2C19", "94781859-G-A", "rs4244285", "*2", "288 108 377 180 427"],
  ["CYP2C19", "94780653-G-A", "rs4986893", "*3", "4 0 63 0 17"],
  ["CYP2C19", "94761900-C-T", "rs12248560", "*17", "422 118 18 284 178"],
  ["SLCO1B1", "21178615-T-C", "rs4149056", "*5", "25 129 139 188 50"],
  ["TPMT", "18138997-C-T", "rs1800460", "*3B", "5 44 0 37 5"],
  ["NUDT15", "48045719-C-T", "rs116855232", "*3", "1 42 112 2 81"],
  ["UGT1A1", "233760233-C-CAT", "rs3064744", "*28", "787 360 150 383 521"],
  ["UGT1A1", "233760233-CAT-C", "rs3064744", "*36", "179 6 0 5 1"],
  ["UGT1A1", "233760233-C-CATAT", "rs3064744", "*37", "89 3 0 0 3"],
  ["CYP3A5", "99672916-T-C", "rs776746", "*3", "326 783 844 1197 791"],
  ["CYP2D6", "42128945-C-T", "rs3892097", "*4", "112 120 2 238 130"],
  ["G6PD", "154536002-C-T", "rs1050828", "202G>A", "178 9 0 0 0"],
  ["F5", "169549811-C-T", "rs6025", "Leiden", "0 10 0 14 14"],
  ["ABCG2", "88131171-G-T", "rs2231142", null, "19 139 336 115 123"],
  ["CFTR", "117559590-ATCT-A", "rs113993960", "F508del", "0 10 0 11 4"],
];

describe("the tables of simulated sites", () => {
  it.each(KNOWN)("hold %s %s with its published counts", (gene, key, rsid, name, counts) => {
    const site = regionOf(gene).sites.find(({ pos, ref, alt }) => `${String(pos)}-${ref}-${alt}` === key);
    expect(site).toMatchObject({ rsid, name });
    expect(site?.alternateAlleles?.join(" ")).toBe(counts);
  });

  it("have haplotypes that add up to each site's counts and to the allele numbers", () => {
    for (const { sites, classes, alleleNumbers } of SIMULATED_REGIONS) {
      for (const [population] of POPULATIONS.entries()) {
        const sum = (rows: typeof classes): number =>
          rows.reduce((total, { chromosomes }) => total + chromosomes[population]!, 0);
        expect(sum(classes)).toBe(alleleNumbers[population]);
        for (const [index, { alternateAlleles }] of sites.entries()) {
          const carriers = classes.filter(({ alternates }) => alternates.includes(index));
          expect(sum(carriers)).toBe(alternateAlleles?.[population] ?? 0);
        }
      }
    }
  });

  it("count the chromosomes of 3,202 people, males once on X", () => {
    const total = (gene: string): number => regionOf(gene).alleleNumbers.reduce((sum, count) => sum + count, 0);
    expect([total("CYP2C19"), total("G6PD"), total("DPYD")]).toEqual([6404, 4806, 5008]);
  });

  it("say the source of every row, and hold each trimmed allele once, inside its contig", async () => {
    const text = await readFile(resolve(REFERENCE, "simulated-sites.json"), "utf8");
    const { sources, columns, rows } = JSON.parse(text) as Table;
    const keys = new Set<string>();
    for (const row of rows) {
      const cell = (name: string): unknown => row[columns.indexOf(name)];
      const [ref, alt] = [cell("ref"), cell("alt")] as [string, string];
      const contig = cell("contig") as string;
      expect(sources).toHaveProperty([cell("source") as string]);
      if (cell("alternateAlleles") === null) expect(cell("frequencySource")).toBeNull();
      else expect(sources).toHaveProperty([cell("frequencySource") as string]);
      expect(`${ref} ${alt}`).toMatch(/^[ACGT]+ [ACGT]+$/);
      expect(ref.length > 1 && alt.length > 1 && (ref[0] === alt[0] || ref.at(-1) === alt.at(-1))).toBe(false);
      expect(cell("pos")).toBeLessThan(contigLength("GRCh38", contig)!);
      keys.add(`${contig}-${String(cell("pos"))}-${ref}-${alt}`);
    }
    expect(keys.size).toBe(rows.length);
  });

  it("hold the nineteen alleles that ClinVar calls pathogenic", () => {
    const all = SIMULATED_REGIONS.flatMap(({ sites }) => sites);
    expect(all.filter(({ clinvarVariationId }) => clinvarVariationId !== null)).toHaveLength(19);
  });
});
