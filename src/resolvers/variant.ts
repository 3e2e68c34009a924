import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from "type-graphql";
import type { RequestContext } from "../context.js";
import {
  alleleFrequency,
  countsAt,
  samplesCounted,
  samplesWithData,
  type GenotypeCountValues,
} from "../domain/counts.js";
import { refSeqAccession } from "../domain/contig.js";
import { spdiOf, variantId } from "../domain/variant.js";
import { VitalomeError } from "../errors.js";
import type { VariantRow } from "../lake/variant-row.js";
import { Cost } from "../schema/cost.js";
import { CountMode, LookupError, ReferenceGenome, VariantIdType, VariantOrder, Zygosity } from "../schema/enums.js";
import { GenotypeConnection, GenotypeCounts } from "../schema/genotype.js";
import { CountResult, Freshness } from "../schema/list.js";
import { CursorScalar } from "../schema/scalars.js";
import { CohortAlleleFrequency, Variant, VariantConnection, VariantLookup, VariantRecord } from "../schema/variant.js";
import { VariantFilter, VariantIdInput } from "../schema/variant-filter.js";
import type { GenotypeQuestion } from "../views/genotype-list.js";
import type { GenotypeSubject, LookupOutcome, ServedVariant, VariantPage } from "../views/variant.js";
import { counted, freshnessOf } from "./answered.js";
import { snapshotOf } from "./snapshot-id.js";
import { predicateOf } from "./variant-predicate.js";

const NULLABLE = { nullable: true } as const;
const IDS_LIMIT = 10_000;

@Resolver(() => Variant)
export class VariantResolver {
  @Query(() => VariantLookup, {
    description: "Looks one identifier up. An alias that names several alleles answers AMBIGUOUS with candidates.",
  })
  @Cost(1)
  async variant(
    @Arg("id", () => VariantIdInput, { description: "The identifier." }) id: VariantIdInput,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    const [outcome] = await context.variants.lookup([requestOf(id)]);
    if (outcome === undefined) throw new VitalomeError("INTERNAL_SERVER_ERROR", "a lookup gave no outcome");
    return outcome;
  }

  @Query(() => [VariantLookup], { description: "Looks many identifiers up: one outcome each, in the order given." })
  @Cost(1, ["ids"])
  async variantsByIds(
    @Arg("ids", () => [VariantIdInput], { description: "At most 10,000 identifiers." }) ids: VariantIdInput[],
    @Ctx() context: RequestContext,
  ): Promise<readonly object[]> {
    if (ids.length > IDS_LIMIT) {
      throw new VitalomeError("LIMIT_EXCEEDED", `ids has more than ${String(IDS_LIMIT)} members`, {
        details: { field: "ids", limit: "ids", max: IDS_LIMIT, actual: ids.length },
      });
    }
    return context.variants.lookup(ids.map(requestOf));
  }

  @Query(() => VariantConnection, {
    description:
      "Variants that match a filter, pinned to one snapshot: pages neither skip nor repeat while data are published.",
  })
  @Cost(10, ["first"], ["filter"])
  async variants(
    @Arg("filter", () => VariantFilter, { description: "What to match; an empty filter matches every variant." })
    filter: VariantFilter,
    @Arg("orderBy", () => VariantOrder, { defaultValue: VariantOrder.POSITION, description: "Order of the list." })
    orderBy: VariantOrder,
    @Arg("first", () => Int, { defaultValue: 50, description: "Size of the page, 1 to 1000." }) first: number,
    @Arg("after", () => CursorScalar, { ...NULLABLE, description: "Cursor to go on after." }) after: string | null,
    @Arg("snapshotId", () => ID, { ...NULLABLE, description: "Snapshot to read; the newest when left out." })
    snapshotId: string | null,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    const snapshot = snapshotId == null ? null : snapshotOf(snapshotId);
    return context.variants.list({ predicate: predicateOf(filter), order: orderBy, snapshot }, first, after ?? null);
  }

