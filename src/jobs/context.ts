import type { Files, JobSpec } from "../backend/index.js";
import type { Clock } from "../clock.js";
import type { BacktestReport } from "../domain/alert/backtest.js";
import type { ExportFormat } from "../domain/export.js";
import type { IngestLedger, QuarantinedRecord } from "../domain/ledger.js";
import type { DataFile } from "../lake/catalog.js";
import type { Horizon } from "../lake/horizon.js";

/** What a job may touch: the lake, and ways to say how far it is. */
export interface JobContext {
  readonly spec: JobSpec;
  readonly files: Files;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** A local folder of this run; nothing in it is visible to readers. */
  readonly workDirectory: string;
  /** A local folder for rejected records. */
  readonly quarantineDirectory: string;
  /** Local folders the job's engine may read. */
  readonly readableDirectories: readonly string[];
  readonly memoryLimit: string;
  readonly threads: number;
  /** Local paths of one table's data files in the base snapshot. */
  tableFiles(table: string): Promise<readonly string[]>;
  /** The same files as the catalog lists them. */
  tableFileEntries(table: string): Promise<readonly DataFile[]>;
  /** The local path of a stored file. */
  localPath(path: string): Promise<string>;
  progress(fraction: number | null, stage: string): void;
  log(line: string): void;
}

/** One data file a job wrote, below `runs/<job>/data/`. */
export interface WrittenFile {
  readonly table: string;
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
  /** Facts a reader can prune by, such as the call sets inside. */
  readonly meta: Readonly<Record<string, unknown>>;
}

export interface FileRefusal {
  readonly code: string;
  readonly message: string;
  readonly line: number | null;
  readonly field: string | null;
  readonly expected: string | null;
}

/** How one input file ended. */
export type FileOutcome = {
  readonly file: string;
  readonly uri: string;
  readonly callSetId: string | null;
} & (
  | { readonly status: "refused"; readonly refusal: FileRefusal }
  | {
      readonly status: "accepted" | "partial";
      readonly ledger: IngestLedger;
      readonly quarantineUri: string | null;
      /** The first few rejected records; all of them lie at `quarantineUri`. */
      readonly quarantined: readonly QuarantinedRecord[];
    }
);

/** The file that a job wrote for its caller; no part of any snapshot. */
export interface ExportedFile {
  readonly path: string;
  readonly format: ExportFormat;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** `result.json`: the last thing a job writes. */
export interface JobResult {
  readonly jobId: string;
  readonly kind: string;
  readonly baseSnapshot: number;
  readonly add: readonly WrittenFile[];
  /** Data files of the base snapshot that the next one no longer holds, by table. */
  readonly remove: Readonly<Record<string, readonly string[]>>;
  /** Data files of earlier snapshots that the next one holds again, by table. */
  readonly restore?: Readonly<Record<string, readonly DataFile[]>> | undefined;
  /** How much of the log the tables hold with this change; left out where it says nothing of the log. */
  readonly horizon?: Horizon | undefined;
  readonly files: readonly FileOutcome[];
  readonly estimate: { readonly rows: number; readonly bytes: number; readonly seconds: number } | null;
  readonly export?: ExportedFile | undefined;
  readonly backtest?: BacktestReport | undefined;
}

export type Job = (context: JobContext) => Promise<JobResult>;
