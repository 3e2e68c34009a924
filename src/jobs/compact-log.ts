import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { isBalanced, type ItemLedger } from "../domain/ledger.js";
import { VitalomeError } from "../errors.js";
import { isSameHorizon, type Horizon } from "../lake/horizon.js";
import { LOG_TABLES, factsOf, type LogTable } from "../lake/log-tables.js";
import { stageTopic, type StagedTopic } from "./compact-log/stage-topic.js";
import { writeTable } from "./compact-log/write-table.js";
import type { FileOutcome, JobContext, JobResult, WrittenFile } from "./context.js";
import { openQuarantine, type Quarantine } from "./ingest-variants/quarantine.js";
import { compactLogRange, parseParameters } from "./parameters.js";
import { withEngine } from "./scratch.js";

export const COMPACT_LOG = "compact-log";

const NO_ALLELES: ItemLedger = { read: 0, accepted: 0, filtered: {}, quarantined: {}, duplicates: 0 };

/**
 * Brings a range of the log into the tables `vitals`, `vital_windows`, `alerts` and `jobs`; whoever hands the job over has fixed
 * the range and staged it. The same range again brings nothing new.
 */
export async function compactLog(context: JobContext): Promise<JobResult> {
  const { from, to } = parseParameters(compactLogRange, context.spec.parameters);
  const { id: jobId, kind, baseSnapshot } = context.spec;
  const nothing = { jobId, kind, baseSnapshot, add: [], remove: {}, files: [], estimate: null };
  if (isSameHorizon(from, to)) return nothing;
  await mkdir(context.quarantineDirectory, { recursive: true });
  return withEngine(context, async (engine) => {
    const add: WrittenFile[] = [];
    const remove: Record<string, readonly string[]> = {};
    const files: FileOutcome[] = [];
    for (const [index, table] of LOG_TABLES.entries()) {
      const { topic } = factsOf(table);
      if (!isAny(from, to, topic)) continue;
      context.progress(index / LOG_TABLES.length, `reading ${topic}`);
      const quarantine = openQuarantine(join(context.quarantineDirectory, `${String(index)}.ndjson`));
      const staged = await stageTopic(context, engine, table, quarantine);
      await quarantine.close();
      context.progress((index + 0.5) / LOG_TABLES.length, `writing ${table}`);
      const change = await writeTable(context, engine, table);
      add.push(...change.add);
      if (change.remove.length > 0) remove[table] = change.remove;
      files.push(outcomeOf(context, { table, index, ...staged, accepted: change.accepted, quarantine }));
      context.log(`${table}: ${String(change.fresh)} rows came or changed, ${String(change.add.length)} files written`);
    }
    return { ...nothing, add, remove, horizon: to, files };
  });
}

/** Why an event took no place: a later version of the same row is no loss. */
const OVERTAKEN = "OVERTAKEN";
/** Not every event of the topic of alerts is a step: an answer to a command that changed nothing is none. */
const NO_STEP = "NO_STEP";

interface TopicCount extends StagedTopic {
  readonly table: LogTable;
  readonly index: number;
  readonly accepted: number;
  readonly quarantine: Quarantine;
}

/** The ledger of a topic, as of an input file. */
function outcomeOf(context: JobContext, { table, index, read, others, accepted, quarantine }: TopicCount): FileOutcome {
  const { topic } = factsOf(table);
  const rest = read - others - quarantine.count - accepted;
  const isRepeat = table === "vitals" || table === "alerts";
  const filtered = {
    ...(others === 0 ? {} : { [NO_STEP]: others }),
    ...(isRepeat || rest === 0 ? {} : { [OVERTAKEN]: rest }),
  };
  const records = { read, accepted, filtered, quarantined: quarantine.byRule, duplicates: isRepeat ? rest : 0 };
  if (rest < 0 || !isBalanced(records)) {
    throw new VitalomeError("INTERNAL_SERVER_ERROR", "a ledger does not balance: nothing of this job is published", {
      cause: new Error(JSON.stringify(records)),
    });
  }
  const isWhole = quarantine.count === 0;
  return {
    ...{ file: topic, uri: `log:${topic}`, callSetId: null, status: isWhole ? "accepted" : "partial" },
    ledger: { records, alleles: NO_ALLELES },
    quarantineUri: isWhole ? null : `quarantine/${context.spec.id}/${String(index)}.ndjson`,
    quarantined: quarantine.samples,
  };
}

function isAny(from: Horizon, to: Horizon, topic: string): boolean {
  return !isSameHorizon({ topic: from[topic] ?? [] }, { topic: to[topic] ?? [] });
}
