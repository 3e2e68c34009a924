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
import type { RequestContext } from "../context.js";
import type { Caller } from "../domain/caller.js";
import { formatError } from "../error-format.js";
import { VitalomeError, messageOf } from "../errors.js";
import type { Guard } from "../guard/check.js";
import type { Log } from "../log.js";
import { formatResult } from "./execution.js";
import { faultsOf } from "./faults.js";

export interface SubscriptionOptions {
  readonly schema: GraphQLSchema;
  readonly guard: Guard;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly contextFor: (caller: Caller, requestId: string, signal: AbortSignal) => RequestContext;
  readonly log: Log;
}

export type ConnectionParams = Readonly<Record<"token" | "authorization" | "Authorization", unknown>>;

interface Stream {
  readonly requestId: string;
  readonly stop: AbortController;
}

/** What the service keeps of one socket. */
export type Extra = Record<PropertyKey, unknown> & {
  readonly socket: WebSocket;
  /** Aborted when the socket has closed. */
  readonly signal: AbortSignal;
  readonly streams: Map<string, Stream>;
  caller?: Caller;
};

const INIT_TIMEOUT_MS = 3_000;
const STREAMS = 100;
/** Timers of Node hold at most 24 days. */
const LONGEST_SLEEP_MS = 86_400_000;

/** The same tokens, guard and error formatter as HTTP, in the hooks of graphql-ws. */
export function subscriptionOptions(options: SubscriptionOptions): ServerOptions<ConnectionParams, Extra> {
  const { schema, guard, keyring, clock, log } = options;
  const refusals = new WeakMap<GraphQLError, readonly GraphQLFormattedError[]>();

  /** Ends a socket with its token; the client comes back with a new one. */
  async function closeAtExpiry({ socket, signal }: Extra, caller: Caller): Promise<void> {
    try {
      for (let left = caller.tokenExpiresAt - clock.now(); left > 0; left = caller.tokenExpiresAt - clock.now()) {
        await clock.sleep(Math.min(left, LONGEST_SLEEP_MS), signal);
      }
      socket.close(CloseCode.Forbidden, "the token has expired");
    } catch {
      // The socket closed first.
    }
  }

  function open(
    extra: Extra,
    id: string,
    payload: { query: string; operationName?: unknown; variables?: unknown },
  ): ExecutionArgs {
    if (extra.caller === undefined) throw new VitalomeError("UNAUTHENTICATED", "a valid bearer token is required");
    if (extra.streams.size >= STREAMS) {
      throw new VitalomeError("LIMIT_EXCEEDED", `a socket carries at most ${String(STREAMS)} subscriptions`, {
        details: { limit: "subscriptions", max: STREAMS, actual: extra.streams.size + 1 },
      });
    }
    const operationName =
      typeof payload.operationName === "string" && payload.operationName !== "" ? payload.operationName : null;
    const variables = (payload.variables ?? {}) as Record<string, unknown>;
    const checked = guard.check({ source: payload.query, operationName, variables, transport: "websocket" });
    const stream = { requestId: randomUUID(), stop: new AbortController() };
    const contextValue = options.contextFor(extra.caller, stream.requestId, stream.stop.signal);
    extra.streams.set(id, stream);
    return { schema, document: checked.document, operationName, variableValues: variables, contextValue };
  }

  function end(extra: Extra, id: string): void {
    extra.streams.get(id)?.stop.abort(new VitalomeError("CANCELED", "the subscription ended"));
    extra.streams.delete(id);
  }

  return {
    connectionInitWaitTimeout: INIT_TIMEOUT_MS,
    async onConnect({ connectionParams, extra }) {
      try {
        const given = connectionParams?.token ?? connectionParams?.authorization ?? connectionParams?.Authorization;
        extra.caller = await keyring.verifyToken((typeof given === "string" ? given : "").replace(/^Bearer +/i, ""));
        void closeAtExpiry(extra, extra.caller);
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
    onOperation({ extra }, id, _payload, _args, result) {
      return Symbol.asyncIterator in result
        ? stoppable(result as AsyncGenerator<ExecutionResult>, () => {
            end(extra, id);
          })
        : result;
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

/**
 * A stream whose source hears at once that nobody listens: a generator that waits for its next event cannot be
 * returned from before that event comes, so its signal is aborted first, and what it throws for that is its end.
 */
function stoppable(
  source: AsyncGenerator<ExecutionResult>,
  stop: () => void,
): AsyncGenerator<ExecutionResult, void, void> {
  let isStopped = false;
  const end = async (): Promise<IteratorReturnResult<undefined>> => {
    isStopped = true;
    stop();
    await source.return(undefined).catch(() => undefined);
    return { done: true, value: undefined };
  };
  return {
    async next() {
      try {
        const result = await source.next();
        return result.done === true ? { done: true, value: undefined } : result;
      } catch (thrown) {
        if (isStopped) return { done: true, value: undefined };
        throw thrown;
      }
    },
    return: end,
    async throw(thrown) {
      await end();
      throw thrown;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: async () => {
      await end();
    },
  };
}
