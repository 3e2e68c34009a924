/** States of GA4GH WES. */
export const RUN_STATES = [
  "QUEUED",
  "INITIALIZING",
  "RUNNING",
  "PAUSED",
  "COMPLETE",
  "EXECUTOR_ERROR",
  "SYSTEM_ERROR",
  "CANCELING",
  "CANCELED",
  "PREEMPTED",
] as const;
export type RunState = (typeof RUN_STATES)[number];

export interface JobError {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

/** A job as its last transition left it. Ledgers lie in the run's result and are fetched when asked for. */
export interface JobRecord {
  readonly id: string;
  readonly kind: string;
  readonly state: RunState;
  readonly progress: number | null;
  readonly stage: string | null;
  readonly submittedBy: string;
  readonly idempotencyKey: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly inputs: readonly string[];
  /** Milliseconds since the epoch. */
  readonly queuedAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly error: JobError | null;
  readonly baseSnapshot: number | null;
  /** The snapshot that holds what the job wrote; null until it is published, or when it wrote nothing. */
  readonly snapshotId: number | null;
  readonly retryOf: string | null;
  /** Grows by one with every transition. */
  readonly version: number;
}

const TERMINAL: ReadonlySet<RunState> = new Set<RunState>(["COMPLETE", "EXECUTOR_ERROR", "SYSTEM_ERROR", "CANCELED"]);

export function isTerminal(state: RunState): boolean {
  return TERMINAL.has(state);
}
