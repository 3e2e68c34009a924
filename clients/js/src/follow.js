import { systemClock } from "./clock.js";
import { failed } from "./failure.js";
import { createInbox } from "./inbox.js";
import { connectSse } from "./sse.js";
import { connectWebSocket } from "./websocket.js";

/** @import { Delivered, Followed, FollowHandlers, FollowOptions, Given, StreamEvent } from "./index.js" */
/** @import { Fault, Signal } from "./connection.js" */

/** Until a heartbeat states the period. */
const LONGEST_PERIOD_MS = 10_000;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;
const REMEMBERED = 1_000;

/**
 * @param {FollowOptions} options
 * @returns {AsyncGenerator<Followed, undefined>}
 */
export async function* follow(options) {
  const { clock = systemClock, signal = new AbortController().signal } = options;
  const delivered = new Set();
  let after = (await given(options.after)) ?? null;
  let periodMs = LONGEST_PERIOD_MS;
  /** @type {string | null} */
  let refusedToken = null;
  let wasConnected = options.retryFirst === true;
  /** @type {number | null} */
  let lostAt = null;
  let waitMs = FIRST_WAIT_MS;

  while (!signal.aborted) {
    const url = await given(options.url);
    const token = await given(options.token);
    if (token === refusedToken) throw failed("UNAUTHENTICATED", "the token is no longer accepted");
    const connection = await connect(options, { url, token, after, clock, signal });
    /** @type {string | null} */
    let reason = null;
    try {
      while (reason === null) {
        const came = await connection.take(clock.now() + 2 * periodMs);
        if (came === "aborted") return undefined;
        if (came === "silent") {
          yield { kind: "silent", forMs: 2 * periodMs };
          reason = "nothing came for two heartbeat periods";
        } else if (came.kind === "closed") {
          if (came.isFinal) throw failed("BAD_REQUEST", came.reason);
          if (came.isToken) refusedToken = token;
          reason = came.reason;
        } else {
          const envelope = came.kind === "answer" ? Object.values(came.answer.data ?? {})[0] : undefined;
          if (envelope === undefined || envelope === null) {
            const errors = came.kind === "answer" ? (came.answer.errors ?? []) : came.errors;
            reason = passingReason(errors, wasConnected);
            if (codeOf(errors) === "UNAUTHENTICATED") refusedToken = token;
            continue;
          }
          wasConnected = true;
          lostAt = null;
          waitMs = FIRST_WAIT_MS;
          const { cursor, event } = envelope;
          const kind = kindOf(event);
          if (kind === "heartbeat" && typeof event["periodMs"] === "number") periodMs = event["periodMs"];
          // An event keeps its sequence wherever the stream was joined; where there is none, its cursor names it.
          const name = envelope.sequence ?? cursor;
          if (kind === "event" && delivered.has(name)) {
            after = cursor;
            continue;
          }
          yield { kind, cursor, event, envelope };
          after = cursor;
          if (kind === "event") remember(delivered, name);
          await options.store?.(cursor);
        }
      }
    } finally {
      connection.close();
    }
    if (!wasConnected && refusedToken !== null) throw failed("UNAUTHENTICATED", reason);
    if (!wasConnected) throw failed("UNREACHABLE", `cannot reach ${url}: ${reason}`);
    lostAt ??= clock.now();
    if (clock.now() - lostAt > (options.patienceMs ?? Infinity)) {
      throw failed("UNREACHABLE", `the service did not come back: ${reason}`);
    }
    yield { kind: "disconnected", reason };
    await clock.sleep(waitMs * (0.5 + Math.random() / 2), signal).catch(() => {});
    waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
  }
  return undefined;
}

/** @param {FollowOptions & FollowHandlers} options */
export async function followEach({ onEvent, onGap, onHeartbeat, onSilence, onDisconnect, ...options }) {
  for await (const followed of follow(options)) {
    if (followed.kind === "event") await onEvent(followed);
    else if (followed.kind === "gap") await onGap?.(followed);
    else if (followed.kind === "heartbeat") await onHeartbeat?.(followed);
    else if (followed.kind === "silent") await onSilence?.(followed.forMs);
    else if (followed.kind === "disconnected") await onDisconnect?.(followed.reason);
  }
}

/**
 * @param {FollowOptions} options
 * @param {{ url: string, token: string, after: string | null, clock: import("./index.js").FollowClock, signal: AbortSignal }} place
 */
async function connect(options, { url, token, after, clock, signal }) {
  const { query, variables, webSocket = globalThis.WebSocket } = options;
  const transport = options.transport ?? (webSocket === undefined || webSocket === null ? "sse" : "websocket");
  const inbox = /** @type {ReturnType<typeof createInbox<Signal>>} */ (createInbox(clock, signal));
  const request = { url, token, query, variables: { ...variables, after }, onSignal: inbox.push };
  const close = transport === "sse" ? await connectSse(request) : connectWebSocket(request, webSocket);
  return {
    take: inbox.take,
    close() {
      inbox.close();
      close();
    },
  };
}

/**
 * @template T
 * @param {Given<T> | undefined} value
 * @returns {Promise<T>}
 */
async function given(value) {
  return typeof value === "function" ? /** @type {() => T | Promise<T>} */ (value)() : /** @type {T} */ (value);
}

/** @returns {Delivered["kind"]} */
function kindOf(/** @type {StreamEvent} */ { __typename }) {
  if (__typename === "StreamGap") return "gap";
  return __typename === "StreamHeartbeat" ? "heartbeat" : "event";
}

function codeOf(/** @type {readonly Fault[]} */ [fault]) {
  return typeof fault?.extensions?.code === "string" ? fault.extensions.code : "INTERNAL_SERVER_ERROR";
}

/** The message of errors that may pass, also with another token where there was a stream; others end the following. */
function passingReason(/** @type {readonly Fault[]} */ errors, /** @type {boolean} */ wasConnected) {
  const [fault] = errors;
  const message = fault?.message ?? "the service answered without data";
  const isPassing = fault?.extensions?.canRetry === true || (codeOf(errors) === "UNAUTHENTICATED" && wasConnected);
  if (!isPassing) throw failed(codeOf(errors), message);
  return message;
}

function remember(/** @type {Set<unknown>} */ delivered, /** @type {string} */ name) {
  delivered.add(name);
  if (delivered.size > REMEMBERED) delivered.delete(delivered.values().next().value);
}
