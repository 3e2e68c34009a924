import spans from "../../reference/pharmacogene-regions.json" with { type: "json" };
import haplotypes from "../../reference/simulated-haplotypes.json" with { type: "json" };
import sites from "../../reference/simulated-sites.json" with { type: "json" };
import { VitalomeError } from "../errors.js";

/** Super-populations, in the order of every table of counts. */
export const POPULATIONS = ["AFR", "AMR", "EAS", "EUR", "SAS"] as const;

/** A site with real alleles, GRCh38, 1-based. */
export interface KnownSite {
  readonly pos: number;
  readonly ref: string;
  readonly alt: string;
  readonly rsid: string | null;
  /** Star allele or protein change that this allele defines or helps to define. */
  readonly name: string | null;
  readonly clinvarVariationId: number | null;
  /** By super-population, out of the region's allele numbers; null where the panel has none. */
  readonly alternateAlleles: readonly number[] | null;
}

/** Chromosomes that are alike at the known sites. */
export interface HaplotypeClass {
  /** Indexes into the region's sites. */
  readonly alternates: readonly number[];
  /** In the panel, by super-population. */
  readonly chromosomes: readonly number[];
}

/** A stretch of the genome that is simulated on its own, written as one file. */
export interface SimulatedRegion {
  readonly name: string;
  readonly contig: string;
  /** 1-based, both ends inside. */
  readonly start: number;
  readonly end: number;
  /** By position. */
  readonly sites: readonly KnownSite[];
  readonly classes: readonly HaplotypeClass[];
  readonly alleleNumbers: readonly number[];
}

/** Background alone, where males are diploid. */
const PSEUDOAUTOSOMAL: SimulatedRegion = {
  name: "PAR1",
  contig: "X",
  start: 1_000_001,
  end: 1_020_000,
  sites: [],
  classes: [{ alternates: [], chromosomes: POPULATIONS.map(() => 1) }],
  alleleNumbers: POPULATIONS.map(() => 1),
};

type Span = readonly [gene: string, contig: string, start: number, end: number];
type SiteRow = readonly [
  gene: string,
  contig: string,
  pos: number,
  ref: string,
  alt: string,
  rsid: string | null,
  name: string | null,
  clinvarVariationId: number | null,
  source: string,
  alternateAlleles: readonly number[] | null,
  frequencySource: string | null,
];
interface GeneRows {
  readonly gene: string;
  readonly alleleNumbers: readonly number[];
  readonly sites: readonly string[];
  readonly rows: readonly (readonly [alternates: readonly number[], chromosomes: readonly number[]])[];
}

/** Every region there is, by name. */
export const SIMULATED_REGIONS: readonly SimulatedRegion[] = [
  ...(haplotypes.genes as unknown as readonly GeneRows[]).map(regionOf),
  PSEUDOAUTOSOMAL,
];

function regionOf({ gene, alleleNumbers, sites: keys, rows }: GeneRows): SimulatedRegion {
  const [, contig, start, end] = (spans.rows as unknown as readonly Span[]).find(([name]) => name === gene)!;
  const known = (sites.rows as unknown as readonly SiteRow[])
    .filter((row) => row[0] === gene)
    .map(([, , pos, ref, alt, rsid, name, clinvarVariationId, , alternateAlleles]) => ({
      pos,
      ref,
      alt,
      rsid,
      name,
      clinvarVariationId,
      alternateAlleles,
    }));
  const indexOf = new Map(known.map(({ pos, ref, alt }, index) => [`${String(pos)}-${ref}-${alt}`, index]));
  return {
    name: gene,
    contig,
    start: Math.min(start - spans.flank, ...known.map(({ pos }) => pos)),
    end: Math.max(end + spans.flank, ...known.map(({ pos, ref }) => pos + ref.length - 1)),
    sites: known,
    classes: rows.map(([alternates, chromosomes]) => ({
      alternates: alternates.map((key) => indexOf.get(keys[key]!)!),
      chromosomes,
    })),
    alleleNumbers,
  };
}

/** The regions of these names, in the order of the table; all where none is named. BAD_USER_INPUT names one not known. */
export function findRegions(names: readonly string[]): readonly SimulatedRegion[] {
  if (names.length === 0) return SIMULATED_REGIONS;
  const wanted = new Set(names.map((name) => name.toUpperCase()));
  const found = SIMULATED_REGIONS.filter(({ name }) => wanted.delete(name));
  const [unknown] = wanted;
  if (unknown === undefined) return found;
  const expected = SIMULATED_REGIONS.map(({ name }) => name).join(", ");
  throw new VitalomeError("BAD_USER_INPUT", `genes: expected some of ${expected}, found ${unknown}`, {
    details: { field: "genes", expected },
  });
}
