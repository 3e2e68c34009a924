import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { environment } from "../config.js";
import { CALL_SET_KINDS } from "../domain/call-set.js";
import { createClient, findEndpoint, type Client, type ConnectionOptions } from "./client.js";
import { reportJob, type JobAnswer } from "./ingest-report.js";
import { createProgress, EXIT, failure, outputMode } from "./output.js";
import { addConnection } from "./query.js";
import { assemblyOf } from "./assembly.js";
import { createUploader, totalSize } from "./uploads.js";

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
  const extra = [options.samples, options.reference].filter((path) => path !== undefined);
  const total = await totalSize([...paths, ...extra]);
  const client = createClient(await findEndpoint(options, environment()), signal);
  const progress = createProgress();
  try {
    const upload = createUploader(client, total, progress.show);
    const uris: string[] = [];
    for (const path of paths) uris.push(await upload(path));
    const samplesUri = options.samples === undefined ? null : await upload(options.samples);
    const referenceUri = options.reference === undefined ? null : await upload(options.reference);
    const { ingestVariants } = await client.ask<{ ingestVariants: { id: string } }>(SUBMIT, {
      input: { ...input, uris, samplesUri, referenceUri, idempotencyKey: options.idempotencyKey ?? randomUUID() },
    });
    const job = await awaitJob(client, ingestVariants.id, progress.show, signal);
    progress.end();
    return reportJob(job, paths, mode, options.strict === true);
  } finally {
    progress.end();
  }
}

/** Asks until the job has ended. An interrupt ends the asking, not the job. */
export async function awaitJob(
  client: Client,
  id: string,
  show: (text: string) => void,
  signal: AbortSignal,
): Promise<JobAnswer> {
  const interrupted = failure(EXIT.interrupted, `interrupted; the job goes on: vitalome jobs show ${id}`);
  let runningSince: number | null = null;
  for (;;) {
    const { job } = await client.ask<{ job: JobAnswer }>(FOLLOW, { id }).catch((thrown: unknown) => {
      throw signal.aborted ? interrupted : thrown;
    });
    if (TERMINAL.has(job.state)) return (await client.ask<{ job: JobAnswer }>(RESULT, { id })).job;
    if (job.progress !== null && job.progress > 0) runningSince ??= performance.now();
    show(progressText(job, runningSince === null ? 0 : performance.now() - runningSince));
    await new Promise<void>((resolve) => setTimeout(resolve, POLL_MS));
    if (signal.aborted) throw interrupted;
  }
}

function progressText({ state, progress, stage }: JobAnswer, elapsedMs: number): string {
  const parts = [state.toLowerCase()];
  if (progress !== null) parts.push(`${String(Math.round(progress * 100))} %`);
  if (stage !== null) parts.push(stage);
  // The first seconds tell nothing yet of the rest.
  if (progress !== null && progress > 0.02 && elapsedMs > 2_000) {
    parts.push(`about ${String(Math.ceil((elapsedMs * (1 - progress)) / progress / 1000))} s left`);
  }
  return parts.join("  ");
}

function readInput(options: IngestOptions): Readonly<Record<string, unknown>> {
  const number = (name: string, text: string | undefined): number | null => {
    if (text === undefined) return null;
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value))
      throw failure(EXIT.usage, `--${name}: expected a number, found ${text}`);
    return value;
  };
  if (options.callSetKind !== undefined && !CALL_SET_KINDS.some((kind) => kind === options.callSetKind)) {
    throw failure(EXIT.usage, `--call-set-kind: expected ${CALL_SET_KINDS.join(", ")}, found ${options.callSetKind}`);
  }
  return {
    format: "VCF",
    assemblyId: assemblyOf(options.assembly),
    callSet: options.callSet ?? null,
    callSetKind: options.callSetKind ?? null,
    minQual: number("min-qual", options.minQual),
    passOnly: options.passOnly === true,
    minAf: number("min-af", options.minAf),
    maxAf: number("max-af", options.maxAf),
    dryRun: options.dryRun === true,
  };
}
