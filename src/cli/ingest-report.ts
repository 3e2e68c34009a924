import { basename } from "node:path";
import { EXIT, print, say, type OutputMode } from "./output.js";

interface RuleCount {
  readonly rule: string;
  readonly count: number;
}

interface Ledger {
  readonly recordsRead: number;
  readonly accepted: number;
  readonly filtered: readonly RuleCount[];
  readonly quarantined: readonly RuleCount[];
  readonly duplicates: number;
  readonly late: number;
  readonly balanced: boolean;
  readonly quarantineUri: string | null;
  readonly alleles: {
    readonly read: number;
    readonly accepted: number;
    readonly filtered: readonly RuleCount[];
    readonly quarantined: readonly RuleCount[];
    readonly duplicates: number;
    readonly balanced: boolean;
  };
  readonly samples: readonly {
    readonly source: string;
    readonly position: string;
    readonly reason: string;
    readonly raw: string | null;
  }[];
}

export interface FileLedger {
  readonly file: string;
  readonly status: "ACCEPTED" | "PARTIAL" | "REFUSED";
  readonly code: string | null;
  readonly message: string | null;
  readonly line: number | null;
  readonly field: string | null;
  readonly expected: string | null;
  readonly callSetId: string | null;
  readonly ledger: Ledger | null;
}

export interface JobAnswer {
  readonly id: string;
  readonly state: string;
  readonly progress: number | null;
  readonly stage: string | null;
  readonly error: { readonly code: string; readonly message: string; readonly retryable: boolean } | null;
  readonly outputs: readonly { readonly snapshotId: string }[];
  readonly estimate: { readonly rows: number; readonly bytes: number; readonly seconds: number } | null;
  readonly fileLedgers: readonly FileLedger[];
}

/** One line per file, in the order of `files`; answers what the verb ends with. */
export function reportJob(job: JobAnswer, files: readonly string[], mode: OutputMode, isStrict: boolean): number {
  const snapshotId = job.outputs[0]?.snapshotId ?? null;
  const dryRun = job.estimate === null ? {} : { dryRun: true, estimate: job.estimate };
  const error = job.error ?? { code: job.state, message: `the job ended as ${job.state}`, retryable: true };
  for (const [index, file] of files.entries()) {
    const outcome = job.fileLedgers[index];
    if (outcome !== undefined) {
      print(mode === "json" ? JSON.stringify({ ...lineOf(outcome, job.id, snapshotId), ...dryRun }) : textOf(outcome));
    } else {
      const line = { file: basename(file), status: "failed", code: error.code, message: error.message, jobId: job.id };
      print(mode === "json" ? JSON.stringify(line) : `${line.file}: failed: ${line.code}: ${line.message}`);
    }
  }
  if (job.estimate !== null && mode === "text") {
    const { rows, bytes, seconds } = job.estimate;
    print(`dry run: would write ${String(rows)} rows, ${sizeText(bytes)}, in about ${seconds.toFixed(1)} s`);
  }
  const isRefused = job.fileLedgers.some(({ status }) => status === "REFUSED");
  if (job.state !== "COMPLETE" && !isRefused) say(`vitalome: ${error.code}: ${error.message}`);
  if (job.state !== "COMPLETE" || isRefused) return EXIT.failed;
  const quarantined = job.fileLedgers.reduce(
    (sum, { ledger }) => sum + (ledger === null ? 0 : totalOf(ledger.quarantined)),
    0,
  );
  return isStrict && quarantined > 0 ? EXIT.quarantined : EXIT.ok;
}

function lineOf(file: FileLedger, jobId: string, snapshotId: string | null): object {
  const { ledger } = file;
  if (ledger === null) {
    const { code, message, line, field, expected } = file;
    return { file: file.file, status: "refused", code, message, line, field, expected, jobId };
  }
  const { alleles } = ledger;
  return {
    file: file.file,
    status: file.status.toLowerCase(),
    callSetId: file.callSetId,
    recordsRead: ledger.recordsRead,
    accepted: ledger.accepted,
    filtered: totalOf(ledger.filtered),
    quarantined: totalOf(ledger.quarantined),
    duplicates: ledger.duplicates,
    late: ledger.late,
    balanced: ledger.balanced,
    filteredByRule: byRule(ledger.filtered),
    quarantinedByRule: byRule(ledger.quarantined),
    alleles: {
      read: alleles.read,
      accepted: alleles.accepted,
      filtered: totalOf(alleles.filtered),
      quarantined: totalOf(alleles.quarantined),
      duplicates: alleles.duplicates,
      balanced: alleles.balanced,
    },
    quarantineUri: ledger.quarantineUri,
    quarantineSamples: ledger.samples,
    jobId,
    snapshotId,
  };
}

function textOf(file: FileLedger): string {
  const { ledger } = file;
  if (ledger === null) {
    const place = file.line === null ? "" : ` (line ${String(file.line)}, ${file.field ?? ""})`;
    return `${file.file}: refused${place}: ${file.message ?? ""}`;
  }
  const parts = [
    `${String(ledger.recordsRead)} records: ${String(ledger.accepted)} accepted`,
    `${String(totalOf(ledger.filtered))} filtered`,
    `${String(totalOf(ledger.quarantined))} quarantined`,
    `${String(ledger.duplicates)} duplicates`,
  ];
  const reasons = ledger.samples.map((sample) => `\n  ${sample.position}: ${sample.reason}`).join("");
  return `${file.file}: ${parts.join(", ")}${ledger.balanced ? "" : " (DOES NOT BALANCE)"}${reasons}`;
}

function totalOf(counts: readonly RuleCount[]): number {
  return counts.reduce((sum, { count }) => sum + count, 0);
}

function byRule(counts: readonly RuleCount[]): Readonly<Record<string, number>> {
  return Object.fromEntries(counts.map(({ rule, count }) => [rule, count]));
}

export function sizeText(bytes: number): string {
  return bytes < 1 << 20 ? `${String(Math.ceil(bytes / 1024))} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`;
}
