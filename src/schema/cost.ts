import { Extensions } from "type-graphql";

/**
 * States what a field costs before it runs: `weight`, and for what lies below it the arguments whose values multiply.
 * Printed in the schema as `@cost`.
 */
export function Cost(weight: number, multipliers: readonly string[] = []): MethodDecorator & PropertyDecorator {
  return Extensions({ cost: { weight, multipliers } });
}
