import {
  GraphQLScalarType,
  GraphQLSchema,
  Kind,
  TypeInfo,
  getNamedType,
  isAbstractType,
  separateOperations,
  valueFromAST,
  visit,
  visitWithTypeInfo,
  type ArgumentNode,
  type DocumentNode,
  type ExecutionResult,
  type FragmentDefinitionNode,
  type GraphQLInputType,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from "graphql";
import { compileQuery, isCompiledQuery } from "graphql-jit";

/** An operation turned into code. */
export interface CompiledOperation {
  /** Null when this set of variables needs the interpreter. `variables` are coerced. */
  run(
    context: unknown,
    variables: Readonly<Record<string, unknown>>,
  ): Promise<ExecutionResult> | ExecutionResult | null;
}

/** Null for an operation that must be interpreted. */
export type Compiler = (document: DocumentNode, operation: OperationDefinitionNode) => CompiledOperation | null;

interface Hoisted {
  readonly name: string;
  readonly node: ValueNode;
  readonly type: GraphQLInputType;
}

/** Fields of the written-out operation beyond which code costs more than it saves. */
const MAX_FIELDS = 2_000;
const COERCED = "VitalomeCoercedValue";

/**
 * Compiles with graphql-jit, behind two rules that keep it safe and equal to graphql-js:
 *
 * - No value of the document becomes code. graphql-jit 0.8 prints literals into source text and rewrites parts of
 *   it afterwards, which a crafted string literal turns into code of its own. Every argument is therefore replaced
 *   by a variable, and its value is worked out by graphql-js at each run. This also makes recursive input types,
 *   defaults and absent variables behave as in graphql-js.
 * - Directives, introspection and abstract types are interpreted: with them graphql-jit 0.8 drops fields, or asks
 *   for a type resolver that answers at once.
 */
export function createCompiler(schema: GraphQLSchema): Compiler {
  const passThrough = new GraphQLScalarType({ name: COERCED });
  const config = schema.toConfig();
  const compileSchema = new GraphQLSchema({ ...config, types: [...config.types, passThrough], assumeValid: true });

  return (whole, operation) => {
    const document = separateOperations(whole)[operation.name?.value ?? ""];
    if (document === undefined || !isCompilable(schema, document)) return null;
    const hoisted: Hoisted[] = [];
    const compiled = compileQuery(compileSchema, hoistArguments(schema, document, hoisted), operation.name?.value);
    if (!isCompiledQuery(compiled)) return null;
    return {
      run(context, variables) {
        const values: Record<string, unknown> = {};
        for (const { name, node, type } of hoisted) {
          if (node.kind === Kind.VARIABLE) {
            if (Object.hasOwn(variables, node.name.value)) values[name] = variables[node.name.value];
            continue;
          }
          const value: unknown = valueFromAST(node, type, variables);
          if (value === undefined) return null;
          values[name] = value;
        }
        return compiled.query(undefined, context, values);
      },
    };
  };
}

function isCompilable(schema: GraphQLSchema, document: DocumentNode): boolean {
  let isPlain = true;
  const typeInfo = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      Directive: () => {
        isPlain = false;
      },
      Field: (node) => {
        const type = typeInfo.getType();
        if (node.name.value.startsWith("__") && node.name.value !== "__typename") isPlain = false;
        if (type === null || type === undefined || isAbstractType(getNamedType(type))) isPlain = false;
      },
    }),
  );
  return isPlain && countFields(document) <= MAX_FIELDS;
}

/** Fields after writing out every fragment; a fragment is counted once, however often it is spread. */
function countFields(document: DocumentNode): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const counted = new Map<string, number>();
  const count = (set: SelectionSetNode | undefined): number =>
    (set?.selections ?? []).reduce((total, selection) => {
      if (selection.kind !== Kind.FRAGMENT_SPREAD)
        return total + count(selection.selectionSet) + (selection.kind === Kind.FIELD ? 1 : 0);
      const name = selection.name.value;
      const known = counted.get(name) ?? count(fragments.get(name)?.selectionSet);
      counted.set(name, known);
      return total + known;
    }, 0);
  return document.definitions.reduce(
    (total, node) => total + (node.kind === Kind.OPERATION_DEFINITION ? count(node.selectionSet) : 0),
    0,
  );
}

/** The document with a fresh variable in the place of every argument's value; what stood there goes to `hoisted`. */
function hoistArguments(schema: GraphQLSchema, document: DocumentNode, hoisted: Hoisted[]): DocumentNode {
  const typeInfo = new TypeInfo(schema);
  const replaced = visit(
    document,
    visitWithTypeInfo(typeInfo, {
      VariableDefinition: () => null,
      Argument: {
        // On the way out: a replaced node would be walked again.
        leave(node: ArgumentNode): ArgumentNode {
          const type = typeInfo.getArgument()?.type;
          if (type === undefined) throw new TypeError("an argument without a type passed validation");
          const name = `v${String(hoisted.length)}`;
          hoisted.push({ name, node: node.value, type });
          const place = node.value.loc === undefined ? {} : { loc: node.value.loc };
          return { ...node, value: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name }, ...place } };
        },
      },
    }),
  );
  const variableDefinitions = hoisted.map(({ name }) => ({
    kind: Kind.VARIABLE_DEFINITION as const,
    variable: { kind: Kind.VARIABLE as const, name: { kind: Kind.NAME as const, value: name } },
    type: { kind: Kind.NAMED_TYPE as const, name: { kind: Kind.NAME as const, value: COERCED } },
  }));
  return {
    ...replaced,
    definitions: replaced.definitions.map((node) =>
      node.kind === Kind.OPERATION_DEFINITION ? { ...node, variableDefinitions } : node,
    ),
  };
}
