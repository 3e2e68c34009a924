import { join } from "node:path";
import { filesOf, type Catalog } from "../../lake/catalog.js";
import { openEngine, quoteText, type Engine } from "../../engine/duckdb.js";
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
  close(): void;
}

/** Statements that run at once; more wait. */
const ENGINES = 2;

/** DuckDB over the data files of a snapshot. A snapshot is the schema `snap_<n>`, made when first asked for. */
export async function createEmbeddedTables(options: EmbeddedTablesOptions): Promise<ClosableTables> {
  const { root, snapshots } = options;
  const engines = await Promise.all(
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
  const idle = [...engines];
  const waiting: ((engine: Engine) => void)[] = [];
  const prepared = new Map<Engine, Set<number>>(engines.map((engine) => [engine, new Set()]));

  async function take(): Promise<Engine> {
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
      const paths = filesOf(catalog, table).map((file) => quoteText(join(root, file.path)));
      await engine.run(
        `CREATE OR REPLACE VIEW ${schema}.${table} AS SELECT * FROM read_parquet([${paths.join(", ")}])`,
      );
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
        const text = statement.strings.reduce(
          (all, part, index) => (index === 0 ? part : `${all}$${String(index)}${part}`),
          "",
        );
        for await (const chunk of engine.select(text, statement.values, signal)) {
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
    close() {
      for (const engine of engines) engine.close();
    },
  };
}
