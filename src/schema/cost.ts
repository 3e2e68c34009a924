import { Extensions } from "type-graphql";

/**
 * States what a field costs before it runs: `weight`, for what lies below it the arguments whose values multiply, and the
 * arguments of which every value inside costs 1. Printed in the schema as `@cost`.
 */
export function Cost(
  weight: number,
  multipliers: readonly string[] = [],
  sized: readonly string[] = [],
): MethodDecorator & PropertyDecorator {
  return Extensions({ cost: { weight, multipliers, sized } });
}
