import { createHash } from "node:crypto";
import {
  GraphQLError,
  OperationTypeNode,
  getOperationAST,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from "graphql";
import { VitalomeError } from "../errors.js";
import { COST_LIMIT, costOf } from "./cost.js";
import { DOCUMENT_LIMITS, limitsRule } from "./limits-rule.js";
import { createLru } from "./lru.js";
import { coerceVariables } from "./variables.js";

export interface CheckRequest {
  readonly source: string;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly transport: "http" | "http-get" | "websocket" | "sse";
}

export interface CheckedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Key of the document and the operation in it, for caches of compiled queries. */
  readonly hash: string;
  /** As the resolvers will see them: typed, with the defaults of the document. */
  readonly coerced: Readonly<Record<string, unknown>>;
  readonly cost: number;
}

/** What every transport asks before anything runs. Throws an InvalidDocument or a VitalomeError. */
export interface Guard {
  check(request: CheckRequest): CheckedOperation;
  /** A document that passed, by the SHA-256 of its text. */
  documentOf(hash: string): DocumentNode | null;
}

/** Thrown when the document or its variables break rules of the schema. */
export interface InvalidDocument {
  readonly kind: "invalid-document";
  readonly code:
    | "GRAPHQL_PARSE_FAILED"
    | "GRAPHQL_VALIDATION_FAILED"
    | "OPERATION_RESOLUTION_FAILURE"
    | "LIMIT_EXCEEDED"
    | "BAD_USER_INPUT";
  readonly errors: readonly GraphQLError[];
}

export function isInvalidDocument(thrown: unknown): thrown is InvalidDocument {
  return typeof thrown === "object" && thrown !== null && (thrown as { kind?: unknown }).kind === "invalid-document";
}

const SOURCE_BYTES = 64 * 1024;
const MAX_TOKENS = 5_000;
const MAX_ERRORS = 20;
const VARIABLE_DEPTH = 32;
const CACHED_DOCUMENTS = 1_000;
/** What graphql-js says when comparing fields of one name exceeds its budget. */
const GAVE_UP = "Validation aborted.";

export function createGuard(schema: GraphQLSchema): Guard {
  const documents = createLru<DocumentNode>(CACHED_DOCUMENTS);
  const limits = limitsRule(DOCUMENT_LIMITS);

  function parseAndValidate(source: string, hash: string): DocumentNode {
    const known = documents.get(hash);
    if (known !== undefined) return known;
    let document: DocumentNode;
    try {
      document = parse(source, { maxTokens: MAX_TOKENS });
    } catch (thrown) {
      // Thousands of brackets inside each other exhaust the parser's stack: no syntax error, but no document either.
      throw invalid("GRAPHQL_PARSE_FAILED", [
        thrown instanceof GraphQLError ? thrown : new GraphQLError("the document is nested too deeply"),
      ]);
    }
    // The cheap rule goes first: what it refuses never reaches the rules that compare fields with each other.
    const excess = validate(schema, document, [limits], { maxErrors: MAX_ERRORS });
    if (excess.length > 0) throw invalid("LIMIT_EXCEEDED", excess);
    const errors = validate(schema, document, specifiedRules, { maxErrors: MAX_ERRORS, hideSuggestions: true });
    if (errors.some((error) => error.message === GAVE_UP)) {
      throw new VitalomeError(
        "LIMIT_EXCEEDED",
        "the document names the same fields too often to be compared: name each once",
        {
          details: { limit: "repeatedFields" },
        },
      );
    }
    if (errors.length > 0) throw invalid("GRAPHQL_VALIDATION_FAILED", errors);
    documents.set(hash, document);
    return document;
  }

  return {
    documentOf: (hash) => documents.get(hash) ?? null,
    check({ source, operationName, variables, transport }) {
      const bytes = Buffer.byteLength(source);
      if (bytes > SOURCE_BYTES) throw exceeded("documentBytes", SOURCE_BYTES, bytes);
      const depth = depthOf(variables, 0);
      if (depth > VARIABLE_DEPTH) throw exceeded("variableDepth", VARIABLE_DEPTH, depth);
      const hash = createHash("sha256").update(source).digest("hex");
      const document = parseAndValidate(source, hash);
      const operation = getOperationAST(document, operationName);
      if (operation === null || operation === undefined) {
        throw invalid("OPERATION_RESOLUTION_FAILURE", [
          new GraphQLError(
            operationName === null ? "name the operation to run" : "the document has no operation of this name",
          ),
        ]);
      }
      refuseOnTransport(operation.operation, transport);
      const values = coerceVariables(schema, operation, variables, MAX_ERRORS);
      if (values.errors !== null) throw invalid("BAD_USER_INPUT", values.errors);
      const cost = costOf(schema, document, operation, values.coerced);
      if (cost > COST_LIMIT) throw exceeded("cost", COST_LIMIT, cost);
      return { document, operation, hash: `${hash}:${operationName ?? ""}`, coerced: values.coerced, cost };
    },
  };
}

function refuseOnTransport(kind: OperationTypeNode, transport: CheckRequest["transport"]): void {
  const isSubscription = kind === OperationTypeNode.SUBSCRIPTION;
  const isStream = transport === "websocket" || transport === "sse";
  if (isStream && !isSubscription) {
    const carrier = transport === "sse" ? "a stream" : "the socket";
    throw new VitalomeError("BAD_REQUEST", `queries and mutations go over HTTP; ${carrier} carries subscriptions only`);
  }
  if (!isStream && isSubscription) {
    const carriers = "a WebSocket that speaks graphql-transport-ws, or server-sent events at /graphql/stream";
    throw new VitalomeError("BAD_REQUEST", `subscriptions go over ${carriers}`);
  }
  if (transport === "http-get" && kind !== OperationTypeNode.QUERY) {
    throw new VitalomeError("BAD_REQUEST", "GET is for queries only: POST a mutation");
  }
}

function invalid(code: InvalidDocument["code"], errors: readonly GraphQLError[]): InvalidDocument {
  return { kind: "invalid-document", code, errors };
}

function exceeded(limit: string, max: number, actual: number): VitalomeError {
  return new VitalomeError(
    "LIMIT_EXCEEDED",
    `the request exceeds the limit of ${limit}: ${String(actual)} of at most ${String(max)}`,
    {
      details: { limit, max, actual },
    },
  );
}

/** Depth of lists and objects inside each other; stops one past the limit. */
function depthOf(value: unknown, depth: number): number {
  if (typeof value !== "object" || value === null || depth > VARIABLE_DEPTH) return depth;
  let deepest = depth + 1;
  for (const inner of Object.values(value)) deepest = Math.max(deepest, depthOf(inner, depth + 1));
  return deepest;
}
