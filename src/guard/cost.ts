import {
  Kind,
  getArgumentValues,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";

/** What a field costs: its weight, and for what lies below it the arguments that multiply: a number, or a list by its length. */
export interface FieldCost {
  readonly weight: number;
  readonly multipliers: readonly string[];
  /** Arguments of which each value inside, however deep, costs 1: filters. */
  readonly sized?: readonly string[];
}

export const COST_LIMIT = 100_000;

type Field = GraphQLField<unknown, unknown>;

/**
 * The price of an operation before it runs; never less than what it may do. A field without a stated cost is
 * free if it is a leaf, else 1. `variables` are coerced: a default of the document counts as if it were given.
 */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const priced = new Map<string, number>();

  /** The field as the type has it; of an interface, as each type behind it may have it. */
  function fieldsOf(typeName: string, name: string): readonly Field[] {
    const type = schema.getType(typeName);
    if (!isObjectType(type) && !isInterfaceType(type)) return [];
    const behind = isAbstractType(type) ? schema.getPossibleTypes(type) : [];
    return [type, ...behind].flatMap((owner) => owner.getFields()[name] ?? []);
  }

  function priceOfField(node: FieldNode, typeName: string): number {
    const [declared, ...others] = fieldsOf(typeName, node.name.value);
    if (declared === undefined) return 0;
    const inner = getNamedType(declared.type);
    const below = node.selectionSet === undefined || !isCompositeType(inner) ? 0 : price(node.selectionSet, inner.name);
    return [declared, ...others].reduce((highest, field) => {
      const cost = field.extensions["cost"] as FieldCost | undefined;
      const stated = cost?.weight ?? (node.selectionSet === undefined ? 0 : 1);
      const { multiplier, size } = argumentsOf(field, node, cost ?? FREE, variables);
      return Math.max(highest, stated + size + below * multiplier);
    }, 0);
  }

  function priceOfFragment(name: string): number {
    const known = priced.get(name);
    if (known !== undefined) return known;
    priced.set(name, 0);
    const fragment = fragments.get(name);
    const found = fragment === undefined ? 0 : price(fragment.selectionSet, fragment.typeCondition.name.value);
    priced.set(name, found);
    return found;
  }

  function price(set: SelectionSetNode, typeName: string): number {
    return set.selections.reduce((total, selection) => {
      switch (selection.kind) {
        case Kind.FIELD:
          return total + priceOfField(selection, typeName);
        case Kind.FRAGMENT_SPREAD:
          return total + priceOfFragment(selection.name.value);
        case Kind.INLINE_FRAGMENT:
          return total + price(selection.selectionSet, selection.typeCondition?.name.value ?? typeName);
      }
    }, 0);
  }

  const root = schema.getRootType(operation.operation);
  return root === undefined || root === null
    ? 0
    : Math.min(price(operation.selectionSet, root.name), Number.MAX_SAFE_INTEGER);
}

const FREE: FieldCost = { weight: 0, multipliers: [] };

/** What the arguments multiply what lies below by, and how many values its filters hold. */
function argumentsOf(
  field: Field,
  node: FieldNode,
  { multipliers, sized = [] }: FieldCost,
  variables: Readonly<Record<string, unknown>>,
): { readonly multiplier: number; readonly size: number } {
  let values: Record<string, unknown>;
  try {
    values = getArgumentValues(field, node, variables);
  } catch {
    // The field will be refused when it runs.
    return { multiplier: 1, size: 0 };
  }
  const multiplier = multipliers.reduce((product, name) => {
    const value = values[name] ?? field.args.find((argument) => argument.name === name)?.defaultValue;
    if (typeof value === "number") return product * Math.max(1, value);
    return Array.isArray(value) ? product * Math.max(1, value.length) : product;
  }, 1);
  return { multiplier, size: sized.reduce((sum, name) => sum + sizeOf(values[name]), 0) };
}

/** Values inside a list or an object, however deep; a plain value is free. */
function sizeOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce<number>((sum, one) => sum + Math.max(1, sizeOf(one)), 0);
}
