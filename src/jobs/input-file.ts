import type { FileStat } from "../backend/index.js";
import { VitalomeError, isVitalomeError } from "../errors.js";
import type { FileRefusal, JobContext } from "./context.js";
import { parseRawId } from "./parameters.js";

/** NOT_FOUND names the file as it was uploaded. */
export async function statInput(context: JobContext, uri: string): Promise<FileStat> {
  const { path, name } = parseRawId(uri);
  const stat = await context.files.stat(path);
  if (stat !== null) return stat;
  throw new VitalomeError("NOT_FOUND", `no uploaded file has this id: ${name}`, { details: { field: "uri" } });
}

const OWN_FAULTS = ["INGEST_REJECTED", "NOT_FOUND", "BAD_USER_INPUT", "LIMIT_EXCEEDED"];

/** Why a file is refused, for a fault of its own; faults of the machine, and a cancelled job, are thrown on. */
export function refusalOf(context: JobContext, thrown: unknown): FileRefusal {
  if (context.signal.aborted || !isVitalomeError(thrown) || !OWN_FAULTS.includes(thrown.code)) throw thrown;
  const { line = null, field = null, expected = null } = thrown.details;
  return { code: thrown.code, message: thrown.message, line, field, expected };
}
