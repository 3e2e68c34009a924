import reference from "../../reference/contigs.json" with { type: "json" };

export const BUILDS = ["GRCh37", "GRCh38"] as const;
export type Build = (typeof BUILDS)[number];

interface ContigFacts {
  readonly rank: number;
  readonly lengths: Readonly<Record<Build, number>>;
  readonly accession: string;
  /** RefSeq version in GRCh37; GRCh38 is the next one, except for MT, which did not change. */
  readonly version: number;
}

/** Contigs outside the primary assembly sort after it, by name. */
export const OTHER_RANK = 1000;

const CONTIGS: ReadonlyMap<string, ContigFacts> = new Map(
  (reference.rows as [string, number, number, string, number][]).map(
    ([name, grch37, grch38, accession, version], index) => [
      name,
      { rank: index + 1, lengths: { GRCh37: grch37, GRCh38: grch38 }, accession, version },
    ],
  ),
);

/** Names of the primary assembly, in their order. */
export const PRIMARY_CONTIGS: readonly string[] = [...CONTIGS.keys()];

const BY_ACCESSION: ReadonlyMap<string, string> = new Map([...CONTIGS].map(([name, facts]) => [facts.accession, name]));

/** `chr1`, `1` and `NC_000001.11` are `1`; `chrM` and `M` are `MT`; any other name stays as it is. */
export function canonicalContig(name: string): string {
  const match = /^(NC_\d{6})(?:\.(\d+))?$/.exec(name);
  if (match !== null) {
    const contig = BY_ACCESSION.get(match[1] ?? "");
    return contig === undefined || (match[2] !== undefined && !isVersionOf(contig, Number(match[2]))) ? name : contig;
  }
  const upper = (/^chr/i.test(name) ? name.slice(3) : name).toUpperCase();
  const canonical = upper === "M" ? "MT" : upper;
  return CONTIGS.has(canonical) ? canonical : name;
}

function isVersionOf(contig: string, version: number): boolean {
  const first = CONTIGS.get(contig)?.version;
  return version === first || (contig !== "MT" && version - 1 === first);
}

/** 1 to 22, X, Y, MT, then everything else. */
export function contigRank(canonical: string): number {
  return CONTIGS.get(canonical)?.rank ?? OTHER_RANK;
}

/** Bases, or null outside the primary assembly. */
export function contigLength(build: Build, canonical: string): number | null {
  return CONTIGS.get(canonical)?.lengths[build] ?? null;
}

/** Build and contig of a RefSeq accession; null for MT, which is the same in both builds. */
export function contigOfAccession(accession: string): { readonly build: Build; readonly contig: string } | null {
  const match = /^(NC_\d{6})\.(\d+)$/.exec(accession);
  const contig = BY_ACCESSION.get(match?.[1] ?? "");
  const facts = contig === undefined ? undefined : CONTIGS.get(contig);
  if (contig === undefined || facts === undefined || contig === "MT") return null;
  const version = Number(match?.[2]);
  if (version === facts.version) return { build: "GRCh37", contig };
  return version === facts.version + 1 ? { build: "GRCh38", contig } : null;
}

/** Whether a 1-based position of X or Y lies where males are diploid. */
export function inPseudoautosomal(build: Build, canonical: string, pos: number): boolean {
  if (canonical !== "X" && canonical !== "Y") return false;
  return reference.pseudoautosomal[build][canonical].some(([from = 0, to = 0]) => pos >= from && pos <= to);
}

export interface StatedContig {
  readonly id: string;
  readonly length: number | null;
  readonly assembly: string | null;
}

/** The build all stated lengths agree with; null where none is known or two builds are mixed. MT has one length in both. */
export function detectBuild(contigs: readonly StatedContig[]): Build | null {
  let possible: readonly Build[] = BUILDS;
  let decided = false;
  for (const contig of contigs) {
    if (!isKnownLength(contig)) continue;
    const canonical = canonicalContig(contig.id);
    possible = possible.filter((build) => contigLength(build, canonical) === contig.length);
    decided = true;
  }
  return decided && possible.length === 1 ? (possible[0] ?? null) : null;
}

/** RefSeq accession with version, or null outside the primary assembly. */
export function refSeqAccession(build: Build, canonical: string): string | null {
  const facts = CONTIGS.get(canonical);
  if (facts === undefined) return null;
  const next = build === "GRCh38" && canonical !== "MT" ? 1 : 0;
  return `${facts.accession}.${String(facts.version + next)}`;
}

/** Whether a header line states a length that tells the builds apart, or is of neither. */
export function isKnownLength({ id, length }: StatedContig): boolean {
  const facts = CONTIGS.get(canonicalContig(id));
  return facts !== undefined && length !== null && facts.lengths.GRCh37 !== facts.lengths.GRCh38;
}

const NAMES: Readonly<Record<Build, RegExp>> = {
  GRCh37: /(?<![a-z0-9])(?:GRCh37(?:\.?p\d+)?|hg19|b37|hs37d5|g1k_v37)(?![a-z0-9])/i,
  GRCh38: /(?<![a-z0-9])(?:GRCh38(?:\.?p\d+)?|hg38|b38|hs38(?:dh|d1)?)(?![a-z0-9])/i,
};

/** The build a text such as `##reference` names; null where it names none or both. */
export function buildOfText(text: string): Build | null {
  const named = BUILDS.filter((build) => NAMES[build].test(text));
  return named.length === 1 ? (named[0] ?? null) : null;
}
