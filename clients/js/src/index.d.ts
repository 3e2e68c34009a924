/** A value, or what gives it: asked before every connection, so that an expired token or another address can be replaced. */
export type Given<T> = T | (() => T | Promise<T>);

export interface FollowClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms`; rejects when the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface FollowOptions {
  /** Address of the service, such as `https://host/graphql`. Asked before the token. */
  readonly url: Given<string>;
  /** A bearer token. A function is asked again when the service no longer takes the last one. */
  readonly token: Given<string>;
  /** A subscription with the variable `$after` whose one field answers `{ cursor event { __typename … } }`. */
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  /** Cursor to go on after; null or absent starts now. A function reads a stored one. */
  readonly after?: Given<string | null> | undefined;
  /** Keeps a cursor; called once its event was taken, before the next one is given. */
  readonly store?: ((cursor: string) => void | Promise<void>) | undefined;
  /** How long a lost connection is tried again, in milliseconds. Default: for ever. */
  readonly patienceMs?: number | undefined;
  /** Whether a first connection that fails is tried again as a lost one is. Default: false. */
  readonly retryFirst?: boolean | undefined;
  /** Default: websocket where there is an implementation of it, else sse. */
  readonly transport?: "websocket" | "sse" | undefined;
  /** An implementation of WebSocket, where it is no global; null: none. */
  readonly webSocket?: unknown;
  /** Default: the system's. For tests. */
  readonly clock?: FollowClock | undefined;
  /** Ends the following. */
  readonly signal?: AbortSignal | undefined;
}

export interface StreamEvent {
  readonly __typename: string;
  readonly [field: string]: unknown;
}

/** What the field of the subscription answers, with everything that was asked for beside the event. */
export interface Envelope {
  readonly cursor: string;
  /** Where it was asked for: names the event for ever. */
  readonly sequence?: string | null;
  readonly event: StreamEvent;
  readonly [field: string]: unknown;
}

export interface Delivered {
  /** A gap says what was lost, and why; a heartbeat that nothing was. */
  readonly kind: "event" | "gap" | "heartbeat";
  readonly cursor: string;
  readonly event: StreamEvent;
  readonly envelope: Envelope;
}

export type Followed =
  | Delivered
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

/**
 * Every event after the cursor, in order, once, over any number of connections: each event moves the cursor, heartbeats
 * too, and a new connection resumes at it. Ends with the signal; throws a FollowFailure when it cannot go on.
 */
export function follow(options: FollowOptions): AsyncGenerator<Followed, undefined>;

export interface FollowHandlers {
  readonly onEvent: (delivered: Delivered) => void | Promise<void>;
  readonly onGap?: (delivered: Delivered) => void | Promise<void>;
  readonly onHeartbeat?: (delivered: Delivered) => void | Promise<void>;
  readonly onSilence?: (forMs: number) => void | Promise<void>;
  readonly onDisconnect?: (reason: string) => void | Promise<void>;
}

/** The same with functions: the next thing is given when the last one was handled. Resolves when following ends. */
export function followEach(options: FollowOptions & FollowHandlers): Promise<void>;

export function isFollowFailure(thrown: unknown): thrown is FollowFailure;
