import { createClient } from "graphql-ws";
import type { Clock } from "../clock.js";
import type { Endpoint } from "./client.js";

export interface FollowOptions {
  /** Asked before every connection: a service that was started again may have another address and token. */
  readonly target: () => Promise<Endpoint>;
  /** A subscription with the variable `$after` whose one field answers `{ cursor event { __typename … } }`. */
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Cursor to go on after; null starts now. */
  readonly from: string | null;
  /** Keeps a cursor; called once its event was taken, before the next one is given. */
  readonly store?: (cursor: string) => Promise<void>;
  /** How long a lost connection is tried again, in milliseconds; without it for ever. The first is tried once. */
  readonly patienceMs?: number;
  readonly webSocket: unknown;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface StreamEvent {
  readonly __typename: string;
  readonly [field: string]: unknown;
}

/** What one event comes in; some streams say more beside it. */
export interface Envelope {
  readonly cursor: string;
  readonly event: StreamEvent;
  readonly [field: string]: unknown;
}

export type Followed =
  | ({ readonly kind: "event" | "gap" | "heartbeat"; readonly envelope: Envelope } & Pick<Envelope, "cursor" | "event">)
  /** Nothing came for two heartbeat periods: the connection is given up for a new one. */
  | { readonly kind: "silent"; readonly forMs: number }
  | { readonly kind: "disconnected"; readonly reason: string };

/** Why following ended; trying again with the same options does not help. */
export interface FollowFailure {
  readonly kind: "follow-failure";
  /** Of the service, or UNREACHABLE. */
  readonly code: string;
  readonly message: string;
}

type Signal =
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "closed"; readonly code: number; readonly reason: string }
  | { readonly kind: "refused"; readonly errors: readonly Fault[] };

interface Fault {
  readonly message: string;
  readonly extensions?: { readonly code?: unknown; readonly canRetry?: unknown } | undefined;
}

interface Answer {
  readonly data?: Readonly<Record<string, Envelope>> | null | undefined;
  readonly errors?: readonly Fault[] | undefined;
}

/** Until a heartbeat states the period. */
const LONGEST_PERIOD_MS = 10_000;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;
const REMEMBERED = 1_000;
/** Closing codes after which the same client is refused again; 4403 is looked at apart. */
const FINAL_CODES: ReadonlySet<number> = new Set([4400, 4401, 4406, 4409, 4429]);
const FORBIDDEN = 4403;

/**
 * Every event after the cursor, in order, once, over any number of connections: each event moves the cursor, heartbeats
 * too, and a new connection resumes at it. Ends with the signal; throws a FollowFailure when it cannot go on.
 */
export async function* follow(options: FollowOptions): AsyncGenerator<Followed, undefined> {
  const { clock, signal } = options;
  const delivered = new Set<string>();
  let after = options.from;
  let periodMs = LONGEST_PERIOD_MS;
  let refusedToken: string | null = null;
  let wasConnected = false;
  let lostAt: number | null = null;
  let waitMs = FIRST_WAIT_MS;

  while (!signal.aborted) {
    const target = await options.target();
    if (target.token === refusedToken) throw failed("UNAUTHENTICATED", "the token is no longer accepted");
    const connection = connect(options, target, after);
    let reason: string | null = null;
    try {
      while (reason === null) {
        const came = await connection.take(clock.now() + 2 * periodMs);
        if (came === "aborted") return;
        if (came === "silent") {
          yield { kind: "silent", forMs: 2 * periodMs };
          reason = "nothing came for two heartbeat periods";
        } else if (came.kind === "closed") {
          reason = closingReason(came);
          if (came.code === FORBIDDEN) refusedToken = target.token;
        } else if (came.kind === "refused") {
          reason = retryReason(came.errors);
        } else {
          const envelope = Object.values(came.answer.data ?? {})[0];
          if (envelope === undefined) {
            reason = retryReason(came.answer.errors ?? []);
            continue;
          }
          wasConnected = true;
          lostAt = null;
          waitMs = FIRST_WAIT_MS;
          const { cursor, event } = envelope;
          const kind = kindOf(event);
          if (kind === "heartbeat" && typeof event["periodMs"] === "number") periodMs = event["periodMs"];
          if (kind === "event" && delivered.has(cursor)) continue;
          yield { kind, cursor, event, envelope };
          after = cursor;
          if (kind === "event") remember(delivered, cursor);
          await options.store?.(cursor);
        }
      }
    } finally {
      connection.close();
    }
    if (!wasConnected && refusedToken !== null) throw failed("UNAUTHENTICATED", reason);
    if (!wasConnected) throw failed("UNREACHABLE", `cannot reach ${target.url}: ${reason}`);
    lostAt ??= clock.now();
    if (clock.now() - lostAt > (options.patienceMs ?? Infinity)) {
      throw failed("UNREACHABLE", `the service did not come back: ${reason}`);
    }
    yield { kind: "disconnected", reason };
    await clock.sleep(waitMs * (0.5 + Math.random() / 2), signal).catch(() => undefined);
    waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
  }
  return undefined;
}

