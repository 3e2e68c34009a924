import type { Server } from "node:http";
import { randomUUID } from "node:crypto";
import { GraphQLError, type GraphQLSchema } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer, type WebSocket } from "ws";
import type { Keyring } from "../auth.js";
import type { Clock } from "../clock.js";
import type { RequestContext } from "../context.js";
import type { Caller } from "../domain/caller.js";
import { formatError } from "../error-format.js";
import { VitalomeError, isVitalomeError } from "../errors.js";
import { isInvalidDocument, type Guard } from "../guard/check.js";
import type { Log } from "../log.js";

export interface WebSocketOptions {
  readonly server: Server;
  readonly schema: GraphQLSchema;
  readonly guard: Guard;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly contextFor: (caller: Caller, requestId: string, signal: AbortSignal) => RequestContext;
  readonly log: Log;
}

const INIT_TIMEOUT_MS = 3_000;
const PING_MS = 12_000;
const FRAME_BYTES = 256 * 1024;
const TOKEN_EXPIRED = 4403;

type Extra = Record<PropertyKey, unknown> & {
  readonly socket: WebSocket;
  caller?: Caller;
};

/** Subscriptions over graphql-transport-ws, on the path of the HTTP endpoint, under the same guard and tokens. */
export function attachWebSocket(options: WebSocketOptions): { close(): Promise<void> } {
  const { guard, keyring, clock, log } = options;
  const sockets = new WebSocketServer({
    server: options.server,
    path: "/graphql",
    maxPayload: FRAME_BYTES,
    perMessageDeflate: false,
    verifyClient: ({ origin, req }: { origin: string | undefined; req: { headers: { host?: string | undefined } } }) =>
      origin === undefined || hostOf(origin) === req.headers.host,
  });
  const disposable = useServer<{ token?: unknown; authorization?: unknown }, Extra>(
    {
      schema: options.schema,
      connectionInitWaitTimeout: INIT_TIMEOUT_MS,
      async onConnect({ connectionParams, extra }) {
        try {
          const given = connectionParams?.token ?? connectionParams?.authorization;
          const caller = await keyring.verifyToken((typeof given === "string" ? given : "").replace(/^Bearer /, ""));
          extra.caller = caller;
          const timer = setTimeout(() => {
            extra.socket.close(TOKEN_EXPIRED, "the token has expired");
          }, Math.min(0x7fffffff, Math.max(0, caller.tokenExpiresAt - clock.now())));
          extra.socket.once("close", () => {
            clearTimeout(timer);
          });
          return true;
        } catch {
          return false;
        }
      },
      onSubscribe({ extra }, _id, payload) {
        const requestId = randomUUID();
        try {
          if (extra.caller === undefined) throw new VitalomeError("UNAUTHENTICATED", "a valid bearer token is required");
          const variables = payload.variables ?? {};
          const checked = guard.check({ source: payload.query, operationName: payload.operationName ?? null, variables, transport: "websocket" });
          const gone = new AbortController();
          extra.socket.once("close", () => {
            gone.abort(new VitalomeError("CANCELED", "the client went away"));
          });
          return {
            schema: options.schema,
            document: checked.document,
            operationName: payload.operationName,
            variableValues: variables,
            contextValue: options.contextFor(extra.caller, requestId, gone.signal),
          };
        } catch (thrown) {
          if (isInvalidDocument(thrown)) {
            return thrown.errors.map((error) => {
              const formatted = formatError({ ...error.toJSON(), extensions: { code: thrown.code } }, error, requestId, log);
              return new GraphQLError(formatted.message, { extensions: { ...formatted.extensions, ...error.extensions, code: thrown.code } });
            });
          }
          const known = isVitalomeError(thrown) ? thrown : new VitalomeError("INTERNAL_SERVER_ERROR", "", { cause: thrown });
          const formatted = formatError({ message: known.message }, known, requestId, log);
          return [new GraphQLError(formatted.message, { extensions: formatted.extensions ?? {} })];
        }
      },
    },
    sockets,
    PING_MS,
  );
  return {
    async close() {
      await disposable.dispose();
    },
  };
}

function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null;
  }
}
