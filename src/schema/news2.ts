import { Field, Int, ObjectType } from "type-graphql";
import { Observation } from "./observation.js";
import { DateTimeScalar } from "./scalars.js";

const NULLABLE = { nullable: true } as const;

@ObjectType({ description: "What one parameter of NEWS2 scores.", simpleResolvers: true })
export class News2Parameter {
  @Field(() => String, {
    description: "respiration, spo2, oxygen, systolic, pulse, consciousness or temperature.",
  })
  name!: string;

  @Field(() => String, {
    description: "As it was banded: rounded where the chart rounds; AIR or OXYGEN; a letter of ACVPU.",
  })
  value!: string;

  @Field(() => Int, { description: "Its points, 0 to 3." })
  points!: number;
}

@ObjectType({
  description:
    "National Early Warning Score 2 (Royal College of Physicians, 2017) of the last readings that count: an hour, or as long as their source says. Not for under 16, not in pregnancy. Decision support, no substitute for looking at the patient.",
  simpleResolvers: true,
})
export class News2 {
  @Field(() => DateTimeScalar, { description: "The time it is of." })
  at!: number;

  @Field(() => Int, { ...NULLABLE, description: "The score; null unless all seven parameters are known." })
  total!: number | null;

  @Field(() => Int, {
    ...NULLABLE,
    description:
      "The points of what is known: the score is at least that. Null where nothing is, or it does not apply.",
  })
  lowerBound!: number | null;

  @Field(() => String, {
    description:
      "none, low, low-medium, medium or high, of the total, else of the lower bound: then it is at least that; unknown, or not-applicable.",
  })
  band!: string;

  @Field(() => [String], { description: "Parameters that score 3 alone." })
  redParameters!: readonly string[];

  @Field(() => [String], { description: "Parameters without a reading that counts. Missing is never normal." })
  missing!: readonly string[];

  @Field(() => String, {
    ...NULLABLE,
    description: "Why it does not apply: AGE_UNKNOWN, UNDER_16 or PREGNANT; null where it does.",
  })
  notApplicable!: string | null;

  @Field(() => Int, { description: "Scale of SpO2: 2 only where a plan in force prescribes it." })
  scale!: number;

  @Field(() => [News2Parameter], { description: "What each known parameter scores." })
  parameters!: readonly News2Parameter[];

  @Field(() => [Observation], { description: "The readings it rests on." })
  readings!: readonly Observation[];
}
