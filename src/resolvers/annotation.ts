import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from "type-graphql";
import type { RequestContext } from "../context.js";
import type { ClinicalStatement } from "../domain/clinical.js";
import { VitalomeError } from "../errors.js";
import { counted } from "./answered.js";
import {
  ClinicalSignificance,
  Facet,
  FacetInput,
  Gene,
  GeneDisease,
  VariantAnnotations,
} from "../schema/annotation.js";
import { Cost } from "../schema/cost.js";
import { ReferenceGenome, VariantOrder } from "../schema/enums.js";
import { CursorScalar } from "../schema/scalars.js";
import { Variant, VariantConnection } from "../schema/variant.js";
import { VariantFilter } from "../schema/variant-filter.js";
import { servedSource, type ServedGene, type VariantKnowledge } from "../views/annotation.js";
import type { ServedVariant, VariantPage } from "../views/variant.js";
import { FACET_FIELDS, type FacetRequest } from "../views/variant-facets.js";
import { predicateOf } from "./variant-predicate.js";

const NULLABLE = { nullable: true } as const;
const FACETS_LIMIT = 10;
const BUCKETS_LIMIT = 1_000;

@Resolver(() => Variant)
export class VariantAnnotationResolver {
  @FieldResolver(() => VariantAnnotations, {
    ...NULLABLE,
    description: "Genes by position, and clinical statements on exactly this allele, with source and version.",
  })
  @Cost(2)
  async annotations(@Root() variant: ServedVariant, @Ctx() context: RequestContext): Promise<object> {
    return context.annotations.of(variant);
  }

  @Query(() => VariantConnection, {
    description: "Variants whose REF overlaps a gene, by its id or its symbol; otherwise as `variants`.",
  })
  @Cost(10, ["first"], ["filter"])
  async geneVariants(
    @Arg("geneId", () => String, { ...NULLABLE, description: "HGNC or Ensembl id." }) geneId: string | null,
    @Arg("symbol", () => String, { ...NULLABLE, description: "Symbol, instead of the id: every gene that has it." })
    symbol: string | null,
    @Arg("filter", () => VariantFilter, { ...NULLABLE, description: "What else to match." })
    filter: VariantFilter | null,
    @Arg("first", () => Int, { defaultValue: 50, description: "Size of the page, 1 to 1000." }) first: number,
    @Arg("after", () => CursorScalar, { ...NULLABLE, description: "Cursor to go on after." }) after: string | null,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    const names = [geneId, symbol].filter((name) => name != null);
    const [name] = names;
    if (name === undefined || names.length > 1) throw invalid("geneId", "either geneId or symbol");
    const gene = { kind: "genes", names: [name], regions: [] } as const;
    const predicate = filter == null ? gene : ({ kind: "and", parts: [gene, predicateOf(filter)] } as const);
    return context.variants.list({ predicate, order: VariantOrder.POSITION, snapshot: null }, first, after ?? null);
  }
}

@Resolver(() => VariantAnnotations)
export class VariantAnnotationsResolver {
  @FieldResolver()
  source(@Root() { sources }: VariantKnowledge): readonly object[] {
    return sources.map(servedSource);
  }
}

@Resolver(() => ClinicalSignificance)
export class ClinicalSignificanceResolver {
  @FieldResolver()
  lastEvaluated(@Root() { lastEvaluated }: ClinicalStatement): number | null {
    return lastEvaluated === null ? null : Date.parse(`${lastEvaluated}T00:00:00Z`);
  }

  @FieldResolver()
  source(@Root() { source }: ClinicalStatement): object {
    return servedSource(source);
  }
}

@Resolver(() => Gene)
export class GeneResolver {
  @FieldResolver()
  id(@Root() { geneId }: ServedGene): string {
    return geneId;
  }

  @FieldResolver()
  assemblyId(@Root() { build }: ServedGene): ReferenceGenome {
    return ReferenceGenome[build];
  }

  @FieldResolver()
  chrom(@Root() { contig }: ServedGene): string {
    return contig;
  }

  @FieldResolver()
  source(@Root() { source }: ServedGene): object {
    return servedSource(source);
  }

  @FieldResolver(() => [GeneDisease], { description: "Diseases that sources tie to its symbol." })
  @Cost(1)
  diseases(@Root() gene: ServedGene, @Ctx() context: RequestContext): readonly object[] {
    return context.annotations.diseasesOf(gene).map(({ system, code, name, evidence, source }) => ({
      disease: { system, code, display: name },
      evidence,
      source: servedSource(source),
    }));
  }
}

@Resolver(() => VariantConnection)
export class VariantFacetResolver {
  @FieldResolver(() => [Facet], {
    description: "All matches of the filter, whatever the page, counted exactly in the snapshot of the list.",
  })
  @Cost(10)
  async facets(
    @Root() page: VariantPage,
    @Arg("by", () => [FacetInput], { description: "At most 10 fields." }) by: FacetInput[],
    @Ctx() context: RequestContext,
  ): Promise<readonly Facet[]> {
    if (by.length > FACETS_LIMIT) throw invalid("by", `at most ${String(FACETS_LIMIT)} fields`);
    const facets = await context.variants.facets(page, by.map(facetOf));
    return facets.map(({ field, buckets, other, missing }) => ({
      field,
      buckets: buckets.map(({ key, label, count }) => ({ key, label, count: counted(count) })),
      otherCount: counted(other),
      missing: counted(missing),
    }));
  }
}

function facetOf({ field, size }: FacetInput, index: number): FacetRequest {
  const known = FACET_FIELDS.find((one) => one === field);
  if (known === undefined) throw invalid(`by.${String(index)}.field`, FACET_FIELDS.join(", "));
  if (!(size >= 1 && size <= BUCKETS_LIMIT)) throw invalid(`by.${String(index)}.size`, `1 to ${String(BUCKETS_LIMIT)}`);
  return { field: known, size };
}

function invalid(field: string, expected: string): VitalomeError {
  return new VitalomeError("BAD_USER_INPUT", `${field}: expected ${expected}`, { details: { field, expected } });
}
