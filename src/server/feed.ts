import {
  Kind,
  createSourceEventStream,
  execute,
  visit,
  type ExecutionResult,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from "graphql";
import type { RequestContext } from "../context.js";
import type { Caller } from "../domain/caller.js";
import type { LiveSource } from "../domain/live.js";
import type { CheckedOperation } from "../guard/check.js";
import type { Log } from "../log.js";
import type { Answer } from "./answer.js";
import { formatResult } from "./execution.js";

/** One subscription as it was asked for. */
export interface SubscribeRequest {
  readonly checked: CheckedOperation;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
  readonly requestId: string;
}

export interface FeedOptions {
  readonly schema: GraphQLSchema;
  readonly contextFor: (caller: Caller, requestId: string, signal: AbortSignal) => RequestContext;
  readonly log: Log;
}

/** The source of one subscription, or of all equal ones, and how its events become answers. */
export interface Feed {
  readonly source: AsyncIterator<unknown>;
  /** The same, when it knows where it stands. */
  readonly live: LiveSource<unknown> | null;
  /** Equal for subscriptions that are answered alike wherever they stand; null when that cannot be told. */
  readonly group: string | null;
  /** The answer to one event; each has a context of its own, so that no loader answers from the past. */
  answer(event: unknown): Promise<Answer>;
  /** Ends the source at once, also while it waits. */
  stop(): void;
}

/** The answer instead of a feed when the source refuses to begin. */
export async function openFeed(options: FeedOptions, request: SubscribeRequest): Promise<Feed | ExecutionResult> {
  const { schema, contextFor, log } = options;
  const { checked, variables, caller, requestId } = request;
  const stopped = new AbortController();
  const operation = {
    schema,
    document: checked.document,
    operationName: checked.operation.name?.value,
    variableValues: variables,
  };
  const context = (): RequestContext => contextFor(caller, requestId, stopped.signal);
  const events = await createSourceEventStream({ ...operation, contextValue: context() });
  if (!(Symbol.asyncIterator in events)) return events;
  const live = isLiveSource(events) ? events : null;
  const source = live ?? events[Symbol.asyncIterator]();
  return {
    source,
    live,
    group: live === null ? null : groupOf(checked, live.scope),
    async answer(event) {
      const result = await execute({ ...operation, rootValue: event, contextValue: context() });
      return { json: JSON.stringify(formatResult(result, requestId, log)), cursor: cursorOf(event) };
    },
    stop() {
      // A generator that waits for its next event cannot be returned from before that event comes: its signal goes first.
      stopped.abort(new Error("the subscription ended"));
      source.return?.().catch(() => undefined);
    },
  };
}

function isLiveSource(events: object): events is LiveSource<unknown> {
  return "position" in events && "scope" in events;
}

function cursorOf(event: unknown): string | null {
  const { cursor } = (event ?? {}) as { readonly cursor?: unknown };
  return typeof cursor === "string" ? cursor : null;
}

/** Document, variables but the position, and the scope of the source, which holds tenant and policy. */
function groupOf({ hash, operation, coerced }: CheckedOperation, scope: string): string {
  const position = positionVariableOf(operation);
  const rest = Object.entries(coerced).filter(([name]) => name !== position);
  return JSON.stringify([hash, rest, scope]);
}

/** The variable that is given as `after` and for nothing else. */
export function positionVariableOf(operation: OperationDefinitionNode): string | null {
  const [field] = operation.selectionSet.selections;
  const value =
    field?.kind === Kind.FIELD ? field.arguments?.find(({ name }) => name.value === "after")?.value : undefined;
  if (value?.kind !== Kind.VARIABLE) return null;
  let uses = 0;
  visit(operation, {
    VariableDefinition: () => false,
    Variable: ({ name }) => {
      if (name.value === value.name.value) uses += 1;
    },
  });
  return uses === 1 ? value.name.value : null;
}
