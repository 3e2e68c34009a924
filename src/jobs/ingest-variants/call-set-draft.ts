import { createHash } from "node:crypto";
import { callSetId, type CallSetKind } from "../../domain/call-set.js";
import type { Build } from "../../domain/contig.js";
import { groupSamples, type Grouping, type SampleFacts, type SampleFlag } from "../../domain/sample.js";

/** A call set as one job sees it: its samples in sorted order and the groups they are counted in. */
export interface CallSetDraft {
  readonly id: string;
  readonly name: string | null;
  readonly build: Build;
  /** What the caller stated, or null: derived from the records. */
  readonly statedKind: CallSetKind | null;
  readonly samples: readonly string[];
  readonly facts: ReadonlyMap<string, SampleFacts>;
  readonly grouping: Grouping;
  readonly groupsId: string;
  readonly flags: SampleFlag[];
}

export function createCallSetDraft(
  build: Build,
  columns: readonly string[],
  name: string | null,
  statedKind: CallSetKind | null,
  sheet: ReadonlyMap<string, SampleFacts>,
): CallSetDraft {
  const samples = [...columns].sort();
  const facts = new Map<string, SampleFacts>();
  for (const sample of samples) {
    const known = sheet.get(sample);
    if (known !== undefined) facts.set(sample, known);
  }
  const grouping = groupSamples(samples, facts);
  const groupsHash = createHash("sha256");
  groupsHash.update(JSON.stringify(grouping.groups));
  samples.forEach((sample, index) => groupsHash.update(`\n${sample}\t${String(grouping.cellOf[index] ?? 0)}`));
  const flags = samples
    .filter((sample) => (facts.get(sample)?.superpopulations.length ?? 0) > 1)
    .map<SampleFlag>((sampleId) => ({
      sampleId,
      flag: "multiAncestry",
      detail: `the sample sheet gives ${facts.get(sampleId)?.superpopulations.join(" and ") ?? ""}; counted in the first`,
    }));
  return {
    id: callSetId(build, samples, name),
    name,
    build,
    statedKind,
    samples,
    facts,
    grouping,
    groupsId: `g-${groupsHash.digest("hex").slice(0, 16)}`,
    flags,
  };
}

/** Index in sorted order of each column of a file of this call set. */
export function sampleOfColumn(draft: CallSetDraft, columns: readonly string[]): Uint32Array {
  const index = new Map(draft.samples.map((sample, position) => [sample, position]));
  return Uint32Array.from(columns, (column) => index.get(column) ?? 0);
}
