import { Field, ID, Int, ObjectType } from "type-graphql";
import { CountResult, PageInfo } from "./list.js";
import { CursorScalar } from "./scalars.js";
import { Zygosity } from "./enums.js";

const NULLABLE = { nullable: true } as const;

@ObjectType({ description: "What one call set says about one sample at one allele.", simpleResolvers: true })
export class Genotype {
  @Field(() => ID, { description: "Name of the sample in its files." })
  sampleId!: string;

  @Field(() => ID, { description: "The call set that says so: one sample may be in several." })
  callSetId!: string;

  @Field(() => String, {
    description: "GT exactly as in the original record, before splitting; `.` where the sample was not looked at.",
  })
  gt!: string;

  @Field(() => Zygosity, { description: "Allelic state with respect to this alternate." })
  zygosity!: Zygosity;

  @Field(() => Int, { ...NULLABLE, description: "Copies of this alternate; null when missing or not assayed." })
  dosage!: number | null;

  @Field(() => Int, { ...NULLABLE, description: "Copies of other alternates of the original record." })
  otherAltDosage!: number | null;

  @Field(() => Int, { ...NULLABLE, description: "Alleles in GT: 1 for haploid calls on X, Y and MT." })
  ploidy!: number | null;

  @Field(() => Boolean, { description: "Whether every separator in GT is |." })
  phased!: boolean;

  @Field(() => String, {
    ...NULLABLE,
    description: "PS of the record: phased calls of different sets are not in phase.",
  })
  phaseSet!: string | null;

  @Field(() => Int, { ...NULLABLE, description: "Read depth (DP); for a reference interval the lowest." })
  dp!: number | null;

  @Field(() => Int, { ...NULLABLE, description: "Genotype quality (GQ, phred); for a reference interval the lowest." })
  gq!: number | null;

  @Field(() => [Int], { ...NULLABLE, description: "Reads for REF and for this alternate (AD)." })
  ad!: readonly number[] | null;

  @Field(() => [String], { ...NULLABLE, description: "Genotype filters (FT); null when none were run." })
  filters!: readonly string[] | null;

  @Field(() => [String], { description: "Facts to know about the sample: sexPloidyMismatch, multiAncestry." })
  flags!: readonly string[];
}

@ObjectType({ description: "A genotype and its place in the list.", simpleResolvers: true })
export class GenotypeEdge {
  @Field(() => CursorScalar, { description: "Place of the node." })
  cursor!: string;

  @Field(() => Genotype, { description: "The genotype." })
  node!: Genotype;
}

@ObjectType({ description: "A page of genotypes, by call set, then by sample name." })
export class GenotypeConnection {
  @Field(() => [GenotypeEdge], { description: "Nodes with their cursors." })
  edges!: readonly GenotypeEdge[];

  @Field(() => [Genotype], { description: "The nodes alone." })
  nodes!: readonly Genotype[];

  @Field(() => PageInfo, { description: "Where the page lies." })
  pageInfo!: PageInfo;

  /** Resolved in the resolver, because it runs over all members. */
  count?: CountResult | null;
}

@ObjectType({
  description: "How many samples of a group have which genotype. The classes add up to the samples of the group.",
  simpleResolvers: true,
})
export class GenotypeCounts {
  @Field(() => ID, { description: "Counts are per call set and never summed over call sets." })
  callSetId!: string;

  @Field(() => String, {
    ...NULLABLE,
    description: "Population or superpopulation code of the sample sheet; null for everybody.",
  })
  population!: string | null;

  @Field(() => String, { ...NULLABLE, description: "female or male, of the sample sheet; null for everybody." })
  sex!: string | null;

  @Field(() => Int, { description: "Diploid, only REF (in the original record, before splitting)." })
  homRef!: number;

  @Field(() => Int, { description: "One REF, one copy of this alternate." })
  het!: number;

  @Field(() => Int, { description: "This alternate and another one." })
  hetAlt!: number;

  @Field(() => Int, { description: "Diploid, only this alternate." })
  homAlt!: number;

  @Field(() => Int, { description: "Haploid REF (X, Y, MT)." })
  hemiRef!: number;

  @Field(() => Int, { description: "Haploid, this alternate (X, Y, MT)." })
  hemiAlt!: number;

  @Field(() => Int, { description: "Only other alternates of the original record." })
  otherAlt!: number;

  @Field(() => Int, { description: "One allele called, one missing." })
  halfMissing!: number;

  @Field(() => Int, { description: "No allele called." })
  missing!: number;

  @Field(() => Int, { description: "Samples with at least one called allele (NS)." })
  samplesWithData!: number;
}
