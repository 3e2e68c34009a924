import "reflect-metadata";
import { GraphQLError, type GraphQLSchema } from "graphql";
import { buildSchema, type NonEmptyArray } from "type-graphql";
import { RESOLVERS } from "./index.js";

/** The schema of the API. No middleware, no global wrapper: checks run before execution. */
export async function buildApiSchema(): Promise<GraphQLSchema> {
  const resolvers = [...RESOLVERS] as unknown as NonEmptyArray<new () => object>;
  const instances = new Map<unknown, object>(resolvers.map((Resolver) => [Resolver, new Resolver()]));
  return buildSchema({
    resolvers,
    container: { get: (resolver: unknown) => instances.get(resolver) },
    validate: false,
    // type-graphql asks for one even where every subscription brings its own source.
    pubSub: {
      publish: () => {
        throw new GraphQLError("events are published by the log");
      },
      subscribe: () => {
        throw new GraphQLError("events are read from the log");
      },
    },
  });
}
