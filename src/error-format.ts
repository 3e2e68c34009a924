import type { GraphQLFormattedError } from "graphql";
import { isVitalomeError, messageOf, VitalomeError, type ErrorCode } from "./errors.js";
import type { Log } from "./log.js";

/** Codes that GraphQL itself and Apollo give; their messages speak of the document, not of the service. */
const DOCUMENT_CODES: ReadonlySet<unknown> = new Set([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "BAD_USER_INPUT",
  "BAD_REQUEST",
  "OPERATION_RESOLUTION_FAILURE",
  "PERSISTED_QUERY_NOT_SUPPORTED",
  "LIMIT_EXCEEDED",
]);

const MASKED = "the service failed; its log holds the cause under the request id";
const MESSAGE_LENGTH = 500;

/**
 * The one way an error leaves the service, on HTTP and on sockets alike. What carries none of the closed codes is
 * logged with its cause and answered as INTERNAL_SERVER_ERROR: no class, statement, path or stack leaves.
 */
export function formatError(
  formatted: GraphQLFormattedError,
  thrown: unknown,
  requestId: string,
  log: Log,
): GraphQLFormattedError {
  const cause = originalOf(thrown);
  const place = {
    ...(formatted.locations === undefined ? {} : { locations: formatted.locations }),
    ...(formatted.path === undefined ? {} : { path: formatted.path }),
  };
  if (isVitalomeError(cause) && cause.code !== "INTERNAL_SERVER_ERROR") {
    if (cause.cause !== undefined)
      log.debug({ requestId, code: cause.code, cause: messageOf(cause.cause) }, "an error was answered");
    return { message: cause.message, ...place, extensions: extensionsOf(cause, requestId) };
  }
  const code = formatted.extensions?.["code"] ?? (isArgumentFault(formatted, cause) ? "BAD_USER_INPUT" : undefined);
  if (DOCUMENT_CODES.has(code)) {
    return {
      message: withoutHints(formatted.message),
      ...place,
      extensions: { ...factsOf(formatted.extensions), code, canRetry: false, requestId },
    };
  }
  log.error(
    { requestId, cause: messageOf(cause), stack: (cause as { stack?: unknown } | null)?.stack },
    "a request failed",
  );
  return { message: MASKED, ...place, extensions: { code: "INTERNAL_SERVER_ERROR", canRetry: false, requestId } };
}

export interface ErrorAnswer {
  readonly status: number;
  readonly errors: readonly GraphQLFormattedError[];
}

/** The answer to a request that failed before or outside GraphQL, such as a refused upload. */
export function errorBody(thrown: unknown, requestId: string, log: Log): ErrorAnswer {
  const known = isVitalomeError(thrown) ? thrown : new VitalomeError("INTERNAL_SERVER_ERROR", "", { cause: thrown });
  const error = formatError(
    { message: known.message },
    known.code === "INTERNAL_SERVER_ERROR" ? thrown : known,
    requestId,
    log,
  );
  const isBodyTooLarge = known.code === "LIMIT_EXCEEDED" && known.details.limit === "bodyBytes";
  return { status: isBodyTooLarge ? 413 : (STATUS[known.code] ?? 500), errors: [error] };
}

const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  BAD_USER_INPUT: 400,
  BAD_REQUEST: 400,
  LIMIT_EXCEEDED: 400,
  RATE_LIMITED: 429,
  OVERLOADED: 503,
  BACKEND_UNAVAILABLE: 503,
  STORAGE_FULL: 507,
  CONFLICT: 409,
  IDEMPOTENCY_CONFLICT: 409,
  INGEST_REJECTED: 422,
};

const HINTS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // A guess at what exists tells the schema to whoever asks.
  [/\s*Did you mean [^?]*\?/g, ""],
  // The rest repeats what was sent, which may be a person's data.
  [/( cannot represent [\w\s-]*value): .*$/s, "$1"],
  [/Value ".*" does not exist in/s, "The value does not exist in"],
  [/^(Expected value of type .*?), found .*$/s, "$1"],
  [/^(Argument ".*?" (?:of type ".*?" )?has invalid value) .*$/s, "$1"],
  [/ (String|BlockString|Int|Float) ".*"/s, " $1"],
];

/** A message of graphql-js without guesses and without values. */
export function withoutHints(message: string): string {
  return HINTS.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), message).slice(
    0,
    MESSAGE_LENGTH,
  );
}

function extensionsOf(error: VitalomeError, requestId: string): Record<string, unknown> {
  return { code: error.code, canRetry: error.canRetry, requestId, ...factsOf({ ...error.details }) };
}

const FACTS = ["field", "file", "line", "expected", "limit", "max", "actual", "durableLines"] as const;

function factsOf(from: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  return Object.fromEntries(
    FACTS.map((name) => [name, from?.[name]] as const).filter(([, value]) => value !== undefined),
  );
}

function originalOf(thrown: unknown): unknown {
  const original = (thrown as { originalError?: unknown } | null | undefined)?.originalError;
  return original === undefined || original === null ? thrown : originalOf(original);
}

/**
 * An argument that passed validation and fails on its variables is the client's fault. Every other GraphQLError
 * that appears while an operation runs (a null where none may be, a value no scalar can print) is ours.
 */
function isArgumentFault({ message }: GraphQLFormattedError, cause: unknown): boolean {
  return (
    (cause as { name?: unknown } | null | undefined)?.name === "GraphQLError" &&
    /^Argument "\w+" (of|has) /.test(message)
  );
}
