import { Field, ID, InputType } from "type-graphql";
import { RangeInput, VariantFilter } from "./variant-filter.js";

const NULLABLE = { nullable: true } as const;

@InputType({ description: "A code to look for, whole." })
export class CodingInput {
  @Field(() => String, { ...NULLABLE, description: "The vocabulary; any when left out." })
  system?: string | null;

  @Field(() => String, { description: "The code." })
  code!: string;
}

@InputType({ description: "Days, both included; open where one is left out." })
export class DateRangeInput {
  @Field(() => String, { ...NULLABLE, description: "YYYY-MM-DD." })
  from?: string | null;

  @Field(() => String, { ...NULLABLE, description: "YYYY-MM-DD." })
  to?: string | null;
}

@InputType({ description: "One observation meets all of these. One entered in error or cancelled never does." })
export class ObservationCriterion {
  @Field(() => CodingInput, { description: "What was measured." })
  code!: CodingInput;

  @Field(() => RangeInput, { ...NULLABLE, description: "Bounds on the value, in the unit of the record." })
  value?: RangeInput | null;

  @Field(() => DateRangeInput, { ...NULLABLE, description: "When it was so." })
  effective?: DateRangeInput | null;
}

@InputType({
  description: "Something true of a person: all given fields hold. Unknown does not match, nor does its opposite.",
})
export class CohortCriterion {
  @Field(() => CodingInput, {
    ...NULLABLE,
    description: "A condition is on record. One that was refuted or entered in error never matches.",
  })
  condition?: CodingInput | null;

  @Field(() => CodingInput, {
    ...NULLABLE,
    description: "A drug was ordered. A draft, and an order cancelled or entered in error, never match.",
  })
  medication?: CodingInput | null;

  @Field(() => VariantFilter, {
    ...NULLABLE,
    description:
      "A sample that is this person's alone carries such a variant. False only where a call set of the sample holds such a variant; else unknown: absent is not reference.",
  })
  variant?: VariantFilter | null;

  @Field(() => ObservationCriterion, { ...NULLABLE, description: "Something was observed." })
  observation?: ObservationCriterion | null;

  @Field(() => RangeInput, {
    ...NULLABLE,
    description:
      "Age in completed years today. Missing: no birth date, one too coarse to tell, or the person has died.",
  })
  ageYears?: RangeInput | null;

  @Field(() => [String], { ...NULLABLE, description: "Administrative gender: male, female, other or unknown." })
  gender?: string[] | null;

  @Field(() => [ID], { ...NULLABLE, description: "One of these samples is this person's alone." })
  sampleIds?: string[] | null;

  @Field(() => Boolean, { ...NULLABLE, defaultValue: false, description: "The opposite of all this together." })
  not?: boolean | null;
}
