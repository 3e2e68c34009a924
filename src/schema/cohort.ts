import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { CohortCriterion } from "./patient-filter.js";
import { JsonScalar } from "./scalars.js";

@ObjectType({
  description:
    "People who meet criteria. Who they are follows what is known of them: a newer snapshot may hold others.",
  simpleResolvers: true,
})
export class Cohort {
  @Field(() => ID, { description: "Its name for programs." })
  id!: string;

  @Field(() => Int, { description: "Grows by one with every change." })
  version!: number;

  @Field(() => String, { description: "Its name for people." })
  name!: string;

  @Field(() => JsonScalar, { description: "The criteria, all of which hold, as they were given." })
  definition!: unknown;
}

@InputType({ description: "A cohort as it is to be." })
export class CohortInput {
  @Field(() => String, { description: "Its name for people." })
  name!: string;

  @Field(() => [CohortCriterion], { description: "At most 20 criteria; all of them hold." })
  and!: CohortCriterion[];

  @Field(() => String, { description: "Why; kept with the change." })
  reason!: string;
}
