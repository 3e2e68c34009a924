import { VitalomeError, isVitalomeError, messageOf, type ErrorCode } from "../../../errors.js";
import { STATUS_ERROR, STATUS_UNKNOWN_HANDLE, type Status } from "./wire.js";

/** A call without an answer, or one that was answered with an error. The server's whole text stays in `detail`. */
export interface SparkFault extends Error {
  readonly name: "SparkFault";
  /** `lost`: no answer; `forgotten`: the server does not know the session or statement; `refused`: it said no. */
  readonly kind: "lost" | "forgotten" | "refused";
  readonly sqlState: string | null;
  /** As in `TABLE_OR_VIEW_NOT_FOUND`; empty when the text names none. */
  readonly errorClass: string;
  readonly detail: string;
}

export function isSparkFault(thrown: unknown): thrown is SparkFault {
  return typeof thrown === "object" && thrown !== null && (thrown as { name?: unknown }).name === "SparkFault";
}

export function lostAnswer(cause: unknown): SparkFault {
  const rest = { sqlState: null, errorClass: "", detail: "" };
  return Object.assign(new Error(messageOf(cause), { cause }), { name: "SparkFault", kind: "lost", ...rest } as const);
}

/** Spark's text is plans and stack traces: class, SQLSTATE and the first line are what a log keeps. */
export function refusal(text: string | null, sqlState: string | null, statusCode = STATUS_ERROR): SparkFault {
  const detail = text ?? "";
  const errorClass = /\[([A-Z][A-Z0-9_.]*)\]/.exec(detail)?.[1] ?? "";
  const kind =
    statusCode === STATUS_UNKNOWN_HANDLE || /Invalid (Session|Operation)Handle|SessionHandle .* not exist/.test(detail)
      ? "forgotten"
      : "refused";
  const state = sqlState ?? /SQLSTATE: ([0-9A-Z]{5})/.exec(detail)?.[1] ?? null;
  const line = firstLine(detail);
  return Object.assign(new Error(line), { name: "SparkFault", kind, sqlState: state, errorClass, detail } as const);
}

export function failOn(status: Status): void {
  if (status.statusCode >= STATUS_ERROR) throw refusal(status.errorMessage, status.sqlState, status.statusCode);
}

export function outOfReach(cause: unknown): VitalomeError {
  return new VitalomeError("BACKEND_UNAVAILABLE", "Spark SQL is out of reach", { cause });
}

/** Texts of a server that goes down, and of a lake it cannot read: signs in the stack traces, the causes have no class. */
const GOING_DOWN = /SparkContext was shut ?down|stopped SparkContext|Cannot call methods on a stopped/i;
const LAKE_AWAY = /ConnectException|SafeModeException|NoRouteToHost|SocketTimeoutException|BlockMissingException/;
const OUT_OF_MEMORY = /OutOfMemoryError|maxResultSize|UNABLE_TO_ACQUIRE_MEMORY|CANNOT_ACQUIRE_MEMORY/;
const FORBIDDEN = /AccessControlException|Permission denied/;
const FULL = /DSQuotaExceeded|No space left/;

/** Only codes, class and SQLSTATE go out: lines of Spark's text name hosts, paths and values. */
export function translateSpark(thrown: unknown): unknown {
  if (isVitalomeError(thrown) || !isSparkFault(thrown)) return thrown;
  const { kind, sqlState, errorClass, detail } = thrown;
  if (kind !== "refused" || GOING_DOWN.test(detail)) return outOfReach(thrown);
  if (LAKE_AWAY.test(detail))
    return new VitalomeError("BACKEND_UNAVAILABLE", "HDFS is out of reach for Spark SQL", { cause: thrown });
  const code = codeOf(sqlState ?? "", errorClass, detail);
  const named = [errorClass, ...(sqlState === null ? [] : [`SQLSTATE ${sqlState}`])].filter((part) => part !== "");
  return new VitalomeError(
    code,
    `Spark SQL refused the statement${named.length === 0 ? "" : ` (${named.join(", ")})`}`,
    {
      cause: thrown,
    },
  );
}

function codeOf(sqlState: string, errorClass: string, detail: string): ErrorCode {
  if (OUT_OF_MEMORY.test(detail)) return "OVERLOADED";
  if (FULL.test(detail)) return "STORAGE_FULL";
  if (FORBIDDEN.test(detail)) return "FORBIDDEN";
  if (errorClass.startsWith("FAILED_READ_FILE") || errorClass === "PATH_NOT_FOUND") return "STORAGE_CORRUPT";
  if (errorClass === "SPARK_JOB_CANCELLED" || errorClass === "OPERATION_CANCELED") return "CANCELED";
  // 42: syntax, names, access. 0A: not supported. 22: a value the statement cannot take.
  if (/^(42|0A|22)/.test(sqlState)) return "SQL_REJECTED";
  return "INTERNAL_SERVER_ERROR";
}

function firstLine(text: string): string {
  const line = text.split("\n", 1)[0] ?? "";
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
