import { randomUUID } from "node:crypto";
import {
  GraphQLError,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from "graphql";
import { CloseCode, type ServerOptions } from "graphql-ws";
import type { WebSocket } from "ws";
import type { Keyring } from "../auth.js";
import type { Clock } from "../clock.js";
import type { Caller } from "../domain/caller.js";
import { formatError } from "../error-format.js";
import { VitalomeError, messageOf } from "../errors.js";
import type { Guard } from "../guard/check.js";
import type { Log } from "../log.js";
import { formatResult } from "./execution.js";
import type { FanOut } from "./fan-out.js";
import { faultsOf } from "./faults.js";
import type { SubscribeRequest } from "./feed.js";
import { tokenKeyOf, type Quota, type SubscriptionLimits } from "./quota.js";
import { asStream, createSocketOutlet } from "./socket-outlet.js";
import { atTokenEnd } from "./token-end.js";

export interface SubscriptionOptions {
  readonly schema: GraphQLSchema;
  readonly guard: Guard;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: SubscriptionLimits;
  /** Shared with the other transports. */
  readonly fanOut: FanOut;
  readonly quota: Quota;
}

export type ConnectionParams = Readonly<Record<"token" | "authorization" | "Authorization", unknown>>;

interface Stream {
  readonly requestId: string;
}

/** What the service keeps of one socket. */
export type Extra = Record<PropertyKey, unknown> & {
  readonly socket: WebSocket;
  /** Aborted when the socket has closed. */
  readonly signal: AbortSignal;
  readonly streams: Map<string, Stream>;
  caller?: Caller;
  /** Hash of its token. */
  tokenKey?: string;
};

const INIT_TIMEOUT_MS = 3_000;

/** The same tokens, guard and error formatter as HTTP, in the hooks of graphql-ws. */
export function subscriptionOptions(options: SubscriptionOptions): ServerOptions<ConnectionParams, Extra> {
  const { schema, guard, keyring, clock, log, limits, fanOut, quota } = options;
  const asked = new WeakMap<
    object,
    { readonly extra: Extra; readonly id: string; readonly request: SubscribeRequest }
  >();
  const refusals = new WeakMap<GraphQLError, readonly GraphQLFormattedError[]>();

  function open(
    extra: Extra,
    id: string,
    payload: { query: string; operationName?: unknown; variables?: unknown },
  ): ExecutionArgs {
    if (extra.caller === undefined) throw new VitalomeError("UNAUTHENTICATED", "a valid bearer token is required");
    const { socketSubscriptions } = limits;
    if (extra.streams.size >= socketSubscriptions) {
      throw new VitalomeError(
        "LIMIT_EXCEEDED",
        `a socket carries at most ${String(socketSubscriptions)} subscriptions`,
        {
          details: { limit: "subscriptions", max: socketSubscriptions, actual: extra.streams.size + 1 },
        },
      );
    }
    const operationName =
      typeof payload.operationName === "string" && payload.operationName !== "" ? payload.operationName : null;
    const variables = (payload.variables ?? {}) as Record<string, unknown>;
    const checked = guard.check({ source: payload.query, operationName, variables, transport: "websocket" });
    const requestId = randomUUID();
    quota.take(extra.tokenKey ?? "");
    extra.streams.set(id, { requestId });
    const operation = { schema, document: checked.document, operationName, contextValue: null };
    asked.set(operation, { extra, id, request: { checked, variables, caller: extra.caller, requestId } });
    return operation;
  }

  function end(extra: Extra, id: string): void {
    if (extra.streams.delete(id)) quota.give(extra.tokenKey ?? "");
  }

  return {
    connectionInitWaitTimeout: INIT_TIMEOUT_MS,
    async onConnect({ connectionParams, extra }) {
      try {
        const given = connectionParams?.token ?? connectionParams?.authorization ?? connectionParams?.Authorization;
        const token = (typeof given === "string" ? given : "").replace(/^Bearer +/i, "");
        extra.caller = await keyring.verifyToken(token);
        extra.tokenKey = tokenKeyOf(token);
        // The client comes back with a new one.
        void atTokenEnd(extra.caller, clock, extra.signal, () => {
          extra.socket.close(CloseCode.Forbidden, "the token has expired");
        });
        return true;
      } catch (thrown) {
        const reason = faultsOf(thrown, "", log).errors[0]?.message ?? "Forbidden";
        extra.socket.close(CloseCode.Forbidden, reason);
        return false;
      }
    },
    onSubscribe({ extra }, id, payload) {
      try {
        return open(extra, id, payload);
      } catch (thrown) {
        const refusal = new GraphQLError("refused");
        refusals.set(refusal, faultsOf(thrown, randomUUID(), log).errors);
        return [refusal];
      }
    },
    // Frames are written by the fan-out, once for all equal subscriptions; the rest of the protocol is the library's.
    async subscribe(operation) {
      const known = asked.get(operation);
      if (known === undefined) throw new VitalomeError("BAD_REQUEST", "the operation was not checked");
      const { extra, id, request } = known;
      const outlet = createSocketOutlet(extra.socket, id);
      const subscription = await fanOut.subscribe(outlet, request, () => {
        if (extra.streams.get(id)?.requestId === request.requestId) end(extra, id);
      });
      return "ended" in subscription ? asStream(subscription) : subscription;
    },
    onNext({ extra }, id, _payload, _args, result) {
      return formatResult(result as ExecutionResult, extra.streams.get(id)?.requestId ?? "", log);
    },
    onError({ extra }, id, _payload, errors) {
      const requestId = extra.streams.get(id)?.requestId ?? randomUUID();
      end(extra, id);
      return errors.flatMap(
        (error) => refusals.get(error) ?? formatError({ message: messageOf(error) }, error, requestId, log),
      );
    },
    onComplete({ extra }, id) {
      end(extra, id);
    },
    onDisconnect({ extra }) {
      for (const id of [...extra.streams.keys()]) end(extra, id);
    },
  };
}
