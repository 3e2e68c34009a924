import type { DriverEnd } from "./driver-process.js";
import type { Failure } from "./run-files.js";

/** Why a driver that left neither result nor failure is gone. Its own words may quote a record: only classes are kept. */
export function failureOfDriver(end: DriverEnd, faultClasses: readonly string[]): Failure {
  return { code: "EXECUTOR_ERROR", message: messageOf(end, faultClasses) };
}

function messageOf(end: DriverEnd, faultClasses: readonly string[]): string {
  if (end.fault !== null) return `spark-submit could not be started (${end.fault})`;
  if (faultClasses.some((name) => name.endsWith("OutOfMemoryError"))) return "the job's process ran out of memory";
  const how = end.signal === null ? `ended with code ${String(end.code)}` : `was killed (${end.signal})`;
  const named = faultClasses.length === 0 ? "" : `; it named ${faultClasses.join(", ")}`;
  return `the job's process ${how} without a result${named}`;
}
