import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  readonly path: string;
  readonly range: string | null;
  readonly ifRange: string | null;
  readonly status: number;
}

export interface Served {
  bytes: Buffer;
  etag?: string | null;
  ignoresRanges?: boolean;
}

/** What a test does to one request instead of the answer it would get; true where it has answered. */
export type Trouble = (request: IncomingMessage, response: ServerResponse, count: number) => boolean;

export interface RangeServer {
  readonly url: string;
  readonly files: Map<string, Served>;
  readonly asked: Asked[];
  /** By path; the count is of the requests to that path, from 1. */
  readonly troubles: Map<string, Trouble>;
  /** By path: bodies of the first requests end after so many bytes, with the connection. */
  readonly cuts: Map<string, number[]>;
  close(): Promise<void>;
}

/** Files over HTTP on 127.0.0.1, with ranges, `If-Range` and `If-None-Match` as RFC 9110 has them. */
export async function startRangeServer(): Promise<RangeServer> {
  const files = new Map<string, Served>();
  const asked: Asked[] = [];
  const troubles = new Map<string, Trouble>();
  const cuts = new Map<string, number[]>();
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    const count = (counts.get(path) ?? 0) + 1;
    counts.set(path, count);
    const header = (name: string): string | null => (request.headers[name] as string | undefined) ?? null;
    const note = (status: number): void => {
      asked.push({ path, range: header("range"), ifRange: header("if-range"), status });
    };
    if (troubles.get(path)?.(request, response, count) === true) {
      note(response.statusCode);
      return;
    }
    const file = files.get(path);
    if (file === undefined) {
      note(404);
      response.writeHead(404).end();
      return;
    }
    const etag = file.etag === undefined ? `"${String(file.bytes.length)}"` : file.etag;
    const headers = etag === null ? {} : { etag };
    if (etag !== null && header("if-none-match") === etag) {
      note(304);
      response.writeHead(304, headers).end();
      return;
    }
    const match = /^bytes=(\d+)-(\d*)$/.exec(header("range") ?? "");
    const isSame = header("if-range") === null || header("if-range") === etag;
    const total = file.bytes.length;
    const hasRange = match !== null && isSame && file.ignoresRanges !== true;
    const from = hasRange ? Number(match[1]) : 0;
    const to = hasRange && match[2] !== "" ? Math.min(Number(match[2]) + 1, total) : total;
    if (hasRange && from >= total) {
      note(416);
      response.writeHead(416, { ...headers, "content-range": `bytes */${String(total)}` }).end();
      return;
    }
    const body = file.bytes.subarray(from, to);
    note(hasRange ? 206 : 200);
    response.writeHead(hasRange ? 206 : 200, {
      ...headers,
      "content-length": body.length,
      ...(hasRange ? { "content-range": `bytes ${String(from)}-${String(to - 1)}/${String(total)}` } : {}),
    });
    const cut = cuts.get(path)?.shift();
    if (cut === undefined || cut >= body.length) response.end(body);
    else response.write(body.subarray(0, cut), () => response.socket?.destroySoon());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    files,
    asked,
    troubles,
    cuts,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
