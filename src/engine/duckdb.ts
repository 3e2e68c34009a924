import {
  DuckDBInstance,
  StatementType,
  type DuckDBConnection,
  type DuckDBDataChunk,
  type DuckDBPreparedStatement,
} from "@duckdb/node-api";
import { VitalomeError, messageOf, type ErrorCode } from "../errors.js";

export type Binding = string | number | bigint | boolean | null;

export interface EngineOptions {
  /** A database file, or `:memory:`. */
  readonly database: string;
  /** The only folders statements may touch; empty for none. DuckDB's own limit, not a sandbox for untrusted SQL. */
  readonly directories: readonly string[];
  /** Where sorts and joins spill. Must lie inside `directories`. */
  readonly spillDirectory: string | null;
  /** DuckDB's notation, such as `1GB`. */
  readonly memoryLimit: string;
  readonly threads: number;
}

/** One DuckDB instance with one connection: statements run one at a time, in the order they were sent. */
export interface Engine {
  /** Runs one statement to its end. */
  run(text: string, bindings?: readonly Binding[], signal?: AbortSignal): Promise<void>;
  /** Streams the chunks of one statement; ending the iteration or aborting interrupts it. */
  stream(text: string, bindings?: readonly Binding[], signal?: AbortSignal): AsyncIterable<DuckDBDataChunk>;
  /** Streams one SELECT with its column names; any other statement is SQL_REJECTED before it runs. */
  select(text: string, bindings?: readonly Binding[], signal?: AbortSignal): AsyncIterable<NamedChunk>;
  /** All rows of a small result as plain objects; 64-bit integers are bigint. */
  rows(text: string, bindings?: readonly Binding[], signal?: AbortSignal): Promise<Record<string, unknown>[]>;
  readonly connection: DuckDBConnection;
  close(): void;
}

export interface NamedChunk {
  readonly names: readonly string[];
  readonly data: DuckDBDataChunk;
}

const CODE_BY_CLASS: Readonly<Record<string, ErrorCode>> = {
  Parser: "SQL_REJECTED",
  Binder: "SQL_REJECTED",
  Catalog: "SQL_REJECTED",
  INTERRUPT: "CANCELED",
  "Out of Memory": "OVERLOADED",
  IO: "STORAGE_CORRUPT",
  Permission: "FORBIDDEN",
};

/** The bound of what spills is, unless set, the room of its disk. */
const FULL = /No space left|disk full|Disk quota exceeded|max_temp_directory_size/i;

/** DuckDB errors carry no code: the class is the text before ` Error:`. Detail stays in `cause`. */
export function translateEngineError(thrown: unknown): VitalomeError {
  const message = messageOf(thrown);
  const kind = /^([A-Za-z ]+?) Error:/.exec(message)?.[1] ?? "";
  const code = FULL.test(message) ? "STORAGE_FULL" : (CODE_BY_CLASS[kind] ?? "INTERNAL_SERVER_ERROR");
  return new VitalomeError(code, `the query engine reported a fault (${kind === "" ? "unknown" : kind})`, {
    cause: new Error(message),
  });
}

