import type { VitalAccepted, VitalWindowed } from "../domain/events/observation.js";
import { columnsOf, factsOf, type LogTable } from "./log-tables.js";

/** Where an event lies in the log. */
export interface LogPlace {
  readonly partition: number;
  readonly offset: number;
}

export type LoggedReading = LogPlace & { readonly reading: VitalAccepted };
export type LoggedWindow = LogPlace & { readonly window: VitalWindowed };

/** Makes the event again out of its row in an index: the cells of the table's columns in their order, as JSON. */
export function createRowReader<T>(table: LogTable): (row: Uint8Array) => LogPlace & { readonly event: T } {
  const read = createCellReader<T>(table);
  return (row) => read(JSON.parse(Buffer.from(row).toString("utf8")) as readonly unknown[]);
}

/** Makes the event again out of the cells of the table's columns, in their order. */
export function createCellReader<T>(table: LogTable): (cells: readonly unknown[]) => LogPlace & { readonly event: T } {
  const { columns } = factsOf(table);
  const names = Object.keys(columnsOf(table));
  const at = (name: string): number => names.indexOf(name);
  const [partition, offset] = [at("log_partition"), at("log_offset")];
  const steps = columns.map(({ name, path, kind }) => ({ column: at(name), path, kind }));
  return (cells) => {
    const event: Record<string, unknown> = { schema: 1 };
    for (const { column, path, kind } of steps) {
      const cell = cells[column] ?? null;
      let owner = event;
      for (const name of path.slice(0, -1)) owner = (owner[name] ??= {}) as Record<string, unknown>;
      owner[path.at(-1) ?? ""] = cell === null ? null : valueOf(kind, cell);
    }
    return { event: event as T, partition: Number(cells[partition]), offset: Number(cells[offset]) };
  };
}

function valueOf(kind: string, cell: unknown): unknown {
  if (kind === "json") return JSON.parse(String(cell));
  if (kind === "digits") return String(cell);
  // Queries answer 64-bit integers as bigint; none of these is beyond what a number holds.
  return typeof cell === "bigint" ? Number(cell) : cell;
}
