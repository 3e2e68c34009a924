import { Ctx, FieldResolver, Query, Resolver, Root } from "type-graphql";
import type { RequestContext } from "../context.js";
import type { CallSetFacts } from "../lake/call-sets.js";
import { CallSet } from "../schema/call-set.js";
import { ReferenceGenome } from "../schema/enums.js";

@Resolver(() => CallSet)
export class CallSetResolver {
  @Query(() => [CallSet], { description: "Every call set of the newest snapshot." })
  async callSets(@Ctx() context: RequestContext): Promise<readonly object[]> {
    return (await context.callSets.list()).map(({ samples, flags, ...facts }) => ({
      ...facts,
      samples: samples.length,
      sampleIds: samples,
      sampleFlags: flags,
    }));
  }

  @FieldResolver(() => ReferenceGenome)
  build(@Root() { build }: CallSetFacts): ReferenceGenome {
    return ReferenceGenome[build];
  }
}
