import { Arg, Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import type { RequestContext } from "../context.js";
import { Cost } from "../schema/cost.js";
import { News2 } from "../schema/news2.js";
import { Patient } from "../schema/patient.js";
import { DateTimeScalar } from "../schema/scalars.js";
import type { ServedPatient } from "../views/patient.js";
import { servedObservation } from "./observation-record.js";

@Resolver(() => Patient)
export class News2Resolver {
  @FieldResolver(() => News2, { description: "NEWS2 of the last readings." })
  @Cost(10)
  async news2(
    @Root() patient: ServedPatient,
    @Arg("at", () => DateTimeScalar, { nullable: true, description: "The time it is of; now when left out." })
    at: number | null,
    @Ctx() context: RequestContext,
  ): Promise<News2> {
    const { readings, ...score } = await context.scores.news2(patient, at ?? null);
    return { ...score, readings: readings.map(servedObservation) };
  }
}