  @FieldResolver()
  id(@Root() { key }: ServedVariant): string {
    return variantId(key);
  }

  @FieldResolver()
  rsids(@Root() { rows }: ServedVariant): readonly string[] | null {
    const ids = rows.flatMap((row) => row.ids?.split(";") ?? []).filter((id) => /^rs\d+$/i.test(id));
    return ids.length === 0 ? null : [...new Set(ids)];
  }

  @FieldResolver()
  spdi(@Root() { key }: ServedVariant): string | null {
    const accession = refSeqAccession(key.build, key.contig);
    return accession === null ? null : spdiOf(key, accession);
  }

  @FieldResolver()
  assemblyId(@Root() { key }: ServedVariant): ReferenceGenome {
    return ReferenceGenome[key.build];
  }

  @FieldResolver()
  chrom(@Root() { key }: ServedVariant): string {
    return key.contig;
  }

  @FieldResolver()
  pos(@Root() { key }: ServedVariant): number {
    return key.pos;
  }

  @FieldResolver()
  ref(@Root() { key }: ServedVariant): string {
    return key.ref;
  }

  @FieldResolver()
  alt(@Root() { key }: ServedVariant): string {
    return key.alt;
  }

  @FieldResolver()
  variantType(@Root() { rows }: ServedVariant): string {
    return rows[0].variantType;
  }

  @FieldResolver(() => [VariantRecord], { description: "What each call set says." })
  records(
    @Root() variant: ServedVariant,
    @Arg("callSetId", () => ID, { ...NULLABLE, description: "Only this call set (id or name)." })
    callSetId: string | null,
  ): readonly VariantRecord[] {
    return rowsFrom(variant, callSetId ?? null).map((row) => recordOf(variant, row));
  }

  @FieldResolver(() => [CohortAlleleFrequency], {
    description:
      "One frequency per call set, with its subgroups below; with population or sex, that group of each call set.",
  })
  frequencies(
    @Root() variant: ServedVariant,
    @Arg("source", () => String, { ...NULLABLE, description: "Only this call set (id or name)." })
    source: string | null,
    @Arg("population", () => String, { ...NULLABLE, description: "Only this population or superpopulation." })
    population: string | null,
    @Arg("sex", () => String, { ...NULLABLE, description: "Only this sex: female or male." }) sex: string | null,
  ): readonly CohortAlleleFrequency[] {
    return rowsFrom(variant, source ?? null).flatMap((row) => {
      const groups = variant.reader.callSets.groups(row.groupsId);
      const index = variant.reader.callSets.groupIndex(row.groupsId, population ?? null, sex ?? null);
      if (index === null) return [];
      const isWhole = population == null && sex == null;
      const below = isWhole
        ? groups
            .map((_, at) => at)
            .filter((at) => at !== index)
            .map((at) => frequencyOf(variant, row, at, null))
        : null;
      return [frequencyOf(variant, row, index, below)];
    });
  }

  @FieldResolver(() => [GenotypeCounts], { description: "Genotypes counted in one group of each call set." })
  genotypeCounts(
    @Root() variant: ServedVariant,
    @Arg("population", () => String, {
      ...NULLABLE,
      description: "Population or superpopulation; everybody when left out.",
    })
    population: string | null,
    @Arg("sex", () => String, { ...NULLABLE, description: "female or male; everybody when left out." })
    sex: string | null,
  ): readonly GenotypeCounts[] {
    return variant.rows.flatMap((row) => {
      const index = variant.reader.callSets.groupIndex(row.groupsId, population ?? null, sex ?? null);
      if (index === null) return [];
      const { ac: _ac, an: _an, ...classes } = countsAt(row.groupCounts, index);
      const counts: GenotypeCountValues = { ac: _ac, an: _an, ...classes };
      return [
        {
          callSetId: row.callSetId,
          population: population ?? null,
          sex: sex ?? null,
          ...classes,
          samplesWithData: samplesWithData(counts, samplesCounted(counts)),
        },
      ];
    });
  }

