import {
  GraphQLError,
  coerceInputValue,
  isInputType,
  isNonNullType,
  typeFromAST,
  valueFromAST,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from "graphql";

export type CoercedVariables =
  | { readonly errors: readonly GraphQLError[] }
  | { readonly errors: null; readonly coerced: Readonly<Record<string, unknown>> };

/**
 * As `getVariableValues` of graphql-js, but an error names the place (`$filter.regions[0].start`) and the reason,
 * never the value: it may be a patient's.
 */
export function coerceVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>>,
  maxErrors: number,
): CoercedVariables {
  const errors: GraphQLError[] = [];
  const coerced: Record<string, unknown> = {};
  for (const definition of operation.variableDefinitions ?? []) {
    const name = definition.variable.name.value;
    const refuse = (path: readonly (string | number)[], reason: string): void => {
      const field = path.reduce<string>(
        (text, key) => text + (typeof key === "number" ? `[${String(key)}]` : `.${key}`),
        name,
      );
      if (errors.length < maxErrors)
        errors.push(new GraphQLError(`$${field}: ${reason}`, { nodes: definition, extensions: { field } }));
    };
    const type = typeFromAST(schema, definition.type);
    if (!isInputType(type)) {
      refuse([], "the type is no input type");
    } else if (!Object.hasOwn(given, name) || given[name] === undefined) {
      if (definition.defaultValue !== undefined) coerced[name] = valueFromAST(definition.defaultValue, type);
      else if (isNonNullType(type)) refuse([], `a value of type ${String(type)} is required`);
    } else if (given[name] === null && isNonNullType(type)) {
      refuse([], `a value of type ${String(type)} is required, not null`);
    } else {
      coerced[name] = coerceInputValue(given[name], type, (path, _value, error) => {
        refuse(path, error.message);
      });
    }
  }
  return errors.length > 0 ? { errors } : { errors: null, coerced };
}
