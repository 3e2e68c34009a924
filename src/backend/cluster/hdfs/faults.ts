import { VitalomeError, isVitalomeError, messageOf } from "../../../errors.js";
import { invalid, notFound } from "../../paths.js";

/** Why a call to HDFS failed, before it is put in our words. Stays inside this adapter. */
export class HdfsFault extends Error {
  /** The class of the server's exception, which the `webhdfs` package drops; null when the answer named none. */
  readonly exception: string | null;
  /** The call may have been done all the same: its answer was lost. */
  readonly mayBeDone: boolean;
  readonly isTransient: boolean;

  constructor(
    message: string,
    options: {
      readonly exception?: string | null;
      readonly mayBeDone?: boolean;
      readonly isTransient?: boolean;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "HdfsFault";
    this.exception = options.exception ?? null;
    this.mayBeDone = options.mayBeDone ?? false;
    this.isTransient = options.isTransient ?? false;
  }
}

/** Structural, because errors cross realms in Jest. */
export function isHdfsFault(value: unknown): value is HdfsFault {
  return typeof value === "object" && value !== null && (value as { name?: unknown }).name === "HdfsFault";
}

const TRANSIENT = new Set([
  "SafeModeException",
  "StandbyException",
  "RetriableException",
  "ObserverRetryOnActiveException",
  "ConnectException",
  "SocketTimeoutException",
  "NoRouteToHostException",
  "EOFException",
]);
/** Not HDFS's: the rest of a file that is being read is no longer there. */
export const REPLACED = "ReplacedWhileRead";
const NO_TARGET = /could only be (?:written|replicated) to/;
/** A NameNode that starts, a DataNode that lost its NameNode or the replica: worth asking again. */
const STARTING = /in startup mode|Failed to find datanode|not started|Connection refused|Blocklist for .* has changed/i;

/** No connection, a connection that broke, or no answer in time. */
export function lostAnswer(message: string, cause?: unknown): HdfsFault {
  return new HdfsFault(message, { mayBeDone: true, isTransient: true, cause });
}

/** What an answer other than the one wanted says: a remote exception, or a page of something in between. */
export function faultOf(status: number, body: string): HdfsFault {
  const remote = remoteExceptionOf(body);
  if (remote === null) {
    // 5xx and 429 of a server or a proxy: whether the call was done is not known.
    const isTransient = status >= 500 || status === 429;
    return new HdfsFault(`HTTP ${String(status)} without a remote exception`, { isTransient, mayBeDone: isTransient });
  }
  // The rest of the message is a stack trace.
  const [message = ""] = remote.message.split("\n");
  const isTransient = TRANSIENT.has(remote.exception) || NO_TARGET.test(message) || STARTING.test(message);
  return new HdfsFault(message, { exception: remote.exception, isTransient });
}

function remoteExceptionOf(body: string): { readonly exception: string; readonly message: string } | null {
  try {
    const parsed = JSON.parse(body) as { RemoteException?: { exception?: unknown; message?: unknown } } | null;
    const { exception, message } = parsed?.RemoteException ?? {};
    return typeof exception === "string" ? { exception, message: messageOf(message ?? "") } : null;
  } catch {
    return null;
  }
}

/** There is nothing at the path: no such file, or a file where one of its folders should be. */
export function isNothingThere(thrown: unknown): boolean {
  return isHdfsFault(thrown) && (thrown.exception === "FileNotFoundException" || isBelowFile(thrown));
}

/** The server says this of a path below a file with two classes, one of them that of missing permission. */
function isBelowFile(fault: HdfsFault): boolean {
  return fault.exception === "ParentNotDirectoryException" || fault.message.endsWith("(is not a directory)");
}

/** What HDFS says, in the closed codes. Faults that are not HDFS's pass as they are. */
export function translateHdfs(thrown: unknown, path: string): unknown {
  if (!isHdfsFault(thrown) || isVitalomeError(thrown)) return thrown;
  const fault = thrown;
  const unavailable = (message: string): VitalomeError =>
    new VitalomeError("BACKEND_UNAVAILABLE", message, { cause: fault });
  if (isBelowFile(fault)) return invalid("a file below folders");
  switch (fault.exception) {
    case "FileNotFoundException":
      return notFound(path, fault);
    case "FileAlreadyExistsException":
      return invalid("a file below folders");
    case "InvalidPathException":
      return invalid("segments without a colon");
    case "PathComponentTooLongException":
      return invalid("segments of at most 255 bytes");
    case "AccessControlException":
    case "SecurityException":
    case "AuthenticationException":
    case "AuthorizationException":
      return new VitalomeError("FORBIDDEN", "HDFS refuses this to the user of the service", { cause: fault });
    case "NSQuotaExceededException":
    case "DSQuotaExceededException":
    case "QuotaExceededException":
    case "QuotaByStorageTypeExceededException":
      return new VitalomeError("STORAGE_FULL", "the quota of the store in HDFS is used up", { cause: fault });
    case "SafeModeException":
      return unavailable("HDFS is in safe mode");
    case REPLACED:
      return unavailable("a file of the store was replaced while it was read");
    case "StandbyException":
      return unavailable("HDFS answers from a standby NameNode");
  }
  if (NO_TARGET.test(fault.message)) {
    // The DataNodes that run and are not left out have no room.
    const full = /There are (\d+) datanode\(s\) running and (no|\d+) node\(s\) are excluded/.exec(fault.message);
    if (full !== null && Number(full[1]) > 0 && full[2] === "no")
      return new VitalomeError("STORAGE_FULL", "HDFS has no room left", { cause: fault });
    return unavailable("HDFS has no DataNode that takes data");
  }
  return unavailable(fault.mayBeDone ? "HDFS is out of reach" : "HDFS failed");
}
