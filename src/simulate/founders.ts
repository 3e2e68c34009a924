import { createRandom, type Random } from "./random.js";
import { POPULATIONS, type KnownSite, type SimulatedRegion } from "./regions.js";

/** A site with the allele of every founder. */
export interface FounderSite {
  readonly pos: number;
  readonly ref: string;
  readonly alt: string;
  /** Null for a background site. */
  readonly known: KnownSite | null;
  /** 1 where the founder has ALT. */
  readonly alleles: Uint8Array;
}

/** The chromosomes of which everybody's are mosaics. */
export interface Founders {
  readonly count: number;
  /** Founders of one class lie together: first of each, and the end after the last. */
  readonly firstOfClass: Uint16Array;
  readonly classOf: Uint16Array;
  /** By super-population: summed weights up to and without founder `i`, and the total at the end. */
  readonly weights: readonly Float64Array[];
  /** By position. */
  readonly sites: readonly FounderSite[];
}

const MOST_PER_CLASS = 24;
const BASES_PER_SITE = 1_000;
const FEWEST_SITES = 60;
const MOST_SITES = 300;
/** How much younger the ancestors within a class are than those of all. */
const CLASS_AGE = 0.25;
const TRANSITION_SHARE = 0.67;
const TRANSITIONS: Readonly<Record<string, string>> = { A: "G", G: "A", C: "T", T: "C" };
const BASES = "ACGT";

/**
 * Founders of a region. Each class of haplotypes seen in the panel has up to 24, with the class's weight in each
 * super-population, so that frequencies and linkage of the known sites are the panel's. Background sites are mutations
 * on the branches of a random coalescent over the founders: a neutral spectrum, linked with the known sites. Their
 * bases are drawn: they stand for no real variant.
 */
export function createFounders(seed: number, region: SimulatedRegion): Founders {
  const random = createRandom(seed, "founders", region.name);
  const sizes = region.classes.map(({ chromosomes }) =>
    Math.max(1, Math.ceil(MOST_PER_CLASS * Math.max(...shares(chromosomes, region.alleleNumbers)))),
  );
  const firstOfClass = new Uint16Array(sizes.length + 1);
  sizes.forEach((size, index) => (firstOfClass[index + 1] = firstOfClass[index]! + size));
  const count = firstOfClass[sizes.length]!;
  const classOf = Uint16Array.from(sizes.flatMap((size, index) => Array.from({ length: size }, () => index)));
  const weights = weigh(random, region, firstOfClass);
  const known = region.sites.map((site, index) => ({
    pos: site.pos,
    ref: site.ref,
    alt: site.alt,
    known: site,
    alleles: Uint8Array.from(classOf, (of) => (region.classes[of]!.alternates.includes(index) ? 1 : 0)),
  }));
  const sites = [...known, ...background(random, region, sizes)];
  return { count, firstOfClass, classOf, weights, sites: sites.sort((one, other) => one.pos - other.pos) };
}

function shares(chromosomes: readonly number[], alleleNumbers: readonly number[]): number[] {
  return chromosomes.map((count, population) => count / alleleNumbers[population]!);
}

function weigh(random: Random, region: SimulatedRegion, firstOfClass: Uint16Array): Float64Array[] {
  const count = firstOfClass.at(-1)!;
  const common = Float64Array.from({ length: count }, () => random.exponential());
  return POPULATIONS.map((_, population) => {
    const own = common.map((shared) => shared + random.exponential());
    const summed = new Float64Array(count + 1);
    region.classes.forEach(({ chromosomes }, index) => {
      const [first, end] = [firstOfClass[index]!, firstOfClass[index + 1]!];
      const total = own.subarray(first, end).reduce((sum, weight) => sum + weight, 0);
      const before = summed[first]!;
      let within = 0;
      for (let founder = first; founder < end; founder += 1) {
        within += own[founder]!;
        summed[founder + 1] = before + chromosomes[population]! * (founder + 1 === end ? 1 : within / total);
      }
    });
    return summed;
  });
}

/** Part of the tree: who descends from it, and for how long it went on alone. */
interface Branch {
  readonly leaves: Uint8Array;
  length: number;
}

function background(random: Random, region: SimulatedRegion, sizes: readonly number[]): FounderSite[] {
  const branches = growTree(random, sizes);
  const total = branches.reduce((sum, { length }) => sum + length, 0);
  const wanted = Math.min(MOST_SITES, Math.max(FEWEST_SITES, Math.floor((region.end - region.start) / BASES_PER_SITE)));
  const taken = new Set<number>();
  // Neither on nor beside a known site, so that no two records touch the same bases.
  for (const { pos, ref } of region.sites) for (let at = pos - 1; at <= pos + ref.length; at += 1) taken.add(at);
  const sites: FounderSite[] = [];
  while (sites.length < wanted) {
    const pos = region.start + random.below(region.end - region.start + 1);
    if (taken.has(pos)) continue;
    taken.add(pos);
    let left = random.unit() * total;
    const branch = branches.find(({ length }) => (left -= length) < 0) ?? branches[0]!;
    const ref = BASES[random.below(4)]!;
    sites.push({ pos, ref, alt: mutate(random, ref), known: null, alleles: branch.leaves });
  }
  return sites;
}

function mutate(random: Random, ref: string): string {
  if (random.unit() < TRANSITION_SHARE) return TRANSITIONS[ref]!;
  const others = [...BASES].filter((base) => base !== ref && base !== TRANSITIONS[ref]);
  return others[random.below(others.length)]!;
}

/** Kingman's coalescent, within each class first. Every branch but the root. */
function growTree(random: Random, sizes: readonly number[]): readonly Branch[] {
  const count = sizes.reduce((sum, size) => sum + size, 0);
  const branches: Branch[] = [];
  const join = (nodes: Branch[], age: number): Branch => {
    while (nodes.length > 1) {
      const wait = (age * random.exponential()) / ((nodes.length * (nodes.length - 1)) / 2);
      for (const node of nodes) node.length += wait;
      const [one] = nodes.splice(random.below(nodes.length), 1);
      const [other] = nodes.splice(random.below(nodes.length), 1);
      branches.push(one!, other!);
      nodes.push({ leaves: one!.leaves.map((leaf, index) => leaf | other!.leaves[index]!), length: 0 });
    }
    return nodes[0]!;
  };
  let first = 0;
  const classes = sizes.map((size) => {
    const leaves = Array.from({ length: size }, (_, index) => {
      const mask = new Uint8Array(count);
      mask[first + index] = 1;
      return { leaves: mask, length: 0 };
    });
    first += size;
    return join(leaves, CLASS_AGE);
  });
  join(classes, 1);
  return branches;
}
