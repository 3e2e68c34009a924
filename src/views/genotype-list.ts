import { callAllele } from "../domain/counts.js";
import { parseGenotype } from "../domain/genotype.js";
import type { VariantKey } from "../domain/variant.js";
import { CARRIERS, zygosityOf, type Zygosity } from "../domain/zygosity.js";
import type { CallRow } from "../lake/call-row.js";
import type { CallSetFacts } from "../lake/call-sets.js";
import type { SnapshotReader } from "../lake/snapshot-reader.js";
import type { VariantRow } from "../lake/variant-row.js";

/** What one call set says about one sample at one allele. */
export interface SampleGenotype {
  readonly sampleId: string;
  readonly sampleIndex: number;
  readonly callSetId: string;
  /** As in the original record; `.` where the sample was not looked at. */
  readonly gt: string;
  readonly zygosity: Zygosity;
  readonly dosage: number | null;
  readonly otherAltDosage: number | null;
  readonly ploidy: number | null;
  readonly phased: boolean;
  readonly phaseSet: string | null;
  readonly dp: number | null;
  readonly gq: number | null;
  readonly ad: readonly number[] | null;
  readonly filters: readonly string[] | null;
  readonly flags: readonly string[];
}

export interface GenotypeQuestion {
  /** Null: every sample. Named samples are answered whatever their genotype, NOT_ASSAYED included. */
  readonly sampleIds: readonly string[] | null;
  readonly callSet: string | null;
  /** Null: carriers, or everything where samples are named. */
  readonly zygosities: readonly Zygosity[] | null;
}

/** Where a page ended. */
export interface GenotypePosition {
  readonly callSetId: string;
  readonly sampleIndex: number;
}

const LISTED_ONLY: ReadonlySet<Zygosity> = new Set<Zygosity>([...CARRIERS, "OTHER_ALT", "MISSING"]);

/** Genotypes by call set id, then by sample. A sample in two call sets has two. */
export function* genotypesOf(
  reader: SnapshotReader,
  key: VariantKey,
  rows: readonly VariantRow[],
  question: GenotypeQuestion,
  after: GenotypePosition | null,
): Generator<SampleGenotype> {
  const wanted = question.zygosities ?? (question.sampleIds === null ? CARRIERS : null);
  const callSets = reader.callSets.all
    .filter((callSet) => callSet.build === key.build && reader.callSets.isCalled(callSet.id, question.callSet))
    .sort((left, right) => (left.id < right.id ? -1 : 1));
  for (const callSet of callSets) {
    if (after !== null && callSet.id < after.callSetId) continue;
    const from = after !== null && callSet.id === after.callSetId ? after.sampleIndex + 1 : 0;
    const row = rows.find((candidate) => candidate.callSetId === callSet.id) ?? null;
    const answer = answerer(reader, key, callSet, row);
    for (const sampleIndex of sampleIndexes(callSet, row, reader, question.sampleIds, wanted)) {
      if (sampleIndex < from) continue;
      const genotype = answer(sampleIndex);
      if (wanted === null || wanted.includes(genotype.zygosity)) yield genotype;
    }
  }
}

/** Samples that can have a wanted genotype, ascending. */
function sampleIndexes(
  callSet: CallSetFacts,
  row: VariantRow | null,
  reader: SnapshotReader,
  sampleIds: readonly string[] | null,
  wanted: readonly Zygosity[] | null,
): readonly number[] {
  if (sampleIds !== null) {
    const indexes = sampleIds.map((sample) => reader.callSets.sampleIndex(callSet.id, sample));
    return [...new Set(indexes.filter((index): index is number => index !== null))].sort((left, right) => left - right);
  }
  const isListed = wanted?.every((zygosity) => LISTED_ONLY.has(zygosity)) === true;
  if (!isListed) return callSet.samples.map((_, index) => index);
  const calls = row === null ? [] : reader.callsOf(row).map((call) => call.sampleIndex);
  const baseIsWanted =
    row !== null && wanted.includes(genotypeOf(row.baseGt ?? ".", row.altIndex, row.contig).zygosity);
  return baseIsWanted ? callSet.samples.map((_, index) => index) : calls;
}

