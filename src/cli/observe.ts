import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import type { Command } from "commander";
import { environment } from "../config.js";
import { SUBMISSION_FORMATS, type SubmissionFormat } from "../domain/submission.js";
import { createClient, findEndpoint, type Client, type ConnectionOptions } from "./client.js";
import { sizeText } from "./ingest-report.js";
import { reportSubmission, type ObservationsAnswer, type Rejection } from "./observe-report.js";
import { createProgress, EXIT, failure, outputMode } from "./output.js";
import { addConnection } from "./query.js";

interface ObserveOptions extends ConnectionOptions {
  readonly source: string;
  readonly format?: string;
  readonly simulated?: boolean;
  readonly idempotencyKey?: string;
  readonly wait: boolean;
  readonly strict?: boolean;
  readonly output?: string;
}

const SUBMISSION = `query Submission($cursor: Cursor!) { submission(cursor: $cursor) {
  id cursor lines ledger { read accepted late duplicates rejected { rule count } balanced } } }`;
const REJECTED = `query Rejected($id: ID!) { rejectedObservations(submissionId: $id, first: 5) {
  nodes { line rule field found expected } } }`;
const POLL_MS = 200;
const PIECE_BYTES = 1 << 18;
const GZIP = [0x1f, 0x8b];
const TYPES: Readonly<Record<SubmissionFormat, string>> = { ndjson: "application/x-ndjson", hl7: "application/hl7-v2" };
/** Behind a byte order mark, a frame or blank lines. */
const HL7 = /^(?:\u00EF\u00BB\u00BF)?[\u000B\s]*(?:MSH|FHS|BHS)[^A-Za-z0-9\s"]/;

export function addObserve(program: Command, end: (code: number) => void, signal: AbortSignal): void {
  addConnection(program.command("observe"))
    .description(
      "Send readings, one JSON object a line (our short form or FHIR Observations), or messages of HL7 version 2, and wait for the ledger.",
    )
    .argument("<file>", "NDJSON or HL7, plain or gzip; - reads standard input")
    .requiredOption("--source <name>", "the source they are of, 1 to 128 characters")
    .option("--format <name>", "ndjson or hl7 (default: as the file begins; ndjson where it is gzip)")
    .option("--simulated", "they are made up, or replayed from a recording")
    .option("--idempotency-key <text>", "the same key is the same submission")
    .option("--no-wait", "end once they are durable, without the ledger")
    .option("--strict", "end with 3 when anything was rejected")
    .option("--output <mode>", "json or text (default: json in a pipe)")
    .addHelpText(
      "after",
      `
Prints how many records are durable, and where their readings went. Sent again they count as duplicates.
HL7 may be one message, several, batches or frames of a wire: results (ORU^R01) become readings, movements (ADT) change who
is where, and who is one with whom.
Ends with 0, 1 (refused or broken off), 3 (--strict and something rejected), 4 (service out of reach, token refused),
5 (key used with other lines).

Examples:
  vitalome observe ward.ndjson --source ward-3
  vitalome observe results.hl7 --source laboratory
  gzip -c ward.ndjson | vitalome observe - --source ward-3 --output json
  vitalome simulate --to ndjson --minutes 60 | vitalome observe - --source simulator --simulated`,
    )
    .action(async (file: string, options: ObserveOptions) => {
      end(await observe(file, options, signal));
    });
}

async function observe(file: string, options: ObserveOptions, signal: AbortSignal): Promise<number> {
  const mode = outputMode(options.output);
  const client = createClient(await findEndpoint(options, environment()), signal);
  const progress = createProgress();
  let answer: ObservationsAnswer;
  try {
    answer = await send(client, file, options, progress.show);
    if (options.wait) answer = await awaitLedger(client, answer, progress.show, signal);
  } finally {
    progress.end();
  }
  const rejections = (answer.ledger?.rejected.length ?? 0) === 0 ? [] : await firstRejections(client, answer.id);
  return reportSubmission(answer, rejections, { mode, source: options.source, isStrict: options.strict === true });
}

async function send(
  client: Client,
  file: string,
  { source, format, simulated = false, idempotencyKey }: ObserveOptions,
  show: (text: string) => void,
): Promise<ObservationsAnswer> {
  const pieces = (await contentOf(file))[Symbol.asyncIterator]();
  const first = await pieces.next();
  const isGzip = first.done !== true && GZIP.every((byte, at) => first.value[at] === byte);
  let bytes = 0;
  const content = (async function* () {
    for (let next = first; next.done !== true; next = await pieces.next()) {
      bytes += next.value.length;
      show(`sent ${sizeText(bytes)}`);
      yield next.value;
    }
  })();
  const path = `/observations?source=${encodeURIComponent(source)}&simulated=${String(simulated)}`;
  return client.post<ObservationsAnswer>(path, content, {
    "content-type": TYPES[formatOf(format, first.done === true ? undefined : first.value)],
    ...(isGzip ? { "content-encoding": "gzip" } : {}),
    ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
  });
}

/** As it was said, else as the content begins. */
function formatOf(said: string | undefined, begin: Buffer | undefined): SubmissionFormat {
  if (said === undefined) return HL7.test(begin?.toString("latin1", 0, 64) ?? "") ? "hl7" : "ndjson";
  const format = SUBMISSION_FORMATS.find((one) => one === said);
  if (format === undefined) throw failure(EXIT.usage, `--format: expected ${SUBMISSION_FORMATS.join(" or ")}`);
  return format;
}

async function contentOf(file: string): Promise<AsyncIterable<Buffer>> {
  if (file === "-") return process.stdin as AsyncIterable<Buffer>;
  const handle = await open(file).catch((thrown: unknown) => {
    throw failure(EXIT.usage, `cannot read ${file} (${(thrown as NodeJS.ErrnoException).code ?? ""})`);
  });
  await handle.close();
  return createReadStream(file, { highWaterMark: PIECE_BYTES });
}

/** Asks until the last reading was judged. An interrupt ends the asking, not the judging. */
async function awaitLedger(
  client: Client,
  sent: ObservationsAnswer,
  show: (text: string) => void,
  signal: AbortSignal,
): Promise<ObservationsAnswer> {
  const told = `${String(sent.lines)} lines are durable as ${sent.id}`;
  const interrupted = failure(EXIT.interrupted, `interrupted; ${told}, and are judged without you`);
  let answer = sent;
  while (answer.ledger === null) {
    show(`${told}; waiting for the ledger`);
    await new Promise<void>((resolve) => setTimeout(resolve, POLL_MS));
    if (signal.aborted) throw interrupted;
    const asked = client.ask<{ submission: ObservationsAnswer }>(SUBMISSION, { cursor: sent.cursor });
    answer = (
      await asked.catch((thrown: unknown) => {
        throw signal.aborted ? interrupted : thrown;
      })
    ).submission;
  }
  return answer;
}

async function firstRejections(client: Client, id: string): Promise<readonly Rejection[]> {
  const { rejectedObservations } = await client.ask<{ rejectedObservations: { nodes: Rejection[] } }>(REJECTED, { id });
  return rejectedObservations.nodes;
}
