import { createReadStream } from "node:fs";
import type { Engine } from "../../engine/duckdb.js";
import { runSqlFile } from "../../engine/sql-file.js";
import { isBalanced, type ItemLedger } from "../../domain/ledger.js";
import { VitalomeError } from "../../errors.js";
import { readLines } from "../../ingest/sources/vcf/index.js";
import type { FileOutcome, JobContext } from "../context.js";
import { parseRawId } from "../parameters.js";
import type { ReadFile } from "./read-file.js";

type StagedFile = Extract<ReadFile, { readonly status: "staged" }>;

const EMPTY: ItemLedger = { read: 0, accepted: 0, filtered: {}, quarantined: {}, duplicates: 0 };

/** Decides repeats and contradictions, puts what is left to quarantine there, and closes the ledger of each file. */
export async function settleFiles(
  context: JobContext,
  engine: Engine,
  files: readonly StagedFile[],
): Promise<readonly FileOutcome[]> {
  await runSqlFile(engine, "annotation-outcomes", context.signal);
  await runSqlFile(engine, "annotation-record-outcomes", context.signal);
  await engine.run(`INSERT INTO staged_rejections
    SELECT file_index, line, 'row', 'CONFLICTING_DUPLICATE', 'each row once in a release, or repeats with the same content',
      'a row this release already has, with other content'
    FROM annotation_record_outcomes WHERE outcome = 'conflict'`);
  const outcomes: FileOutcome[] = [];
  for (const file of files) outcomes.push(await settleFile(context, engine, file));
  return outcomes;
}

async function settleFile(context: JobContext, engine: Engine, file: StagedFile): Promise<FileOutcome> {
  const { name, uri, summary, quarantine } = file;
  const rows = await engine.rows(
    "SELECT outcome, count(*) AS n FROM annotation_record_outcomes WHERE file_index = $1 GROUP BY outcome",
    [file.fileIndex],
  );
  const count = (outcome: string): number => Number(rows.find((row) => row["outcome"] === outcome)?.["n"] ?? 0);
  await quarantineLines(context, engine, file);
  await quarantine.close();
  const records: ItemLedger = {
    read: summary.recordsRead,
    accepted: count("accepted"),
    filtered: file.filtered,
    quarantined: quarantine.byRule,
    duplicates: count("duplicate"),
  };
  const conflicts = count("conflict");
  // A record of ClinVar is about one allele; genes have none.
  const alleles: ItemLedger = summary.layout.startsWith("clinvar")
    ? {
        read: file.staged,
        accepted: records.accepted,
        filtered: {},
        quarantined: conflicts === 0 ? {} : { CONFLICTING_DUPLICATE: conflicts },
        duplicates: records.duplicates,
      }
    : EMPTY;
  if (!isBalanced(records) || !isBalanced(alleles)) {
    throw new VitalomeError("INTERNAL_SERVER_ERROR", "a ledger does not balance: nothing of this job is published", {
      cause: new Error(JSON.stringify({ records, alleles })),
    });
  }
  return {
    file: name,
    uri,
    callSetId: null,
    status: quarantine.count > 0 ? "partial" : "accepted",
    ledger: { records, alleles },
    quarantineUri: quarantine.count > 0 ? `quarantine/${context.spec.id}/${String(file.fileIndex)}.ndjson` : null,
    quarantined: quarantine.samples,
  };
}

/** A second pass over the file fetches the text of lines whose fault was found without it. */
async function quarantineLines(context: JobContext, engine: Engine, file: StagedFile): Promise<void> {
  const rows = await engine.rows(
    "SELECT line, field, rule, expected, found FROM staged_rejections WHERE file_index = $1 ORDER BY line",
    [file.fileIndex],
  );
  const faults = new Map(rows.map((row) => [Number(row["line"]), row]));
  const path = await context.localPath(parseRawId(file.uri).path);
  for await (const { line, text } of readLines(createReadStream(path), new Set(faults.keys()))) {
    context.signal.throwIfAborted();
    const fault = faults.get(line);
    const part = (field: string): string => String(fault?.[field]);
    file.quarantine.add({
      source: file.name,
      position: `line ${String(line)}`,
      line,
      field: part("field"),
      rule: part("rule"),
      expected: part("expected"),
      found: part("found"),
      raw: text,
    });
    await file.quarantine.drained();
  }
}
