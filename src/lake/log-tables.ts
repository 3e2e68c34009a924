import reference from "../../reference/log-tables.json" with { type: "json" };
import type { ColumnType } from "../engine/appender.js";

/** Tables whose rows come from the log. */
export const LOG_TABLES = ["vitals", "vital_windows", "alerts", "jobs"] as const;
export type LogTable = (typeof LOG_TABLES)[number];

/** A column, where in an event its value lies, and what that is: see `reference/log-tables.json`. */
export interface LogColumn {
  readonly name: string;
  readonly path: readonly string[];
  readonly kind: "text" | "int" | "bigint" | "digits" | "boolean" | "json";
  readonly nullable: boolean;
}

export interface LogTableFacts {
  readonly topic: string;
  /** Only events with these values make a row. */
  readonly only: Readonly<Record<string, unknown>>;
  readonly columns: readonly LogColumn[];
  /** What orders the rows of a file. */
  readonly sortedBy: readonly string[];
  /** What tells two rows apart: each is in a snapshot once. */
  readonly key: readonly string[];
  /** Of a row's time the columns that say from when until when; null: it has none. */
  readonly time: readonly [string, string] | null;
}

const ORDER: Readonly<Record<LogTable, Pick<LogTableFacts, "sortedBy" | "key" | "time">>> = {
  vitals: {
    sortedBy: ["patient_id", "code", "effective_time", "event_id"],
    key: ["patient_id", "event_id"],
    time: ["effective_time", "effective_time"],
  },
  vital_windows: {
    sortedBy: ["patient_id", "code", "size", "start_at"],
    key: ["patient_id", "code", "size", "start_at"],
    time: ["start_at", "end_at"],
  },
  alerts: { sortedBy: ["patient_id", "raised_at", "id"], key: ["id"], time: null },
  jobs: { sortedBy: ["id"], key: ["id"], time: null },
};

/** Columns every table has beside its own: where the event lies that made the row. */
const PLACE = { log_partition: "integer", log_offset: "bigint" } as const satisfies Readonly<
  Record<string, ColumnType>
>;

const TYPES: Readonly<Record<LogColumn["kind"], ColumnType>> = {
  text: "text",
  int: "integer",
  bigint: "bigint",
  digits: "bigint",
  boolean: "boolean",
  json: "text",
};

export function factsOf(table: LogTable): LogTableFacts {
  const { topic, columns, ...rest } = reference.tables[table];
  const only = "only" in rest ? rest.only : {};
  return { topic, only, columns: columns.map(columnOf), ...ORDER[table] };
}

/** Columns of a table in their order, with the types they are written in. */
export function columnsOf(table: LogTable): Readonly<Record<string, ColumnType>> {
  const own = Object.fromEntries(factsOf(table).columns.map(({ name, kind }) => [name, TYPES[kind]]));
  return { ...own, ...(table === "alerts" ? { steps: "text" } : {}), ...PLACE };
}

function columnOf([name = "", path = "", type = ""]: readonly string[]): LogColumn {
  const kind = type.replace("?", "") as LogColumn["kind"];
  return { name, path: path.split("."), kind, nullable: type.endsWith("?") };
}
