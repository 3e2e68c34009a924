import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { EXIT, failure } from "./output.js";

export interface Endpoint {
  readonly url: string;
  readonly token: string;
}

export interface ConnectionOptions {
  readonly url?: string | undefined;
  readonly token?: string | undefined;
  readonly data?: string | undefined;
}

interface GraphQLFault {
  readonly message: string;
  readonly extensions?: { readonly code?: string; readonly canRetry?: boolean };
}

export interface GraphQLAnswer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly GraphQLFault[];
}

/**
 * Options, then the environment, then what `up` left in its data folder; a folder named by `--data` goes before the
 * environment. A stored token is sent to its own service only.
 */
export async function findEndpoint(
  options: ConnectionOptions,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Endpoint> {
  const given = (value: string | undefined, name: string): string | undefined =>
    value ?? (options.data === undefined && environment[name] !== "" ? environment[name] : undefined);
  const url = given(options.url, "VITALOME_URL");
  const token = given(options.token, "VITALOME_TOKEN");
  if (url !== undefined && token !== undefined) return { url: addressOf(url), token };
  const folder = options.data ?? environment["VITALOME_DATA"] ?? ".vitalome";
  const known = await readEndpoint(folder);
  if (known !== null && (url === undefined || token !== undefined || url === known.url)) {
    return { url: addressOf(url ?? known.url), token: token ?? known.token };
  }
  if (options.data !== undefined && known === null) {
    throw failure(EXIT.unreachable, `no service runs on ${folder}: start it with vitalome up --data ${folder}`);
  }
  throw failure(
    EXIT.usage,
    "give --url and --token (or VITALOME_URL and VITALOME_TOKEN), or --data with the folder of a running service",
  );
}

async function readEndpoint(folder: string): Promise<Endpoint | null> {
  try {
    const { url, token } = JSON.parse(await readFile(join(folder, "endpoint.json"), "utf8")) as Endpoint;
    return { url, token };
  } catch {
    return null;
  }
}

function addressOf(url: string): string {
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw failure(EXIT.usage, `--url: expected an address such as http://127.0.0.1:4000/graphql, found ${url}`);
  return url;
}

export interface Client {
  /** The whole answer; faults of the transport end the verb. */
  query(document: string, variables?: Readonly<Record<string, unknown>>): Promise<GraphQLAnswer>;
  /** The data, or the end of the verb with the first error. */
  ask<T>(document: string, variables?: Readonly<Record<string, unknown>>): Promise<T>;
  /** A path of the service, whole (200), a part (206), or none of the range that was asked for (416). */
  get(path: string, headers: Readonly<Record<string, string>>): Promise<Response>;
  /** Streams a body as it comes, of any length; answers what the service says, or ends the verb with the first error. */
  post<T>(path: string, content: AsyncIterable<Uint8Array>, headers: Readonly<Record<string, string>>): Promise<T>;
  /** Streams a file; answers its id. */
  upload(path: string, onBytes: (bytes: number) => void): Promise<{ readonly id: string; readonly bytes: number }>;
}

export function createClient({ url, token }: Endpoint, signal: AbortSignal): Client {
  async function send(target: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(target, { ...init, signal });
    } catch (thrown) {
      if (signal.aborted) throw failure(EXIT.interrupted, "interrupted");
      const cause = (thrown as { cause?: { code?: string } }).cause?.code ?? "";
      throw failure(
        EXIT.unreachable,
        `cannot reach ${target}${cause === "" ? "" : ` (${cause})`}: is the service running?`,
      );
    }
  }

  async function answerOf(response: Response): Promise<GraphQLAnswer> {
    const answer = (await response.json().catch(() => null)) as GraphQLAnswer | null;
    if (answer === null)
      throw failure(
        EXIT.unreachable,
        `the answer is not JSON (HTTP ${String(response.status)}): is this the service's address?`,
      );
    return answer;
  }

  async function query(document: string, variables: Readonly<Record<string, unknown>> = {}): Promise<GraphQLAnswer> {
    const response = await send(url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: document, variables }),
    });
    return answerOf(response);
  }

  return {
    query,
    async ask<T>(document: string, variables?: Readonly<Record<string, unknown>>): Promise<T> {
      const answer = await query(document, variables);
      const [fault] = answer.errors ?? [];
      if (fault !== undefined) throw failure(exitOf(fault), `${fault.extensions?.code ?? "ERROR"}: ${fault.message}`);
      return answer.data as T;
    },
    async get(path, headers) {
      const response = await send(new URL(path, url).href, {
        headers: { authorization: `Bearer ${token}`, ...headers },
      });
      if (response.ok || response.status === 416) return response;
      const [fault] = (await answerOf(response)).errors ?? [];
      throw failure(
        fault === undefined ? EXIT.failed : exitOf(fault),
        `${fault?.extensions?.code ?? "ERROR"}: ${fault?.message ?? `HTTP ${String(response.status)}`}`,
      );
    },
    async post<T>(path: string, content: AsyncIterable<Uint8Array>, headers: Readonly<Record<string, string>>) {
      const response = await send(new URL(path, url).href, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, ...headers },
        body: Readable.toWeb(Readable.from(content, { objectMode: false })) as ReadableStream,
        duplex: "half",
      });
      const answer = await answerOf(response);
      const [fault] = answer.errors ?? [];
      if (fault !== undefined) throw failure(exitOf(fault), `${fault.extensions?.code ?? "ERROR"}: ${fault.message}`);
      return answer as T;
    },
    async upload(path, onBytes) {
      const { size } = await stat(path);
      const stream = createReadStream(path, { highWaterMark: 1 << 18 });
      stream.on("data", (chunk) => {
        onBytes(chunk.length);
      });
      const target = new URL(`/files?name=${encodeURIComponent(basename(path))}`, url);
      const response = await send(target.href, {
        method: "PUT",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/octet-stream" },
        body: size === 0 ? "" : (Readable.toWeb(stream) as ReadableStream),
        ...(size === 0 ? {} : { duplex: "half" }),
      });
      const answer = (await answerOf(response)) as GraphQLAnswer & { readonly id: string; readonly bytes: number };
      const [fault] = answer.errors ?? [];
      if (fault !== undefined)
        throw failure(exitOf(fault), `${path}: ${fault.extensions?.code ?? "ERROR"}: ${fault.message}`);
      return { id: answer.id, bytes: answer.bytes };
    },
  };
}

/** What a verb ends with when the service answers this error. */
export function exitOf(fault: GraphQLFault): number {
  switch (fault.extensions?.code) {
    case "UNAUTHENTICATED":
    case "FORBIDDEN":
      return EXIT.unreachable;
    case "CONFLICT":
    case "IDEMPOTENCY_CONFLICT":
      return EXIT.conflict;
    case "BAD_USER_INPUT":
      return EXIT.usage;
    default:
      return EXIT.failed;
  }
}