interface Connection {
  take(deadline: number): Promise<Signal | "silent" | "aborted">;
  close(): void;
}

function connect(options: FollowOptions, target: Endpoint, after: string | null): Connection {
  const { query, variables, clock, signal } = options;
  const arrived: Signal[] = [];
  let wake: () => void = () => undefined;
  const push = (came: Signal): void => {
    arrived.push(came);
    wake();
  };
  const client = createClient({
    url: target.url.replace(/^http/, "ws"),
    webSocketImpl: options.webSocket,
    connectionParams: { token: target.token },
    retryAttempts: 0,
  });
  client.subscribe<Record<string, Envelope>>(
    { query, variables: { ...variables, after } },
    {
      next: (answer) => {
        push({ kind: "answer", answer: answer });
      },
      error: (thrown) => {
        push(Array.isArray(thrown) ? { kind: "refused", errors: thrown as Fault[] } : closingOf(thrown));
      },
      complete: () => {
        push({ kind: "closed", code: 1000, reason: "the service ended the stream" });
      },
    },
  );
  signal.addEventListener("abort", onAbort);

  function onAbort(): void {
    wake();
  }

  return {
    async take(deadline) {
      const timer = new AbortController();
      try {
        for (;;) {
          if (signal.aborted) return "aborted";
          const came = arrived.shift();
          if (came !== undefined) return came;
          if (clock.now() >= deadline) return "silent";
          await new Promise<void>((resolve) => {
            wake = resolve;
            clock.sleep(deadline - clock.now(), timer.signal).then(resolve, () => undefined);
          });
        }
      } finally {
        timer.abort(new Error("taken"));
      }
    },
    close() {
      signal.removeEventListener("abort", onAbort);
      // Not dispose: it waits for an answer that a dead peer does not give.
      client.terminate();
    },
  };
}

function kindOf({ __typename }: StreamEvent): "event" | "gap" | "heartbeat" {
  if (__typename === "StreamGap") return "gap";
  return __typename === "StreamHeartbeat" ? "heartbeat" : "event";
}

function closingOf(thrown: unknown): Signal {
  const { code, reason, message } = (thrown ?? {}) as { code?: unknown; reason?: unknown; message?: unknown };
  const told = typeof reason === "string" && reason !== "" ? reason : typeof message === "string" ? message : "";
  return {
    kind: "closed",
    code: typeof code === "number" ? code : 1006,
    reason: told === "" ? "the connection was lost" : told,
  };
}

function closingReason({ code, reason }: { readonly code: number; readonly reason: string }): string {
  if (FINAL_CODES.has(code)) throw failed("BAD_REQUEST", `${reason} (${String(code)})`);
  return reason;
}

/** The message of an error that may pass; any other ends the following. */
function retryReason(errors: readonly Fault[]): string {
  const [fault] = errors;
  const code = typeof fault?.extensions?.code === "string" ? fault.extensions.code : "INTERNAL_SERVER_ERROR";
  const message = fault?.message ?? "the service answered without data";
  if (fault?.extensions?.canRetry !== true) throw failed(code, message);
  return message;
}

function remember(delivered: Set<string>, cursor: string): void {
  delivered.add(cursor);
  if (delivered.size <= REMEMBERED) return;
  const [oldest] = delivered;
  if (oldest !== undefined) delivered.delete(oldest);
}

function failed(code: string, message: string): FollowFailure {
  return { kind: "follow-failure", code, message };
}

export function isFollowFailure(thrown: unknown): thrown is FollowFailure {
  return (thrown as { kind?: unknown } | null)?.kind === "follow-failure";
}
