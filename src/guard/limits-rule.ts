import {
  GraphQLError,
  Kind,
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
} from "graphql";

export interface DocumentLimits {
  /** Fields below each other; `edges`, `node` and introspection are free. */
  readonly depth: number;
  /** Renamed fields, counted as often as their fragment is spread. */
  readonly aliases: number;
  readonly directives: number;
  readonly rootFields: number;
  /** Lists and objects inside each other in a literal. */
  readonly valueDepth: number;
}

export const DOCUMENT_LIMITS: DocumentLimits = {
  depth: 12,
  aliases: 50,
  directives: 50,
  rootFields: 20,
  valueDepth: 32,
};

const FREE = new Set(["edges", "node"]);

interface Measure {
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
  readonly fields: number;
}

const NOTHING: Measure = { depth: 0, aliases: 0, directives: 0, fields: 0 };

/** One walk over the document; a fragment is measured once, however often it is spread. */
export function limitsRule(limits: DocumentLimits): (context: ValidationContext) => ASTVisitor {
  return (context) => {
    let nested = 0;
    let deepest = 0;
    const value = {
      enter: (): void => {
        nested += 1;
        deepest = Math.max(deepest, nested);
      },
      leave: (): void => {
        nested -= 1;
      },
    };
    return {
      ListValue: value,
      ObjectValue: value,
      Document: {
        enter(document) {
          for (const found of measureOperations(document)) {
            report(context, "depth", limits.depth, found.depth);
            report(context, "aliases", limits.aliases, found.aliases);
            report(context, "directives", limits.directives, found.directives);
            report(context, "rootFields", limits.rootFields, found.fields);
          }
        },
        leave() {
          report(context, "valueDepth", limits.valueDepth, deepest);
        },
      },
    };
  };
}

function measureOperations(document: DocumentNode): readonly Measure[] {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const measured = new Map<string, Measure>();

  function measureFragment(name: string): Measure {
    const known = measured.get(name);
    if (known !== undefined) return known;
    measured.set(name, NOTHING);
    const fragment = fragments.get(name);
    const found = fragment === undefined ? NOTHING : measure(fragment.selectionSet, false);
    measured.set(name, found);
    return found;
  }

  function measure(set: SelectionSetNode, isFree: boolean): Measure {
    let depth = 0;
    let aliases = 0;
    let directives = 0;
    let fields = 0;
    for (const selection of set.selections) {
      directives += selection.directives?.length ?? 0;
      let inner: Measure;
      let own = 0;
      if (selection.kind === Kind.FIELD) {
        const name = selection.name.value;
        const isIntrospection = isFree || name.startsWith("__");
        fields += 1;
        if (selection.alias !== undefined) aliases += 1;
        own = isIntrospection || FREE.has(name) ? 0 : 1;
        inner = selection.selectionSet === undefined ? NOTHING : measure(selection.selectionSet, isIntrospection);
        if (isIntrospection) inner = { ...inner, depth: 0 };
      } else {
        inner =
          selection.kind === Kind.FRAGMENT_SPREAD
            ? measureFragment(selection.name.value)
            : measure(selection.selectionSet, isFree);
        fields += inner.fields;
      }
      depth = Math.max(depth, own + inner.depth);
      aliases += inner.aliases;
      directives += inner.directives;
    }
    return { depth, aliases, directives, fields };
  }

  return document.definitions.flatMap((node) => {
    if (node.kind !== Kind.OPERATION_DEFINITION) return [];
    const found = measure(node.selectionSet, false);
    return [{ ...found, directives: found.directives + (node.directives?.length ?? 0) }];
  });
}

function report(context: ValidationContext, limit: string, max: number, actual: number): void {
  if (actual <= max) return;
  const extensions = { code: "LIMIT_EXCEEDED", canRetry: false, limit, max, actual };
  context.reportError(
    new GraphQLError(`the document exceeds the limit of ${limit}: ${String(actual)} of at most ${String(max)}`, {
      extensions,
    }),
  );
}
