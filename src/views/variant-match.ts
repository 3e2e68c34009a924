import { alleleFrequency, callAllele, countsAt } from "../domain/counts.js";
import { parseGenotype } from "../domain/genotype.js";
import { hasSignificance, type ClinicalStatement } from "../domain/clinical.js";
import { variantId, type VariantKey } from "../domain/variant.js";
import { allTrue, anyTrue, inRange, type Predicate, type Truth } from "../domain/variant-filter.js";
import { UNDECIDED, zygosityOf, type Zygosity } from "../domain/zygosity.js";
import type { CallRow } from "../lake/call-row.js";
import type { CallSetDirectory } from "../lake/call-sets.js";
import type { VariantRow } from "../lake/variant-row.js";

/** One allele with what each call set says about it. */
export interface VariantGroup {
  readonly rows: readonly [VariantRow, ...VariantRow[]];
}

export interface MatchContext {
  readonly callSets: CallSetDirectory;
  callsOf(row: VariantRow): readonly CallRow[];
  /** What is said of exactly this allele. */
  statementsOf(key: VariantKey): readonly ClinicalStatement[];
}

/** Evaluates a predicate on one variant; `variant-sql.ts` says the same to the query engine. */
export function matches(predicate: Predicate, group: VariantGroup, context: MatchContext): Truth {
  const [first] = group.rows;
  switch (predicate.kind) {
    case "and":
      return allTrue(predicate.parts.map((part) => matches(part, group, context)));
    case "or":
      return anyTrue(predicate.parts.map((part) => matches(part, group, context)));
    case "not": {
      const inner = matches(predicate.part, group, context);
      return inner === null ? null : !inner;
    }
    case "clinical":
      return clinicalMatches(predicate, context.statementsOf(first));
    case "regions":
    case "genes":
      return predicate.regions.some(
        (region) =>
          region.build === first.build &&
          region.contig === first.contig &&
          first.pos - 1 < region.end0 &&
          first.pos - 1 + first.ref.length > region.start0,
      );
    case "types":
      return predicate.types.some((type) => type === first.variantType);
    case "ids":
      return (
        predicate.keys.includes(variantId(first)) ||
        group.rows.some((row) => row.ids?.split(";").some((id) => predicate.names.includes(id.toLowerCase())) === true)
      );
    case "record":
      return anyTrue(group.rows.map((row) => recordMatches(predicate, row)));
    case "frequency": {
      const rows = group.rows.filter((row) => context.callSets.isCalled(row.callSetId, predicate.source));
      if (rows.length === 0) return inRange(null, predicate.af);
      return anyTrue(rows.map((row) => inRange(frequencyOf(row, predicate, context.callSets), predicate.af)));
    }
    case "samples":
      return samplesMatch(predicate, group, context);
  }
}

/** No statement is unknown: not in ClinVar is not benign. So is the number of stars where the review status has none. */
function clinicalMatches(
  predicate: Extract<Predicate, { kind: "clinical" }>,
  statements: readonly ClinicalStatement[],
): Truth {
  if (statements.length === 0) return null;
  const { significances, minStars } = predicate;
  const wanted = significances === null ? null : new Set(significances);
  return anyTrue(
    statements.map((statement) =>
      allTrue([
        wanted === null ? true : hasSignificance(statement, wanted),
        minStars === null ? true : statement.goldStars === null ? null : statement.goldStars >= minStars,
      ]),
    ),
  );
}

function recordMatches(predicate: Extract<Predicate, { kind: "record" }>, row: VariantRow): Truth {
  const names = row.filters?.split(";") ?? null;
  return allTrue([
    predicate.qual === null ? true : inRange(row.qual, predicate.qual),
    predicate.passOnly ? (row.filters === null ? null : row.filters === "PASS") : true,
    predicate.filters === null ? true : names === null ? null : names.some((name) => predicate.filters?.includes(name)),
  ]);
}

function frequencyOf(
  row: VariantRow,
  group: { readonly population: string | null; readonly sex: string | null },
  callSets: CallSetDirectory,
): number | null {
  const index = callSets.groupIndex(row.groupsId, group.population, group.sex);
  return index === null ? null : alleleFrequency(countsAt(row.groupCounts, index));
}

function samplesMatch(
  { samples, zygosities, callSet }: Extract<Predicate, { kind: "samples" }>,
  group: VariantGroup,
  context: MatchContext,
): Truth {
  const rows = group.rows.filter((row) => context.callSets.isCalled(row.callSetId, callSet));
  const isSeen = (sample: string): boolean =>
    rows.some((row) => context.callSets.sampleIndex(row.callSetId, sample) !== null);
  return anyTrue([
    ...rows.map((row) => hasGenotype(row, samples, zygosities, context)),
    ...(samples.every(isSeen) ? [] : [null]),
  ]);
}

function hasGenotype(
  row: VariantRow,
  samples: readonly string[],
  wanted: readonly Zygosity[],
  context: MatchContext,
): Truth {
  const indexes = samples
    .map((sample) => context.callSets.sampleIndex(row.callSetId, sample))
    .filter((index): index is number => index !== null);
  if (indexes.length === 0) return false;
  const calls = new Map(context.callsOf(row).map((call) => [call.sampleIndex, call.gt]));
  return anyTrue(
    indexes.map((index) => {
      const zygosity = zygosityOfText(calls.get(index) ?? row.baseGt, row);
      if (zygosity === null) return null;
      return wanted.includes(zygosity) ? true : UNDECIDED.includes(zygosity) ? null : false;
    }),
  );
}

export function zygosityOfText(gt: string | null, row: Pick<VariantRow, "altIndex" | "contig">): Zygosity | null {
  const genotype = gt === null ? null : parseGenotype(gt, Number.MAX_SAFE_INTEGER);
  return genotype === null ? null : zygosityOf(callAllele(genotype, row.altIndex).genotypeClass, row.contig);
}
