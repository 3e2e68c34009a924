import type { IncomingMessage } from "node:http";
import { Readable, pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import type { Express, Request, RequestHandler } from "express";
import type { RequestContext } from "../context.js";
import type { Caller } from "../domain/caller.js";
import { shownLedger } from "../domain/observation/ledger.js";
import type { SubmissionFormat, SubmissionRequest } from "../domain/submission.js";
import { VitalomeError, isVitalomeError, systemCodeOf } from "../errors.js";

export interface ObservationRoutes {
  readonly authenticate: RequestHandler;
  readonly callerOf: (request: IncomingMessage) => Caller;
  readonly contextFor: (caller: Caller, requestId: string, signal: AbortSignal) => RequestContext;
}

/** ER7 is named in three ways by those who send it over HTTP. */
const FORMATS: Readonly<Record<string, SubmissionFormat>> = {
  "application/x-ndjson": "ndjson",
  "application/fhir+ndjson": "ndjson",
  "application/hl7-v2": "hl7",
  "application/hl7-v2+er7": "hl7",
  "x-application/hl7-v2+er7": "hl7",
};
const PARAMETERS = ["source", "simulated", "wait"];
const LONGEST_WAIT_SECONDS = 60;
/** Out of so many bytes any ratio may come: what is small does no harm, and repeats itself. */
const FREE_BYTES = 1 << 20;
const MOST_RATIO = 200;
const PIECE_BYTES = 1 << 16;

/**
 * `POST /observations`: NDJSON of readings, in the short form or as FHIR Observations, or messages of HL7 version 2, as long as
 * the sender likes. It is read no faster than it is written to the log. Answers 202 once the last line is durable, 200 where its ledger is there too.
 */
export function addObservations(app: Express, { authenticate, callerOf, contextFor }: ObservationRoutes): void {
  app.post("/observations", authenticate, async (request, response) => {
    const { waitMs, ...asked } = parametersOf(request);
    const format = formatOf(request);
    const isPacked = isCompressed(request);
    const never = new AbortController();
    const context = contextFor(callerOf(request), String(response.locals["requestId"]), never.signal);
    const { submissions } = context;
    const pieces = told(isPacked ? inflated(request) : piecesOf(request));
    const sent = await submissions.submit(pieces, { ...asked, format });
    const known = sent.ledger === null && waitMs > 0 ? await submissions.wait(sent.cursor, waitMs) : sent;
    const ledger = known.ledger === null ? null : shownLedger(known.ledger);
    response.status(ledger === null ? 202 : 200).json({ ...known, ledger });
  });
}

function parametersOf(request: Request): Omit<SubmissionRequest, "format"> & { readonly waitMs: number } {
  const given = request.query as Readonly<Record<string, unknown>>;
  const strange = Object.keys(given).find((name) => !PARAMETERS.includes(name));
  if (strange !== undefined) throw wrong(strange.slice(0, 100), `only the parameters ${PARAMETERS.join(", ")}`);
  const { source, simulated = "false", wait = "0" } = given;
  if (typeof source !== "string") throw wrong("source", "the name of the source, once");
  if (simulated !== "true" && simulated !== "false") throw wrong("simulated", "true or false");
  const seconds = typeof wait === "string" && /^\d{1,3}(\.\d{1,3})?$/.test(wait) ? Number(wait) : NaN;
  if (!(seconds <= LONGEST_WAIT_SECONDS)) throw wrong("wait", `0 to ${String(LONGEST_WAIT_SECONDS)} seconds`);
  return {
    source,
    simulated: simulated === "true",
    idempotencyKey: request.header("idempotency-key") ?? null,
    waitMs: seconds * 1000,
  };
}

function formatOf(request: Request): SubmissionFormat {
  const [type = "", ...parameters] = (request.header("content-type") ?? "").toLowerCase().split(";");
  const isUtf8 = parameters.every((one) => !one.includes("charset") || /^\s*charset="?utf-8"?\s*$/.test(one));
  const format = Object.hasOwn(FORMATS, type.trim()) ? FORMATS[type.trim()] : undefined;
  if (format === undefined || !isUtf8)
    throw wrong("content-type", `${Object.keys(FORMATS).join(" or ")}, in UTF-8`, "BAD_REQUEST");
  return format;
}

function isCompressed(request: Request): boolean {
  const encoding = (request.header("content-encoding") ?? "identity").trim().toLowerCase();
  if (encoding !== "gzip" && encoding !== "identity") throw wrong("content-encoding", "gzip, or none", "BAD_REQUEST");
  return encoding === "gzip";
}

/** Leaves the request open when its reader stops early: it is to be answered. */
function piecesOf(request: Readable): AsyncIterable<Buffer> {
  return request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
}

async function* inflated(request: Readable): AsyncGenerator<Buffer> {
  const inflate = createGunzip({ chunkSize: PIECE_BYTES });
  pipeline(Readable.from(piecesOf(request), { objectMode: false }), inflate, () => undefined);
  let bytes = 0;
  for await (const piece of inflate as AsyncIterable<Buffer>) {
    bytes += piece.length;
    const ratio = bytes / Math.max(1, inflate.bytesWritten);
    if (bytes > FREE_BYTES && ratio > MOST_RATIO) {
      const details = { field: "body", limit: "ratio", max: MOST_RATIO, actual: Math.round(ratio) };
      throw new VitalomeError("LIMIT_EXCEEDED", "body: it decompresses to more than can be meant", { details });
    }
    yield piece;
  }
}

/** The same, with the faults of a stream in our words. */
async function* told(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces;
  } catch (thrown) {
    if (isVitalomeError(thrown)) throw thrown;
    const cause = { cause: thrown, details: { field: "body" } };
    if (systemCodeOf(thrown)?.startsWith("Z_") === true)
      throw new VitalomeError("BAD_REQUEST", "body: expected whole gzip", cause);
    throw new VitalomeError("BAD_REQUEST", "body: the sender went away before its end", cause);
  }
}

function wrong(
  field: string,
  expected: string,
  code: "BAD_USER_INPUT" | "BAD_REQUEST" = "BAD_USER_INPUT",
): VitalomeError {
  return new VitalomeError(code, `${field}: expected ${expected}`, { details: { field, expected } });
}
