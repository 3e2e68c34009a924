import { createReadStream } from "node:fs";
import type { Engine } from "../../engine/duckdb.js";
import type { ItemLedger } from "../../domain/ledger.js";
import { isBalanced } from "../../domain/ledger.js";
import { VitalomeError } from "../../errors.js";
import { runSqlFile } from "../../engine/sql-file.js";
import type { FileOutcome, JobContext } from "../context.js";
import { parseRawId } from "../parameters.js";
import { readLines } from "../../ingest/sources/vcf/index.js";
import type { IngestedFile } from "./ingest-file.js";
import { openQuarantine } from "./quarantine.js";

const CONFLICT = "CONFLICTING_DUPLICATE";

/** Decides duplicates and contradictions, puts contradicting records into quarantine, and closes both ledgers of each file. */
export async function settleFiles(
  context: JobContext,
  engine: Engine,
  ingested: readonly IngestedFile[],
): Promise<FileOutcome[]> {
  for (const step of ["variant-outcomes", "structural-outcomes", "block-outcomes", "record-outcomes"]) {
    await runSqlFile(engine, step, context.signal);
  }
  const outcomes: FileOutcome[] = [];
  for (const file of ingested) outcomes.push(await settleFile(context, engine, file));
  return outcomes;
}

async function settleFile(context: JobContext, engine: Engine, file: IngestedFile): Promise<FileOutcome> {
  if (file.status === "refused") {
    return { file: file.name, uri: file.uri, callSetId: null, status: "refused", refusal: file.refusal };
  }
  const { tally, summary, quarantine } = file;
  const records = await countOutcomes(engine, "record_outcomes", file.fileIndex);
  const alleles = await countOutcomes(
    engine,
    "(SELECT file_index, outcome FROM variant_outcomes UNION ALL SELECT file_index, outcome FROM structural_outcomes)",
    file.fileIndex,
  );
  const conflicts = openQuarantine(file.quarantinePath);
  if (records.conflict > 0) await quarantineConflicts(context, engine, file, conflicts);
  const withoutRows = tally.referenceRecords - (await referenceRecordsWithRows(engine, file.fileIndex));
  const quarantined = { ...quarantine.byRule, ...(records.conflict > 0 ? { [CONFLICT]: records.conflict } : {}) };
  const recordLedger: ItemLedger = {
    read: summary.recordsRead,
    accepted: records.accepted + withoutRows,
    filtered: tally.filteredRecords,
    quarantined,
    duplicates: records.duplicate,
  };
  const alleleLedger: ItemLedger = {
    read: tally.allelesRead,
    accepted: alleles.accepted,
    filtered: tally.filteredAlleles,
    quarantined: alleles.conflict > 0 ? { [CONFLICT]: alleles.conflict } : {},
    duplicates: alleles.duplicate,
  };
  if (!isBalanced(recordLedger) || !isBalanced(alleleLedger)) {
    throw new VitalomeError("INTERNAL_SERVER_ERROR", "a ledger does not balance: nothing of this job is published", {
      cause: new Error(JSON.stringify({ recordLedger, alleleLedger })),
    });
  }
  const rejected = quarantine.count + records.conflict;
  return {
    file: file.name,
    uri: file.uri,
    callSetId: file.callSet.id,
    status: rejected > 0 ? "partial" : "accepted",
    ledger: { records: recordLedger, alleles: alleleLedger },
    quarantineUri: rejected > 0 ? `quarantine/${context.spec.id}/${String(file.fileIndex)}.ndjson` : null,
    quarantined: [...quarantine.samples, ...conflicts.samples].slice(0, 20),
  };
}

interface OutcomeCounts {
  readonly accepted: number;
  readonly duplicate: number;
  readonly conflict: number;
}

async function countOutcomes(engine: Engine, relation: string, fileIndex: number): Promise<OutcomeCounts> {
  const rows = await engine.rows(
    `SELECT outcome, count(*) AS n FROM ${relation} rows WHERE file_index = $1 GROUP BY outcome`,
    [fileIndex],
  );
  const of = (outcome: string): number => Number(rows.find((row) => row["outcome"] === outcome)?.["n"] ?? 0);
  return { accepted: of("accepted"), duplicate: of("duplicate"), conflict: of("conflict") };
}

/** Reference records without samples leave no row; they are accepted all the same. */
async function referenceRecordsWithRows(engine: Engine, fileIndex: number): Promise<number> {
  const [row] = await engine.rows("SELECT count(DISTINCT line) AS n FROM block_outcomes WHERE file_index = $1", [
    fileIndex,
  ]);
  return Number(row?.["n"] ?? 0);
}

/** A second pass over the file fetches the raw text of the lines that contradict what is known. */
async function quarantineConflicts(
  context: JobContext,
  engine: Engine,
  file: IngestedFile,
  conflicts: ReturnType<typeof openQuarantine>,
): Promise<void> {
  const rows = await engine.rows(
    "SELECT line FROM record_outcomes WHERE file_index = $1 AND outcome = 'conflict' ORDER BY line",
    [file.fileIndex],
  );
  const wanted = new Set(rows.map((row) => Number(row["line"])));
  const path = await context.localPath(parseRawId(file.uri).path);
  for await (const { line, text } of readLines(createReadStream(path), wanted)) {
    context.signal.throwIfAborted();
    conflicts.add({
      source: file.name,
      position: `line ${String(line)}`,
      line,
      field: "CHROM, POS, REF, ALT",
      rule: CONFLICT,
      expected: "each allele once in a call set, or repeats with the same content",
      found: "an allele this call set already has, with other content",
      raw: text,
    });
    await conflicts.drained();
  }
  await conflicts.close();
}
