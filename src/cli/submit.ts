import type { Client } from "./client.js";
import type { JobAnswer } from "./ingest-report.js";
import { createProgress, EXIT, failure } from "./output.js";
import { createUploader, totalSize } from "./uploads.js";

/** Mutations that make a job out of uploaded files. */
export const SUBMIT = {
  variants: "mutation Ingest($input: VariantIngestInput!) { submitted: ingestVariants(input: $input) { id } }",
  annotations: `mutation Ingest($uris: [String!]!, $source: String!, $version: String!, $assemblyId: ReferenceGenome,
    $releasedAt: DateTime, $idempotencyKey: String!) {
    submitted: ingestAnnotations(uris: $uris, source: $source, version: $version, assemblyId: $assemblyId,
      releasedAt: $releasedAt, idempotencyKey: $idempotencyKey) { id }
  }`,
  clinical: `mutation Ingest($uris: [String!]!, $sampleSystems: [String!], $subjectSystem: String,
    $idempotencyKey: String!) {
    submitted: ingestClinical(uris: $uris, sampleSystems: $sampleSystems, subjectSystem: $subjectSystem,
      idempotencyKey: $idempotencyKey) { id }
  }`,
} as const;

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

export interface Submission {
  readonly mutation: string;
  /** Sent one after the other; all of them have to be there before the first is. */
  readonly files: readonly string[];
  /** Variables of the mutation, from the ids of the files in their order. */
  variables(uris: readonly string[]): Readonly<Record<string, unknown>>;
}

/** Uploads files, submits the job and waits for its end, with progress on the terminal. */
export async function runSubmission(client: Client, submission: Submission, signal: AbortSignal): Promise<JobAnswer> {
  const progress = createProgress();
  try {
    return await submitAndWait(client, submission, progress.show, signal);
  } finally {
    progress.end();
  }
}

export async function submitAndWait(
  client: Client,
  { mutation, files, variables }: Submission,
  show: (text: string) => void,
  signal: AbortSignal,
): Promise<JobAnswer> {
  const upload = createUploader(client, await totalSize(files), show);
  const uris: string[] = [];
  for (const path of files) uris.push(await upload(path));
  const { submitted } = await client.ask<{ submitted: { id: string } }>(mutation, variables(uris));
  return awaitJob(client, submitted.id, show, signal);
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
