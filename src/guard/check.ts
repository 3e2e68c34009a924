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

export interface CheckRequest {
  readonly source: string;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly transport: "http" | "websocket";
}

export interface CheckedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Key of the document and the operation in it, for caches of compiled queries. */
  readonly hash: string;
  readonly cost: number;
}

/** What every transport asks before anything runs. Throws the GraphQL errors, or one VitalomeError. */
export interface Guard {
  check(request: CheckRequest): CheckedOperation;
  /** A document that passed, by the SHA-256 of its text. */
  documentOf(hash: string): DocumentNode | null;
}

/** Thrown when the document breaks rules of the schema. */
export interface InvalidDocument {
  readonly kind: "invalid-document";
  readonly code: "GRAPHQL_PARSE_FAILED" | "GRAPHQL_VALIDATION_FAILED" | "OPERATION_RESOLUTION_FAILURE" | "LIMIT_EXCEEDED";
  readonly errors: readonly GraphQLError[];
}

export function isInvalidDocument(thrown: unknown): thrown is InvalidDocument {
  return typeof thrown === "object" && thrown !== null && (thrown as { kind?: unknown }).kind === "invalid-document";
}

const SOURCE_BYTES = 64 * 1024;
const MAX_TOKENS = 5_000;
const VARIABLE_DEPTH = 32;
const CACHED = 1_000;

export function createGuard(schema: GraphQLSchema): Guard {
  const documents = new Map<string, DocumentNode>();
  const rules = [...specifiedRules, limitsRule(DOCUMENT_LIMITS)];

  function parseAndValidate(source: string, hash: string): DocumentNode {
    const known = documents.get(hash);
    if (known !== undefined) return known;
    let document: DocumentNode;
    try {
      document = parse(source, { maxTokens: MAX_TOKENS });
    } catch (thrown) {
      const error = thrown instanceof GraphQLError ? thrown : new GraphQLError("the document cannot be parsed");
      throw invalid("GRAPHQL_PARSE_FAILED", [error]);
    }
    const errors = validate(schema, document, rules, { maxErrors: 20 });
    if (errors.length > 0) {
      const isLimit = errors.some((error) => error.extensions["code"] === "LIMIT_EXCEEDED");
      throw invalid(isLimit ? "LIMIT_EXCEEDED" : "GRAPHQL_VALIDATION_FAILED", errors);
    }
    documents.set(hash, document);
    if (documents.size > CACHED) documents.delete(documents.keys().next().value ?? "");
    return document;
  }

  return {
    documentOf: (hash) => documents.get(hash) ?? null,
    check({ source, operationName, variables, transport }) {
      if (Buffer.byteLength(source) > SOURCE_BYTES) throw exceeded("documentBytes", SOURCE_BYTES, Buffer.byteLength(source));
      const depth = depthOf(variables, 0);
      if (depth > VARIABLE_DEPTH) throw exceeded("variableDepth", VARIABLE_DEPTH, depth);
      const hash = createHash("sha256").update(source).digest("hex");
      const document = parseAndValidate(source, hash);
      const operation = getOperationAST(document, operationName);
      if (operation === null || operation === undefined) {
        throw invalid("OPERATION_RESOLUTION_FAILURE", [
          new GraphQLError(operationName === null ? "name the operation to run" : "the document has no operation of this name"),
        ]);
      }
      if (transport === "websocket" && operation.operation !== OperationTypeNode.SUBSCRIPTION) {
        throw new VitalomeError("BAD_REQUEST", "queries and mutations go over HTTP; the socket carries subscriptions only");
      }
      const cost = costOf(schema, document, operation, variables);
      if (cost > COST_LIMIT) throw exceeded("cost", COST_LIMIT, cost);
      return { document, operation, hash: `${hash}:${operationName ?? ""}`, cost };
    },
  };
}

function invalid(code: InvalidDocument["code"], errors: readonly GraphQLError[]): InvalidDocument {
  return { kind: "invalid-document", code, errors };
}

function exceeded(limit: string, max: number, actual: number): VitalomeError {
  return new VitalomeError("LIMIT_EXCEEDED", `the request exceeds the limit of ${limit}: ${String(actual)} of at most ${String(max)}`, {
    details: { limit, max, actual },
  });
}

function depthOf(value: unknown, depth: number): number {
  if (typeof value !== "object" || value === null || depth > VARIABLE_DEPTH) return depth;
  return Math.max(depth + 1, ...Object.values(value).map((inner) => depthOf(inner, depth + 1)));
}
