import { contigLength } from "../domain/contig.js";
import { createFounders } from "./founders.js";
import { simulateGenotypes, type Cohort } from "./mosaic.js";
import { personAt } from "./people.js";
import type { SimulatedRegion } from "./regions.js";

/** Part of a file, and how many records it holds. */
export interface VcfPiece {
  readonly text: Buffer;
  readonly rows: number;
}

/** The whole file of a region, VCF 4.2, piece by piece. Biallelic, sorted by position. */
export function* vcfOf(seed: number, region: SimulatedRegion, cohort: Cohort): Generator<VcfPiece, void, undefined> {
  yield { text: Buffer.from(header(seed, region)), rows: 0 };
  // In pieces: a line of a hundred thousand names is no string to build at once.
  for (let index = 0; index < cohort.size; index += 1) {
    const name = `\t${personAt(seed, index).sampleId}${index + 1 === cohort.size ? "\n" : ""}`;
    yield { text: Buffer.from(name), rows: 0 };
  }
  const founders = createFounders(seed, region);
  for (const { site, alleleCount, alleleNumber, text } of simulateGenotypes(seed, region, founders, cohort)) {
    const info = `AC=${String(alleleCount)};AN=${String(alleleNumber)};${site.known === null ? "BACKGROUND" : "KNOWN"}`;
    const { pos, ref, alt, known } = site;
    const fixed = `chr${region.contig}\t${String(pos)}\t${known?.rsid ?? "."}\t${ref}\t${alt}\t.\tPASS\t${info}\tGT`;
    yield { text: Buffer.concat([Buffer.from(fixed), text, NEWLINE]), rows: 1 };
  }
}

const NEWLINE = Buffer.from("\n");

function header(seed: number, region: SimulatedRegion): string {
  return [
    "##fileformat=VCFv4.2",
    "##source=vitalome demo",
    "##vitalomeNote=SIMULATED people: no line is an observation. KNOWN sites have real positions, alleles and population frequencies; REF and ALT of BACKGROUND sites are drawn and stand for no real variant.",
    `##vitalomeSeed=${String(seed)}`,
    "##reference=GRCh38",
    `##contig=<ID=chr${region.contig},length=${String(contigLength("GRCh38", region.contig))},assembly=GRCh38>`,
    '##FILTER=<ID=PASS,Description="All filters passed">',
    '##INFO=<ID=AC,Number=A,Type=Integer,Description="Alternate alleles in genotypes">',
    '##INFO=<ID=AN,Number=1,Type=Integer,Description="Alleles in genotypes">',
    '##INFO=<ID=KNOWN,Number=0,Type=Flag,Description="Real position and alleles, simulated genotypes">',
    '##INFO=<ID=BACKGROUND,Number=0,Type=Flag,Description="Drawn position and alleles">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT",
  ].join("\n");
}
