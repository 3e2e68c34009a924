/** A FHIR identifier of this system on a Patient is the name of that person's sample: the explicit link. */
export const SAMPLE_SYSTEM = "https://vitalome.org/sample";

export type Sex = "female" | "male";

/** One line of a sample sheet. */
export interface SampleFacts {
  readonly sampleId: string;
  readonly sex: Sex | null;
  /** Codes as in the sheet; several where the sheet gives several. */
  readonly populations: readonly string[];
  readonly superpopulations: readonly string[];
}

/** People counted together. Null means: not restricted. */
export interface SampleGroup {
  readonly population: string | null;
  readonly sex: Sex | null;
}

/** The groups of one set of samples, and how the smallest cells add up to them. */
export interface Grouping {
  readonly groups: readonly SampleGroup[];
  /** Cell of each sample. */
  readonly cellOf: Uint16Array;
  readonly cellSizes: Int32Array;
  /** Groups each cell adds to. */
  readonly groupsOfCell: readonly (readonly number[])[];
}

/**
 * Groups: everybody; each sex; each population and superpopulation; each superpopulation by sex.
 * A sample with two ancestries counts in the first, as the published counts do, and is flagged.
 */
export function groupSamples(samples: readonly string[], facts: ReadonlyMap<string, SampleFacts>): Grouping {
  const groups: SampleGroup[] = [];
  const indexOf = new Map<string, number>();
  const groupIndex = (population: string | null, sex: Sex | null): number => {
    const key = `${population ?? ""}\t${sex ?? ""}`;
    const known = indexOf.get(key);
    if (known !== undefined) return known;
    indexOf.set(key, groups.length);
    groups.push({ population, sex });
    return groups.length - 1;
  };
  groupIndex(null, null);
  for (const group of wantedGroups(samples, facts)) groupIndex(group.population, group.sex);
  const cells = new Map<string, number>();
  const cellOf = new Uint16Array(samples.length);
  const groupsOfCell: number[][] = [];
  const sizes: number[] = [];
  samples.forEach((sample, index) => {
    const known = facts.get(sample);
    const sex = known?.sex ?? null;
    const population = known?.populations[0] ?? null;
    const superpopulation = known?.superpopulations[0] ?? null;
    const key = `${population ?? ""}\t${superpopulation ?? ""}\t${sex ?? ""}`;
    let cell = cells.get(key);
    if (cell === undefined) {
      cell = sizes.length;
      cells.set(key, cell);
      sizes.push(0);
      const members = new Set([groupIndex(null, null)]);
      if (sex !== null) members.add(groupIndex(null, sex));
      if (population !== null) members.add(groupIndex(population, null));
      if (superpopulation !== null) members.add(groupIndex(superpopulation, null));
      if (superpopulation !== null && sex !== null) members.add(groupIndex(superpopulation, sex));
      groupsOfCell.push([...members]);
    }
    cellOf[index] = cell;
    sizes[cell] = (sizes[cell] ?? 0) + 1;
  });
  return { groups, cellOf, cellSizes: Int32Array.from(sizes), groupsOfCell };
}

/** In a fixed order, so that the same people give the same groups: sexes, superpopulations, populations, by sex. */
function wantedGroups(samples: readonly string[], facts: ReadonlyMap<string, SampleFacts>): readonly SampleGroup[] {
  const sexes = new Set<Sex>();
  const superpopulations = new Set<string>();
  const populations = new Set<string>();
  const bySex = new Set<string>();
  for (const sample of samples) {
    const known = facts.get(sample);
    if (known === undefined) continue;
    const population = known.populations[0];
    const superpopulation = known.superpopulations[0];
    if (known.sex !== null) sexes.add(known.sex);
    if (population !== undefined) populations.add(population);
    if (superpopulation !== undefined) superpopulations.add(superpopulation);
    if (superpopulation !== undefined && known.sex !== null) bySex.add(`${superpopulation}\t${known.sex}`);
  }
  return [
    ...[...sexes].sort().map((sex) => ({ population: null, sex })),
    ...[...superpopulations].sort().map((population) => ({ population, sex: null })),
    ...[...populations].sort().map((population) => ({ population, sex: null })),
    ...[...bySex].sort().map((key) => {
      const [population = "", sex = ""] = key.split("\t");
      return { population, sex: sex as Sex };
    }),
  ];
}

/** A fact about a sample that a reader must know before trusting its genotypes. */
export interface SampleFlag {
  readonly sampleId: string;
  readonly flag: "multiAncestry" | "sexPloidyMismatch";
  readonly detail: string;
}
