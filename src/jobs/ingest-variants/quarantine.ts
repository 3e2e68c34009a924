import { createWriteStream, type WriteStream } from "node:fs";
import { once } from "node:events";
import type { QuarantinedRecord } from "../../domain/ledger.js";
import { countRule } from "../../domain/ledger.js";

/** Rejected records kept in full, whatever their number; a few stay at hand as samples. */
export interface Quarantine {
  add(record: QuarantinedRecord): void;
  /** Waits while the disk is behind. */
  drained(): Promise<void>;
  close(): Promise<void>;
  readonly samples: readonly QuarantinedRecord[];
  readonly byRule: Readonly<Record<string, number>>;
  readonly count: number;
}

/** Characters kept of a record's text. */
const RAW_LENGTH = 64 << 10;
const SAMPLES = 20;
/** Samples travel through results and answers; the file keeps more of the raw text. */
const SAMPLE_RAW = 2_000;

export function openQuarantine(path: string): Quarantine {
  const samples: QuarantinedRecord[] = [];
  const byRule: Record<string, number> = {};
  let count = 0;
  let stream: WriteStream | null = null;
  let failure: Error | null = null;
  return {
    samples,
    byRule,
    get count() {
      return count;
    },
    add(record) {
      stream ??= createWriteStream(path, { flags: "a" }).on("error", (error) => {
        failure = error;
      });
      stream.write(`${JSON.stringify({ ...record, raw: record.raw.slice(0, RAW_LENGTH) })}\n`);
      countRule(byRule, record.rule);
      count += 1;
      if (samples.length < SAMPLES) samples.push({ ...record, raw: record.raw.slice(0, SAMPLE_RAW) });
    },
    async drained() {
      if (failure !== null) throw failure;
      if (stream?.writableNeedDrain) await once(stream, "drain");
    },
    async close() {
      // A stream that failed has closed itself, and says so only once.
      if (stream !== null && !stream.closed) {
        stream.end();
        await once(stream, "close");
      }
      if (failure !== null) throw failure;
    },
  };
}
