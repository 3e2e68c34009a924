import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import type { RequestContext } from "../context.js";
import type { Cohort as CohortRecord } from "../domain/cohort.js";
import type { PatientCriterion } from "../domain/patient-filter.js";
import { Cohort, CohortInput } from "../schema/cohort.js";
import { Cost } from "../schema/cost.js";
import { PatientConnection } from "../schema/patient.js";
import { CursorScalar } from "../schema/scalars.js";
import type { CohortMembers } from "../views/cohort-members.js";
import { criteriaOf } from "./patient-criteria.js";
import { EXPECTED_VERSION } from "./registered.js";

const NULLABLE = { nullable: true } as const;
export const COHORT_ID = "Only of the people of this cohort, as they are when it is read.";

@Resolver(() => Cohort)
export class CohortResolver {
  @Query(() => [Cohort], { description: "Every cohort, by id." })
  async cohorts(@Ctx() context: RequestContext): Promise<readonly object[]> {
    return context.registered.cohorts();
  }

  @Query(() => Cohort, { description: "One cohort; NOT_FOUND where there is none." })
  async cohort(
    @Arg("id", () => ID, { description: "Id of the cohort." }) id: string,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    return context.registered.cohort(id);
  }

  @Mutation(() => Cohort, { description: "Keeps a cohort under a name, or changes the one there is." })
  async upsertCohort(
    @Arg("id", () => ID, { description: "Its name for programs." }) id: string,
    @Arg("input", () => CohortInput, { description: "What it is to be." }) input: CohortInput,
    @Arg("expectedVersion", () => Int, EXPECTED_VERSION) expectedVersion: number | null,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    criteriaOf(input.and, "input.and");
    const definition = JSON.parse(JSON.stringify(input.and)) as CohortRecord["definition"];
    const terms = { reason: input.reason, expectedVersion: expectedVersion ?? null };
    return context.registered.setCohort({ id, name: input.name, definition }, terms);
  }

  @FieldResolver(() => PatientConnection, { description: "Who they are, by id, pinned to one snapshot." })
  @Cost(10, ["first"])
  async patients(
    @Root() cohort: CohortRecord,
    @Arg("first", () => Int, { defaultValue: 50, description: "Size of the page, 1 to 1000." }) first: number,
    @Arg("after", () => CursorScalar, { ...NULLABLE, description: "Cursor to go on after." }) after: string | null,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    return context.patients.list(criteriaIn(cohort), first, after ?? null, null);
  }
}

/** Who is in a cohort that is asked for by id; null where none is. NOT_FOUND where there is none of the id. */
export async function membersOf(
  context: RequestContext,
  cohortId: string | null | undefined,
): Promise<CohortMembers | null> {
  if (cohortId == null) return null;
  await context.registered.cohort(cohortId);
  return context.patients.members(cohortId, () => {
    const cohort = context.registered.cohortNow(cohortId);
    return { version: cohort.version, criteria: criteriaIn(cohort) };
  });
}

function criteriaIn({ definition }: CohortRecord): readonly PatientCriterion[] {
  return criteriaOf(definition);
}
