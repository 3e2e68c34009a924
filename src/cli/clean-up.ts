import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { environment } from "../config.js";
import { createClient, findEndpoint, type ConnectionOptions } from "./client.js";
import { EXIT, createProgress, failure, outputMode, print } from "./output.js";
import { addConnection } from "./query.js";
import { awaitJob } from "./submit.js";

type CleanUpOptions = ConnectionOptions & {
  readonly keep: string;
  readonly dryRun?: boolean;
  readonly output?: string;
};

interface CleanUp {
  readonly dryRun: boolean;
  readonly oldestReadable: string;
  readonly files: number;
  readonly bytes: number;
  readonly reasons: readonly { readonly reason: string; readonly files: number; readonly bytes: number }[];
}

const SUBMIT = "mutation CleanUp($input: BatchJobInput!) { submitted: submitBatchJob(input: $input) { id } }";
const RESULT =
  "query Result($id: ID!) { job(id: $id) { cleanUp { dryRun oldestReadable files bytes reasons { reason files bytes } } } }";

export function addCleanUp(program: Command, end: (code: number) => void, signal: AbortSignal): void {
  addConnection(program.command("clean-up"))
    .description("Remove what nobody can ask for any more: data of older snapshots, of failed jobs, old exports.")
    .option("--keep <time>", "how long older snapshots and exports stay: hours or days, at least 24h", "24h")
    .option("--dry-run", "say what would go, and remove nothing")
    .option("--output <mode>", "json or text (default: json in a pipe)")
    .addHelpText(
      "after",
      `
A job as any other: vitalome jobs shows it. Where older snapshots are given up, it waits eleven minutes for those who still
read them before it removes their files. Ledgers, logs, quarantined records and uploaded files stay.

Examples:
  vitalome clean-up --dry-run
  vitalome clean-up
  vitalome clean-up --keep 7d --output json`,
    )
    .action(async (options: CleanUpOptions) => {
      const mode = outputMode(options.output);
      const client = createClient(await findEndpoint(options, environment()), signal);
      const params = { keep: options.keep, dryRun: options.dryRun === true };
      const input = { kind: "clean-up", params, idempotencyKey: randomUUID() };
      const { submitted } = await client.ask<{ submitted: { id: string } }>(SUBMIT, { input });
      const progress = createProgress();
      const ended = await awaitJob(client, submitted.id, progress.show, signal).finally(() => {
        progress.end();
      });
      if (ended.state !== "COMPLETE") {
        const { code, message } = ended.error ?? { code: ended.state, message: "not everything was removed" };
        throw failure(EXIT.failed, `${code}: ${message}`);
      }
      const { job } = await client.ask<{ job: { cleanUp: CleanUp } }>(RESULT, { id: submitted.id });
      for (const line of linesOf(submitted.id, job.cleanUp, mode === "json")) print(line);
      end(EXIT.ok);
    });
}

function linesOf(id: string, cleanUp: CleanUp, asJson: boolean): readonly string[] {
  if (asJson) return [JSON.stringify({ jobId: id, ...cleanUp })];
  const counted = ({ files, bytes }: { readonly files: number; readonly bytes: number }): string =>
    `${String(files)} files  ${String(bytes)} bytes`;
  return [
    ...cleanUp.reasons.map((count) => `${count.reason.padEnd(12)}  ${counted(count)}`),
    `${cleanUp.dryRun ? "would remove" : "removed"}  ${counted(cleanUp)}; the oldest readable snapshot is ${cleanUp.oldestReadable}`,
  ];
}
