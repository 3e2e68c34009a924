import { mkdtemp, rm } from "node:fs/promises";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import { openKeyring, type Keyring } from "../../src/auth.js";
import { systemClock, type Clock } from "../../src/clock.js";
import type { RequestContext } from "../../src/context.js";
import type { Role } from "../../src/domain/caller.js";
import { VitalomeError } from "../../src/errors.js";
import { silentLog, type Log } from "../../src/log.js";
import { startServer, type RunningServer, type ServerOptions } from "../../src/server.js";
import { buildTestSchema, type TestSchema } from "./schema.js";

export interface Running {
  readonly server: RunningServer;
  readonly keyring: Keyring;
  readonly test: TestSchema;
  token(role?: Role, lifetime?: number): Promise<string>;
  stop(): Promise<void>;
}

/** The server on a free port over the test schema, with a key of its own. */
export async function startTestServer(
  overrides: Partial<ServerOptions> & { readonly log?: Log; readonly clock?: Clock } = {},
): Promise<Running> {
  const directory = await mkdtemp(join(tmpdir(), "vitalome-server-"));
  const clock = overrides.clock ?? systemClock;
  const keyring = await openKeyring(directory, clock);
  const test = buildTestSchema();
  const server = await startServer({
    schema: test.schema,
    keyring,
    uploads: {
      async put(content, name, caller) {
        let bytes = 0;
        for await (const chunk of content) bytes += chunk.length;
        return { id: `raw:${name}:${caller.subject}`, bytes, sha256: "0" };
      },
    },
    exports: {
      open: () => Promise.reject(new VitalomeError("NOT_FOUND", "there is no such export")),
    },
    readiness: () => Promise.resolve({ ready: true, dependencies: {} }),
    contextFor: (caller, requestId, signal) =>
      ({ caller, requestId, signal, log: silentLog }) as unknown as RequestContext,
    log: silentLog,
    clock,
    host: "127.0.0.1",
    port: 0,
    ...overrides,
  });
  return {
    server,
    keyring,
    test,
    token: (role = "owner", lifetime = 600) => keyring.issueToken({ role, subject: "somebody", lifetime }),
    async stop() {
      await server.close(1_000);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: {
    readonly data?: unknown;
    readonly errors?: readonly { message: string; extensions: Record<string, unknown> }[];
    readonly extensions?: unknown;
  };
}

/** A plain HTTP request: `fetch` would hide what a hostile client may send. */
export function ask(
  port: number,
  options: { method?: string; path?: string; headers?: Record<string, string>; body?: string | Buffer },
): Promise<Answer> {
  const { method = "POST", path = "/graphql", headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: "127.0.0.1", port, method, path, headers, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => {
        const isJson = /json/.test(response.headers["content-type"] ?? "");
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          json: isJson ? (JSON.parse(text) as Answer["json"]) : {},
        });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

export interface Frame {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** A socket that keeps every frame; `next` waits for one of a type. */
export interface Socket {
  readonly frames: readonly Frame[];
  readonly protocol: string;
  send(frame: object | string): void;
  next(type: string): Promise<Frame>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  close(): void;
  /** Stops reading. */
  pause(): void;
  resume(): void;
  terminate(): void;
}

export async function openSocket(
  port: number,
  options: { protocols?: string[]; origin?: string; path?: string } = {},
): Promise<Socket> {
  const { protocols = ["graphql-transport-ws"], origin, path = "/graphql" } = options;
  const socket = new WebSocket(
    `ws://127.0.0.1:${String(port)}${path}`,
    protocols,
    origin === undefined ? {} : { origin },
  );
  const frames: Frame[] = [];
  let wake = (): void => undefined;
  socket.on("message", (data: Buffer) => {
    frames.push(JSON.parse(data.toString()) as Frame);
    wake();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on("close", (code, reason) => {
      resolve({ code, reason: reason.toString() });
      wake();
    });
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  const taken = new Set<Frame>();
  return {
    frames,
    protocol: socket.protocol,
    send(frame) {
      socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
    },
    async next(type) {
      for (;;) {
        const found = frames.find((frame) => frame.type === type && !taken.has(frame));
        if (found !== undefined) {
          taken.add(found);
          return found;
        }
        if (socket.readyState === socket.CLOSED)
          throw new Error(`the socket closed before a frame ${type}: ${JSON.stringify(frames)}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    closed,
    close() {
      socket.close();
    },
    pause() {
      socket.pause();
    },
    resume() {
      socket.resume();
    },
    terminate() {
      socket.terminate();
    },
  };
}

/** A socket past its `connection_ack`. */
export async function connect(running: Running, token?: string): Promise<Socket> {
  const socket = await openSocket(running.server.port);
  socket.send({ type: "connection_init", payload: { token: token ?? (await running.token()) } });
  await socket.next("connection_ack");
  return socket;
}

/** Resolves once `condition` holds; fails after two seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 2_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error("it did not come about within two seconds");
    await systemClock.sleep(5);
  }
}
