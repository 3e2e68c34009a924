import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { isErrorCode, isVitalomeError, messageOf, VitalomeError, type ErrorCode } from "./errors.js";
import type { Log } from "./log.js";

const APOLLO_CODES = new Set([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "BAD_USER_INPUT",
  "BAD_REQUEST",
  "OPERATION_RESOLUTION_FAILURE",
  "PERSISTED_QUERY_NOT_SUPPORTED",
]);

/** The one way an error leaves the service, on HTTP and on sockets alike. */
export function formatError(formatted: GraphQLFormattedError, thrown: unknown, requestId: string, log: Log): GraphQLFormattedError {
  const cause = originalOf(thrown);
  const place = {
    ...(formatted.locations === undefined ? {} : { locations: formatted.locations }),
    ...(formatted.path === undefined ? {} : { path: formatted.path }),
  };
  if (isVitalomeError(cause) && cause.code !== "INTERNAL_SERVER_ERROR") {
    if (cause.cause !== undefined) log.debug({ requestId, code: cause.code, cause: messageOf(cause.cause) }, "an error was answered");
    return { message: cause.message, ...place, extensions: extensionsOf(cause, requestId) };
  }
  const code = formatted.extensions?.["code"];
  if (typeof code === "string" && APOLLO_CODES.has(code)) {
    return { message: withoutSuggestion(formatted.message), ...place, extensions: { code, canRetry: false, requestId } };
  }
  if (cause instanceof GraphQLError || isPlainGraphQLError(cause)) {
    return { message: withoutSuggestion(formatted.message), ...place, extensions: { code: "BAD_USER_INPUT", canRetry: false, requestId } };
  }
  log.error({ requestId, cause: messageOf(cause), stack: (cause as { stack?: unknown } | null)?.stack }, "a request failed");
  return {
    message: "the service failed; its log holds the cause under the request id",
    ...place,
    extensions: { code: "INTERNAL_SERVER_ERROR", canRetry: false, requestId },
  };
}

/** The body of an error outside GraphQL, such as a refused upload. */
export function errorBody(thrown: unknown, requestId: string, log: Log): { readonly status: number; readonly errors: readonly GraphQLFormattedError[] } {
  const known = isVitalomeError(thrown) ? thrown : new VitalomeError("INTERNAL_SERVER_ERROR", "", { cause: thrown });
  const error = formatError({ message: known.message }, known.code === "INTERNAL_SERVER_ERROR" ? thrown : known, requestId, log);
  return { status: STATUS[known.code] ?? 500, errors: [error] };
}

const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  BAD_USER_INPUT: 400,
  BAD_REQUEST: 400,
  LIMIT_EXCEEDED: 413,
  RATE_LIMITED: 429,
  OVERLOADED: 503,
  BACKEND_UNAVAILABLE: 503,
  STORAGE_FULL: 507,
  CONFLICT: 409,
  IDEMPOTENCY_CONFLICT: 409,
  INGEST_REJECTED: 422,
};

/** "Did you mean" tells the schema to whoever guesses. */
export function withoutSuggestion(message: string): string {
  return message.replace(/\s*Did you mean [^?]*\?/g, "").replace(/; got invalid value .*$/s, "").slice(0, 500);
}

function extensionsOf(error: VitalomeError, requestId: string): Record<string, unknown> {
  const details = Object.fromEntries(Object.entries(error.details).filter(([, value]) => value !== undefined));
  return { code: isErrorCode(error.code) ? error.code : "INTERNAL_SERVER_ERROR", canRetry: error.canRetry, requestId, ...details };
}

function originalOf(thrown: unknown): unknown {
  const original = (thrown as { originalError?: unknown } | null)?.originalError;
  return original === undefined || original === null ? thrown : originalOf(original);
}

/** graphql-jit builds errors that look like GraphQLError without being one. */
function isPlainGraphQLError(thrown: unknown): boolean {
  return typeof thrown === "object" && thrown !== null && (thrown as { name?: unknown }).name === "GraphQLError";
}
