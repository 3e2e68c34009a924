import { GraphQLError, buildSchema, type GraphQLFieldResolver, type GraphQLSchema } from "graphql";
import { VitalomeError } from "../../src/errors.js";

/** Shapes that execution engines differ in: nulls, lists, promises, errors, abstract types, inputs, mutations, streams. */
const SDL = `
  interface Named { name: String! }
  enum Color { RED GREEN }
  type Cat implements Named { name: String! lives: Int }
  type Dog implements Named { name: String! good: Boolean! owner: Person }
  union Pet = Cat | Dog
  input In { x: Int! = 5 y: [String] z: In w: Color }
  type Person {
    id: ID! name: String pets: [Named!]! any: [Pet] friend: Person strict: Person! fail: String failNow: String failNonNull: String!
    later(ms: Int = 0, v: String): String list: [Int!] holed: [Int!]! mixed: [String] matrix: [[Int!]!] color: Color badColor: Color
    badInt: Int set: [Int] echo(a: Int = 3, b: [Int!], c: In, d: Color = GREEN, e: String): String friends: [Person] ratio: Float
    flag: Boolean people(n: Int! = 2): [Person!] nobody: [Person] coded: String foreign: String
  }
  type Query { me: Person hello: String! nobody: Person! absent: Person some: [Person!] throwsNull: String throwsText: String count(n: Int!): Int }
  type Mutation { add(n: Int!): Int slow(n: Int!): Int fail: Int! }
  type Subscription { count(to: Int!): Int! waits: Int! breaks: Int! refused: Int! person: Person }
`;

type Resolvers = Readonly<
  Record<string, Readonly<Record<string, GraphQLFieldResolver<{ readonly id: number }, unknown>>>>
>;

export interface TestSchema {
  readonly schema: GraphQLSchema;
  /** Sources of `waits` that have been told to stop. */
  stopped(): number;
}

export function buildTestSchema(): TestSchema {
  const schema = buildSchema(SDL);
  const person = (id: number): object => ({ id, name: `n${String(id)}` });
  const wait = <T>(ms: number, value: T): Promise<T> =>
    new Promise((resolve) => {
      setTimeout(resolve, ms, value);
    });
  let total = 0;
  let stopped = 0;
  const resolvers: Resolvers = {
    Person: {
      pets: () => [
        { kind: "Cat", name: "tom", lives: 9 },
        { kind: "Dog", name: "rex", good: true },
      ],
      any: () => [{ kind: "Cat", name: "tom" }, null, { kind: "Dog", name: "rex", good: null }, { kind: "Fish" }],
      friend: ({ id }) => wait(1, person(id + 1)),
      strict: ({ id }) => (id > 3 ? null : person(id + 1)),
      fail: () => Promise.reject(new Error("secret cause")),
      failNow: () => {
        throw new TypeError("secret cause");
      },
      failNonNull: () => Promise.reject(new Error("secret cause")),
      later: (_person, args) => wait(args["ms"] as number, args["v"]),
      list: () => [1, Promise.resolve(2), 3],
      holed: () => [1, null, 3],
      mixed: () => [null, undefined, "a", new Error("secret cause"), Promise.reject(new Error("secret cause"))],
      matrix: () => [[1, 2], [3, null], [4]],
      color: () => "RED",
      badColor: () => "BLUE",
      badInt: () => "secret value",
      set: () => new Set([1, 2]),
      // The order of arguments is no part of the contract.
      echo: (_person, args) =>
        JSON.stringify(Object.fromEntries(Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1)))),
      friends: () => Promise.resolve([person(7), wait(1, person(8)), null]),
      ratio: () => 1e300,
      flag: () => 1,
      people: (_person, args) => Array.from({ length: args["n"] as number }, (_none, index) => person(index)),
      nobody: () => null,
      coded: () => {
        throw new VitalomeError("NOT_FOUND", "there is no such thing", { details: { field: "id" } });
      },
      foreign: () => {
        throw new GraphQLError("x must be y", { extensions: { code: "BAD_USER_INPUT" } });
      },
    },
    Query: {
      me: () => person(1),
      hello: () => "hi",
      nobody: () => null,
      absent: () => null,
      some: () => [person(1), new Error("secret cause"), person(2)],
      throwsNull: () => Promise.reject(null),
      throwsText: () => Promise.reject("secret cause"),
      count: (_root, args) => args["n"] as number,
    },
    Mutation: {
      add: async (_root, args) => {
        await wait(args["n"] as number, null);
        total += args["n"] as number;
        return total;
      },
      slow: (_root, args) => wait(args["n"] as number, total),
      fail: () => {
        throw new Error("secret cause");
      },
    },
  };
  for (const [type, fields] of Object.entries(resolvers))
    for (const [name, resolve] of Object.entries(fields)) fieldOf(schema, type, name).resolve = resolve;
  for (const name of ["Named", "Pet"]) {
    const type = schema.getType(name) as { resolveType?: unknown };
    type.resolveType = (value: { readonly kind: string }) => value.kind;
  }
  const sources: Readonly<Record<string, GraphQLFieldResolver<unknown, { readonly signal: AbortSignal }>>> = {
    async *count(_root, args) {
      for (let n = 1; n <= (args["to"] as number); n += 1) yield { count: await wait(1, n) };
    },
    async *waits(_root, _args, { signal }) {
      yield { waits: 1 };
      await new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          stopped += 1;
          reject(signal.reason as Error);
        });
      });
    },
    async *breaks() {
      yield { breaks: await wait(1, 1) };
      throw new Error("secret cause");
    },
    refused: () => {
      throw new VitalomeError("FORBIDDEN", "not for this role");
    },
    async *person() {
      yield { person: await wait(1, person(1)) };
    },
  };
  for (const [name, subscribe] of Object.entries(sources))
    fieldOf(schema, "Subscription", name).subscribe = subscribe as never;
  fieldOf(schema, "Person", "people").extensions = { cost: { weight: 1, multipliers: ["n"] } };
  return { schema, stopped: () => stopped };
}

function fieldOf(
  schema: GraphQLSchema,
  type: string,
  name: string,
): { resolve?: unknown; subscribe?: unknown; extensions: unknown } {
  const found = schema.getType(type) as {
    getFields(): Record<string, { resolve?: unknown; subscribe?: unknown; extensions: unknown }>;
  };
  const field = found.getFields()[name];
  if (field === undefined) throw new TypeError(`no field ${type}.${name}`);
  return field;
}
