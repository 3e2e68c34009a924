/** How long anything may take. Milliseconds. */
export interface SparkLimits {
  /** To connect, greet and open a session. */
  readonly connectMs: number;
  /** A call that takes longer makes us ask whether the server lives: a statement may run long, a dead server may not. */
  readonly patienceMs: number;
  /** The answer to that question, from the first byte of a new connection on. */
  readonly pulseMs: number;
  /** One statement, from the moment it has a session. */
  readonly statementMs: number;
  /** From a statement's submission to the first cancel, and from there to the next: see `giveUp`. */
  readonly settleMs: number;
  /** From the wish to end a statement to the moment its connection is given up instead. */
  readonly endMs: number;
}

export const DEFAULT_LIMITS: SparkLimits = {
  connectMs: 8_000,
  patienceMs: 3_000,
  pulseMs: 9_000,
  statementMs: 600_000,
  settleMs: 1_000,
  endMs: 15_000,
};
