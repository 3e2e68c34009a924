import type { CallSetKind } from "../domain/call-set.js";
import type { Build } from "../domain/contig.js";
import type { SampleFacts, SampleFlag, SampleGroup } from "../domain/sample.js";

/** A call set as a snapshot holds it. */
export interface CallSetFacts {
  readonly id: string;
  readonly name: string | null;
  readonly build: Build;
  readonly kind: CallSetKind;
  readonly caller: string | null;
  readonly files: readonly string[];
  /** Sorted; the position is the sample's index in calls. */
  readonly samples: readonly string[];
  readonly sites: number;
  readonly facts: ReadonlyMap<string, SampleFacts>;
  readonly flags: readonly SampleFlag[];
}

/** Every call set, sample and group of one snapshot. */
export interface CallSetDirectory {
  readonly all: readonly CallSetFacts[];
  get(id: string): CallSetFacts | null;
  /** Whether a call set answers to an id or a name; null answers to all. */
  isCalled(id: string, source: string | null): boolean;
  sampleIndex(callSetId: string, sampleId: string): number | null;
  /** Call sets a sample is in. */
  callSetsOf(sampleId: string): readonly CallSetFacts[];
  groups(groupsId: string): readonly SampleGroup[];
  /** Ids of every way to group samples that a row can name. */
  readonly groupings: readonly string[];
  /** Position of a group among the counts of a row, or null when the sheet did not give it. */
  groupIndex(groupsId: string, population: string | null, sex: string | null): number | null;
}

export function createCallSetDirectory(
  callSets: readonly CallSetFacts[],
  groups: ReadonlyMap<string, readonly SampleGroup[]>,
): CallSetDirectory {
  const byId = new Map(callSets.map((callSet) => [callSet.id, callSet]));
  const indexes = new Map(
    callSets.map((callSet) => [callSet.id, new Map(callSet.samples.map((sample, index) => [sample, index]))]),
  );
  const bySample = new Map<string, CallSetFacts[]>();
  for (const callSet of callSets) {
    for (const sample of callSet.samples) {
      const known = bySample.get(sample);
      if (known === undefined) bySample.set(sample, [callSet]);
      else known.push(callSet);
    }
  }
  return {
    all: callSets,
    get: (id) => byId.get(id) ?? null,
    isCalled: (id, source) => source === null || id === source || byId.get(id)?.name === source,
    sampleIndex: (callSetId, sampleId) => indexes.get(callSetId)?.get(sampleId) ?? null,
    callSetsOf: (sampleId) => bySample.get(sampleId) ?? [],
    groups: (groupsId) => groups.get(groupsId) ?? [],
    groupings: [...groups.keys()],
    groupIndex(groupsId, population, sex) {
      const found = (groups.get(groupsId) ?? []).findIndex(
        (group) => group.population === population && group.sex === sex,
      );
      return found < 0 ? null : found;
    },
  };
}
