import { Field, Float, ID, InputType, Int } from "type-graphql";
import { CoordinateSystem, ReferenceGenome, VariantIdType, Zygosity } from "./enums.js";

const NULLABLE = { nullable: true } as const;

@InputType({ description: "Bounds on a number; all given bounds hold." })
export class RangeInput {
  @Field(() => Float, { ...NULLABLE, description: "Greater than." })
  gt?: number | null;

  @Field(() => Float, { ...NULLABLE, description: "At least." })
  gte?: number | null;

  @Field(() => Float, { ...NULLABLE, description: "Less than." })
  lt?: number | null;

  @Field(() => Float, { ...NULLABLE, description: "At most." })
  lte?: number | null;

  @Field(() => Boolean, {
    ...NULLABLE,
    defaultValue: false,
    description:
      "Whether a missing value matches. Without it a missing value is unknown: neither the filter nor its `not` matches.",
  })
  includeMissing?: boolean | null;
}

@InputType({
  description:
    "A stretch of one contig. A variant matches when its REF overlaps it: a deletion that begins before the region still does.",
})
export class GenomicRegionInput {
  @Field(() => String, { description: "Contig: 10, chr10 and NC_000010.11 are the same." })
  referenceName!: string;

  @Field(() => Int, { description: "Start, counted as coordinateSystem says." })
  start!: number;

  @Field(() => Int, { description: "End, counted as coordinateSystem says." })
  end!: number;

  @Field(() => ReferenceGenome, { description: "Build of the coordinates." })
  assemblyId!: ReferenceGenome;

  @Field(() => CoordinateSystem, {
    defaultValue: CoordinateSystem.ONE_BASED_CLOSED,
    description: "How start and end count.",
  })
  coordinateSystem!: CoordinateSystem;
}

@InputType({ description: "A frequency recounted from genotypes, in one call set and group." })
export class AlleleFrequencyFilter {
  @Field(() => String, { ...NULLABLE, description: "Id or name of a call set; any call set when left out." })
  source?: string | null;

  @Field(() => String, {
    ...NULLABLE,
    description: "Population or superpopulation code of the sample sheet; everybody when left out.",
  })
  population?: string | null;

  @Field(() => String, { ...NULLABLE, description: "female or male; everybody when left out." })
  sex?: string | null;

  @Field(() => RangeInput, {
    description:
      "Bounds on AC/AN. Missing: the variant is not in the call set, the group is not in its sheet, or nothing was called.",
  })
  af!: RangeInput;
}

@InputType({ description: "Genotypes of named samples or people: one of them has to match." })
export class SubjectGenotypeFilter {
  @Field(() => [ID], { ...NULLABLE, description: "Samples, by their names in the files." })
  sampleIds?: string[] | null;

  @Field(() => [ID], {
    ...NULLABLE,
    description:
      "People: the samples that are theirs and nobody else's. Somebody the snapshot does not know is NOT_FOUND.",
  })
  patientIds?: string[] | null;

  @Field(() => ID, { ...NULLABLE, description: "Only what this call set (id or name) says." })
  callSetId?: string | null;

  @Field(() => [Zygosity], {
    ...NULLABLE,
    description: "Allelic states that match; carriers when left out. NOT_ASSAYED cannot be asked for here.",
  })
  zygosity?: Zygosity[] | null;
}

@InputType({
  description: "All given fields hold. QUAL, FILTER and passOnly are met together by one record of one call set.",
})
export class VariantFilter {
  @Field(() => [VariantFilter], { ...NULLABLE, description: "All of these hold." })
  and?: VariantFilter[] | null;

  @Field(() => [VariantFilter], { ...NULLABLE, description: "One of these holds." })
  or?: VariantFilter[] | null;

  @Field(() => VariantFilter, {
    ...NULLABLE,
    description: "This does not hold. The opposite of unknown is unknown, and does not match.",
  })
  not?: VariantFilter | null;

  @Field(() => [GenomicRegionInput], { ...NULLABLE, description: "REF overlaps one of these." })
  regions?: GenomicRegionInput[] | null;

  @Field(() => [String], {
    ...NULLABLE,
    description:
      "Identifiers: contig-pos-ref-alt (with the build in front, or with a region that tells it), rsIDs, SPDI, HGVS substitutions.",
  })
  ids?: string[] | null;

  @Field(() => [String], {
    ...NULLABLE,
    description:
      "REF overlaps one of these genes: HGNC ids, Ensembl ids or symbols of the gene tables that were ingested. A gene that none of them knows is NOT_FOUND.",
  })
  geneIds?: string[] | null;

  @Field(() => [String], {
    ...NULLABLE,
    description:
      "One statement of one source has one of these: a whole significance (Pathogenic/Likely_pathogenic), one classification in it (Pathogenic), or a group (P/LP, VUS+conflicting, B/LB, other). A variant without a statement is unknown: not in ClinVar is not benign.",
  })
  clinicalSignificance?: string[] | null;

  @Field(() => Int, {
    ...NULLABLE,
    description:
      "The same statement has at least this many gold stars, 0 to 4. A review status without a number of stars is unknown.",
  })
  minReviewStars?: number | null;

  @Field(() => [String], {
    ...NULLABLE,
    description: "SNV, MNV, insertion, deletion, delins; indel stands for the last three.",
  })
  variantTypes?: string[] | null;

  @Field(() => RangeInput, { ...NULLABLE, description: "Bounds on QUAL." })
  qual?: RangeInput | null;

  @Field(() => [String], { ...NULLABLE, description: "FILTER holds one of these; PASS is one of them." })
  filter?: string[] | null;

  @Field(() => Boolean, {
    ...NULLABLE,
    description: "FILTER is PASS. A dot (filters were not run) is unknown, not PASS.",
  })
  passOnly?: boolean | null;

  @Field(() => AlleleFrequencyFilter, { ...NULLABLE, description: "A frequency in a call set." })
  cohortAlleleFrequency?: AlleleFrequencyFilter | null;

  @Field(() => [AlleleFrequencyFilter], { ...NULLABLE, description: "Frequencies by population; all of them hold." })
  populationAlleleFrequency?: AlleleFrequencyFilter[] | null;

  @Field(() => SubjectGenotypeFilter, { ...NULLABLE, description: "Genotypes of samples." })
  subject?: SubjectGenotypeFilter | null;
}

@InputType({ description: "An identifier to look up." })
export class VariantIdInput {
  @Field(() => String, {
    description: "The identifier, such as chr10-94781859-G-A, rs4244285 or NC_000010.11:94781858:G:A.",
  })
  id!: string;

  @Field(() => VariantIdType, { ...NULLABLE, defaultValue: VariantIdType.AUTO, description: "What kind it is." })
  type?: VariantIdType | null;

  @Field(() => ReferenceGenome, {
    ...NULLABLE,
    description: "Build of the coordinates; needed where the identifier does not tell it.",
  })
  assemblyId?: ReferenceGenome | null;
}
