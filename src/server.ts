import { createServer as createHttpServer, type Server } from "node:http";
import type { GraphQLSchema } from "graphql";
import type { Keyring } from "./auth.js";
import type { Clock } from "./clock.js";
import type { RequestContext } from "./context.js";
import type { Caller } from "./domain/caller.js";
import { VitalomeError } from "./errors.js";
import { createGuard } from "./guard/check.js";
import type { Log } from "./log.js";
import { createExecutor } from "./server/execution.js";
import type { Exports } from "./server/exports.js";
import { createHealthApp, createHttpApp, type Readiness, type Uploads } from "./server/http.js";
import { createFanOut } from "./server/fan-out.js";
import { createQuota, DEFAULT_LIMITS, type SubscriptionLimits } from "./server/quota.js";
import { createSseStreams } from "./server/sse.js";
import { attachWebSocket } from "./server/websocket.js";

export interface HealthOptions {
  readonly readiness: () => Promise<Readiness>;
  readonly clock: Clock;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface ServerOptions extends HealthOptions {
  readonly schema: GraphQLSchema;
  readonly keyring: Keyring;
  readonly uploads: Uploads;
  readonly exports: Exports;
  readonly contextFor: (caller: Caller, requestId: string, signal: AbortSignal) => RequestContext;
  readonly log: Log;
  readonly limits?: SubscriptionLimits | undefined;
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /** Takes no more requests, lets running ones finish until the deadline, then cuts them. */
  close(deadlineMs: number): Promise<void>;
}

const IDLE_CHECK_MS = 50;

/** Longer than clients and balancers keep an idle connection, so that none is closed under a request that is on its way. */
const KEEP_ALIVE_MS = 75_000;

/** HTTP and WebSocket on one port and one path, under one guard; subscriptions are the same over either transport. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { schema, log, limits = DEFAULT_LIMITS } = options;
  const guard = createGuard(schema);
  const fanOut = createFanOut({ ...options, bufferBytes: limits.bufferBytes });
  const live = { ...options, guard, limits, fanOut, quota: createQuota(limits.tokenSubscriptions) };
  const streams = createSseStreams(live);
  const http = await createHttpApp({ ...options, guard, streams, executor: createExecutor(schema, log) });
  const server = createHttpServer({ requestTimeout: 0, keepAliveTimeout: KEEP_ALIVE_MS }, http.app);
  const sockets = attachWebSocket({ ...live, server });
  const address = await listen(server, options).catch(async (thrown: unknown) => {
    await http.close();
    throw thrown;
  });
  return {
    ...address,
    async close(deadlineMs) {
      streams.close();
      await Promise.all([sockets.close(deadlineMs), drain(server, options.clock, deadlineMs)]);
      await http.close();
    },
  };
}

/** `/livez` and `/readyz` alone: a worker answers no questions. */
export async function startHealthServer(options: HealthOptions): Promise<RunningServer> {
  const server = createHttpServer(createHealthApp(options.readiness));
  const address = await listen(server, options);
  return { ...address, close: (deadlineMs) => drain(server, options.clock, deadlineMs) };
}

async function listen(
  server: Server,
  options: Pick<HealthOptions, "host" | "port">,
): Promise<{ readonly url: string; readonly port: number }> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (thrown: NodeJS.ErrnoException) => {
      reject(
        thrown.code === "EADDRINUSE"
          ? new VitalomeError("CONFIG_INVALID", `port ${String(options.port)} is in use: choose another with --port`, {
              cause: thrown,
            })
          : thrown,
      );
    });
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : options.port;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  return { url: `http://${host}:${String(port)}/graphql`, port };
}

/** Takes no more requests, lets running ones finish until the deadline, then cuts them. */
async function drain(server: Server, clock: Clock, deadlineMs: number): Promise<void> {
  const late = new AbortController();
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  const cut = clock.sleep(deadlineMs, late.signal).then(
    () => {
      server.closeAllConnections();
    },
    () => undefined,
  );
  // A connection whose last request ends now would otherwise be kept for the next one.
  const idle = setInterval(() => {
    server.closeIdleConnections();
  }, IDLE_CHECK_MS);
  await closed;
  clearInterval(idle);
  late.abort(new Error("closed"));
  await cut;
}
