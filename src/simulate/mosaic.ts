import { inPseudoautosomal } from "../domain/contig.js";
import type { FounderSite, Founders } from "./founders.js";
import { mix, streamKey, unitAt } from "./random.js";
import type { SimulatedRegion } from "./regions.js";

/** What genotypes depend on, by person. */
export interface Cohort {
  readonly size: number;
  /** Index into POPULATIONS. */
  readonly population: Uint8Array;
  /** 1 for a male. */
  readonly isMale: Uint8Array;
}

export interface SiteGenotypes {
  readonly site: FounderSite;
  readonly alleleCount: number;
  readonly alleleNumber: number;
  /** A tab and the phased genotype of each person. Valid until the next site is asked for. */
  readonly text: Buffer;
}

/** Mean length, in bases, of what a chromosome has from one founder. */
const MEAN_SEGMENT = 50_000;
const TAB = 9;
const ZERO = 48;
const BAR = 124;

/**
 * Genotypes of a region, site by site. A chromosome is a mosaic of founders of its super-population (Li and Stephens
 * 2003): it changes founder after exponential distances, to one drawn by weight; between the first and the last known
 * site that varies only to one of the same class, so that known haplotypes stay whole. Outside the pseudoautosomal
 * regions a male has one X. A person's genotypes depend on seed, region and the person's number, not on how many there
 * are. Memory: 24 bytes a person, and one line.
 */
export function* simulateGenotypes(
  seed: number,
  region: SimulatedRegion,
  founders: Founders,
  cohort: Cohort,
): Generator<SiteGenotypes, void, undefined> {
  const chromosomes = 2 * cohort.size;
  const founderOf = new Uint16Array(chromosomes);
  const nextChange = new Float64Array(chromosomes);
  const drawn = new Uint16Array(chromosomes);
  const key = streamKey(seed, "chromosomes", region.name);
  const varying = founders.sites.filter(({ known }) => known?.alternateAlleles != null);
  const coreStart = varying[0]?.pos ?? Infinity;
  const coreEnd = varying.at(-1)?.pos ?? -Infinity;

  /** Changes founder at `nextChange`, and draws how far the next one goes. */
  const change = (chromosome: number): void => {
    const a = mix(key.a ^ Math.imul(chromosome + 1, 0x9e3779b1));
    const b = mix(key.b + chromosome);
    const at = nextChange[chromosome]!;
    const n = drawn[chromosome]!;
    const weights = founders.weights[cohort.population[chromosome >>> 1]!]!;
    let first = 0;
    let end = founders.count;
    if (at >= coreStart && at < coreEnd) {
      const own = founders.classOf[founderOf[chromosome]!]!;
      first = founders.firstOfClass[own]!;
      end = founders.firstOfClass[own + 1]!;
    }
    const place = weights[first]! + unitAt(a, b, n) * (weights[end]! - weights[first]!);
    founderOf[chromosome] = founderAt(weights, place, first, end);
    nextChange[chromosome] = at - MEAN_SEGMENT * Math.log(1 - unitAt(a, b, n + 1));
    drawn[chromosome] = n + 2;
  };

  // Far enough before the region that the first change is a free one.
  nextChange.fill(Math.min(region.start, coreStart) - 1);
  const line = Buffer.alloc(4 * cohort.size);
  for (const site of founders.sites) {
    for (let chromosome = 0; chromosome < chromosomes; chromosome += 1) {
      while (nextChange[chromosome]! < site.pos) change(chromosome);
    }
    const isHaploidInMales = region.contig === "X" && !inPseudoautosomal("GRCh38", region.contig, site.pos);
    let at = 0;
    let alleleCount = 0;
    let alleleNumber = 0;
    for (let person = 0; person < cohort.size; person += 1) {
      const one = site.alleles[founderOf[2 * person]!]!;
      line[at] = TAB;
      line[at + 1] = ZERO + one;
      at += 2;
      alleleCount += one;
      alleleNumber += 1;
      if (isHaploidInMales && cohort.isMale[person] === 1) continue;
      const other = site.alleles[founderOf[2 * person + 1]!]!;
      line[at] = BAR;
      line[at + 1] = ZERO + other;
      at += 2;
      alleleCount += other;
      alleleNumber += 1;
    }
    yield { site, alleleCount, alleleNumber, text: line.subarray(0, at) };
  }
}

/** The founder whose part of the summed weights holds `place`; those without weight are never met. */
function founderAt(weights: Float64Array, place: number, first: number, end: number): number {
  let low = first;
  let high = end - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (weights[middle + 1]! > place) high = middle;
    else low = middle + 1;
  }
  return low;
}
