import { execute, type ExecutionResult, type FormattedExecutionResult, type GraphQLSchema } from "graphql";
import type { RequestContext } from "../context.js";
import { formatError } from "../error-format.js";
import type { CheckedOperation } from "../guard/check.js";
import { createLru } from "../guard/lru.js";
import type { Log } from "../log.js";
import { createCompiler, type CompiledOperation } from "./compile.js";

/** Runs a checked operation: interpreted when first seen, compiled from then on where that gives the same answer. */
export interface Executor {
  execute(
    checked: CheckedOperation,
    variables: Readonly<Record<string, unknown>>,
    context: RequestContext,
  ): Promise<FormattedExecutionResult>;
}

/** "seen" once: a document that never comes back is not worth compiling. */
type Known = "seen" | "interpreted" | CompiledOperation;

const KNOWN_OPERATIONS = 500;

export function createExecutor(schema: GraphQLSchema, log: Log): Executor {
  const compile = createCompiler(schema);
  const operations = createLru<Known>(KNOWN_OPERATIONS);

  function compiledOf({ hash, document, operation }: CheckedOperation): CompiledOperation | null {
    const known = operations.get(hash);
    if (known === undefined) {
      operations.set(hash, "seen");
      return null;
    }
    if (known !== "seen") return known === "interpreted" ? null : known;
    const compiled = compile(document, operation);
    operations.set(hash, compiled ?? "interpreted");
    return compiled;
  }

  return {
    async execute(checked, variables, context) {
      const result: ExecutionResult = await (compiledOf(checked)?.run(context, checked.coerced) ??
        execute({
          schema,
          document: checked.document,
          operationName: checked.operation.name?.value,
          variableValues: variables,
          contextValue: context,
        }));
      return { ...formatResult(result, context.requestId, log), extensions: { cost: checked.cost } };
    },
  };
}

/** A result as it may leave the service. */
export function formatResult(result: ExecutionResult, requestId: string, log: Log): FormattedExecutionResult {
  const errors = result.errors?.map((error) => {
    // graphql-jit makes errors that only look like those of graphql-js.
    const { path, locations, message, extensions } = error;
    const place = { ...(path === undefined ? {} : { path }), ...(locations === undefined ? {} : { locations }) };
    return formatError({ message, ...place, extensions: { ...extensions } }, error, requestId, log);
  });
  return { ...(result.data === undefined ? {} : { data: result.data }), ...(errors === undefined ? {} : { errors }) };
}
