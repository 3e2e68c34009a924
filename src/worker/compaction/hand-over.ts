import type { EventLog, Files, JobSpec } from "../../backend/index.js";
import { stagedFolder, stagedLine, stagedPath } from "../../jobs/compact-log/staged-events.js";
import { compactLogParameters, parseParameters, type CompactLogRange } from "../../jobs/parameters.js";
import type { Catalog } from "../../lake/catalog.js";
import type { Log } from "../../log.js";
import { eventsBetween } from "../../ingest/streams/between.js";
import { pendingOf } from "./pending.js";

/** Completes what a job is told when it is handed to its runner, and puts beside the run what it needs. */
export type HandOver = (spec: JobSpec, base: Catalog, signal: AbortSignal) => Promise<JobSpec>;

export interface CompactionHandOverOptions {
  readonly eventLog: EventLog;
  readonly files: Files;
  readonly log: Log;
  /** Whether a job can read the log itself; else its part is staged in the lake. */
  readonly jobsReachLog: boolean;
}

/** Fixes the range: all that no table holds at this moment. An attempt after this one may get a longer one. */
export function createCompactionHandOver({ eventLog, files, log, jobsReachLog }: CompactionHandOverOptions): HandOver {
  async function* linesOf(topic: string, { from, to }: CompactLogRange, signal: AbortSignal): AsyncGenerator<Buffer> {
    const offsets = (side: CompactLogRange["from"]): readonly bigint[] => (side[topic] ?? []).map(BigInt);
    let lines: string[] = [];
    let size = 0;
    for await (const event of eventsBetween(eventLog, topic, offsets(from), offsets(to), signal)) {
      const line = stagedLine(event);
      lines.push(line);
      size += line.length;
      if (size < PIECE) continue;
      yield Buffer.from(lines.join(""));
      lines = [];
      size = 0;
    }
    yield Buffer.from(lines.join(""));
  }

  return async (spec, base, signal) => {
    parseParameters(compactLogParameters, spec.parameters);
    const { range, lost } = await pendingOf(eventLog, base);
    if (lost > 0) log.error({ events: lost }, "events went from the log before they came into tables");
    if (!jobsReachLog) {
      await files.remove(stagedFolder(spec.id));
      for (const topic of Object.keys(range.to))
        await files.write(stagedPath(spec.id, topic), linesOf(topic, range, signal));
    }
    return { ...spec, parameters: { ...range } };
  };
}

/** Characters that are written at once. */
const PIECE = 1 << 20;
