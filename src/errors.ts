/**
 * The closed vocabulary of errors a client can see. One code, one meaning, set in one place.
 * Whatever has no code here is logged with its cause and answered as INTERNAL_SERVER_ERROR.
 */
const RETRYABLE = {
  UNAUTHENTICATED: false,
  FORBIDDEN: false,
  NOT_FOUND: false,
  BAD_USER_INPUT: false,
  BAD_REQUEST: false,
  LIMIT_EXCEEDED: false,
  RATE_LIMITED: true,
  OVERLOADED: true,
  BACKEND_UNAVAILABLE: true,
  STORAGE_FULL: true,
  STORAGE_CORRUPT: false,
  STORAGE_NEWER: false,
  SQL_REJECTED: false,
  SQL_TIMEOUT: true,
  CONFLICT: true,
  CURSOR_INVALID: false,
  CURSOR_EXPIRED: false,
  SNAPSHOT_NOT_FOUND: false,
  SNAPSHOT_EXPIRED: false,
  IDEMPOTENCY_CONFLICT: false,
  INGEST_REJECTED: false,
  SLOW_CONSUMER: true,
  CONFIG_INVALID: false,
  EXECUTOR_ERROR: true,
  CANCELED: true,
  INTERNAL_SERVER_ERROR: false,
} as const;

export type ErrorCode = keyof typeof RETRYABLE;

/** Facts that go to the client beside the message: never personal data, paths, hosts or SQL. */
export interface ErrorDetails {
  readonly field?: string | undefined;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly expected?: string | undefined;
  readonly limit?: string | undefined;
  readonly max?: number | undefined;
  readonly actual?: number | undefined;
  /** Lines of what was sent that are kept all the same. */
  readonly durableLines?: number | undefined;
}

/** The only error class that may carry a message to a client. `cause` stays on this side. */
export class VitalomeError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: ErrorDetails } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "VitalomeError";
    this.code = code;
    this.details = options.details ?? {};
  }

  get canRetry(): boolean {
    return RETRYABLE[this.code];
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(RETRYABLE, value);
}

/** Structural, because errors cross realms (Jest, worker threads) where `instanceof` is false. */
export function isVitalomeError(value: unknown): value is VitalomeError {
  return (
    typeof value === "object" &&
    value !== null &&
    (value as { name?: unknown }).name === "VitalomeError" &&
    isErrorCode((value as { code?: unknown }).code)
  );
}

/** The message of anything thrown, for logs. Native code throws values that are not `instanceof Error`. */
export function messageOf(thrown: unknown): string {
  if (typeof thrown === "object" && thrown !== null && "message" in thrown) return String(thrown.message);
  return String(thrown);
}

/** The operating system's code (`ENOENT`, `ENOSPC`) of anything thrown, or null. */
export function systemCodeOf(thrown: unknown): string | null {
  const code: unknown = typeof thrown === "object" && thrown !== null ? (thrown as { code?: unknown }).code : undefined;
  return typeof code === "string" ? code : null;
}
