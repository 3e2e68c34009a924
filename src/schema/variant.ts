import { Field, Float, ID, Int, ObjectType } from "type-graphql";
import { CountResult, Freshness, PageInfo } from "./list.js";
import { CursorScalar, JsonScalar } from "./scalars.js";
import { LookupError, ReferenceGenome, VariantIdType } from "./enums.js";

const NULLABLE = { nullable: true } as const;

@ObjectType({ description: "Where a value comes from, down to the line of the file.", simpleResolvers: true })
export class Provenance {
  @Field(() => ID, { description: "The job that ingested the record." })
  ingestRunId!: string;

  @Field(() => ID, { description: "The snapshot it was read from." })
  snapshotId!: string;

  @Field(() => String, { ...NULLABLE, description: "Name of the file as it was uploaded." })
  sourceFile!: string | null;

  @Field(() => Int, { ...NULLABLE, description: "Line in the decompressed file, from 1." })
  sourceLine!: number | null;

  @Field(() => [String], {
    description:
      "Transformations applied: SPLIT, TRIMMED or LEFT_ALIGNED. TRIMMED means no reference was at hand to left-align.",
  })
  rules!: readonly string[];
}

@ObjectType({ description: "What one call set says about the variant.", simpleResolvers: true })
export class VariantRecord {
  @Field(() => ID, { description: "The call set." })
  callSetId!: string;

  @Field(() => Float, { ...NULLABLE, description: "QUAL: -10 log10 P(call wrong); null for a dot." })
  qual!: number | null;

  @Field(() => [String], {
    ...NULLABLE,
    description: "Filters the record failed; empty for PASS, null where filters were not run (a dot is not PASS).",
  })
  filters!: readonly string[] | null;

  @Field(() => JsonScalar, {
    ...NULLABLE,
    description: "The file's own INFO, by key, as text: its AC, AN and AF may differ from what the genotypes give.",
  })
  info!: unknown;

  @Field(() => [String], { description: "IDs of the record." })
  ids!: readonly string[];

  @Field(() => Int, { description: "POS of the original record, 1-based." })
  originalPos!: number;

  @Field(() => String, { description: "REF of the original record." })
  originalRef!: string;

  @Field(() => [String], { description: "Alternates of the original record, in its order." })
  originalAlts!: readonly string[];

  @Field(() => Int, { description: "Which of the original alternates this is, from 1." })
  altIndex!: number;

  @Field(() => Provenance, { description: "File, line and job." })
  provenance!: Provenance;
}

@ObjectType({
  description:
    "An allele frequency in one group of one call set (GA4GH VA-Spec names). Recounted from genotypes; never summed over files.",
  simpleResolvers: true,
})
export class CohortAlleleFrequency {
  @Field(() => String, { description: "Name of the call set, or its id where it has none." })
  cohort!: string;

  @Field(() => ID, { ...NULLABLE, description: "The call set." })
  callSetId!: string | null;

  @Field(() => String, { ...NULLABLE, description: "Population or superpopulation code; null for everybody." })
  population!: string | null;

  @Field(() => String, { ...NULLABLE, description: "female or male; null for everybody." })
  sex!: string | null;

  @Field(() => Int, { description: "Copies of this alternate (AC)." })
  focusAlleleCount!: number;

  @Field(() => Int, { description: "Called alleles (AN)." })
  locusAlleleCount!: number;

  @Field(() => Float, { ...NULLABLE, description: "AC divided by AN; null when nothing was called." })
  alleleFrequency!: number | null;

  @Field(() => Int, { ...NULLABLE, description: "Samples with two copies." })
  homozygotes!: number | null;

  @Field(() => Int, { ...NULLABLE, description: "Haploid samples with one copy." })
  hemizygotes!: number | null;

  @Field(() => [CohortAlleleFrequency], {
    ...NULLABLE,
    description: "The same by sex, superpopulation, population, and superpopulation by sex; null inside a subgroup.",
  })
  subcohortFrequency!: readonly CohortAlleleFrequency[] | null;
}

@ObjectType({
  description: "One allele at one place of one build, split and normalised. It groups what the call sets say.",
})
export class Variant {
  @Field(() => ID, { description: "build:contig-pos-ref-alt, such as GRCh38:10-94781859-G-A." })
  id!: string;

  @Field(() => [String], { ...NULLABLE, description: "dbSNP ids given by any record; an alias, not a key." })
  rsids!: readonly string[] | null;

  @Field(() => String, {
    ...NULLABLE,
    description: "SPDI with a RefSeq accession; the position is 0-based. Null outside the primary assembly.",
  })
  spdi!: string | null;

  @Field(() => ReferenceGenome, { description: "Build of the coordinates." })
  assemblyId!: ReferenceGenome;

  @Field(() => String, { description: "Contig without chr; the mitochondrion is MT." })
  chrom!: string;

  @Field(() => Int, { description: "First base of REF, 1-based." })
  pos!: number;

  @Field(() => String, { description: "Reference bases." })
  ref!: string;

  @Field(() => String, { description: "Alternate bases." })
  alt!: string;

  @Field(() => String, { description: "Sequence Ontology term: SNV, MNV, insertion, deletion, delins." })
  variantType!: string;
}

@ObjectType({ description: "A variant and its place in the list." })
export class VariantEdge {
  @Field(() => CursorScalar, { description: "Place of the node." })
  cursor!: string;

  @Field(() => Variant, { description: "The variant." })
  node!: Variant;
}

@ObjectType({ description: "A page of variants, pinned to one snapshot." })
export class VariantConnection {
  @Field(() => [VariantEdge], { description: "Nodes with their cursors." })
  edges!: readonly VariantEdge[];

  @Field(() => [Variant], { description: "The nodes alone." })
  nodes!: readonly Variant[];

  @Field(() => PageInfo, { description: "Where the page lies." })
  pageInfo!: PageInfo;

  @Field(() => Freshness, { description: "How fresh the list is." })
  freshness!: Freshness;

  count?: CountResult | null;
}

@ObjectType({ description: "The outcome of looking one identifier up." })
export class VariantLookup {
  @Field(() => String, { description: "The identifier as it was given." })
  input!: string;

  @Field(() => VariantIdType, { ...NULLABLE, description: "What kind of identifier it was taken for." })
  resolvedType!: VariantIdType | null;

  @Field(() => Variant, { ...NULLABLE, description: "The variant, when exactly one is meant." })
  variant!: Variant | null;

  @Field(() => [Variant], {
    ...NULLABLE,
    description: "All alleles the alias names; null where the identifier is no alias.",
  })
  candidates!: readonly Variant[] | null;

  @Field(() => LookupError, { ...NULLABLE, description: "Why there is no single variant." })
  error!: LookupError | null;
}
