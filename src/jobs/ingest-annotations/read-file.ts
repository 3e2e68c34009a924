import { join } from "node:path";
import type { Build } from "../../domain/contig.js";
import { countRule, type RuleCounts } from "../../domain/ledger.js";
import { readAnnotations, type AnnotationSummary } from "../../ingest/sources/annotations/index.js";
import type { FileRefusal, JobContext } from "../context.js";
import { refusalOf, statInput } from "../input-file.js";
import { openQuarantine, type Quarantine } from "../ingest-variants/quarantine.js";
import { parseRawId } from "../parameters.js";
import type { AnnotationStaging } from "./staging.js";

/** One file after reading, before repeats are known. */
export type ReadFile = {
  readonly fileIndex: number;
  readonly uri: string;
  readonly name: string;
} & (
  | { readonly status: "refused"; readonly refusal: FileRefusal }
  | {
      readonly status: "staged";
      readonly summary: AnnotationSummary;
      readonly staged: number;
      readonly filtered: RuleCounts;
      readonly quarantine: Quarantine;
    }
);

export interface ReadFileOptions {
  readonly fileIndex: number;
  readonly uri: string;
  readonly build: Build | null;
  readonly staging: AnnotationStaging;
  readonly progressOf: (fraction: number) => void;
}

/** Reads one file into the staging tables. Its own faults refuse it; faults of the machine are thrown. */
export async function readFileOfRelease(context: JobContext, options: ReadFileOptions): Promise<ReadFile> {
  const { fileIndex, uri, staging } = options;
  const { path, name } = parseRawId(uri);
  const quarantine = openQuarantine(join(context.quarantineDirectory, `${String(fileIndex)}.ndjson`));
  const filtered: Record<string, number> = {};
  let staged = 0;
  try {
    const stat = await statInput(context, uri);
    const summary = await readAnnotations(
      () => context.files.read(path),
      {
        record(record, line) {
          staging.stage(fileIndex, line, record);
          staged += 1;
        },
        filter(rule) {
          countRule(filtered, rule);
        },
        reject(rejection) {
          const { raw } = rejection;
          if (raw === null) staging.reject(fileIndex, rejection);
          else quarantine.add({ source: name, position: `line ${String(rejection.line)}`, ...rejection, raw });
        },
        async flush(bytesRead) {
          context.signal.throwIfAborted();
          options.progressOf(Math.min(1, bytesRead / Math.max(1, stat.bytes)));
          await quarantine.drained();
        },
      },
      { build: options.build, signal: context.signal },
    );
    return { fileIndex, uri, name, status: "staged", summary, staged, filtered, quarantine };
  } catch (thrown) {
    await quarantine.close().catch(() => undefined);
    return { fileIndex, uri, name, status: "refused", refusal: refusalOf(context, thrown) };
  }
}
