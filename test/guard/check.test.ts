import { describe, expect, it } from "@jest/globals";
import { maxAliasesRule } from "@escape.tech/graphql-armor-max-aliases";
import { maxDepthRule } from "@escape.tech/graphql-armor-max-depth";
import { isObjectType, parse, validate, type ASTVisitor, type DocumentNode, type ValidationContext } from "graphql";
import { isVitalomeError } from "../../src/errors.js";
import { createGuard, isInvalidDocument, type CheckRequest, type CheckedOperation } from "../../src/guard/check.js";
import { DOCUMENT_LIMITS, limitsRule } from "../../src/guard/limits-rule.js";
import { buildTestSchema } from "../server/schema.js";

const { schema } = buildTestSchema();

function check(source: string, overrides: Partial<CheckRequest> = {}): CheckedOperation {
  return createGuard(schema).check({ source, operationName: null, variables: {}, transport: "http", ...overrides });
}

interface Refusal {
  readonly code: string;
  readonly messages: readonly string[];
  readonly facts: readonly unknown[];
}

function refusal(source: string, overrides: Partial<CheckRequest> = {}): Refusal {
  try {
    check(source, overrides);
  } catch (thrown) {
    if (isInvalidDocument(thrown)) {
      return {
        code: thrown.code,
        messages: thrown.errors.map((error) => error.message),
        facts: thrown.errors.map(({ extensions }) => extensions),
      };
    }
    if (isVitalomeError(thrown)) return { code: thrown.code, messages: [thrown.message], facts: [thrown.details] };
    throw thrown;
  }
  throw new Error("the guard let it pass");
}

/** Whether a rule reports or throws. */
function isRefusedBy(document: DocumentNode, rule: (context: ValidationContext) => ASTVisitor): boolean {
  try {
    return validate(schema, document, [rule]).length > 0;
  } catch {
    return true;
  }
}