function answerer(
  reader: SnapshotReader,
  key: VariantKey,
  callSet: CallSetFacts,
  row: VariantRow | null,
): (sampleIndex: number) => SampleGenotype {
  const flags = new Map<string, string[]>();
  for (const flag of callSet.flags) flags.set(flag.sampleId, [...(flags.get(flag.sampleId) ?? []), flag.flag]);
  const own = row === null ? null : callsByIndex(reader, row);
  let others: readonly { readonly row: VariantRow; readonly calls: ReadonlyMap<number, CallRow> }[] | null = null;

  return (sampleIndex) => {
    const sampleId = callSet.samples[sampleIndex] ?? "";
    const common = { sampleId, sampleIndex, callSetId: callSet.id, flags: flags.get(sampleId) ?? [] };
    if (row !== null && own !== null) {
      const call = own.get(sampleIndex) ?? null;
      const gt = call?.gt ?? row.baseGt;
      if (gt !== null) return { ...common, ...detailOf(call), ...genotypeOf(gt, row.altIndex, row.contig), gt };
    }
    others ??= reader
      .rowsAt(key.build, key.contig, key.pos)
      .filter((other) => other.callSetId === callSet.id && other.baseGt !== null && other !== row)
      .map((other) => ({ row: other, calls: callsByIndex(reader, other) }));
    for (const other of others) {
      const call = other.calls.get(sampleIndex) ?? null;
      const gt = call?.gt ?? other.row.baseGt ?? ".";
      // Alternate 0 does not exist: every alternate of that record is another one than ours.
      return { ...common, ...detailOf(call), ad: null, ...genotypeOf(gt, 0, key.contig), gt };
    }
    return { ...common, ...fromBlocks(reader, key, callSet.id, sampleId) };
  };
}

function callsByIndex(reader: SnapshotReader, row: VariantRow): ReadonlyMap<number, CallRow> {
  return new Map(reader.callsOf(row).map((call) => [call.sampleIndex, call]));
}

type CallDetail = Pick<SampleGenotype, "dp" | "gq" | "ad" | "phaseSet" | "filters">;

const NO_DETAIL: CallDetail = { dp: null, gq: null, ad: null, phaseSet: null, filters: null };

function detailOf(call: CallRow | null): CallDetail {
  if (call === null) return NO_DETAIL;
  const ad = call.adRef === null || call.adAlt === null ? null : [call.adRef, call.adAlt];
  return { dp: call.dp, gq: call.gq, ad, phaseSet: call.phaseSet, filters: call.filters?.split(";") ?? null };
}

function genotypeOf(
  gt: string,
  altIndex: number,
  contig: string,
): Pick<SampleGenotype, "zygosity" | "dosage" | "otherAltDosage" | "ploidy" | "phased"> {
  const genotype = parseGenotype(gt, Number.MAX_SAFE_INTEGER);
  if (genotype === null)
    return { zygosity: "MISSING", dosage: null, otherAltDosage: null, ploidy: null, phased: false };
  const call = callAllele(genotype, altIndex);
  const isMissing = call.called === 0;
  return {
    zygosity: zygosityOf(call.genotypeClass, contig),
    dosage: isMissing ? null : call.dosage,
    otherAltDosage: isMissing ? null : call.otherAltDosage,
    ploidy: genotype.alleles.length,
    phased: genotype.phased,
  };
}

/** Reference only where an interval of this sample covers every base of REF; else nobody looked. */
function fromBlocks(
  reader: SnapshotReader,
  key: VariantKey,
  callSetId: string,
  sampleId: string,
): Omit<SampleGenotype, "sampleId" | "sampleIndex" | "callSetId" | "flags"> {
  const covering = (pos: number): ReturnType<SnapshotReader["blocksAt"]>[number] | undefined =>
    reader
      .blocksAt(key.build, key.contig, pos)
      .find((block) => block.callSetId === callSetId && block.sampleId === sampleId);
  const first = covering(key.pos);
  const last = key.ref.length === 1 ? first : covering(key.pos + key.ref.length - 1);
  if (first === undefined || last === undefined) {
    return {
      ...NO_DETAIL,
      gt: ".",
      zygosity: "NOT_ASSAYED",
      dosage: null,
      otherAltDosage: null,
      ploidy: null,
      phased: false,
    };
  }
  const least = (left: number | null, right: number | null): number | null =>
    left === null || right === null ? (left ?? right) : Math.min(left, right);
  return {
    ...NO_DETAIL,
    ...genotypeOf(first.gt, 1, key.contig),
    gt: first.gt,
    gq: least(first.minGq, last.minGq),
    dp: least(first.minDp, last.minDp),
  };
}