  @FieldResolver(() => GenotypeConnection, {
    description:
      "Genotypes of samples: carriers by default; every named sample where samples are named, NOT_ASSAYED included.",
  })
  @Cost(5, ["first"])
  async genotypes(
    @Root() variant: ServedVariant,
    @Arg("sampleIds", () => [ID], { ...NULLABLE, description: "Only these samples." }) sampleIds: string[] | null,
    @Arg("patientIds", () => [ID], {
      ...NULLABLE,
      description: "Only samples that are these people's and nobody else's, beside those that are named.",
    })
    patientIds: string[] | null,
    @Arg("callSetId", () => ID, { ...NULLABLE, description: "Only this call set (id or name)." })
    callSetId: string | null,
    @Arg("zygosity", () => [Zygosity], { ...NULLABLE, description: "Only these states." }) zygosity: Zygosity[] | null,
    @Arg("first", () => Int, { defaultValue: 100, description: "Size of the page, 1 to 1000." }) first: number,
    @Arg("after", () => CursorScalar, { ...NULLABLE, description: "Cursor to go on after." }) after: string | null,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    return genotypePage(
      context,
      variant,
      {
        sampleIds: samplesOf(context, variant, sampleIds ?? null, patientIds ?? null),
        callSet: callSetId ?? null,
        zygosities: zygosity ?? null,
      },
      first,
      after ?? null,
    );
  }
}

@Resolver(() => VariantLookup)
export class VariantLookupResolver {
  @FieldResolver(() => VariantIdType, NULLABLE)
  resolvedType(@Root() { resolvedType }: LookupOutcome): VariantIdType | null {
    return resolvedType === null ? null : VariantIdType[resolvedType];
  }

  @FieldResolver(() => LookupError, NULLABLE)
  error(@Root() { error }: LookupOutcome): LookupError | null {
    return error === null ? null : LookupError[error];
  }

  @FieldResolver(() => GenotypeConnection, {
    ...NULLABLE,
    description:
      "Genotypes at the allele that was asked for, also where no call set holds it: named samples are HOM_REF where an interval covers it, else NOT_ASSAYED.",
  })
  @Cost(5, ["first"])
  async genotypes(
    @Root() outcome: LookupOutcome,
    @Arg("sampleIds", () => [ID], { ...NULLABLE, description: "Samples, by their names in the files." })
    sampleIds: string[] | null,
    @Arg("patientIds", () => [ID], {
      ...NULLABLE,
      description: "People: the samples that are theirs and nobody else's.",
    })
    patientIds: string[] | null,
    @Arg("callSetId", () => ID, { ...NULLABLE, description: "Only this call set (id or name)." })
    callSetId: string | null,
    @Arg("first", () => Int, { defaultValue: 100, description: "Size of the page, 1 to 1000." }) first: number,
    @Arg("after", () => CursorScalar, { ...NULLABLE, description: "Cursor to go on after." }) after: string | null,
    @Ctx() context: RequestContext,
  ): Promise<object | null> {
    if (outcome.key === null) return null;
    const subject = { key: outcome.key, rows: outcome.variant?.rows ?? [], reader: outcome.reader };
    const samples = samplesOf(context, subject, sampleIds ?? null, patientIds ?? null) ?? [];
    return genotypePage(
      context,
      subject,
      { sampleIds: samples, callSet: callSetId ?? null, zygosities: null },
      first,
      after ?? null,
    );
  }
}

@Resolver(() => VariantConnection)
export class VariantConnectionResolver {
  @FieldResolver(() => CountResult, { ...NULLABLE, description: "Number of all matches, whatever the page." })
  @Cost(10)
  async count(
    @Root() page: VariantPage,
    @Arg("mode", () => CountMode, { defaultValue: CountMode.NONE, description: "NONE answers null." }) mode: CountMode,
    @Ctx() context: RequestContext,
  ): Promise<CountResult | null> {
    return mode === CountMode.NONE ? null : counted(await context.variants.count(page));
  }

