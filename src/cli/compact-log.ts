import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { environment } from "../config.js";
import { createClient, findEndpoint, type ConnectionOptions } from "./client.js";
import { EXIT, createProgress, failure, outputMode, print } from "./output.js";
import { addConnection } from "./query.js";
import { awaitJob } from "./submit.js";

type CompactLogOptions = ConnectionOptions & { readonly output?: string };

const SUBMIT = "mutation CompactLog($input: BatchJobInput!) { submitted: submitBatchJob(input: $input) { id } }";

export function addCompactLog(program: Command, end: (code: number) => void, signal: AbortSignal): void {
  addConnection(program.command("compact-log"))
    .description("Bring what the log took since the last time into tables: readings, windows, alerts, jobs.")
    .option("--output <mode>", "json or text (default: json in a pipe)")
    .addHelpText(
      "after",
      `
The worker does it by itself, when a million events wait or after ten minutes. What is served stays the same: it comes from the
tables instead of the log. One line per topic says what became of its events.

Examples:
  vitalome compact-log
  vitalome compact-log --output json
  vitalome jobs show ID`,
    )
    .action(async (options: CompactLogOptions) => {
      const mode = outputMode(options.output);
      const client = createClient(await findEndpoint(options, environment()), signal);
      const input = { kind: "compact-log", params: {}, idempotencyKey: randomUUID() };
      const { submitted } = await client.ask<{ submitted: { id: string } }>(SUBMIT, { input });
      const progress = createProgress();
      const ended = await awaitJob(client, submitted.id, progress.show, signal).finally(() => {
        progress.end();
      });
      if (ended.state !== "COMPLETE") {
        const { code, message } = ended.error ?? { code: ended.state, message: "nothing came into tables" };
        throw failure(EXIT.failed, `${code}: ${message}`);
      }
      const topics = ended.fileLedgers.map(({ file, ledger }) => ({
        ...{ topic: file, events: ledger?.recordsRead ?? 0, taken: ledger?.accepted ?? 0 },
        quarantined: (ledger?.quarantined ?? []).reduce((sum, { count }) => sum + count, 0),
      }));
      const snapshotId = ended.outputs[0]?.snapshotId ?? null;
      if (mode === "json") print(JSON.stringify({ jobId: submitted.id, snapshotId, topics }));
      else {
        for (const { topic, events, taken, quarantined } of topics)
          print(
            `${topic.padEnd(22)}  ${String(events)} events  ${String(taken)} taken  ${String(quarantined)} quarantined`,
          );
        print(snapshotId === null ? "there was nothing to take" : `snapshot ${snapshotId}`);
      }
      end(EXIT.ok);
    });
}
