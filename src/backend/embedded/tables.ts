import { join } from "node:path";
import { filesOf, type Catalog } from "../../lake/catalog.js";
import { openEngine, type Engine } from "../../engine/duckdb.js";
import { parquetRows } from "../../engine/parquet.js";
import { placeholders } from "../../engine/placeholders.js";
import { cellOf } from "../../engine/columns.js";
import type { Snapshots } from "../../lake/snapshots.js";
import type { RowBatch, Tables } from "../index.js";

export interface EmbeddedTablesOptions {
  /** Local root of the store. */
  readonly root: string;
  readonly snapshots: Snapshots;
  readonly memoryLimit: string;
  readonly threads: number;
}

export interface ClosableTables extends Tables {
  close(): Promise<void>;
}

/** Statements that run at once; more wait. */
const ENGINES = 2;

/** DuckDB over the data files of a snapshot. A snapshot is the schema `snap_<n>`, made when first asked for. */
export function createEmbeddedTables(options: EmbeddedTablesOptions): ClosableTables {
  const { root, snapshots } = options;
  /** Opened when first needed: a service that is asked for points and regions alone has none. */
  let engines: Promise<readonly Engine[]> | null = null;
  const idle: Engine[] = [];
  const waiting: ((engine: Engine) => void)[] = [];
  const prepared = new WeakMap<Engine, Set<number>>();

  async function openAll(): Promise<readonly Engine[]> {
    const opened = await Promise.all(
      Array.from({ length: ENGINES }, async () =>
        openEngine({
          database: ":memory:",
          directories: [join(root, "runs"), join(root, "scratch")],
          spillDirectory: join(root, "scratch", "tables"),
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

  async function prepare(engine: Engine, catalog: Catalog): Promise<void> {
    const known = prepared.get(engine);
    if (known?.has(catalog.snapshot) === true) return;
    const schema = `snap_${String(catalog.snapshot)}`;
    await engine.run(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    for (const table of Object.keys(catalog.tables)) {
      const paths = filesOf(catalog, table).map((file) => join(root, file.path));
      await engine.run(`CREATE OR REPLACE VIEW ${schema}.${table} AS SELECT * FROM ${parquetRows(paths)}`);
    }
    known?.add(catalog.snapshot);
  }

  return {
    async *query(statement, { snapshot, signal }): AsyncGenerator<RowBatch> {
      signal?.throwIfAborted();
      const catalog = await snapshots.get(snapshot);
      const engine = await take();
      try {
        await prepare(engine, catalog);
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
    },
    async close() {
      for (const engine of (await engines) ?? []) engine.close();
    },
  };
}
