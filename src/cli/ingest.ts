import { randomUUID } from "node:crypto";
import { stat } from "node:fs/promises";
import type { Command } from "commander";
import { environment } from "../config.js";
import { createClient, findEndpoint, type Client, type ConnectionOptions } from "./client.js";
import { createProgress, EXIT, failure, outputMode, print, say, type OutputMode } from "./output.js";
import { addConnection } from "./query.js";

interface IngestOptions extends ConnectionOptions {
  readonly assembly?: string;
  readonly samples?: string;
  readonly callSet?: string;
  readonly callSetKind?: string;
  readonly reference?: string;
  readonly minQual?: string;
  readonly passOnly?: boolean;
  readonly minAf?: string;
  readonly maxAf?: string;
  readonly dryRun?: boolean;
  readonly idempotencyKey?: string;
  readonly strict?: boolean;
  readonly output?: string;
}

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
  readonly samples: readonly { readonly source: string; readonly position: string; readonly reason: string; readonly raw: string | null }[];
}

interface FileLedger {
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

interface JobAnswer {
  readonly id: string;
  readonly state: string;
  readonly progress: number | null;
  readonly stage: string | null;
  readonly error: { readonly code: string; readonly message: string; readonly retryable: boolean } | null;
  readonly outputs: readonly { readonly snapshotId: string }[];
  readonly estimate: { readonly rows: number; readonly bytes: number; readonly seconds: number } | null;
  readonly fileLedgers: readonly FileLedger[];
}

const SUBMIT = "mutation Ingest($input: VariantIngestInput!) { ingestVariants(input: $input) { id state } }";
const FOLLOW = "query Follow($id: ID!) { job(id: $id) { id state progress stage error { code message retryable } } }";
const RESULT = `query Result($id: ID!) {
  job(id: $id) {
    id state progress stage error { code message retryable } outputs { snapshotId } estimate { rows bytes seconds }
    fileLedgers {
      file status code message line field expected callSetId
      ledger {
        recordsRead accepted filtered { rule count } quarantined { rule count } duplicates late balanced quarantineUri
        alleles { read accepted filtered { rule count } quarantined { rule count } duplicates balanced }
        samples(first: 5) { source position reason raw }
      }
    }
  }
}`;
const TERMINAL = new Set(["COMPLETE", "EXECUTOR_ERROR", "SYSTEM_ERROR", "CANCELED"]);
const POLL_MS = 200;

export function addIngest(program: Command, end: (code: number) => void, signal: AbortSignal): void {
  addConnection(program.command("ingest"))
    .description("Ingest VCF files (plain, gzip or bgzip) as one job, and wait for the ledgers.")
    .argument("<files...>", "VCF files")
    .option("--assembly <build>", "GRCh38 or GRCh37, where the header does not tell it")
    .option("--samples <file>", "sample sheet, tab-separated: sample, sex, population, superpopulation")
    .option("--call-set <name>", "name of the call set")
    .option("--call-set-kind <kind>", "FORCED_SITES, COHORT_VARIANTS_ONLY, GVCF or SINGLE_VARIANTS_ONLY")
    .option("--reference <fasta>", "reference FASTA: check REF and left-align")
    .option("--min-qual <number>", "leave out records of lower QUAL")
    .option("--pass-only", "leave out records whose FILTER is not PASS")
    .option("--min-af <number>", "leave out rarer alternates")
    .option("--max-af <number>", "leave out commoner alternates")
    .option("--dry-run", "read and count, publish nothing")
    .option("--idempotency-key <text>", "the same key is the same job")
    .option("--strict", "end with 3 when anything was quarantined")
    .option("--output <mode>", "json or text (default: json in a pipe)")
    .addHelpText(
      "after",
      `
Prints one line per file: its ledger, or why it was refused.
Ends with 0, 1 (a file refused or the job failed), 3 (--strict and something quarantined),
4 (service out of reach, token refused), 5 (key used with other parameters).

Examples:
  vitalome ingest CYP2C19.vcf.gz --assembly GRCh38 --samples igsr_samples.tsv
  vitalome ingest *.vcf.gz --assembly GRCh38 --call-set 1000G --output json
  vitalome ingest new.vcf --dry-run --strict`,
    )
    .action(async (files: string[], options: IngestOptions) => {
      end(await ingest(files, options, signal));
    });
}

async function ingest(paths: readonly string[], options: IngestOptions, signal: AbortSignal): Promise<number> {
  const mode = outputMode(options.output);
  const input = readInput(options);
  for (const path of [...paths, ...(options.samples === undefined ? [] : [options.samples])]) await requireFile(path);
  const client = createClient(await findEndpoint(options, environment()), signal);
  const progress = createProgress();
  const total = (await Promise.all(paths.map(async (path) => (await stat(path)).size))).reduce((sum, size) => sum + size, 0);
  let sent = 0;
  const upload = async (path: string): Promise<string> => {
    const { id } = await client.upload(path, (bytes) => {
      sent += bytes;
      progress.show(`uploading ${sizeText(sent)} of ${sizeText(total)}`);
    });
    return id;
  };
  const uris: string[] = [];
  for (const path of paths) uris.push(await upload(path));
  const samplesUri = options.samples === undefined ? null : await upload(options.samples);
  const referenceUri = options.reference === undefined ? null : await upload(options.reference);
  const { ingestVariants } = await client.ask<{ ingestVariants: { id: string } }>(SUBMIT, {
    input: { ...input, uris, samplesUri, referenceUri, idempotencyKey: options.idempotencyKey ?? randomUUID() },
  });
  const job = await follow(client, ingestVariants.id, progress.show, signal);
  progress.end();
  return report(job, mode, options.strict === true);
}

async function follow(client: Client, id: string, show: (text: string) => void, signal: AbortSignal): Promise<JobAnswer> {
  for (;;) {
    const { job } = await client.ask<{ job: JobAnswer }>(FOLLOW, { id });
    if (TERMINAL.has(job.state)) return (await client.ask<{ job: JobAnswer }>(RESULT, { id })).job;
    show(`${job.state.toLowerCase()} ${job.progress === null ? "" : `${String(Math.round(job.progress * 100))} % `}${job.stage ?? ""}`);
    await new Promise<void>((resolve) => setTimeout(resolve, POLL_MS));
    if (signal.aborted) throw failure(EXIT.interrupted, `interrupted; the job goes on as ${id}`);
  }
}

function report(job: JobAnswer, mode: OutputMode, isStrict: boolean): number {
  if (job.fileLedgers.length === 0) {
    const error = job.error ?? { code: job.state, message: `the job ended as ${job.state}`, retryable: true };
    if (mode === "json") print(JSON.stringify({ jobId: job.id, status: "failed", code: error.code, message: error.message }));
    say(`${error.code}: ${error.message}`);
    return EXIT.failed;
  }
  const snapshotId = job.outputs[0]?.snapshotId ?? null;
  let refused = false;
  let quarantined = 0;
  for (const file of job.fileLedgers) {
    const line = lineOf(file, job.id, snapshotId);
    refused ||= file.status === "REFUSED";
    quarantined += file.ledger === null ? 0 : totalOf(file.ledger.quarantined);
    print(mode === "json" ? JSON.stringify(line) : textOf(file));
  }
  if (job.estimate !== null) {
    const { rows, bytes, seconds } = job.estimate;
    if (mode === "json") print(JSON.stringify({ jobId: job.id, dryRun: true, estimate: job.estimate }));
    else print(`dry run: would write ${String(rows)} rows, ${sizeText(bytes)}, in about ${seconds.toFixed(1)} s`);
  }
  if (job.state !== "COMPLETE" && !refused) {
    say(`${job.error?.code ?? job.state}: ${job.error?.message ?? ""}`);
    return EXIT.failed;
  }
  if (refused) return EXIT.failed;
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

function readInput(options: IngestOptions): Readonly<Record<string, unknown>> {
  const number = (name: string, text: string | undefined): number | null => {
    if (text === undefined) return null;
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value)) throw failure(EXIT.usage, `--${name}: expected a number, found ${text}`);
    return value;
  };
  if (options.assembly !== undefined && options.assembly !== "GRCh38" && options.assembly !== "GRCh37") {
    throw failure(EXIT.usage, `--assembly: expected GRCh38 or GRCh37, found ${options.assembly}`);
  }
  return {
    format: "VCF",
    assemblyId: options.assembly ?? null,
    callSet: options.callSet ?? null,
    callSetKind: options.callSetKind ?? null,
    minQual: number("min-qual", options.minQual),
    passOnly: options.passOnly === true,
    minAf: number("min-af", options.minAf),
    maxAf: number("max-af", options.maxAf),
    dryRun: options.dryRun === true,
  };
}

async function requireFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found?.isFile() !== true) throw failure(EXIT.usage, `${path}: there is no such file`);
}

function totalOf(counts: readonly RuleCount[]): number {
  return counts.reduce((sum, { count }) => sum + count, 0);
}

function byRule(counts: readonly RuleCount[]): Readonly<Record<string, number>> {
  return Object.fromEntries(counts.map(({ rule, count }) => [rule, count]));
}

function sizeText(bytes: number): string {
  return bytes < 1 << 20 ? `${String(Math.ceil(bytes / 1024))} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`;
}
