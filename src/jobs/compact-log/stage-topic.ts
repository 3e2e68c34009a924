import { createTable, type AppendValue } from "../../engine/appender.js";
import type { Engine } from "../../engine/duckdb.js";
import { columnsOf, factsOf, type LogTable } from "../../lake/log-tables.js";
import type { JobContext } from "../context.js";
import type { Quarantine } from "../ingest-variants/quarantine.js";
import { fieldAt, readRow } from "./read-row.js";
import { readStaged, stagedPath, type StagedEvent } from "./staged-events.js";

/** How many events there were, and how many of them make no row. */
export interface StagedTopic {
  readonly read: number;
  readonly others: number;
}

export const UNREADABLE = "UNREADABLE_EVENT";
const EVENTS_AT_ONCE = 4_096;
/** Digits of a version in a step's text: see `sql/alerts.sql`. */
const VERSION_WIDTH = 10;

/** Makes `staged_<table>` out of the events of its topic; what is not what the topic carries goes into quarantine. */
export async function stageTopic(
  context: JobContext,
  engine: Engine,
  table: LogTable,
  quarantine: Quarantine,
): Promise<StagedTopic> {
  const facts = factsOf(table);
  const { steps: _, log_partition: partition, log_offset: offset, ...own } = columnsOf(table);
  const columns = { ...own, ...(table === "alerts" ? { step: "text" as const } : {}) };
  const place = { log_partition: partition ?? "integer", log_offset: offset ?? "bigint" };
  const staged = await createTable(engine, `staged_${table}`, { ...columns, ...place });
  let [read, others] = [0, 0];
  for await (const event of readStaged(context.files.read(stagedPath(context.spec.id, facts.topic)))) {
    const row = readRow(facts, event.value);
    const step = table === "alerts" && row.kind === "row" ? stepOf(event) : null;
    if (row.kind === "other") others += 1;
    else if (row.kind === "unreadable" || (table === "alerts" && step === null)) {
      const { field, expected } = row.kind === "unreadable" ? row : { field: "step", expected: "a value" };
      const found = JSON.stringify(fieldAt(event.value, field.split("."))) ?? "nothing";
      quarantine.add({
        ...{ source: facts.topic, position: `partition ${String(event.partition)}, offset ${String(event.offset)}` },
        ...{ line: null, field, rule: UNREADABLE, expected, found: found.slice(0, 200) },
        raw: JSON.stringify(event.value),
      });
    } else {
      const beside: readonly AppendValue[] = table === "alerts" ? [step] : [];
      staged.append([...row.cells, ...beside, event.partition, event.offset]);
    }
    read += 1;
    if (read % EVENTS_AT_ONCE === 0) {
      context.signal.throwIfAborted();
      await quarantine.drained();
    }
  }
  staged.flush();
  return { read, others };
}

/** What an alert's history keeps of a step; null for an event without one. */
function stepOf({ partition, offset, at, value }: StagedEvent): string | null {
  const step = fieldAt(value, ["step"]);
  if (step === undefined || step === null) return null;
  const version = String(fieldAt(value, ["alert", "version"])).padStart(VERSION_WIDTH);
  const alertOf = (name: string): unknown => fieldAt(value, ["alert", name]);
  const kept = {
    ...{ partition, offset: String(offset), at, commandId: fieldAt(value, ["commandId"]) ?? null },
    ...{ priority: alertOf("priority"), patientId: alertOf("patientId"), shadow: alertOf("shadow"), step },
  };
  return `{"version":${version},${JSON.stringify(kept).slice(1)}`;
}
