/** Events that could not be delivered: announced in their place, never passed over in silence. */
export interface StreamGap {
  readonly stream: "gap";
  /** Cursor before the gap. */
  readonly from: string;
  /** Cursor after it; null when the reader was cut off there and `from` is where it resumes. */
  readonly to: string | null;
  /** Events that are gone for good, at most; 0 when resuming from `from` gives them all. */
  readonly lost: number;
  readonly reason: GapReason;
}

export type GapReason = "RETENTION_PASSED" | "SLOW_CONSUMER";

/** Says that the stream lives, and how far it has come. */
export interface StreamHeartbeat {
  readonly stream: "heartbeat";
  readonly cursor: string;
  /** Everything logged up to here was delivered; milliseconds since the epoch, null while nothing was. */
  readonly watermark: number | null;
  /** Milliseconds from the watermark, or while there is none from the begin of the stream, to now; 0 only when nothing waits. */
  readonly lagMs: number;
  /** The longest time between two events of the stream, in milliseconds. */
  readonly periodMs: number;
}

/** One event of a subscription, with the place to resume after it. */
export interface StreamEnvelope<T> {
  readonly cursor: string;
  readonly event: T | StreamGap | StreamHeartbeat;
}

/** A stream that knows where it stands, so that equal ones can be served as one. */
export interface LiveSource<T> extends AsyncIterableIterator<StreamEnvelope<T>> {
  /** Two sources of one scope deliver the same envelopes to the same callers from the same position on. */
  readonly scope: string;
  /**
   * The vector of offsets that were taken or passed over, as text. An envelope counts as taken when the next one is
   * asked for, in the same step.
   */
  readonly position: string;
  /** History is behind it, and the heartbeat that says so was taken. */
  readonly isLive: boolean;
  /** What a reader is told who is cut off after the position. */
  cut(): StreamEnvelope<T>;
}

export function isStreamGap(event: unknown): event is StreamGap {
  return (event as { readonly stream?: unknown }).stream === "gap";
}

export function isStreamHeartbeat(event: unknown): event is StreamHeartbeat {
  return (event as { readonly stream?: unknown }).stream === "heartbeat";
}
