import type { IncomingMessage } from "node:http";
import type { Request, Response } from "express";
import type { Clock } from "../clock.js";
import type { Caller } from "../domain/caller.js";
import { VitalomeError } from "../errors.js";
import type { Guard } from "../guard/check.js";
import type { Log } from "../log.js";
import { createFraming } from "./answer.js";
import { formatResult } from "./execution.js";
import type { FanOut, Outlet, Subscription } from "./fan-out.js";
import { faultsOf } from "./faults.js";
import { positionVariableOf, type SubscribeRequest } from "./feed.js";
import { tokenKeyOf, type Quota } from "./quota.js";
import { bearerOf, operationOf } from "./requests.js";
import { SLOW_CONSUMER_REASON } from "./socket-outlet.js";
import { atTokenEnd } from "./token-end.js";

export interface SseOptions {
  readonly guard: Guard;
  readonly clock: Clock;
  readonly log: Log;
  /** Shared with the other transports. */
  readonly fanOut: FanOut;
  readonly quota: Quota;
}

export interface SseStreams {
  /** Answers one request with the events of its subscription. */
  handle(request: Request, response: Response, caller: Caller): Promise<void>;
  /** Ends every stream, and tells it why. */
  close(): void;
}

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform",
  // What stands between may not gather events.
  "x-accel-buffering": "no",
} as const;
/** A comment now and then, so that a connection that is gone is found. */
const PING_MS = 12_000;
const STOPPING = "the service is stopping";
const COMMENT = ":\n\n";
const COMPLETE = "event: complete\ndata:\n\n";
/** How long a reader that was told to go may take to read why. */
const LINGER_MS = 30_000;

/** The cursor is the event's id: a client sends the last one it saw as `Last-Event-ID`, and goes on behind it. */
const frameOf = createFraming(
  ({ json, cursor }) => `event: next\n${cursor === null ? "" : `id: ${cursor}\n`}data: ${json}\n\n`,
);

/**
 * Subscriptions as server-sent events: graphql-sse in its distinct connections mode, one subscription per request. What refuses
 * an operation, and what ends a stream, is told in a last `next` event with errors before `complete`.
 */
export function createSseStreams(options: SseOptions): SseStreams {
  const { guard, clock, log, fanOut, quota } = options;
  /** How each open stream is ended with a reason. */
  const open = new Map<Response, (reason: unknown) => void>();
  let isStopping = false;
  const pinging = setInterval(() => {
    for (const response of open.keys()) if (response.writableLength === 0) response.write(COMMENT);
  }, PING_MS).unref();

  function admit(request: Request, caller: Caller, requestId: string): SubscribeRequest {
    const { query, operationName, variables: given } = operationOf(request);
    const asked = { source: query, operationName, transport: "sse" } as const;
    const variables = { ...given };
    let checked = guard.check({ ...asked, variables });
    const lastEvent = request.header("last-event-id") ?? "";
    if (lastEvent !== "") {
      const position = positionVariableOf(checked.operation);
      if (position === null) {
        throw new VitalomeError("BAD_REQUEST", "Last-Event-ID: give the subscription a variable for `after` alone", {
          details: { field: "after" },
        });
      }
      variables[position] = lastEvent;
      checked = guard.check({ ...asked, variables });
    }
    return { checked, variables, caller, requestId };
  }

  return {
    async handle(request, response, caller) {
      if (request.accepts("text/event-stream") === false) {
        throw new VitalomeError("BAD_REQUEST", "accept: expected text/event-stream", { details: { field: "accept" } });
      }
      const requestId = String(response.locals["requestId"]);
      const token = tokenKeyOf(bearerOf(request));
      const gone = new AbortController();
      let subscription: Subscription | null = null;
      const onGone = (): void => {
        gone.abort(new Error("the stream ended"));
        open.delete(response);
        subscription?.end();
      };
      const tell = (reason: unknown): void => {
        if (response.writableEnded) return;
        const { errors } = faultsOf(reason, requestId, log);
        response.write(`event: next\ndata: ${JSON.stringify({ errors })}\n\n`);
        finish(response);
      };
      response.once("close", onGone);
      keepAlive(request);
      response.writeHead(200, HEADERS).write(COMMENT);
      let isTaken = false;
      try {
        const asked = admit(request, caller, requestId);
        quota.take(token);
        isTaken = true;
        if (isStopping) throw new VitalomeError("BACKEND_UNAVAILABLE", STOPPING);
        open.set(response, tell);
        void atTokenEnd(caller, clock, gone.signal, () => {
          tell(new VitalomeError("UNAUTHENTICATED", "the token has expired"));
        });
        const outlet = outletOf(response, tell);
        const begun = await fanOut.subscribe(outlet, asked, () => undefined);
        if ("ended" in begun) {
          subscription = begun;
          // It may have gone while the source was opened.
          if (gone.signal.aborted) begun.end();
          const thrown = await begun.ended;
          if (thrown !== undefined) tell(thrown.reason);
        } else {
          response.write(frameOf({ json: JSON.stringify(formatResult(begun, requestId, log)), cursor: null }));
        }
        finish(response);
      } catch (thrown) {
        tell(thrown);
      } finally {
        if (isTaken) quota.give(token);
        onGone();
      }
    },
    close() {
      isStopping = true;
      clearInterval(pinging);
      for (const tell of [...open.values()]) tell(new VitalomeError("BACKEND_UNAVAILABLE", STOPPING));
    },
  };
}

function outletOf(response: Response, tell: (reason: unknown) => void): Outlet {
  return {
    waiting: () => response.writableLength,
    write(answer, onSent) {
      if (response.writable) response.write(frameOf(answer), () => onSent?.());
      else onSent?.();
    },
    cutOff() {
      tell(new VitalomeError("SLOW_CONSUMER", SLOW_CONSUMER_REASON));
    },
  };
}

function finish(response: Response): void {
  if (response.writableEnded) return;
  response.end(COMPLETE);
  const lingering = setTimeout(() => response.destroy(), LINGER_MS).unref();
  response.once("close", () => {
    clearTimeout(lingering);
  });
}

function keepAlive({ socket }: IncomingMessage): void {
  socket.setKeepAlive(true, PING_MS);
}
