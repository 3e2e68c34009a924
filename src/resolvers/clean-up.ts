import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import type { RequestContext } from "../context.js";
import type { CleanUpLedger } from "../domain/clean-up.js";
import type { JobRecord } from "../domain/job.js";
import { CleanUp } from "../schema/clean-up.js";
import { Job } from "../schema/job.js";

@Resolver(() => Job)
export class CleanUpResolver {
  @FieldResolver(() => CleanUp, {
    nullable: true,
    description: "What a clean-up removed; null for other jobs, and until it has ended.",
  })
  async cleanUp(@Root() job: JobRecord, @Ctx() context: RequestContext): Promise<CleanUp | null> {
    if (job.kind !== "clean-up") return null;
    const result = (await context.jobs.result(job)) as { readonly cleanUp?: CleanUpLedger } | null;
    const ledger = result?.cleanUp;
    return ledger === undefined ? null : { ...ledger, oldestReadable: String(ledger.oldestReadable) };
  }
}
