import { execute, type ExecutionResult, type FormattedExecutionResult, type GraphQLSchema } from "graphql";
import { compileQuery, isCompiledQuery, type CompiledQuery } from "graphql-jit";
import type { RequestContext } from "../context.js";
import { formatError } from "../error-format.js";
import type { CheckedOperation } from "../guard/check.js";
import type { Log } from "../log.js";

/** Runs a checked operation: compiled where graphql-jit can, interpreted otherwise. */
export interface Executor {
  execute(checked: CheckedOperation, variables: Readonly<Record<string, unknown>>, context: RequestContext): Promise<FormattedExecutionResult>;
}

const COMPILED = 500;

export function createExecutor(schema: GraphQLSchema, log: Log): Executor {
  const compiled = new Map<string, CompiledQuery | null>();

  /** Null where the compiler declines the document. */
  function compile({ hash, document, operation }: CheckedOperation): CompiledQuery | null {
    const known = compiled.get(hash);
    if (known !== undefined) return known;
    const query = compileQuery(schema, document, operation.name?.value);
    const usable = isCompiledQuery(query) ? query : null;
    compiled.set(hash, usable);
    if (compiled.size > COMPILED) compiled.delete(compiled.keys().next().value ?? "");
    return usable;
  }

  return {
    async execute(checked, variables, context) {
      const query = compile(checked);
      const result =
        query === null
          ? await execute({
              schema,
              document: checked.document,
              operationName: checked.operation.name?.value,
              variableValues: variables,
              contextValue: context,
            })
          : ((await query.query(undefined, context, { ...variables })) as ExecutionResult);
      const errors = result.errors?.map((error) => {
        const { path, locations, message, extensions } = error;
        const place = { ...(path === undefined ? {} : { path }), ...(locations === undefined ? {} : { locations }) };
        return formatError({ message, ...place, extensions: { ...extensions } }, error, context.requestId, log);
      });
      return {
        ...(result.data === undefined ? {} : { data: result.data }),
        ...(errors === undefined ? {} : { errors }),
        extensions: { cost: checked.cost },
      };
    },
  };
}