const nest = (field: string, times: number, inside: string): string =>
  `${`${field} { `.repeat(times)}${inside}${" }".repeat(times)}`;

describe("size", () => {
  it("takes a document of 64 KiB and refuses one byte more, counting bytes and not characters", () => {
    const pad = (bytes: number): string => `{ hello } #${"é".repeat((bytes - 11) / 2)}${bytes % 2 === 0 ? "-" : ""}`;
    expect(Buffer.byteLength(pad(65_536))).toBe(65_536);
    expect(check(pad(65_536)).cost).toBe(0);
    expect(refusal(`${pad(65_536)} `)).toMatchObject({
      code: "LIMIT_EXCEEDED",
      facts: [{ limit: "documentBytes", max: 65_536, actual: 65_537 }],
    });
  });

  it("refuses more than 5,000 tokens", () => {
    expect(refusal(`{ me { ${"id ".repeat(5_000)} } }`).code).toBe("GRAPHQL_PARSE_FAILED");
    expect(check(`{ me { echo(b: [${"1 ".repeat(4_900)}]) } }`).cost).toBe(1);
  });

  it("refuses fields that repeat so often that comparing them would take long", () => {
    for (const [field, times] of [
      ["id", 4_900],
      ["friend { id }", 1_200],
      ["echo(a: 1)", 800],
    ] as const) {
      expect(refusal(`{ me { ${`${field} `.repeat(times)} } }`)).toMatchObject({
        code: "LIMIT_EXCEEDED",
        facts: [{ limit: "repeatedFields" }],
      });
    }
  });

  it.each([
    ["lists", `{ me { echo(b: ${"[".repeat(2_400)}${"]".repeat(2_400)}) } }`],
    ["objects", `{ me { echo(c: ${"{z:".repeat(1_200)}{}${"}".repeat(1_200)}) } }`],
    ["selections", `{ me { ${nest("friend", 1_600, "id")} } }`],
    ["list types", `query($x: ${"[".repeat(2_000)}Int${"]".repeat(2_000)}) { hello }`],
  ])("answers %s thousands deep with a refusal, not a stack overflow", (_what, source) => {
    expect(refusal(source).code).toMatch(/LIMIT_EXCEEDED|GRAPHQL_PARSE_FAILED|GRAPHQL_VALIDATION_FAILED/);
  });

  it("takes variables 32 deep and refuses 33", () => {
    const variables = (depth: number): Record<string, unknown> => {
      let inner: Record<string, unknown> = {};
      for (let level = 2; level < depth; level += 1) inner = { z: inner };
      return { c: inner };
    };
    const source = "query($c: In) { me { echo(c: $c) } }";
    expect(check(source, { variables: variables(32) }).cost).toBe(1);
    expect(refusal(source, { variables: variables(33) })).toMatchObject({
      code: "LIMIT_EXCEEDED",
      facts: [{ limit: "variableDepth", max: 32, actual: 33 }],
    });
  });

  it("takes a list of 300,000 values in the variables", () => {
    expect(
      check("query($b: [Int!]) { me { echo(b: $b) } }", { variables: { b: Array.from({ length: 300_000 }, () => 1) } })
        .cost,
    ).toBe(1);
  });

  it("takes literals 32 deep and refuses 33", () => {
    const literal = (depth: number): string =>
      `{ me { echo(c: ${"{z:".repeat(depth - 1)}{}${"}".repeat(depth - 1)}) } }`;
    expect(check(literal(32)).cost).toBe(1);
    expect(refusal(literal(33))).toMatchObject({
      code: "LIMIT_EXCEEDED",
      facts: [{ limit: "valueDepth", max: 32, actual: 33 }],
    });
  });
});

describe("shape", () => {
  const deep = (fields: number): string => `{ me { ${nest("friend", fields - 2, "id")} } }`;

  it("takes 12 fields below each other and refuses 13", () => {
    expect(check(deep(12)).cost).toBe(11);
    expect(refusal(deep(13))).toMatchObject({
      code: "LIMIT_EXCEEDED",
      facts: [{ limit: "depth", max: 12, actual: 13 }],
    });
  });

  it("counts depth through fragments", () => {
    expect(
      refusal(
        `{ me { ...A } } fragment A on Person { ${nest("friend", 6, "...B")} } fragment B on Person { ${nest("friend", 6, "id")} }`,
      ).facts,
    ).toMatchObject([{ limit: "depth", actual: 14 }]);
  });

  it.each([
    [
      "aliases",
      50,
      (n: number) => `{ me { ${Array.from({ length: n }, (_none, i) => `a${String(i)}: id`).join(" ")} } }`,
    ],
    ["directives", 50, (n: number) => `{ me { ${"id @include(if: true) ".repeat(n)} } }`],
    ["rootFields", 20, (n: number) => `{ ${"hello ".repeat(n)} }`],
  ] as const)("takes the full number of %s and refuses one more", (limit, max, document) => {
    expect(check(document(max)).cost).toBeLessThan(2);
    expect(refusal(document(max + 1))).toMatchObject({
      code: "LIMIT_EXCEEDED",
      facts: [{ limit, max, actual: max + 1 }],
    });
  });

  it("counts aliases as often as their fragment is spread, introspection included", () => {
    const spread =
      "{ a: me { ...A } b: me { ...A } } fragment A on Person { " +
      Array.from({ length: 25 }, (_none, i) => `x${String(i)}: __typename`).join(" ") +
      " }";
    expect(refusal(spread)).toMatchObject({ code: "LIMIT_EXCEEDED", facts: [{ limit: "aliases", actual: 52 }] });
  });

  it("agrees with graphql-armor on aliases and plain depth", () => {
    for (let n = 45; n <= 55; n += 1) {
      const document = parse(`{ me { ${Array.from({ length: n }, (_none, i) => `a${String(i)}: id`).join(" ")} } }`);
      expect(isRefusedBy(document, limitsRule(DOCUMENT_LIMITS))).toBe(isRefusedBy(document, maxAliasesRule({ n: 50 })));
    }
    for (let n = 9; n <= 15; n += 1) {
      const document = parse(deep(n));
      expect(isRefusedBy(document, limitsRule(DOCUMENT_LIMITS))).toBe(isRefusedBy(document, maxDepthRule({ n: 12 })));
    }
  });

  it("takes the introspection that tools send, and refuses it in circles", () => {
    expect(
      check(
        "{ __schema { types { fields { type { ofType { ofType { ofType { ofType { ofType { ofType { ofType { name } } } } } } } } } } } }",
      ).cost,
    ).toBe(0);
    expect(
      refusal("{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }")
        .code,
    ).toBe("GRAPHQL_VALIDATION_FAILED");
  });

  it("answers fragments that double 20 times within 200 ms, whether it takes or refuses them", () => {
    const doubling = (body: (next: string) => string, last: string): string =>
      `{ me { ...F0 } } ${Array.from({ length: 20 }, (_none, i) => `fragment F${String(i)} on Person { ${body(`...F${String(i + 1)}`)} }`).join(" ")} fragment F20 on Person { ${last} }`;
    expect(check(doubling((next) => `${next} ${next}`, "id")).cost).toBe(1);
    expect(refusal(doubling((next) => `${next} ${next}`, "friend { id }")).facts).toMatchObject([
      { limit: "cost", actual: 2 ** 20 + 1 },
    ]);
    expect(refusal(doubling((next) => `a: friend { ${next} } b: friend { ${next} }`, "id")).code).toBe(
      "LIMIT_EXCEEDED",
    );
    expect(refusal("{ me { ...A } } fragment A on Person { ...B } fragment B on Person { ...A }").code).toBe(
      "GRAPHQL_VALIDATION_FAILED",
    );
  });
});

describe("price", () => {
  it("is what lies below a list, times the size asked for", () => {
    expect(check("{ me { people(n: 1000) { id name friend { id } } } }").cost).toBe(1 + 1 + 1000);
  });

  it("counts the default of the argument when the client gives none", () => {
    expect(check("{ me { people { friend { id } } } }").cost).toBe(1 + 1 + 2);
  });

  it("counts a variable, its default in the document, and null as the default of the argument", () => {
    const source = "query($n: Int = 500) { me { people(n: $n) { friend { id } } } }";
    expect(check(source, { variables: { n: 70 } }).cost).toBe(1 + 1 + 70);
    expect(check(source).cost).toBe(1 + 1 + 500);
    expect(check("query($n: Int) { me { people(n: $n) { friend { id } } } }").cost).toBe(1 + 1 + 2);
  });

  it("counts every value of an argument that is a filter, in the document and in variables", () => {
    const field = schema.getType("Person");
    if (!isObjectType(field)) throw new Error("the test schema has people");
    const echo = field.getFields()["echo"];
    if (echo === undefined) throw new Error("people echo");
    const before = echo.extensions;
    echo.extensions = { cost: { weight: 3, multipliers: [], sized: ["b", "c"] } };
    try {
      expect(check("{ me { echo(b: [1 2 3]) } }").cost).toBe(1 + 3 + 3);
      expect(check("query($b: [Int!]) { me { echo(b: $b) } }", { variables: { b: [1, 2, 3, 4] } }).cost).toBe(
        1 + 3 + 4,
      );
      // A default of the input counts as if it were given: one in each of the three objects.
      expect(check("{ me { echo(c: { z: { z: {} } }) } }").cost).toBe(1 + 3 + 3);
    } finally {
      echo.extensions = before;
    }
  });

  it("refuses what costs more than 100,000, with the price", () => {
    const nested = "{ me { people(n: 1000) { people(n: 1000) { friend { id } } } } }";
    expect(refusal(nested)).toMatchObject({
      code: "LIMIT_EXCEEDED",
      facts: [{ limit: "cost", max: 100_000, actual: 1 + 1 + 1000 * (1 + 1000) }],
    });
  });

  it("prices a field of an interface as the dearest type behind it", () => {
    const { schema: priced } = buildTestSchema();
    const dog = priced.getType("Dog") as unknown as { getFields(): Record<string, { extensions: unknown }> };
    const name = dog.getFields()["name"];
    if (name === undefined) throw new Error("the test schema has no dog");
    name.extensions = { cost: { weight: 7, multipliers: [] } };
    expect(
      createGuard(priced).check({
        source: "{ me { pets { name } } }",
        operationName: null,
        variables: {},
        transport: "http",
      }).cost,
    ).toBe(1 + 1 + 7);
  });
});

describe("variables", () => {
  const source = "query($n: Int!, $c: In, $d: Color) { count(n: $n) me { echo(c: $c, d: $d) } }";
  it.each([
    [{}, "$n: a value of type Int! is required"],
    [{ n: null }, "$n: a value of type Int! is required, not null"],
    [{ n: "x" }, "$n: Int cannot represent non-integer value"],
    [{ n: 1, c: { z: { x: "x" } } }, "$c.z.x: Int cannot represent non-integer value"],
    [{ n: 1, c: { y: ["a", 5] } }, "$c.y[1]: String cannot represent a non string value"],
    [{ n: 1, c: 5 }, '$c: Expected type "In" to be an object.'],
  ])("are refused before anything runs, with their place: %j", (variables, message) => {
    const { code, messages } = refusal(source, { variables });
    expect(code).toBe("BAD_USER_INPUT");
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain(message);
  });

  it("come out as resolvers see them", () => {
    expect(check("query($c: In = {w: RED}, $x: Int) { me { echo(c: $c, a: $x) } }").coerced).toEqual({
      c: { x: 5, w: "RED" },
    });
  });
});

describe("operations", () => {
  it("must be named where there are several", () => {
    expect(refusal("query A { hello } query B { hello }").code).toBe("OPERATION_RESOLUTION_FAILURE");
    expect(refusal("query A { hello }", { operationName: "C" }).code).toBe("OPERATION_RESOLUTION_FAILURE");
    expect(check("query A { hello } query B { me { id } }", { operationName: "B" }).cost).toBe(1);
  });

  it.each([
    ["websocket", "{ hello }"],
    ["websocket", "mutation { slow(n: 1) }"],
    ["http", "subscription { count(to: 1) }"],
    ["http-get", "mutation { slow(n: 1) }"],
    ["http-get", "subscription { count(to: 1) }"],
  ] as const)("are refused on %s when they belong elsewhere: %s", (transport, source) => {
    expect(refusal(source, { transport }).code).toBe("BAD_REQUEST");
  });

  it("pass when they belong there", () => {
    expect(check("subscription { count(to: 1) }", { transport: "websocket" }).cost).toBe(0);
    expect(check("{ hello }", { transport: "http-get" }).cost).toBe(0);
  });
});

describe("the cache", () => {
  it("hands the parsed document on, by the hash of its text", () => {
    const guard = createGuard(schema);
    const first = guard.check({ source: "{ hello }", operationName: null, variables: {}, transport: "http" });
    const again = guard.check({ source: "{ hello }", operationName: null, variables: {}, transport: "http" });
    expect(again.document).toBe(first.document);
    expect(guard.documentOf(first.hash.slice(0, 64))).toBe(first.document);
    expect(guard.documentOf("0".repeat(64))).toBeNull();
  });

  it("forgets what was used longest ago", () => {
    const guard = createGuard(schema);
    const ask = (source: string): CheckedOperation =>
      guard.check({ source, operationName: null, variables: {}, transport: "http" });
    const kept = ask("{ hello } # kept");
    const dropped = ask("{ hello } # dropped");
    for (let n = 0; n < 999; n += 1) {
      ask(`{ hello } # ${String(n)}`);
      if (n === 500) ask("{ hello } # kept");
    }
    expect(guard.documentOf(kept.hash.slice(0, 64))).not.toBeNull();
    expect(guard.documentOf(dropped.hash.slice(0, 64))).toBeNull();
  });
});
