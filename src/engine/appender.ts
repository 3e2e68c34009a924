import bindings from "@duckdb/node-bindings";
import { BIGINT, BOOLEAN, DOUBLE, DuckDBDataChunk, INTEGER, LIST, VARCHAR, type DuckDBType } from "@duckdb/node-api";
import { translateEngineError, type Engine } from "./duckdb.js";

/** Rows of one DuckDB vector. */
const CHUNK = 2048;

export type ColumnType = "integer" | "bigint" | "double" | "boolean" | "text" | "integers";
export type AppendValue = number | bigint | boolean | string | Int32Array | null;

const TYPES: Readonly<Record<ColumnType, DuckDBType>> = {
  integer: INTEGER,
  bigint: BIGINT,
  double: DOUBLE,
  boolean: BOOLEAN,
  text: VARCHAR,
  integers: LIST(INTEGER),
};

const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  integer: "INTEGER",
  bigint: "BIGINT",
  double: "DOUBLE",
  boolean: "BOOLEAN",
  text: "VARCHAR",
  integers: "INTEGER[]",
};

/** Appends rows to a table of the engine, a vector at a time. Rows are visible after `flush`. */
export interface TableAppender {
  append(row: readonly AppendValue[]): void;
  flush(): void;
  readonly rows: number;
}

/** Rows reach the disk while they are appended, not only in statements: it may be full here, too. */
function translated(work: () => void): void {
  try {
    work();
  } catch (thrown) {
    throw translateEngineError(thrown);
  }
}

/** Makes a table of these columns, whose order is the order in which `append` takes values. */
export async function createTable(
  engine: Engine,
  table: string,
  named: Readonly<Record<string, ColumnType>>,
): Promise<TableAppender> {
  const list = Object.entries(named).map(([name, type]) => `${name} ${SQL_TYPES[type]}`);
  await engine.run(`CREATE TABLE ${table} (${list.join(", ")})`);
  const columns = Object.values(named);
  const appender = await engine.connection.createAppender(table);
  let pending: (readonly AppendValue[])[] = [];
  let rows = 0;

  function writeChunk(): void {
    if (pending.length === 0) return;
    const chunk = DuckDBDataChunk.create(
      columns.map((column) => TYPES[column]),
      pending.length,
    );
    columns.forEach((column, index) => {
      const values = pending.map((row) => row[index] ?? null);
      if (column === "integers") writeIntegerLists(chunk, index, values as (Int32Array | null)[]);
      else chunk.setColumnValues(index, values as (number | bigint | boolean | string | null)[]);
    });
    translated(() => {
      appender.appendDataChunk(chunk);
    });
    pending = [];
  }

  return {
    append(row) {
      pending.push(row);
      rows += 1;
      if (pending.length === CHUNK) writeChunk();
    },
    flush() {
      writeChunk();
      translated(() => {
        appender.flushSync();
      });
    },
    get rows() {
      return rows;
    },
  };
}

/** Appends rows of 32-bit integers straight from typed arrays: for the millions of genotype rows. */
export interface IntegerAppender {
  /** Column-wise buffers of `capacity`; fill at `length`, then call `advance`. */
  readonly columns: readonly Int32Array[];
  readonly length: number;
  advance(): void;
  flush(): void;
  readonly rows: number;
}

export async function createIntegerAppender(engine: Engine, table: string, width: number): Promise<IntegerAppender> {
  const appender = await engine.connection.createAppender(table);
  const types = Array.from({ length: width }, () => INTEGER);
  const columns = types.map(() => new Int32Array(CHUNK));
  let length = 0;
  let rows = 0;

  function writeChunk(): void {
    if (length === 0) return;
    const chunk = DuckDBDataChunk.create(types, length);
    columns.forEach((column, index) => {
      const vector = rawVector(chunk, index);
      bindings.copy_data_to_vector(vector, 0, column.buffer, 0, length * 4);
    });
    translated(() => {
      appender.appendDataChunk(chunk);
    });
    rows += length;
    length = 0;
  }

  return {
    columns,
    get length() {
      return length;
    },
    advance() {
      length += 1;
      if (length === CHUNK) writeChunk();
    },
    flush() {
      writeChunk();
      translated(() => {
        appender.flushSync();
      });
    },
    get rows() {
      return rows + length;
    },
  };
}

/** The driver copies lists item by item; a list of counts is copied whole. */
function writeIntegerLists(chunk: DuckDBDataChunk, index: number, lists: readonly (Int32Array | null)[]): void {
  const vector = rawVector(chunk, index);
  const total = lists.reduce((sum, list) => sum + (list?.length ?? 0), 0);
  const entries = new BigUint64Array(lists.length * 2);
  const flat = new Int32Array(total);
  let at = 0;
  lists.forEach((list, row) => {
    entries[row * 2] = BigInt(at);
    entries[row * 2 + 1] = BigInt(list?.length ?? 0);
    if (list !== null) flat.set(list, at);
    at += list?.length ?? 0;
  });
  bindings.list_vector_reserve(vector, total);
  bindings.list_vector_set_size(vector, total);
  if (total > 0) {
    bindings.copy_data_to_vector(bindings.list_vector_get_child(vector), 0, flat.buffer, 0, flat.byteLength);
  }
  bindings.copy_data_to_vector(vector, 0, entries.buffer, 0, entries.byteLength);
}

/** The driver hides the chunk's handle; the column is the same one `getColumnVector` wraps. */
function rawVector(chunk: DuckDBDataChunk, index: number): bindings.Vector {
  return bindings.data_chunk_get_vector((chunk as unknown as { chunk: bindings.DataChunk }).chunk, index);
}
