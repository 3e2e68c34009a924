import { describe, expect, it } from "@jest/globals";
import { GraphQLError, parse, validate } from "graphql";
import { errorBody, formatError, withoutHints } from "../src/error-format.js";
import { VitalomeError } from "../src/errors.js";
import { silentLog, type Log } from "../src/log.js";
import { createGuard, isInvalidDocument } from "../src/guard/check.js";
import { buildTestSchema } from "./server/schema.js";

function recordingLog(): { readonly log: Log; readonly errors: object[] } {
  const errors: object[] = [];
  return { log: { ...silentLog, error: (fields) => void errors.push(fields) }, errors };
}

describe("formatting an error", () => {
  it("keeps the message, code and facts of an error of ours, and nothing else", () => {
    const thrown = new VitalomeError("LIMIT_EXCEEDED", "first is too large", {
      cause: new Error("SELECT secret"),
      details: { field: "first", limit: "first", max: 1000, actual: 1001, expected: undefined },
    });
    expect(formatError({ message: "x", path: ["variants"] }, thrown, "r1", silentLog)).toEqual({
      message: "first is too large",
      path: ["variants"],
      extensions: {
        code: "LIMIT_EXCEEDED",
        canRetry: false,
        requestId: "r1",
        field: "first",
        limit: "first",
        max: 1000,
        actual: 1001,
      },
    });
  });

  it("finds an error of ours below those that GraphQL wraps around it", () => {
    const inner = new GraphQLError("wrapped", { originalError: new VitalomeError("OVERLOADED", "try later") });
    const outer = new GraphQLError("wrapped twice", { originalError: inner });
    expect(formatError({ message: outer.message }, outer, "r", silentLog)).toMatchObject({
      message: "try later",
      extensions: { code: "OVERLOADED", canRetry: true },
    });
  });

  it.each([
    ["an error of the system", Object.assign(new Error("ENOENT: /srv/secret/keys"), { code: "ENOENT" })],
    ["an internal error of ours", new VitalomeError("INTERNAL_SERVER_ERROR", "secret")],
    [
      "an error whose code is not in the list",
      new GraphQLError("secret", { extensions: { code: "DOWNSTREAM_SERVICE_ERROR" } }),
    ],
    ["a null where none may be", new GraphQLError("Cannot return null for non-nullable field Secret.field.")],
    ["a value that no scalar can print", new GraphQLError('Int cannot represent non-integer value: "secret"')],
    ["text", "secret"],
    ["nothing", undefined],
  ])("masks %s and logs its cause under the request id", (_what, thrown) => {
    const { log, errors } = recordingLog();
    const message = String((thrown as { message?: unknown } | undefined)?.message ?? thrown);
    const extensions = (thrown as { extensions?: Record<string, unknown> } | undefined)?.extensions ?? {};
    const formatted = formatError({ message, extensions }, thrown, "r7", log);
    expect(JSON.stringify(formatted)).not.toMatch(/secret|ENOENT|Secret/);
    expect(formatted.extensions).toEqual({ code: "INTERNAL_SERVER_ERROR", canRetry: false, requestId: "r7" });
    expect(errors).toMatchObject([{ requestId: "r7" }]);
  });

  it("blames the client for an argument that fails on its variables", () => {
    const thrown = new GraphQLError('Argument "n" of non-null type "Int!" must not be null.');
    expect(formatError({ message: thrown.message }, thrown, "r", silentLog).extensions).toMatchObject({
      code: "BAD_USER_INPUT",
    });
  });
});

describe("messages", () => {
  const { schema } = buildTestSchema();

  it.each([
    ["a field", "{ hell }"],
    ["an argument", "{ me { echo(f: 1) } }"],
    ["an enum value", "{ me { echo(d: REDD) } }"],
    ["an input field", "{ me { echo(c: {xx: 1}) } }"],
    ["a type", "query($c: Im) { me { echo(c: $c) } }"],
    ["a fragment's type", "{ me { pets { ... on Catt { name } } } }"],
    ["a field of a type behind an interface", "{ me { pets { lives } } }"],
    ["a directive", "{ hello @skipp(if: true) }"],
  ])("do not guess at %s", (_what, source) => {
    const raw = validate(schema, parse(source)).map((error) => error.message);
    expect(raw.length).toBeGreaterThan(0);
    expect(raw.map(withoutHints).join()).not.toContain("Did you mean");
  });

  it("do not guess at an input field of a variable", () => {
    const raw = 'Field "xx" is not defined by type "In". Did you mean "x" or "y"?';
    expect(withoutHints(raw)).toBe('Field "xx" is not defined by type "In".');
  });

  it.each([
    ["query($n: Int!) { count(n: $n) }", { n: "Jane Doe" }],
    ["query($d: Color) { me { echo(d: $d) } }", { d: "Jane Doe" }],
    ["query($d: Color) { me { echo(d: $d) } }", { d: ["Jane Doe"] }],
    ["query($c: In) { me { echo(c: $c) } }", { c: "Jane Doe" }],
    ["query($c: In) { me { echo(c: $c) } }", { c: { y: [{ name: "Jane Doe" }] } }],
    ["query($b: [Int!]) { me { echo(b: $b) } }", { b: [1, 'a": Jane Doe; Expected'] }],
    ['{ count(n: "Jane Doe") }', {}],
    ['{ me { echo(d: "Jane Doe") } }', {}],
    ['{ me { echo(c: "Jane Doe") } }', {}],
    ['{ me { echo(b: [1, "Jane\\nDoe"]) } }', {}],
    ['{ me { echo(c: {y: [{name: "Jane Doe"}]}) } }', {}],
    ['{ me "Jane Doe" }', {}],
    ['{ me """Jane\nDoe""" }', {}],
  ])("never repeat a value that was sent: %s %j", (source, variables) => {
    const guard = createGuard(schema);
    let messages: readonly string[] = [];
    try {
      guard.check({ source, operationName: null, variables, transport: "http" });
    } catch (thrown) {
      if (!isInvalidDocument(thrown)) throw thrown;
      messages = thrown.errors.map(
        (error) =>
          formatError({ message: error.message, extensions: { code: thrown.code } }, null, "r", silentLog).message,
      );
    }
    expect(messages.length).toBeGreaterThan(0);
    expect(messages.join()).not.toMatch(/Jane|Doe/);
    for (const message of messages) expect(message.length).toBeGreaterThan(10);
  });
});

describe("answers outside GraphQL", () => {
  it.each([
    ["UNAUTHENTICATED", 401],
    ["FORBIDDEN", 403],
    ["NOT_FOUND", 404],
    ["BAD_REQUEST", 400],
    ["LIMIT_EXCEEDED", 400],
    ["STORAGE_FULL", 507],
    ["OVERLOADED", 503],
    ["EXECUTOR_ERROR", 500],
  ] as const)("give %s the status %i", (code, status) => {
    expect(errorBody(new VitalomeError(code, "m"), "r", silentLog)).toMatchObject({
      status,
      errors: [{ message: "m", extensions: { code } }],
    });
  });

  it("give a body that is too large 413", () => {
    expect(
      errorBody(new VitalomeError("LIMIT_EXCEEDED", "m", { details: { limit: "bodyBytes" } }), "r", silentLog).status,
    ).toBe(413);
  });

  it("mask what is not ours with 500", () => {
    expect(errorBody(new Error("secret"), "r", silentLog)).toMatchObject({
      status: 500,
      errors: [{ extensions: { code: "INTERNAL_SERVER_ERROR" } }],
    });
    expect(JSON.stringify(errorBody(new Error("secret"), "r", silentLog))).not.toContain("secret");
  });
});