export async function openEngine(options: EngineOptions): Promise<Engine> {
  const instance = await DuckDBInstance.create(options.database, {
    threads: String(options.threads),
    memory_limit: options.memoryLimit,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  }).catch((thrown: unknown) => {
    throw translateEngineError(thrown);
  });
  const connection = await instance.connect();
  await lockDown(connection, options);
  let queue: Promise<unknown> = Promise.resolve();

  /** One connection runs one statement at a time; a stream holds its turn until it is ended. */
  async function turn(): Promise<() => void> {
    let release!: () => void;
    const before = queue;
    queue = new Promise<void>((resolve) => {
      release = resolve;
    });
    await before;
    return release;
  }

  async function* stream(
    text: string,
    bindings: readonly Binding[] = [],
    signal?: AbortSignal,
  ): AsyncGenerator<DuckDBDataChunk> {
    for await (const { data } of named(text, bindings, signal, false)) yield data;
  }

  async function* named(
    text: string,
    bindings: readonly Binding[],
    signal: AbortSignal | undefined,
    isSelect: boolean,
  ): AsyncGenerator<NamedChunk> {
    const release = await turn();
    let statement: DuckDBPreparedStatement | null = null;
    const interrupt = (): void => {
      connection.interrupt();
    };
    let ended = false;
    try {
      signal?.throwIfAborted();
      signal?.addEventListener("abort", interrupt, { once: true });
      statement = await prepareOne(connection, text);
      if (isSelect && statement.statementType !== StatementType.SELECT) {
        throw new VitalomeError("SQL_REJECTED", "only SELECT is answered");
      }
      bind(statement, bindings);
      const result = await statement.stream();
      const names = isSelect ? result.columnNames() : [];
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) break;
        yield { names, data: chunk };
        signal?.throwIfAborted();
      }
      ended = true;
    } catch (thrown) {
      if (signal?.aborted) throw new VitalomeError("CANCELED", "the statement was cancelled", { cause: thrown });
      throw thrown instanceof VitalomeError ? thrown : translateEngineError(thrown);
    } finally {
      signal?.removeEventListener("abort", interrupt);
      if (!ended) connection.interrupt();
      statement?.destroySync();
      release();
    }
  }

  async function run(text: string, bindings: readonly Binding[] = [], signal?: AbortSignal): Promise<void> {
    for await (const chunk of stream(text, bindings, signal)) void chunk;
  }

  async function rows(
    text: string,
    bindings: readonly Binding[] = [],
    signal?: AbortSignal,
  ): Promise<Record<string, unknown>[]> {
    const release = await turn();
    const interrupt = (): void => {
      connection.interrupt();
    };
    try {
      signal?.throwIfAborted();
      signal?.addEventListener("abort", interrupt, { once: true });
      const statement = await prepareOne(connection, text);
      bind(statement, bindings);
      const reader = await statement.runAndReadAll();
      const objects = reader.getRowObjectsJS() as Record<string, unknown>[];
      statement.destroySync();
      return objects;
    } catch (thrown) {
      if (signal?.aborted) throw new VitalomeError("CANCELED", "the statement was cancelled", { cause: thrown });
      throw thrown instanceof VitalomeError ? thrown : translateEngineError(thrown);
    } finally {
      signal?.removeEventListener("abort", interrupt);
      release();
    }
  }

  return {
    run,
    stream,
    select: (text, bindings = [], signal) => named(text, bindings, signal, true),
    rows,
    connection,
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** `prepare` takes one statement; the driver's own `run` would execute every statement of a string. */
async function prepareOne(connection: DuckDBConnection, text: string): Promise<DuckDBPreparedStatement> {
  const extracted = await connection.extractStatements(text);
  if (extracted.count !== 1) {
    throw new VitalomeError("SQL_REJECTED", `expected one statement, found ${String(extracted.count)}`);
  }
  return extracted.prepare(0);
}

function bind(statement: DuckDBPreparedStatement, bindings: readonly Binding[]): void {
  bindings.forEach((value, index) => {
    const at = index + 1;
    if (value === null) statement.bindNull(at);
    else if (typeof value === "string") statement.bindVarchar(at, value);
    else if (typeof value === "boolean") statement.bindBoolean(at, value);
    else if (typeof value === "bigint") statement.bindBigInt(at, value);
    else if (Number.isInteger(value) && Math.abs(value) <= 0x7fffffff) statement.bindInteger(at, value);
    else statement.bindDouble(at, value);
  });
}

async function lockDown(connection: DuckDBConnection, options: EngineOptions): Promise<void> {
  const list = options.directories.map((folder) => quoteText(folder.endsWith("/") ? folder : `${folder}/`)).join(", ");
  await connection.run(`SET allowed_directories = [${list}]`);
  if (options.spillDirectory !== null) {
    await connection.run(`SET temp_directory = ${quoteText(options.spillDirectory)}`);
  }
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run("SET enable_external_access = false");
  await connection.run("SET lock_configuration = true");
}

/** A text literal of DuckDB's dialect, for the program's own paths; never for input, which is bound. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
