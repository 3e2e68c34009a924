/** One event with its place, as the event logs of both profiles hold it. */
export interface PlacedEvent {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  /** The value as JSON text: the stored bytes are what a reader gets. */
  readonly json: string;
}

/** A consumer's progress. `next` null: unchanged. State values are JSON text; null removes the entry. */
export interface Progress {
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  readonly next: number | null;
  readonly state: readonly (readonly [key: string, json: string | null])[];
}

/** One who reads at this moment: what it has not passed stays. */
export interface LogReader {
  readonly topic: string;
  /** Per partition the next offset wanted. */
  readonly next: readonly number[];
}
