import { cellRows } from "../engine/columns.js";
import type { Engine } from "../engine/duckdb.js";
import type { IndexEntry } from "./key-index.js";
import { columnsOf, type LogTable } from "./log-tables.js";
import { namedKey, ownerPrefix, timeBytes } from "./variant-keys.js";

type Cell = string | number | boolean | null;

/** Cells of one row by column, as JSON holds them: whole numbers of the log are below 2^53. */
type Row = Readonly<Record<string, Cell>>;

/** Readings by person, code and time; then where each lies by its id; then those that correct another, by their order in the log. */
export async function* vitalEntries(engine: Engine, source: string): AsyncGenerator<IndexEntry> {
  const byTime = "encode(patient_id), encode(code), effective_time, encode(event_id)";
  for await (const [row, value] of rowsOf(engine, "vitals", source, `ORDER BY ${byTime}`)) {
    yield { key: vitalKey(row), value };
  }
  const places = `SELECT patient_id, event_id, code, effective_time FROM ${source} ORDER BY encode(patient_id), encode(event_id)`;
  for await (const cell of cellRows(engine, places)) {
    const [patient, event, code, time] = [0, 1, 2, 3].map(cell);
    const key = Buffer.concat([ownerPrefix("vitalIds", String(patient)), Buffer.from(String(event))]);
    yield { key, value: Buffer.concat([timeBytes(Number(time)), Buffer.from(String(code))]) };
  }
  const corrections = "WHERE replaces IS NOT NULL ORDER BY encode(patient_id), log_offset, encode(event_id)";
  for await (const [row, value] of rowsOf(engine, "vitals", source, corrections)) {
    const owner = ownerPrefix("vitalCorrections", String(row["patient_id"]));
    const id = Buffer.from(String(row["event_id"]));
    yield { key: Buffer.concat([owner, timeBytes(Number(row["log_offset"])), id]), value };
  }
}

/** Windows by person, code, size and start. */
export async function* windowEntries(engine: Engine, source: string): AsyncGenerator<IndexEntry> {
  const order = "ORDER BY encode(patient_id), encode(code), encode(size), start_at";
  for await (const [row, value] of rowsOf(engine, "vital_windows", source, order)) {
    const { patient_id: patient, code, size, start_at: start } = row;
    const owner = ownerPrefix("vitalWindows", String(patient));
    const series = Buffer.from(`${String(code)}\0${String(size)}\0`);
    yield { key: Buffer.concat([owner, series, timeBytes(Number(start))]), value };
  }
}

/** Alerts, or jobs, by id. */
export function recordEntries(
  table: "alerts" | "jobs",
): (engine: Engine, source: string) => AsyncGenerator<IndexEntry> {
  return async function* entries(engine, source) {
    for await (const [row, value] of rowsOf(engine, table, source, "ORDER BY encode(id)"))
      yield { key: namedKey(table, String(row["id"])), value };
  };
}

function vitalKey(row: Row): Buffer {
  const owner = ownerPrefix("vitals", String(row["patient_id"]));
  const time = timeBytes(Number(row["effective_time"]));
  return Buffer.concat([owner, Buffer.from(`${String(row["code"])}\0`), time, Buffer.from(String(row["event_id"]))]);
}

async function* rowsOf(
  engine: Engine,
  table: LogTable,
  source: string,
  order: string,
): AsyncGenerator<readonly [Row, Buffer]> {
  const columns = Object.keys(columnsOf(table));
  for await (const cell of cellRows(engine, `SELECT ${columns.join(", ")} FROM ${source} ${order}`)) {
    const cells = columns.map((_, column) => {
      const value = cell(column);
      return (typeof value === "bigint" ? Number(value) : value) as Cell;
    });
    const row = Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? null]));
    yield [row, Buffer.from(JSON.stringify(cells))];
  }
}
