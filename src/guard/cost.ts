import {
  Kind,
  getArgumentValues,
  getNamedType,
  isCompositeType,
  isObjectType,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";

/** What a field costs: its weight, times each multiplier: a number, or the length of a list argument. */
export interface FieldCost {
  readonly weight: number;
  readonly multipliers: readonly string[];
}

export const COST_LIMIT = 100_000;

/** The price of an operation before it runs. A field without a stated cost is free if it is a leaf, else 1. */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const priced = new Map<string, number>();

  function price(set: SelectionSetNode, typeName: string): number {
    const type = schema.getType(typeName);
    let total = 0;
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const field = isObjectType(type) ? type.getFields()[selection.name.value] : undefined;
        if (field === undefined) continue;
        const cost = (field.extensions["cost"] as FieldCost | undefined) ?? null;
        const inner = getNamedType(field.type);
        const below =
          selection.selectionSet === undefined || !isCompositeType(inner) ? 0 : price(selection.selectionSet, inner.name);
        const own = cost?.weight ?? (selection.selectionSet === undefined ? 0 : 1);
        total += own + below * (cost === null ? 1 : multiplierOf(field, selection, cost, variables));
      } else if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const name = selection.name.value;
        const known = priced.get(name);
        if (known !== undefined) total += known;
        else {
          const fragment = fragments.get(name);
          priced.set(name, 0);
          const found = fragment === undefined ? 0 : price(fragment.selectionSet, fragment.typeCondition.name.value);
          priced.set(name, found);
          total += found;
        }
      } else total += price(selection.selectionSet, selection.typeCondition?.name.value ?? typeName);
      if (total > Number.MAX_SAFE_INTEGER / 2) return total;
    }
    return total;
  }

  const root = schema.getRootType(operation.operation);
  return root === undefined || root === null ? 0 : Math.min(price(operation.selectionSet, root.name), Number.MAX_SAFE_INTEGER);
}

function multiplierOf(
  field: GraphQLField<unknown, unknown>,
  node: Parameters<typeof getArgumentValues>[1],
  cost: FieldCost,
  variables: Readonly<Record<string, unknown>>,
): number {
  let values: Record<string, unknown>;
  try {
    values = getArgumentValues(field, node, variables);
  } catch {
    return 1;
  }
  return cost.multipliers.reduce((product, name) => {
    const value = values[name];
    if (typeof value === "number") return product * Math.max(1, value);
    return Array.isArray(value) ? product * Math.max(1, value.length) : product;
  }, 1);
}
