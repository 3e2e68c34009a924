import type { Sql } from "./sql.js";

/**
 * The five interfaces every profile provides. Each guarantee below is the name of a test in
 * `test/backend/contract/`, run against every back end.
 */

// ── Files ──────────────────────────────────────────────────────────────────────────────────

export interface FileStat {
  /** Relative to the store's root, with `/`. */
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

export interface Written {
  readonly bytes: number;
  /** Lower-case hexadecimal SHA-256 of what was written. */
  readonly sha256: string;
}

/**
 * Whole files under one root. Paths are relative, of plain segments: an empty, `.`, `..` or absolute
 * path, a backslash or a NUL is refused with BAD_USER_INPUT before anything is touched.
 */
export interface Files {
  /** Streams a file or a range of it. NOT_FOUND when there is none; a range past the end is cut. */
  read(path: string, range?: ByteRange): AsyncIterable<Uint8Array>;
  /** Writes whole or not at all: a reader sees the old file or the new one, never a part. Durable on return. */
  write(path: string, content: AsyncIterable<Uint8Array>): Promise<Written>;
  /**
   * Creates the file unless it is there. Of any number of racers exactly one gets `created`, and no reader sees a part
   * of it, not even of one whose writer died. Durable on return.
   */
  putIfAbsent(path: string, bytes: Uint8Array): Promise<"created" | "exists">;
  /** Null when there is no such file. */
  stat(path: string): Promise<FileStat | null>;
  /** Every whole file below the prefix folder, in path order. An absent folder is empty. */
  list(prefix: string): AsyncIterable<FileStat>;
  /** Removes a file, or a folder and everything below it. Removing what is not there is no error. */
  remove(prefix: string): Promise<void>;
}

// ── Tables ─────────────────────────────────────────────────────────────────────────────────

export type Cell = string | number | bigint | boolean | null | Uint8Array | readonly Cell[];

/** Columns of equal length; `columns[c][r]`. */
export interface RowBatch {
  readonly names: readonly string[];
  readonly columns: readonly (readonly Cell[])[];
  readonly rows: number;
}

export interface QueryOptions {
  /** The published snapshot whose tables the statement sees. */
  readonly snapshot: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Read-only relational access to the tables of one snapshot: scans, joins, aggregates.
 * Values are typed and never part of the text. 64-bit integers are bigint, decimals are text,
 * NaN is NaN and not null, dates and timestamps are ISO 8601 text in UTC.
 */
export interface Tables {
  /** Streams with bounded memory. Ending the iteration or aborting the signal cancels the statement. */
  query(statement: Sql, options: QueryOptions): AsyncIterable<RowBatch>;
}

// ── EventLog ───────────────────────────────────────────────────────────────────────────────

export interface NewEvent {
  /** Partition key; murmur2 of its UTF-8 bytes, as Kafka's default partitioner. */
  readonly key: string;
  /** A JSON value. */
  readonly value: unknown;
}

export interface Position {
  readonly partition: number;
  /** Offset of the event itself, counted from 0 per partition. Offsets grow; holes are allowed. */
  readonly offset: bigint;
}

export interface LoggedEvent extends Position {
  readonly kind: "event";
  readonly topic: string;
  readonly key: string;
  readonly value: unknown;
  /** Milliseconds since the epoch, when the log took it. */
  readonly at: number;
}

/**
 * What lay between `from` and the log's start is gone: announced, never skipped in silence. It is what the log says
 * of its start, never inferred from offsets that do not follow each other: those have holes.
 */
export interface LogGap {
  readonly kind: "gap";
  readonly topic: string;
  readonly partition: number;
  /** The first offset wanted. */
  readonly from: bigint;
  /** The first offset still there. */
  readonly to: bigint;
}

/** Per partition, the next offset wanted. A partition left out is read from its start. */
export type ReadFrom = ReadonlyMap<number, bigint>;

export interface PartitionRange {
  readonly partition: number;
  /** First offset still there; where events are superseded, some behind it may be gone too. */
  readonly start: bigint;
  /** Offset the next event will get. */
  readonly end: bigint;
}

/** What one `transact` makes visible, all of it or nothing. */
export interface Transaction {
  append(topic: string, event: NewEvent): void;
  /** The consumer has done everything below `offset` of its input partition. */
  advance(offset: bigint): void;
  /** Replaces one entry of the consumer's state for this partition; null removes it. */
  setState(key: string, value: unknown): void;
}

/** One consumer's place on one partition of one topic. */
export interface ConsumerPlace {
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
}

export interface ConsumerState {
  /** The next offset to read. */
  readonly next: bigint;
  readonly state: ReadonlyMap<string, unknown>;
}

/**
 * Durable, partitioned topics. Partition counts come from `TOPICS` and never change.
 * What may go when it is old is said by `EXPIRY`: nothing that a consumer with a place has not passed.
 * Order is kept within a key. Outputs may repeat after a crash of a back end without transactions:
 * every event carries its own deterministic id, so readers drop repeats.
 */
export interface EventLog {
  /** Durable on return, in the order given; positions in the same order. */
  append(topic: string, events: readonly NewEvent[]): Promise<readonly Position[]>;
  /**
   * History from the positions given, then live, until the signal ends it. One gap for each partition whose position
   * lies before its start.
   */
  read(topic: string, from: ReadFrom, signal: AbortSignal): AsyncIterable<LoggedEvent | LogGap>;
  /** Events of any topic, the read position and the state become visible together, or not at all. */
  transact(place: ConsumerPlace, work: (transaction: Transaction) => void): Promise<readonly Position[]>;
  /**
   * Where the consumer stands, whatever has gone since; `next` is 0 and the state empty for a new one. Whoever asks takes
   * the place: a process that had it before is refused with CONFLICT from then on, until it asks again.
   */
  consumerState(place: ConsumerPlace): Promise<ConsumerState>;
  positions(topic: string): Promise<readonly PartitionRange[]>;
  close(): Promise<void>;
}

// ── ForeignTopics ──────────────────────────────────────────────────────────────────────────

/** One record as a foreign producer wrote it. */
export interface ForeignRecord {
  readonly kind: "record";
  readonly partition: number;
  /** Where the next one is wanted from. */
  readonly next: bigint;
  /** Empty where the producer removed a key. */
  readonly value: Uint8Array;
  /** As the topic dates it, in milliseconds since the epoch; null where it does not. */
  readonly at: number | null;
}

/** What others write by themselves, each under a name of its own that is none of the event log. */
export interface ForeignTopics {
  /**
   * What there is from the positions on, in the order of each partition, then what comes, until the signal. The same positions give
   * the same records. NOT_FOUND where there is no such topic, CONFIG_INVALID where it cannot be read and what is to be done,
   * BACKEND_UNAVAILABLE while it is out of reach.
   */
  read(topic: string, from: ReadFrom, signal: AbortSignal): AsyncIterable<ForeignRecord | LogGap>;
  close(): void;
}

// ── JobRunner ──────────────────────────────────────────────────────────────────────────────

/** Written to `runs/<id>/spec.json` before the job starts; the job reads nothing else from its caller. */
export interface JobSpec {
  readonly id: string;
  /** A name in `src/jobs/index.ts`. */
  readonly kind: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The snapshot the job reads. */
  readonly baseSnapshot: number;
  readonly submittedBy: string;
}

export type RunStatus =
  | { readonly state: "unknown" }
  | {
      readonly state: "running";
      readonly progress: number | null;
      readonly stage: string | null;
      readonly heartbeatAt: number;
    }
  | { readonly state: "succeeded" }
  | { readonly state: "failed"; readonly code: string; readonly message: string }
  | { readonly state: "canceled" };

/**
 * Runs jobs that talk to the lake only: `spec.json` in; heartbeat, progress, log, `data/*` and, last,
 * `result.json` out. A job that dies, is cancelled or goes silent for 60 s leaves no `result.json`.
 */
export interface JobRunner {
  submit(spec: JobSpec): Promise<void>;
  status(id: string): Promise<RunStatus>;
  /** Resolves once the job can no longer write. Cancelling what is not running is no error. */
  cancel(id: string): Promise<void>;
  /** The last lines, oldest first. */
  logs(id: string, lines: number): Promise<readonly string[]>;
  /** Cancels what runs and waits for it. */
  close(): Promise<void>;
}
