import type { Request } from "express";
import { GraphQLError } from "graphql";
import { VitalomeError, isVitalomeError } from "../errors.js";

/** Bytes of a JSON body after decompression. */
export const BODY_BYTES = 1 << 20;

export interface OperationRequest {
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The token of an `Authorization: Bearer` header; UNAUTHENTICATED without one. */
export function bearerOf(request: Request): string {
  const match = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(request.header("authorization") ?? "");
  if (match === null) throw new VitalomeError("UNAUTHENTICATED", "a valid bearer token is required");
  return match[1] ?? "";
}

/** What a POST body or a GET query string asks for; BAD_REQUEST names the part that is wrong. */
export function operationOf(request: Request): OperationRequest {
  const isGet = request.method === "GET";
  if (!isGet && request.method !== "POST") throw new VitalomeError("BAD_REQUEST", "POST a query, or GET one");
  const from = (isGet ? request.query : request.body) as unknown;
  if (typeof from !== "object" || from === null || Array.isArray(from)) {
    throw new VitalomeError("BAD_REQUEST", "the body must be one JSON object with a query; batches are off");
  }
  const { query, operationName, variables: given } = from as Readonly<Record<string, unknown>>;
  if (typeof query !== "string" || query === "") {
    throw new VitalomeError("BAD_REQUEST", "query: expected GraphQL text", { details: { field: "query" } });
  }
  const variables = isGet && typeof given === "string" ? parseJson(given) : (given ?? {});
  if (typeof variables !== "object" || variables === null || Array.isArray(variables)) {
    throw new VitalomeError("BAD_REQUEST", "variables: expected a JSON object", { details: { field: "variables" } });
  }
  if (operationName !== undefined && operationName !== null && typeof operationName !== "string") {
    throw new VitalomeError("BAD_REQUEST", "operationName: expected text", { details: { field: "operationName" } });
  }
  // An empty name is what some clients send for none.
  return {
    query,
    operationName: operationName === "" ? null : (operationName ?? null),
    variables: variables as Record<string, unknown>,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (thrown) {
    throw new VitalomeError("BAD_REQUEST", "variables: expected a JSON object", {
      cause: thrown,
      details: { field: "variables" },
    });
  }
}

/** The `name` of an upload: one plain file name. */
export function fileNameOf(request: Request): string {
  const value: unknown = request.query["name"];
  if (typeof value !== "string" || !/^[^/\\\u0000-\u001f]{1,255}$/.test(value) || value === "." || value === "..") {
    throw new VitalomeError("BAD_USER_INPUT", "name: expected a file name without a folder, 1 to 255 characters", {
      details: { field: "name", expected: "a file name" },
    });
  }
  return value;
}

/** Faults of the body parser and the router, in our vocabulary. */
export function requestFault(thrown: unknown): unknown {
  if (isVitalomeError(thrown)) return thrown;
  const { type, status } = (thrown ?? {}) as { type?: unknown; status?: unknown };
  if (type === "entity.too.large") {
    return new VitalomeError("LIMIT_EXCEEDED", "the body is larger than 1 MiB", {
      details: { limit: "bodyBytes", max: BODY_BYTES },
    });
  }
  if (typeof type === "string")
    return new VitalomeError("BAD_REQUEST", "the body is not JSON in UTF-8", { cause: thrown });
  if (thrown instanceof URIError || status === 400)
    return new VitalomeError("BAD_REQUEST", "the address cannot be read", { cause: thrown });
  return thrown instanceof GraphQLError
    ? new VitalomeError("BAD_REQUEST", "the request cannot be read", { cause: thrown })
    : thrown;
}
