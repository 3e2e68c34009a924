import { request, type IncomingMessage } from "node:http";
import type { Running } from "./running.js";

export interface SseEvent {
  readonly event: string;
  readonly id: string | null;
  /** As JSON; null where it is empty. */
  readonly data: {
    readonly data?: unknown;
    readonly errors?: readonly { message: string; extensions: Record<string, unknown> }[];
  } | null;
}

/** A stream of server-sent events that keeps what comes. */
export interface SseReader {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly events: readonly SseEvent[];
  /** Bytes as they came. */
  text(): string;
  readonly closed: Promise<void>;
  next(): Promise<SseEvent>;
  pause(): void;
  resume(): void;
  close(): void;
}

export interface SseRequest {
  readonly query: string;
  readonly variables?: object;
  readonly token?: string;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
}

/** Opens a stream as a plain client would, without a library. */
export async function readSse(running: Running, asked: SseRequest): Promise<SseReader> {
  const { query, variables, method = "POST" } = asked;
  const search = new URLSearchParams({ query, variables: JSON.stringify(variables ?? {}) });
  const token = asked.token ?? (await running.token());
  const sent = request({
    host: "127.0.0.1",
    port: running.server.port,
    method,
    path: method === "GET" ? `/graphql/stream?${search.toString()}` : "/graphql/stream",
    agent: false,
    headers: {
      authorization: `Bearer ${token}`,
      accept: "text/event-stream",
      ...(method === "POST" ? { "content-type": "application/json" } : {}),
      ...asked.headers,
    },
  });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    sent.once("response", resolve);
    sent.once("error", reject);
    sent.end(method === "POST" ? JSON.stringify({ query, variables }) : undefined);
  });
  let whole = "";
  let rest = "";
  const events: SseEvent[] = [];
  let taken = 0;
  let wake = (): void => undefined;
  response.on("data", (chunk: Buffer) => {
    whole += chunk.toString();
    const blocks = (rest + chunk.toString()).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) if (!block.startsWith(":")) events.push(eventOf(block));
    wake();
  });
  const closed = new Promise<void>((resolve) => {
    response.once("close", () => {
      resolve();
      wake();
    });
  });
  response.on("error", () => undefined);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    events,
    text: () => whole,
    closed,
    async next() {
      for (;;) {
        const event = events[taken];
        if (event !== undefined) {
          taken += 1;
          return event;
        }
        if (response.destroyed || response.complete) throw new Error(`the stream ended before another event: ${whole}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    pause: () => void response.socket.pause(),
    resume: () => void response.socket.resume(),
    close: () => sent.destroy(),
  };
}

function eventOf(block: string): SseEvent {
  const fields = new Map(
    block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trimStart()]),
  );
  const data = fields.get("data") ?? "";
  return {
    event: fields.get("event") ?? "message",
    id: fields.get("id") ?? null,
    data: data === "" ? null : (JSON.parse(data) as SseEvent["data"]),
  };
}
