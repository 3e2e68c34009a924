import type { Command } from "commander";
import { environment } from "../config.js";
import { createClient, findEndpoint, type Client, type ConnectionOptions } from "./client.js";
import { EXIT, failure, outputMode, print } from "./output.js";
import { awaitJob } from "./submit.js";
import { addConnection } from "./query.js";

const FIELDS = "id kind state progress stage submittedBy queuedAt startedAt endedAt error { code message retryable }";

interface JobLine {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly queuedAt: string;
  readonly error: { readonly code: string; readonly message: string } | null;
}

type JobsOptions = ConnectionOptions & {
  readonly state?: string;
  readonly kind?: string;
  readonly output?: string;
  readonly reason?: string;
};

const ACTIONS: Readonly<Record<string, string>> = {
  show: `query Show($id: ID!) { job(id: $id) { ${FIELDS} inputs parameters fileLedgers { file status message ledger { recordsRead accepted duplicates balanced } } } }`,
  logs: "query Logs($id: ID!) { job(id: $id) { logTail(lines: 1000) } }",
  cancel: `mutation Cancel($id: ID!) { job: cancelJob(id: $id) { ${FIELDS} } }`,
  retry: `mutation Retry($id: ID!) { job: retryJob(id: $id) { ${FIELDS} } }`,
};

const REVERT = `mutation Revert($id: ID!, $reason: String!) { job: revertRun(jobId: $id, reason: $reason) { ${FIELDS} } }`;

export function addJobs(program: Command, end: (code: number) => void, signal: AbortSignal): void {
  addConnection(program.command("jobs"))
    .description("List jobs, the newest first; show, cancel, retry or revert one, or print its log.")
    .argument("[action]", "show, logs, cancel, retry or revert")
    .argument("[id]", "id of the job")
    .option("--state <state>", "only this state, such as RUNNING")
    .option("--kind <kind>", "only this kind, such as ingest-variants")
    .option("--reason <text>", "revert: why; kept with the job")
    .option("--output <mode>", "json or text (default: json in a pipe)")
    .addHelpText(
      "after",
      `
Examples:
  vitalome jobs
  vitalome jobs show job-0123456789abcdef0123
  vitalome jobs cancel job-0123456789abcdef0123
  vitalome jobs revert job-0123456789abcdef0123 --reason "the wrong sample sheet"`,
    )
    .action(async (action: string | undefined, id: string | undefined, options: JobsOptions) => {
      const mode = outputMode(options.output);
      const client = createClient(await findEndpoint(options, environment()), signal);
      if (action === undefined) await list(client, options, mode === "json");
      else if (action === "revert") await revert(client, id, options.reason, signal);
      else await act(client, action, id);
      end(EXIT.ok);
    });
}

async function list(client: Client, options: JobsOptions, asJson: boolean): Promise<void> {
  const document = `query List($state: [RunState!], $kind: String, $after: Cursor) {
    jobs(state: $state, kind: $kind, first: 200, after: $after) { nodes { ${FIELDS} } pageInfo { hasNextPage endCursor } }
  }`;
  let after: string | null = null;
  for (;;) {
    const state = options.state === undefined ? null : [options.state];
    const {
      jobs,
    }: { jobs: { nodes: readonly JobLine[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } } =
      await client.ask(document, {
        state,
        kind: options.kind ?? null,
        after,
      });
    for (const job of jobs.nodes) {
      const fault = job.error === null ? "" : `  ${job.error.code}: ${job.error.message}`;
      print(
        asJson
          ? JSON.stringify(job)
          : `${job.id}  ${job.state.padEnd(14)}  ${job.kind.padEnd(16)}  ${job.queuedAt}${fault}`,
      );
    }
    if (!jobs.pageInfo.hasNextPage) return;
    after = jobs.pageInfo.endCursor;
  }
}

async function act(client: Client, action: string, id: string | undefined): Promise<void> {
  const document = ACTIONS[action];
  if (document === undefined)
    throw failure(EXIT.usage, `jobs: expected show, logs, cancel, retry or revert, found ${action}`);
  if (id === undefined) throw failure(EXIT.usage, `jobs ${action}: name the job`);
  const { job } = await client.ask<{ job: (JobLine & { logTail?: readonly string[] }) | null }>(document, { id });
  if (job === null) throw failure(EXIT.failed, "NOT_FOUND: there is no such job");
  if (job.logTail !== undefined) for (const line of job.logTail) print(line);
  else print(JSON.stringify(job));
}

/** Waits for its end: what was taken back is gone from the next answer on. */
async function revert(
  client: Client,
  id: string | undefined,
  reason: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (id === undefined) throw failure(EXIT.usage, "jobs revert: name the job");
  if (reason === undefined) throw failure(EXIT.usage, "jobs revert: say why with --reason");
  const { job } = await client.ask<{ job: JobLine }>(REVERT, { id, reason });
  const ended = await awaitJob(client, job.id, () => undefined, signal);
  if (ended.state !== "COMPLETE") {
    const { code, message } = ended.error ?? { code: ended.state, message: "nothing was taken back" };
    throw failure(code === "CONFLICT" ? EXIT.conflict : EXIT.failed, `${code}: ${message}`);
  }
  print(JSON.stringify(ended));
}
