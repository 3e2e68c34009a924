import { filesOf, type Catalog } from "../../lake/catalog.js";
import type { FileCache } from "../../lake/file-cache.js";
import { openEngine, type Engine } from "../../engine/duckdb.js";
import { parquetRows } from "../../engine/parquet.js";
import { placeholders } from "../../engine/placeholders.js";
import { cellOf } from "../../engine/columns.js";
import type { Snapshots } from "../../lake/snapshots.js";
import type { RowBatch, Tables } from "../index.js";
import type { Sql } from "../sql.js";
import { tablesNamed } from "../tables-named.js";

export interface EmbeddedTablesOptions {
  /** Local copies of published files, below `directories`. */
  readonly copies: FileCache;
  readonly directories: readonly string[];
  readonly spillDirectory: string;
  readonly snapshots: Snapshots;
  readonly memoryLimit: string;
  readonly threads: number;
}

export interface ClosableTables extends Tables {
  close(): Promise<void>;
}

/** Statements that run at once; more wait. */
const ENGINES = 2;

/**
 * DuckDB over local copies of a snapshot's data files. A snapshot is the schema `snap_<n>`; each of its tables is made
 * when a statement first names it, and its files stay while the statement runs.
 */
export function createEmbeddedTables(options: EmbeddedTablesOptions): ClosableTables {
  const { copies, snapshots } = options;
  /** Opened when first needed: a service that is asked for points and regions alone has none. */
  let engines: Promise<readonly Engine[]> | null = null;
  const idle: Engine[] = [];
  const waiting: ((engine: Engine) => void)[] = [];
  const prepared = new WeakMap<Engine, Set<string>>();

  async function openAll(): Promise<readonly Engine[]> {
    const opened = await Promise.all(
      Array.from({ length: ENGINES }, async () =>
        openEngine({
          database: ":memory:",
          directories: [...options.directories],
          spillDirectory: options.spillDirectory,
          memoryLimit: options.memoryLimit,
          threads: options.threads,
        }),
      ),
    );
    for (const engine of opened) prepared.set(engine, new Set());
    idle.push(...opened);
    return opened;
  }

  async function take(): Promise<Engine> {
    engines ??= openAll();
    try {
      await engines;
    } catch (thrown) {
      engines = null;
      throw thrown;
    }
    return idle.pop() ?? new Promise((resolve) => waiting.push(resolve));
  }

  function giveBack(engine: Engine): void {
    const next = waiting.shift();
    if (next === undefined) idle.push(engine);
    else next(engine);
  }

  /** The schema, and each table whose files lie at these paths. */
  async function prepare(
    engine: Engine,
    snapshot: number,
    tables: ReadonlyMap<string, readonly string[]>,
  ): Promise<void> {
    const known = prepared.get(engine);
    const schema = `snap_${String(snapshot)}`;
    for (const [table, paths] of tables) {
      const name = `${schema}.${table}`;
      if (known?.has(name) === true) continue;
      await engine.run(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
      await engine.run(`CREATE OR REPLACE VIEW ${name} AS SELECT * FROM ${parquetRows(paths)}`);
      known?.add(name);
    }
  }

  /** Paths of the files of tables; the copies stay until `release`. */
  async function hold(
    catalog: Catalog,
    tables: readonly string[],
  ): Promise<{ readonly paths: ReadonlyMap<string, readonly string[]>; release: () => void }> {
    const files = tables.flatMap((table) => filesOf(catalog, table));
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const local = await new Promise<readonly string[]>((resolve, reject) => {
      copies.hold(files, (paths) => (resolve(paths), released)).catch(reject);
    });
    const paths = new Map<string, readonly string[]>();
    let at = 0;
    for (const table of tables) {
      const count = filesOf(catalog, table).length;
      paths.set(table, local.slice(at, at + count));
      at += count;
    }
    return { paths, release };
  }

  async function* run(
    statement: Sql,
    snapshot: number,
    paths: ReadonlyMap<string, readonly string[]>,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<RowBatch> {
    const engine = await take();
    try {
      await prepare(engine, snapshot, paths);
      for await (const chunk of engine.select(placeholders(statement.strings), statement.values, signal)) {
        const names = chunk.names;
        yield {
          names,
          rows: chunk.data.rowCount,
          columns: names.map((_, column) => chunk.data.getColumnValues(column).map(cellOf)),
        };
      }
    } finally {
      giveBack(engine);
    }
  }

  return {
    async *query(statement, { snapshot, signal }): AsyncGenerator<RowBatch> {
      signal?.throwIfAborted();
      const catalog = await snapshots.get(snapshot);
      const held = await hold(catalog, tablesNamed(statement, catalog));
      try {
        yield* run(statement, snapshot, held.paths, signal);
      } finally {
        held.release();
      }
    },
    async close() {
      for (const engine of (await engines) ?? []) engine.close();
    },
  };
}
