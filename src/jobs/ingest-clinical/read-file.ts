import { join } from "node:path";
import { countRule, type RuleCounts } from "../../domain/ledger.js";
import { readClinical, type KnownPerson } from "../../ingest/sources/clinical/index.js";
import type { FileRefusal, JobContext } from "../context.js";
import { openQuarantine, type Quarantine } from "../ingest-variants/quarantine.js";
import { refusalOf, statInput } from "../input-file.js";
import { parseRawId } from "../parameters.js";
import type { ClinicalStaging } from "./staging.js";

/** One file after reading, before repeats are known. */
export type ReadFile = { readonly fileIndex: number; readonly uri: string; readonly name: string } & (
  | { readonly status: "refused"; readonly refusal: FileRefusal }
  | {
      readonly status: "staged";
      readonly recordsRead: number;
      readonly filtered: RuleCounts;
      readonly quarantine: Quarantine;
    }
);

/** Reads one file into the staging tables. Its own faults refuse it; faults of the machine are thrown. */
export async function readClinicalFile(
  context: JobContext,
  options: {
    readonly fileIndex: number;
    readonly uri: string;
    readonly sampleSystems: readonly string[];
    readonly knownBy: ((subject: string) => readonly KnownPerson[]) | null;
    readonly staging: ClinicalStaging;
    readonly progressOf: (fraction: number) => void;
  },
): Promise<ReadFile> {
  const { fileIndex, uri, staging, sampleSystems, knownBy } = options;
  const { path, name } = parseRawId(uri);
  const quarantine = openQuarantine(join(context.quarantineDirectory, `${String(fileIndex)}.ndjson`));
  const filtered: Record<string, number> = {};
  try {
    const stat = await statInput(context, uri);
    const { recordsRead } = await readClinical(
      () => context.files.read(path),
      {
        record(record) {
          staging.stage(fileIndex, record);
        },
        filter(rule) {
          countRule(filtered, rule);
        },
        reject(rejection) {
          quarantine.add({ source: name, position: `line ${String(rejection.line)}`, ...rejection });
        },
        async flush(bytesRead) {
          context.signal.throwIfAborted();
          options.progressOf(Math.min(1, bytesRead / Math.max(1, stat.bytes)));
          await quarantine.drained();
        },
      },
      { sampleSystems, knownBy, signal: context.signal },
    );
    return { fileIndex, uri, name, status: "staged", recordsRead, filtered, quarantine };
  } catch (thrown) {
    await quarantine.close().catch(() => undefined);
    const refusal = refusalOf(context, thrown);
    return {
      fileIndex,
      uri,
      name,
      status: "refused",
      refusal: { ...refusal, message: `${name}: ${refusal.message}` },
    };
  }
}
