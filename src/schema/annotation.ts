import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Coding } from "./coding.js";
import { ReferenceGenome } from "./enums.js";
import { CountResult } from "./list.js";
import { DateTimeScalar, JsonScalar } from "./scalars.js";
import { AnnotationSource } from "./service.js";

const NULLABLE = { nullable: true } as const;

@ObjectType({ description: "A disease that a source ties to a gene." })
export class GeneDisease {
  @Field(() => Coding, { description: "The disease." })
  disease!: Coding;

  @Field(() => String, { ...NULLABLE, description: "What the source counts as evidence, as it writes it." })
  evidence!: string | null;

  @Field(() => AnnotationSource, { description: "Who says so." })
  source!: AnnotationSource;
}

@ObjectType({ description: "A gene as one release of one gene table places it; on either strand." })
export class Gene {
  @Field(() => ID, { description: "HGNC id where the table gives it, else the Ensembl id." })
  id!: string;

  @Field(() => String, { description: "Symbol: an alias, which several genes may share." })
  symbol!: string;

  @Field(() => String, { ...NULLABLE, description: "HGNC id." })
  hgncId!: string | null;

  @Field(() => String, { ...NULLABLE, description: "Ensembl id." })
  ensemblId!: string | null;

  @Field(() => String, { ...NULLABLE, description: "Name in words." })
  name!: string | null;

  @Field(() => ReferenceGenome, { description: "Build of the coordinates." })
  assemblyId!: ReferenceGenome;

  @Field(() => String, { description: "Contig without chr." })
  chrom!: string;

  @Field(() => Int, { description: "First base, 1-based." })
  start!: number;

  @Field(() => Int, { description: "Last base, 1-based." })
  end!: number;

  @Field(() => AnnotationSource, { description: "The gene table." })
  source!: AnnotationSource;
}

@ObjectType({
  description:
    "What one source says about exactly this allele. Not clinical advice. Several kinds and sources stand side by side and are not merged.",
})
export class ClinicalSignificance {
  @Field(() => String, { description: "As in the ClinVar VCF, such as Pathogenic/Likely_pathogenic|drug_response." })
  significance!: string;

  @Field(() => [String], {
    description: "The classifications in it; where submitters conflict, each that one of them gave.",
  })
  classifications!: readonly string[];

  @Field(() => String, { description: "P/LP, VUS+conflicting, B/LB or other; germline pathogenicity only." })
  group!: string;

  @Field(() => String, { description: "What was classified: germline, oncogenicity or somatic_impact." })
  kind!: string;

  @Field(() => Boolean, { description: "Whether submitters disagree." })
  conflicting!: boolean;

  @Field(() => String, { ...NULLABLE, description: "Review status, as the source writes it." })
  reviewStatus!: string | null;

  @Field(() => Int, {
    ...NULLABLE,
    description: "Gold stars, 0 to 4; null where the review status is missing or has none.",
  })
  goldStars!: number | null;

  @Field(() => [Coding], { description: "Conditions it was classified for." })
  conditions!: readonly Coding[];

  @Field(() => String, { ...NULLABLE, description: "The source's id of the variation; not its allele id." })
  variationId!: string | null;

  @Field(() => DateTimeScalar, { ...NULLABLE, description: "When it was last evaluated, where the file says so." })
  lastEvaluated!: number | null;

  @Field(() => [String], {
    description: "Genes the source itself names; genes by position are `VariantAnnotations.genes`.",
  })
  geneSymbols!: readonly string[];

  @Field(() => String, { ...NULLABLE, description: "Submissions, or the counts of conflicting classifications." })
  evidence!: string | null;

  @Field(() => AnnotationSource, { description: "Who says so." })
  source!: AnnotationSource;
}

@ObjectType({ description: "What is known about an allele in the snapshot it was read from." })
export class VariantAnnotations {
  @Field(() => [Gene], { description: "Genes that overlap REF, on both strands; not necessarily the affected gene." })
  genes!: readonly Gene[];

  @Field(() => [ClinicalSignificance], {
    description: "Statements on exactly this allele. None is not benign: see `source` for who was asked.",
  })
  clinical!: readonly ClinicalSignificance[];

  @Field(() => [AnnotationSource], { description: "Every release that was asked; empty while none is loaded." })
  source!: readonly AnnotationSource[];
}

@InputType({ description: "What to count matches by." })
export class FacetInput {
  @Field(() => String, { description: "gene, significance, reviewStars, type, chromosome or filter." })
  field!: string;

  @Field(() => Int, { defaultValue: 10, description: "Buckets shown, 1 to 1000; the rest is `otherCount`." })
  size!: number;
}

@ObjectType({ description: "Matches that have one value." })
export class FacetBucket {
  @Field(() => String, { description: "The value; for genes their id." })
  key!: string;

  @Field(() => String, { ...NULLABLE, description: "The value for people; for genes their symbol." })
  label!: string | null;

  @Field(() => CountResult, { description: "Matches." })
  count!: CountResult;
}

@ObjectType({ description: "Matches counted by one field. A variant counts once in each bucket it belongs to." })
export class Facet {
  @Field(() => String, { description: "The field." })
  field!: string;

  @Field(() => [FacetBucket], { description: "The most frequent values first, ties by key." })
  buckets!: readonly FacetBucket[];

  @Field(() => CountResult, { ...NULLABLE, description: "Sum of the buckets that are not shown." })
  otherCount!: CountResult | null;

  @Field(() => CountResult, { ...NULLABLE, description: "Matches that have no value." })
  missing!: CountResult | null;
}

@InputType({ description: "A job over data that are already in the store." })
export class BatchJobInput {
  @Field(() => String, { description: "annotate-variants or clean-up." })
  kind!: string;

  @Field(() => JsonScalar, {
    ...NULLABLE,
    description:
      "Parameters of the kind. annotate-variants has none; clean-up takes keep (hours or days, such as 36h or 7d: how long older snapshots stay readable, at least 24h, which is the default) and dryRun.",
  })
  params?: unknown;

  @Field(() => String, { description: "Any text, 1 to 200 characters. The same key with other parameters is refused." })
  idempotencyKey!: string;
}
