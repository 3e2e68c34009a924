import { writeFileSync } from "node:fs";

/**
 * Closes a run with one plain line that any tool can read. Where another sums several runs, it gets the counts in the
 * file that VITALOME_TEST_TOTAL names, and the line is its to write.
 */
export default class PlainReporter {
  /** Tests that take minutes say at once how each went, not when their file has ended. */
  onTestCaseResult(_test, { fullName, status, duration, failureMessages }) {
    if (process.env["VITALOME_LONG_TESTS"] !== "1") return;
    process.stderr.write(`${status} (${String(duration ?? 0)} ms) ${fullName}\n${failureMessages.join("\n")}`);
  }

  onRunComplete(_contexts, results) {
    const { numPassedTests: passed, numFailedTests, numPendingTests: skipped, numRuntimeErrorTestSuites } = results;
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    const total = process.env["VITALOME_TEST_TOTAL"] ?? "";
    if (total !== "") writeFileSync(total, JSON.stringify({ passed, failed, skipped }));
    else process.stderr.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`);
  }
}
