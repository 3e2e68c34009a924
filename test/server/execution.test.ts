import { describe, expect, it } from "@jest/globals";
import { execute, type FormattedExecutionResult } from "graphql";
import type { RequestContext } from "../../src/context.js";
import { createGuard, type CheckedOperation } from "../../src/guard/check.js";
import { silentLog } from "../../src/log.js";
import { createCompiler } from "../../src/server/compile.js";
import { createExecutor, formatResult } from "../../src/server/execution.js";
import { OPERATIONS, type Operation } from "./operations.js";
import { buildTestSchema } from "./schema.js";

const context = { requestId: "r", log: silentLog } as unknown as RequestContext;

function checkOf(
  schema: ReturnType<typeof buildTestSchema>["schema"],
  { source, variables = {}, name }: Operation,
): CheckedOperation {
  return createGuard(schema).check({ source, operationName: name ?? null, variables, transport: "http" });
}

async function interpreted(operation: Operation): Promise<FormattedExecutionResult> {
  const { schema } = buildTestSchema();
  const { document } = checkOf(schema, operation);
  const result = await execute({
    schema,
    document,
    operationName: operation.name,
    variableValues: operation.variables,
    contextValue: context,
  });
  return formatResult(result, "r", silentLog);
}

/** On a schema with fresh state; interpreted where the compiler declines. */
async function executed(operation: Operation): Promise<FormattedExecutionResult> {
  const first = buildTestSchema();
  const checked = checkOf(first.schema, operation);
  const compiled = createCompiler(first.schema)(checked.document, checked.operation);
  const result = await compiled?.run(context, checked.coerced);
  return result === null || result === undefined ? interpreted(operation) : formatResult(result, "r", silentLog);
}

const isCompiled = (operation: Operation): boolean => {
  const { schema } = buildTestSchema();
  const checked = checkOf(schema, operation);
  return createCompiler(schema)(checked.document, checked.operation) !== null;
};

describe("compiled execution", () => {
  it.each(
    OPERATIONS.map(
      (operation) => [`${operation.source} ${JSON.stringify(operation.variables ?? {})}`, operation] as const,
    ),
  )("answers with the bytes of graphql-js: %s", async (_title, operation) => {
    expect(JSON.stringify(await executed(operation))).toBe(JSON.stringify(await interpreted(operation)));
  });

  it("covers most of the operations above: the suite compares two engines, not one with itself", () => {
    const compiled = OPERATIONS.filter(isCompiled).length;
    expect(compiled).toBeGreaterThan(45);
  });

  it("reports at least the errors of graphql-js where a null takes its siblings with it", async () => {
    const operation = { source: "{ me { people(n: 2) { failNonNull } holed mixed } hello }" };
    const [ours, theirs] = [await executed(operation), await interpreted(operation)];
    expect(isCompiled(operation)).toBe(true);
    expect(JSON.stringify(ours.data)).toBe(JSON.stringify(theirs.data));
    expect(ours.errors?.map((error) => JSON.stringify(error))).toEqual(
      expect.arrayContaining(theirs.errors?.map((error) => JSON.stringify(error)) ?? []),
    );
  });

  it("compiles operations whose variables have a recursive type, such as filters", () => {
    expect(isCompiled({ source: "query($c: In) { me { echo(c: $c) } }" })).toBe(true);
  });

  it("leaves directives, introspection and abstract types to graphql-js", () => {
    for (const source of [
      "{ hello @include(if: true) }",
      "{ __schema { queryType { name } } }",
      "{ me { pets { name } } }",
      "{ me { any { __typename } } }",
    ]) {
      expect([source, isCompiled({ source })]).toEqual([source, false]);
    }
  });

  it("does not compile what fragments blow up", () => {
    const levels = Array.from(
      { length: 10 },
      (_none, level) =>
        `fragment F${String(level)} on Person { friend { ...F${String(level + 1)} } strict { ...F${String(level + 1)} } }`,
    );
    const source = `{ me { ...F0 } } ${levels.join(" ")} fragment F10 on Person { id }`;
    expect(isCompiled({ source })).toBe(false);
  });

  it("compiles at the second use, and answers the same at the third", async () => {
    const { schema } = buildTestSchema();
    const executor = createExecutor(schema, silentLog);
    const checked = checkOf(schema, { source: "{ me { id friend { id } } }" });
    const answers = [];
    for (let use = 0; use < 3; use += 1) answers.push(JSON.stringify(await executor.execute(checked, {}, context)));
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toBe('{"data":{"me":{"id":"1","friend":{"id":"2"}}},"extensions":{"cost":2}}');
  });
});

describe("values of a document", () => {
  /** Placeholders that graphql-jit 0.8.9 puts into source text and replaces there. */
  const DATE = "__MAGIC_DATE__33a9e76d_02e0_4128_8e92_3530ad3da74d";
  const NAN = "__MAGIC_NAN__57f286b9_4c20_487f_b409_79804ddcb4f8";
  const trap = `${DATE}globalThis.__ran=1`;

  it.each([
    ["an argument", `{ me { echo(e: "${trap}") } }`],
    ["a nested argument", `{ me { echo(c: {y: ["${trap}"]}) } }`],
    ["the default of a variable", `query($e: String = "${trap}") { me { echo(e: $e) } }`],
    ["the default of a nested variable", `query($c: In = {y: ["${trap}"]}) { me { echo(c: $c) } }`],
    ["an argument beside a variable", `query($a: Int) { me { echo(a: $a, e: "${trap}") } }`],
    ["an argument of a fragment", `{ me { ...F } } fragment F on Person { echo(e: "${trap}") }`],
  ])("never run as code: %s", async (_where, source) => {
    const state = globalThis as { __ran?: unknown };
    delete state.__ran;
    const { schema } = buildTestSchema();
    const executor = createExecutor(schema, silentLog);
    const checked = checkOf(schema, { source });
    for (let use = 0; use < 3; use += 1)
      expect(JSON.stringify((await executor.execute(checked, {}, context)).data)).toContain("__MAGIC_DATE__");
    expect(isCompiled({ source })).toBe(true);
    expect(state.__ran).toBeUndefined();
  });

  it("stay text when they look like a placeholder", async () => {
    const result = await executed({ source: `{ me { echo(e: "${NAN}") } }` });
    expect(JSON.stringify(result.data)).toContain(NAN);
  });
});
