import { EXIT, print, type OutputMode } from "./output.js";

export interface ObservationsAnswer {
  readonly id: string;
  readonly cursor: string;
  readonly lines: number;
  readonly ledger: {
    readonly read: number;
    readonly accepted: number;
    readonly late: number;
    readonly duplicates: number;
    readonly rejected: readonly { readonly rule: string; readonly count: number }[];
    readonly balanced: boolean;
  } | null;
}

export interface Rejection {
  readonly line: number | null;
  readonly rule: string;
  readonly field: string;
  readonly found: string;
  readonly expected: string;
}

export interface ReportOptions {
  readonly mode: OutputMode;
  readonly source: string;
  readonly isStrict: boolean;
}

/** One line on the submission, in text also one for each of a few rejections; answers what the verb ends with. */
export function reportSubmission(
  { id, cursor, lines, ledger }: ObservationsAnswer,
  rejections: readonly Rejection[],
  { mode, source, isStrict }: ReportOptions,
): number {
  const rejected = (ledger?.rejected ?? []).reduce((sum, { count }) => sum + count, 0);
  if (mode === "json") {
    const byRule = Object.fromEntries((ledger?.rejected ?? []).map(({ rule, count }) => [rule, count]));
    const counted =
      ledger === null ? null : { ...ledger, rejected, rejectedByRule: byRule, rejectedSamples: rejections };
    print(JSON.stringify({ source, submissionId: id, lines, ledger: counted, cursor }));
  } else if (ledger === null) {
    print(`${source}: ${String(lines)} lines are durable as ${id}`);
  } else {
    const { read, accepted, late, duplicates, balanced } = ledger;
    const parts = [
      `${String(read)} readings: ${String(accepted)} accepted (${String(late)} late)`,
      `${String(duplicates)} duplicates`,
      `${String(rejected)} rejected`,
    ];
    print(`${source}: ${String(lines)} lines, ${parts.join(", ")}${balanced ? "" : ": THE LEDGER DOES NOT BALANCE"}`);
    for (const { line, rule, field, found, expected } of rejections) {
      print(`  line ${String(line ?? "?")}: ${rule}: ${field}: expected ${expected}, found ${found}`);
    }
  }
  if (ledger !== null && !ledger.balanced) return EXIT.failed;
  return isStrict && rejected > 0 ? EXIT.quarantined : EXIT.ok;
}
