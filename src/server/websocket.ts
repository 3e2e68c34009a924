import type { IncomingMessage, Server } from "node:http";
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, makeServer } from "graphql-ws";
import { WebSocketServer, type WebSocket } from "ws";
import { messageOf } from "../errors.js";
import { subscriptionOptions, type ConnectionParams, type Extra, type SubscriptionOptions } from "./subscriptions.js";

export interface WebSocketOptions extends SubscriptionOptions {
  readonly server: Server;
}

const OLD_PROTOCOL = "graphql-ws";
const OLD_PROTOCOL_REASON =
  "use the subprotocol graphql-transport-ws (npm package graphql-ws); subscriptions-transport-ws is not spoken here";
/** Between pings; a peer that misses one is gone after the next. */
const PING_MS = 12_000;
const FRAME_BYTES = 256 * 1024;
const GOING_AWAY = 1001;

/** Subscriptions over graphql-transport-ws, on the path of the HTTP endpoint. Other origins than the service's own are refused. */
export function attachWebSocket(options: WebSocketOptions): { close(deadlineMs: number): Promise<void> } {
  const { clock, log } = options;
  const protocol = makeServer<ConnectionParams, Extra>(subscriptionOptions(options));
  const sockets = new WebSocketServer({
    server: options.server,
    path: "/graphql",
    maxPayload: FRAME_BYTES,
    perMessageDeflate: false,
    handleProtocols: (offered) =>
      [GRAPHQL_TRANSPORT_WS_PROTOCOL, OLD_PROTOCOL].find((known) => offered.has(known)) ?? false,
    verifyClient: ({ origin, req }: { origin: string | undefined; req: IncomingMessage }) =>
      origin === undefined || hostOf(origin) === req.headers.host,
  });
  sockets.on("error", (fault) => {
    log.error({ cause: messageOf(fault) }, "the socket server failed");
  });
  sockets.on("connection", (socket) => {
    socket.on("error", (fault) => {
      // Oversized and broken frames; `ws` closes with the fitting code by itself.
      log.debug({ cause: messageOf(fault) }, "a socket failed");
    });
    // An old client knows only its own subprotocol: it is let in to be told what to use.
    if (socket.protocol === OLD_PROTOCOL) {
      socket.close(CloseCode.SubprotocolNotAcceptable, OLD_PROTOCOL_REASON);
      return;
    }
    const stopPinging = keepAlive(socket);
    const gone = new AbortController();
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) =>
          new Promise((resolve, reject) => {
            if (socket.readyState !== socket.OPEN) {
              resolve();
              return;
            }
            socket.send(text, (fault) => {
              if (fault === undefined || fault === null) resolve();
              else reject(fault);
            });
          }),
        close: (code, reason) => {
          socket.close(code, reason);
        },
        onMessage: (receive) => {
          socket.on("message", (frame: Buffer) => {
            receive(frame.toString("utf8")).catch((thrown: unknown) => {
              log.error({ cause: messageOf(thrown) }, "a socket message failed");
              socket.close(CloseCode.InternalServerError, "Internal server error");
            });
          });
        },
      },
      { socket, signal: gone.signal, streams: new Map() },
    );
    socket.once("close", (code, reason) => {
      stopPinging();
      gone.abort(new Error("the socket closed"));
      closed(code, reason.toString()).catch((thrown: unknown) => {
        log.error({ cause: messageOf(thrown) }, "a socket did not close cleanly");
      });
    });
  });
  return {
    async close(deadlineMs) {
      const done = new AbortController();
      const ended = new Promise<void>((resolve) => {
        sockets.close(() => {
          resolve();
        });
      });
      for (const socket of sockets.clients) socket.close(GOING_AWAY, "the service is stopping");
      const cut = clock.sleep(deadlineMs, done.signal).then(
        () => {
          for (const socket of sockets.clients) socket.terminate();
        },
        () => undefined,
      );
      await ended;
      done.abort(new Error("closed"));
      await cut;
    },
  };
}

function keepAlive(socket: WebSocket): () => void {
  let isAlive = true;
  socket.on("pong", () => {
    isAlive = true;
  });
  const timer = setInterval(() => {
    if (!isAlive) {
      socket.terminate();
      return;
    }
    isAlive = false;
    socket.ping();
  }, PING_MS);
  return () => {
    clearInterval(timer);
  };
}

function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null;
  }
}
