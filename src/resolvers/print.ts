import {
  Kind,
  isObjectType,
  lexicographicSortSchema,
  parse,
  print,
  printSchema,
  visit,
  type ConstDirectiveNode,
  type FieldDefinitionNode,
  type GraphQLSchema,
  type ObjectTypeDefinitionNode,
} from "graphql";

const COST_DEFINITION =
  '"Price of a field before it runs: its weight, and for what lies below it the product of these arguments."\n' +
  "directive @cost(weight: Int!, multipliers: [String!], sized: [String!]) on FIELD_DEFINITION\n\n";

interface FieldCost {
  readonly weight: number;
  readonly multipliers: readonly string[];
  readonly sized: readonly string[];
}

/** The schema as text, sorted, with its directives: the contract clients generate from. */
export function printApiSchema(schema: GraphQLSchema): string {
  const document = visit(parse(printSchema(lexicographicSortSchema(schema))), {
    ObjectTypeDefinition: (node) => ({
      ...node,
      fields: (node.fields ?? []).map((field) => withCost(schema, node, field)),
    }),
  });
  return `${COST_DEFINITION}${print(document)}\n`;
}

function withCost(
  schema: GraphQLSchema,
  type: ObjectTypeDefinitionNode,
  field: FieldDefinitionNode,
): FieldDefinitionNode {
  const object = schema.getType(type.name.value);
  const cost = isObjectType(object)
    ? (object.getFields()[field.name.value]?.extensions["cost"] as FieldCost | undefined)
    : undefined;
  return cost === undefined ? field : { ...field, directives: [directiveOf(cost)] };
}

function directiveOf({ weight, multipliers, sized }: FieldCost): ConstDirectiveNode {
  const lists = Object.entries({ multipliers, sized }).filter(([, names]) => names.length > 0);
  const stated = [`weight: ${String(weight)}`, ...lists.map(([name, names]) => `${name}: ${JSON.stringify(names)}`)];
  const text = `{ f @cost(${stated.join(", ")}) }`;
  const [operation] = parse(text).definitions;
  const selection = operation?.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet.selections[0] : undefined;
  const directive = selection?.directives?.[0];
  if (directive === undefined) throw new TypeError("a cost directive could not be printed");
  return directive as ConstDirectiveNode;
}