  @FieldResolver(() => Freshness)
  freshness(@Root() { catalog }: VariantPage): Freshness {
    return freshnessOf(catalog);
  }
}

@Resolver(() => GenotypeConnection)
export class GenotypeConnectionResolver {
  @FieldResolver(() => CountResult, { ...NULLABLE, description: "Number of all members, whatever the page." })
  @Cost(50)
  async count(
    @Root() page: GenotypePage,
    @Arg("mode", () => CountMode, { defaultValue: CountMode.NONE, description: "NONE answers null." }) mode: CountMode,
    @Ctx() context: RequestContext,
  ): Promise<CountResult | null> {
    return mode === CountMode.NONE ? null : counted(await context.variants.countGenotypes(page.subject, page.question));
  }
}

interface GenotypePage {
  readonly subject: GenotypeSubject;
  readonly question: GenotypeQuestion;
}

async function genotypePage(
  context: RequestContext,
  subject: GenotypeSubject,
  question: GenotypeQuestion,
  first: number,
  after: string | null,
): Promise<object> {
  return { ...(await context.variants.genotypes(subject, question, first, after)), subject, question };
}

/** Named samples with those of named people; null when neither is named. */
function samplesOf(
  context: RequestContext,
  { reader }: GenotypeSubject,
  sampleIds: readonly string[] | null,
  patientIds: readonly string[] | null,
): readonly string[] | null {
  if (patientIds === null) return sampleIds;
  return [...(sampleIds ?? []), ...context.patients.samplesOf(reader, patientIds)];
}

function requestOf(input: VariantIdInput): { id: string; type: VariantIdType; build: ReferenceGenome | null } {
  return { id: input.id, type: input.type ?? VariantIdType.AUTO, build: input.assemblyId ?? null };
}

function rowsFrom(variant: ServedVariant, source: string | null): readonly VariantRow[] {
  return variant.rows.filter((row) => variant.reader.callSets.isCalled(row.callSetId, source));
}

function frequencyOf(
  { reader }: ServedVariant,
  row: VariantRow,
  group: number,
  subcohortFrequency: readonly CohortAlleleFrequency[] | null,
): CohortAlleleFrequency {
  const counts = countsAt(row.groupCounts, group);
  const { population = null, sex = null } = reader.callSets.groups(row.groupsId)[group] ?? {};
  return {
    cohort: reader.callSets.get(row.callSetId)?.name ?? row.callSetId,
    callSetId: row.callSetId,
    population,
    sex,
    focusAlleleCount: counts.ac,
    locusAlleleCount: counts.an,
    alleleFrequency: alleleFrequency(counts),
    homozygotes: counts.homAlt,
    hemizygotes: counts.hemiAlt,
    subcohortFrequency,
  };
}

function recordOf(variant: ServedVariant, row: VariantRow): VariantRecord {
  const alts = row.originalAlts.split(",");
  return {
    callSetId: row.callSetId,
    qual: row.qual,
    filters: row.filters === null ? null : row.filters === "PASS" ? [] : row.filters.split(";"),
    info: row.info === null ? null : infoOf(row.info),
    ids: row.ids?.split(";") ?? [],
    originalPos: row.originalPos,
    originalRef: row.originalRef,
    originalAlts: alts,
    altIndex: row.altIndex,
    provenance: {
      ingestRunId: row.runId,
      snapshotId: String(variant.reader.catalog.snapshot),
      sourceFile: row.sourceFile,
      sourceLine: row.sourceLine,
      rules: [...(alts.length > 1 ? ["SPLIT"] : []), row.normalisation],
    },
  };
}

function infoOf(info: string): Record<string, string | true> {
  return Object.fromEntries(
    info.split(";").map((part): [string, string | true] => {
      const at = part.indexOf("=");
      return at < 0 ? [part, true] : [part.slice(0, at), part.slice(at + 1)];
    }),
  );
}
