/** Why something goes: what became of the job that wrote it, or what it is. */
export const CLEAN_UP_REASONS = [
  "superseded",
  "unpublished",
  "failed",
  "cancelled",
  "unknown",
  "scratch",
  "export",
  "driver",
] as const;
export type CleanUpReason = (typeof CLEAN_UP_REASONS)[number];

export interface CleanUpCount {
  readonly reason: CleanUpReason;
  readonly files: number;
  readonly bytes: number;
}

/** What a clean-up removed; of a dry run what it would have. */
export interface CleanUpLedger {
  readonly dryRun: boolean;
  /** The lowest snapshot that can be read. */
  readonly oldestReadable: number;
  readonly files: number;
  readonly bytes: number;
  /** In the order of `CLEAN_UP_REASONS`, without those that did not apply. */
  readonly reasons: readonly CleanUpCount[];
}

/** What a job left outside the store. */
export interface Leftover {
  readonly jobId: string;
  readonly files: number;
  readonly bytes: number;
  /** Milliseconds since the epoch: the last time anything of it changed. */
  readonly modifiedAt: number;
  remove(): Promise<void>;
}

/** Adds up what goes. */
export function createCleanUpCount(): {
  add(reason: CleanUpReason, files: number, bytes: number): void;
  ledger(dryRun: boolean, oldestReadable: number): CleanUpLedger;
} {
  const counts = new Map<CleanUpReason, { files: number; bytes: number }>();
  return {
    add(reason, files, bytes) {
      const before = counts.get(reason) ?? { files: 0, bytes: 0 };
      counts.set(reason, { files: before.files + files, bytes: before.bytes + bytes });
    },
    ledger(dryRun, oldestReadable) {
      const reasons = CLEAN_UP_REASONS.flatMap((reason) => {
        const count = counts.get(reason);
        return count === undefined ? [] : [{ reason, ...count }];
      });
      return {
        dryRun,
        oldestReadable,
        files: reasons.reduce((sum, { files }) => sum + files, 0),
        bytes: reasons.reduce((sum, { bytes }) => sum + bytes, 0),
        reasons,
      };
    },
  };
}
