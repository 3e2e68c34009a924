import { randomUUID } from "node:crypto";
import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Command } from "commander";
import { environment } from "../config.js";
import { createClient, findEndpoint, type Client, type ConnectionOptions } from "./client.js";
import { download } from "./download.js";
import { exportFormat } from "./export-format.js";
import { createProgress, EXIT, failure, print } from "./output.js";
import { addConnection } from "./query.js";
import { awaitJob } from "./submit.js";

interface ExportOptions extends ConnectionOptions {
  readonly out: string;
  readonly filter?: string;
  readonly format?: string;
  readonly fields?: string;
  readonly snapshot?: string;
  readonly idempotencyKey?: string;
  readonly resume?: boolean;
}

/** What is remembered beside a file that is not whole yet. */
interface Begun {
  readonly jobId: string;
  readonly tag: string | null;
}

const SUBMIT = `mutation Export($filter: VariantFilter!, $format: ExportFormat!, $fields: [String!], $snapshotId: ID,
  $idempotencyKey: String!) {
  submitted: exportVariants(filter: $filter, format: $format, fields: $fields, snapshotId: $snapshotId,
    idempotencyKey: $idempotencyKey) { id }
}`;

export function addExport(program: Command, end: (code: number) => void, signal: AbortSignal): void {
  addConnection(program.command("export"))
    .description("Write every variant that matches a filter to one file: a row per allele and call set, in key order.")
    .argument("<what>", "variants (the only one)")
    .requiredOption("-o, --out <file>", "file to write; never one that is there already")
    .option("--filter <json>", "a VariantFilter as JSON; @file reads a file (default: every variant)")
    .option("--format <format>", "parquet, arrow, csv, ndjson or vcf (default: what the name of the file tells)")
    .option("--fields <names>", "columns by comma, in their order (default: all of them)")
    .option("--snapshot <id>", "snapshot to read (default: the newest)")
    .option("--idempotency-key <text>", "the same key is the same job")
    .option("--resume", "go on with the export to this file that was interrupted")
    .addHelpText(
      "after",
      `
Ends when the file is whole and its checksum is right. Until then FILE.part grows, and FILE.export names the job.

Examples:
  vitalome export variants -o all.parquet
  vitalome export variants --filter '{"passOnly": true, "clinicalSignificance": ["P/LP"]}' --fields variant_id,af -o found.csv
  vitalome export variants -o all.parquet --resume`,
    )
    .action(async (what: string, options: ExportOptions) => {
      if (what !== "variants") throw failure(EXIT.usage, `export: expected variants, found ${what}`);
      const client = createClient(await findEndpoint(options, environment()), signal);
      await run(client, options, signal);
      end(EXIT.ok);
    });
}

async function run(client: Client, options: ExportOptions, signal: AbortSignal): Promise<void> {
  const { out } = options;
  const [part, note] = [`${out}.part`, `${out}.export`];
  if (await exists(out)) throw failure(EXIT.usage, `${out} is there already`);
  if (!(await exists(dirname(out)))) throw failure(EXIT.usage, `there is no folder ${dirname(out)}`);
  const begun = await readNote(note);
  if (options.resume === true && begun === null)
    throw failure(EXIT.usage, `no export to ${out} was interrupted: leave --resume away`);
  if (options.resume !== true && begun !== null)
    throw failure(EXIT.usage, `an export to ${out} was interrupted: go on with --resume, or remove ${note}`);
  const keep = async (state: Begun): Promise<void> => writeFile(note, JSON.stringify(state));
  const state = begun ?? { jobId: await submit(client, options), tag: null };
  await keep(state);
  const progress = createProgress();
  try {
    const { jobId } = state;
    const job = await awaitJob(client, jobId, progress.show, signal);
    if (job.state !== "COMPLETE") {
      await rm(note, { force: true });
      const { code, message } = job.error ?? { code: job.state, message: "nothing was written" };
      throw failure(EXIT.failed, `${code}: ${message}`);
    }
    const { bytes, sha256 } = await download(client, {
      path: `/exports/${jobId}`,
      part,
      tag: state.tag,
      onTag: async (tag) => keep({ jobId, tag }),
      onBytes: (received, total) => {
        progress.show(`${megabytes(received)} of ${megabytes(total)} MB`);
      },
      signal,
    });
    await rename(part, out);
    await rm(note, { force: true });
    progress.end();
    print(JSON.stringify({ file: out, jobId, bytes, sha256 }));
  } finally {
    progress.end();
  }
}

async function submit(client: Client, options: ExportOptions): Promise<string> {
  const { out, format, fields, snapshot = null, idempotencyKey = randomUUID() } = options;
  const { submitted } = await client.ask<{ submitted: { id: string } }>(SUBMIT, {
    filter: await filterOf(options.filter),
    format: exportFormat(format, out),
    fields: fields?.split(",").map((name) => name.trim()) ?? null,
    snapshotId: snapshot,
    idempotencyKey,
  });
  return submitted.id;
}

async function filterOf(stated = "{}"): Promise<object> {
  const text = stated.startsWith("@")
    ? await readFile(stated.slice(1), "utf8").catch(() => {
        throw failure(EXIT.usage, `cannot read ${stated.slice(1)}`);
      })
    : stated;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Falls through to the same sentence.
  }
  throw failure(EXIT.usage, "--filter: expected a JSON object");
}

async function readNote(path: string): Promise<Begun | null> {
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) return null;
  try {
    const { jobId, tag } = JSON.parse(text) as { jobId?: unknown; tag?: unknown };
    if (typeof jobId === "string") return { jobId, tag: typeof tag === "string" ? tag : null };
  } catch {
    // Falls through to the same sentence.
  }
  throw failure(EXIT.usage, `${path} names no job: remove it and begin anew`);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
