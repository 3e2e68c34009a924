import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { environment } from "../config.js";
import { createClient, findEndpoint, type ConnectionOptions } from "./client.js";
import { assemblyOf } from "./assembly.js";
import { reportJob } from "./ingest-report.js";
import { EXIT, failure, outputMode } from "./output.js";
import { addConnection } from "./query.js";
import { runSubmission, SUBMIT } from "./submit.js";

interface AnnotationOptions extends ConnectionOptions {
  readonly source: string;
  readonly release: string;
  readonly assembly?: string;
  readonly released?: string;
  readonly idempotencyKey?: string;
  readonly strict?: boolean;
  readonly output?: string;
}

export function addIngestAnnotations(program: Command, end: (code: number) => void, signal: AbortSignal): void {
  addConnection(program.command("ingest-annotations"))
    .description(
      "Ingest one release of a source of knowledge: ClinVar (VCF or table), gene tables, genes with diseases.",
    )
    .argument("<files...>", "files of the release")
    .requiredOption("--source <name>", "name of the source, such as clinvar or ensembl")
    .requiredOption("--release <version>", "its version; a new version takes the place of the one before")
    .option("--assembly <build>", "GRCh38 or GRCh37, where the files do not tell it")
    .option("--released <date>", "day of the release, YYYY-MM-DD, where neither files nor version tell it")
    .option("--idempotency-key <text>", "the same key is the same job")
    .option("--strict", "end with 3 when anything was quarantined")
    .option("--output <mode>", "json or text (default: json in a pipe)")
    .addHelpText(
      "after",
      `
The first line of a file tells what it is. Prints one line per file: its ledger, or why it was refused.
One refused file refuses the release. Ends as vitalome ingest does.

Examples:
  vitalome ingest-annotations clinvar.vcf.gz --source clinvar --release 2026-02-26
  vitalome ingest-annotations variant_summary.txt.gz --source clinvar --release 2024-12-15 --assembly GRCh38
  vitalome ingest-annotations genes.tsv.gz --source ensembl --release 110 --assembly GRCh38`,
    )
    .action(async (files: string[], options: AnnotationOptions) => {
      end(await ingest(files, options, signal));
    });
}

async function ingest(paths: readonly string[], options: AnnotationOptions, signal: AbortSignal): Promise<number> {
  const mode = outputMode(options.output);
  const assemblyId = assemblyOf(options.assembly);
  const { released } = options;
  if (released !== undefined && !/^\d{4}-\d\d-\d\d$/.test(released))
    throw failure(EXIT.usage, `--released: expected YYYY-MM-DD, found ${released}`);
  const client = createClient(await findEndpoint(options, environment()), signal);
  const { source, release: version, idempotencyKey = randomUUID() } = options;
  const releasedAt = released ?? null;
  const job = await runSubmission(
    client,
    {
      mutation: SUBMIT.annotations,
      files: paths,
      variables: (uris) => ({ uris, source, version, assemblyId, releasedAt, idempotencyKey }),
    },
    signal,
  );
  return reportJob(job, paths, mode, options.strict === true);
}
