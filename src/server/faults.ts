import { errorBody, formatError, type ErrorAnswer } from "../error-format.js";
import { isInvalidDocument } from "../guard/check.js";
import type { Log } from "../log.js";

/** What refused a request before it ran, in the one shape of both transports. */
export function faultsOf(thrown: unknown, requestId: string, log: Log): ErrorAnswer {
  if (!isInvalidDocument(thrown)) return errorBody(thrown, requestId, log);
  const errors = thrown.errors.map((error) => {
    const { extensions, ...rest } = error.toJSON();
    return formatError({ ...rest, extensions: { ...extensions, code: thrown.code } }, null, requestId, log);
  });
  return { status: 400, errors };
}
