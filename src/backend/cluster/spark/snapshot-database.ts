import { createHash } from "node:crypto";
import { VitalomeError } from "../../../errors.js";
import { filesOf, serialiseCatalog, type Catalog } from "../../../lake/catalog.js";
import type { Log } from "../../../log.js";
import type { Cell, Files } from "../../index.js";
import { databaseName, snapshotOfDatabase } from "./database-name.js";
import { isSparkFault } from "./faults.js";
import { tablePath } from "./table-path.js";
import { columnsOf } from "./table-schema.js";

/** Runs one statement of ours to its end; its rows, as cells. */
export type RunSql = (text: string) => Promise<readonly (readonly Cell[])[]>;

export interface SnapshotDatabaseOptions {
  /** `hdfs://host:port/root`. */
  readonly store: string;
  /** The root alone: it names the databases. */
  readonly root: string;
  readonly files: Files;
  readonly log: Log;
}

export interface SnapshotDatabases {
  /**
   * The database of a snapshot, made when there is none: an external table per table, with the schema of record, over the
   * files the catalog names. Any number of processes may ask at once. STORAGE_CORRUPT when Spark counts other rows than
   * the catalog says; that is done once per database.
   */
  prepare(catalog: Catalog, run: RunSql): Promise<string>;
  /** What was made may be gone: the next `prepare` looks again. */
  forget(snapshot: number): void;
  /** Drops the databases of snapshots before `oldest`, and no file. The numbers of those dropped. */
  drop(oldest: number, run: RunSql): Promise<readonly number[]>;
}

/** Properties of a database: the checksum of its catalog; the same once its tables are all there and were counted. */
const CATALOG = "vitalome.catalog";
const CHECKED = "vitalome.checked";

export function createSnapshotDatabases(options: SnapshotDatabaseOptions): SnapshotDatabases {
  const { store, root, files, log } = options;
  const ready = new Map<number, Promise<string>>();

  async function make(catalog: Catalog, run: RunSql): Promise<string> {
    const database = databaseName(root, catalog.snapshot);
    const tables = Object.keys(catalog.tables).filter((table) => filesOf(catalog, table).length > 0);
    if (tables.length === 0) return database;
    const checksum = createHash("sha256").update(store).update(serialiseCatalog(catalog)).digest("hex");
    const found = await propertiesOf(database, run);
    if (found?.includes(`(${CHECKED},${checksum})`) === true) return database;
    // Of a store that was at this place before: its number was given again.
    if (found?.includes(`(${CATALOG},${checksum})`) === false) await run(`DROP DATABASE IF EXISTS ${database} CASCADE`);
    await raced(run, `CREATE DATABASE IF NOT EXISTS ${database} WITH DBPROPERTIES ('${CATALOG}' = '${checksum}')`);
    for (const table of tables) {
      if (!/^[a-z_][a-z0-9_]*$/.test(table)) throw new VitalomeError("STORAGE_CORRUPT", "a table has no plain name");
      const columns = await columnsOf(table);
      const path = await tablePath(store, files, filesOf(catalog, table));
      const declared = columns === null ? "" : ` (${columns})`;
      await raced(
        run,
        `CREATE TABLE IF NOT EXISTS ${database}.${table}${declared} USING parquet OPTIONS (path '${path}')`,
      );
    }
    await check(database, catalog, tables, run);
    await run(`ALTER DATABASE ${database} SET DBPROPERTIES ('${CHECKED}' = '${checksum}')`);
    log.info({ snapshot: catalog.snapshot, tables: tables.length }, "a snapshot has its database in Spark SQL");
    return database;
  }

  async function check(database: string, catalog: Catalog, tables: readonly string[], run: RunSql): Promise<void> {
    if (tables.length === 0) return;
    const counts = tables.map((table) => `SELECT '${table}' AS name, count(*) AS n FROM ${database}.${table}`);
    const counted = new Map((await run(counts.join(" UNION ALL "))).map(([name, n]) => [name, n]));
    for (const table of tables) {
      const rows = filesOf(catalog, table).reduce((sum, file) => sum + file.rows, 0);
      const found = counted.get(table);
      if (found === BigInt(rows)) continue;
      log.error({ snapshot: catalog.snapshot, table, rows, found: String(found) }, "Spark SQL counts other rows");
      throw new VitalomeError("STORAGE_CORRUPT", `Spark SQL does not see the rows of ${table} the catalog counts`);
    }
  }

  return {
    async prepare(catalog, run) {
      const { snapshot } = catalog;
      const known = ready.get(snapshot);
      if (known !== undefined) return known;
      const made = make(catalog, run);
      ready.set(snapshot, made);
      made.catch(() => {
        ready.delete(snapshot);
      });
      return made;
    },
    forget(snapshot) {
      ready.delete(snapshot);
    },
    async drop(oldest, run) {
      const dropped: number[] = [];
      for (const [name] of await run("SHOW DATABASES")) {
        const snapshot = snapshotOfDatabase(root, String(name));
        if (snapshot === null || snapshot >= oldest) continue;
        await run(`DROP DATABASE IF EXISTS ${String(name)} CASCADE`);
        ready.delete(snapshot);
        dropped.push(snapshot);
      }
      return dropped.sort((left, right) => left - right);
    },
  };
}

/** The properties as Spark prints them, `((name,value), …)`; null when there is no such database. */
async function propertiesOf(database: string, run: RunSql): Promise<string | null> {
  try {
    const rows = await run(`DESCRIBE DATABASE EXTENDED ${database}`);
    return String(rows.find(([name]) => name === "Properties")?.[1] ?? "");
  } catch (thrown) {
    if (isSparkFault(thrown) && thrown.errorClass === "SCHEMA_NOT_FOUND") return null;
    throw thrown;
  }
}

/** IF NOT EXISTS looks first and makes then: one who came in between has made the same. */
async function raced(run: RunSql, text: string): Promise<void> {
  try {
    await run(text);
  } catch (thrown) {
    if (!isSparkFault(thrown) || !/ALREADY_?EXISTS/i.test(thrown.errorClass + thrown.detail)) throw thrown;
  }
}
