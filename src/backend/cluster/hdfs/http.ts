import { request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Agent } from "node:http";
import type { Clock } from "../../../clock.js";
import { lostAnswer } from "./faults.js";
import { within } from "./limits.js";

/** Answers that are not contents are short; what follows is not read. */
const ANSWER_BYTES = 1 << 20;

export interface HttpAnswer {
  readonly status: number;
  readonly location: string | null;
  readonly body: string;
}

export interface HttpOptions {
  readonly clock: Clock;
  /** The longest wait for the next sign of life. Milliseconds. */
  readonly waitMs: number;
  readonly agent?: Agent | undefined;
}

/** Sends a request without a body and reads the short answer. Redirects are not followed. */
export async function ask(method: string, url: URL, options: HttpOptions): Promise<HttpAnswer> {
  return within(options.clock, options.waitMs, async (signal) => {
    const { request, answered } = start(method, url, options, signal);
    request.end();
    return readAnswer(await answered);
  });
}

/**
 * Sends a body as it comes. A source that fails ends the request and its error passes as it is. Only the server's
 * waits count against the limit, never the source's.
 */
export async function send(
  method: string,
  url: URL,
  body: AsyncIterable<Uint8Array>,
  options: HttpOptions,
): Promise<HttpAnswer> {
  const stop = new AbortController();
  // `node:http`, because a DataNode answers `100 Continue` unasked, which `fetch` takes for a broken response.
  const { request, answered } = start(method, url, options, stop.signal);
  let isOver = false;
  const over = answered.then(
    () => (isOver = true),
    () => (isOver = true),
  );
  const waitFor = async <T>(event: Promise<T>): Promise<T> => within(options.clock, options.waitMs, async () => event);
  try {
    for await (const chunk of body) {
      // Refused while there is more to send: the answer says why.
      if (isOver) break;
      if (chunk.length === 0) continue;
      // The source may use its buffer again as soon as it is asked for more.
      await waitFor(Promise.race([flushed(request, chunk), over]));
    }
    request.end();
    const response = await waitFor(answered);
    return await waitFor(readAnswer(response));
  } finally {
    stop.abort(lostAnswer("the request was given up"));
  }
}

/** Sends a request without a body and gives the answer's bytes as they come, once its head has. */
export async function open(
  url: URL,
  options: HttpOptions,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly length: number | null; readonly response: IncomingMessage }> {
  const { request, answered } = start("GET", url, options, signal);
  request.end();
  const response = await within(options.clock, options.waitMs, async () => answered);
  const length = response.headers["content-length"];
  return { status: response.statusCode ?? 0, length: length === undefined ? null : Number(length), response };
}

export async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > ANSWER_BYTES) break;
    }
  } catch (thrown) {
    throw lostAnswer("an answer of HDFS was cut off", thrown);
  }
  return {
    status: response.statusCode ?? 0,
    location: response.headers.location ?? null,
    body: Buffer.concat(chunks).toString("utf8"),
  };
}

function start(
  method: string,
  url: URL,
  options: HttpOptions,
  signal: AbortSignal,
): { readonly request: ClientRequest; readonly answered: Promise<IncomingMessage> } {
  const make = url.protocol === "https:" ? httpsRequest : httpRequest;
  const request = make(url, {
    method,
    // A DataNode closes each connection: no agent.
    agent: options.agent ?? false,
    headers: method === "PUT" ? { "content-type": "application/octet-stream" } : {},
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.on("response", resolve);
    request.on("error", (error) => {
      reject(lostAnswer("a connection to HDFS failed", error));
    });
    request.on("close", () => {
      reject(lostAnswer("HDFS closed a connection without an answer"));
    });
  });
  // It may be that nobody waits for it any more.
  answered.catch(() => undefined);
  const giveUp = (): void => {
    request.destroy();
  };
  signal.addEventListener("abort", giveUp, { once: true });
  request.on("close", () => {
    signal.removeEventListener("abort", giveUp);
  });
  return { request, answered };
}

async function flushed(request: ClientRequest, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    request.write(chunk, () => {
      resolve();
    });
  });
}
