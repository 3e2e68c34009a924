import { Ctx, Query, Resolver } from "type-graphql";
import type { RequestContext } from "../context.js";
import { ServiceInfo } from "../schema/service.js";

@Resolver()
export class ServiceResolver {
  @Query(() => ServiceInfo, { description: "What answers, and from which data." })
  async serviceInfo(@Ctx() context: RequestContext): Promise<ServiceInfo> {
    return context.service();
  }
}
