import { VitalomeError } from "../../../errors.js";

/** The refusal of a file for one line of its header. */
export function headerFault(line: number, field: string, expected: string, found: string): VitalomeError {
  const shown = found === "" ? "" : `, found ${JSON.stringify(found.slice(0, 120))}`;
  return new VitalomeError("INGEST_REJECTED", `line ${String(line)}, ${field}: expected ${expected}${shown}`, {
    details: { line, field, expected },
  });
}

/** The refusal of a file that goes past a limit. */
export function headerLimit(line: number, field: string, limit: string, max: number, actual: number): VitalomeError {
  return new VitalomeError("INGEST_REJECTED", `line ${String(line)}, ${field}: more than the limit ${limit}`, {
    details: { line, field, limit, max, actual, expected: `at most ${String(max)}` },
  });
}
