import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { environment } from "../config.js";
import { CALL_SET_KINDS } from "../domain/call-set.js";
import { createClient, findEndpoint, type ConnectionOptions } from "./client.js";
import { reportJob } from "./ingest-report.js";
import { EXIT, failure, outputMode } from "./output.js";
import { addConnection } from "./query.js";
import { assemblyOf } from "./assembly.js";
import { runSubmission, SUBMIT } from "./submit.js";

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
  const client = createClient(await findEndpoint(options, environment()), signal);
  const { samples, reference } = options;
  const idempotencyKey = options.idempotencyKey ?? randomUUID();
  const job = await runSubmission(
    client,
    {
      mutation: SUBMIT.variants,
      files: [...paths, ...[samples, reference].filter((path) => path !== undefined)],
      variables(uris) {
        const rest = uris.slice(paths.length);
        const samplesUri = samples === undefined ? null : rest[0];
        const referenceUri = reference === undefined ? null : rest.at(-1);
        return { input: { ...input, uris: uris.slice(0, paths.length), samplesUri, referenceUri, idempotencyKey } };
      },
    },
    signal,
  );
  return reportJob(job, paths, mode, options.strict === true);
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
