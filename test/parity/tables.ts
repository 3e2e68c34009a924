import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine, quoteText, type Engine } from "../../src/engine/duckdb.js";
import { filesOf, type Catalog } from "../../src/lake/catalog.js";
import { openSnapshots } from "../../src/lake/snapshots.js";
import { silentLog } from "../../src/log.js";
import { readStored, type Profile } from "./profiles.js";

/** What the newest snapshots of two stores say differently; empty when each table holds the same rows. */
export async function differencesOf(profiles: readonly [Profile, Profile]): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), "vitalome-tables-"));
  const engine = await openEngine({
    database: ":memory:",
    directories: [folder],
    spillDirectory: null,
    memoryLimit: "2GB",
    threads: 2,
  });
  try {
    const [left, right] = [await bring(profiles[0], engine, folder), await bring(profiles[1], engine, folder)];
    const names = [...new Set([...left, ...right])].sort();
    const found: string[] = [];
    for (const name of names) {
      if (left.has(name) && right.has(name)) found.push(...(await compare(engine, name)));
      else found.push(`${name}: only in ${left.has(name) ? "embedded" : "cluster"}`);
    }
    return found;
  } finally {
    engine.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Makes a view `<profile>_<table>` for each table of the newest snapshot; answers the names of the tables. */
async function bring({ name, files }: Profile, engine: Engine, folder: string): Promise<ReadonlySet<string>> {
  const catalog = await (await openSnapshots(files, silentLog)).refresh();
  for (const table of Object.keys(catalog.tables)) {
    const paths: string[] = [];
    for (const { path } of filesOf(catalog, table)) {
      const local = join(folder, name, path.replaceAll("/", "_"));
      await mkdir(join(folder, name), { recursive: true });
      await writeFile(local, (await readStored(files, path)) ?? "");
      paths.push(quoteText(local));
    }
    await engine.run(
      `CREATE VIEW ${name}_${table} AS SELECT * FROM read_parquet([${paths.join(", ")}], union_by_name = true)`,
    );
  }
  await checkOrder(catalog, name, engine);
  return new Set(Object.keys(catalog.tables));
}

/** Rows the manifest counts are the rows there are. */
async function checkOrder(catalog: Catalog, name: string, engine: Engine): Promise<void> {
  for (const table of Object.keys(catalog.tables)) {
    const counted = filesOf(catalog, table).reduce((sum, { rows }) => sum + rows, 0);
    const [row] = await engine.rows(`SELECT count(*) AS n FROM ${name}_${table}`);
    if (Number(row?.["n"]) !== counted) throw new Error(`${name}.${table}: ${String(counted)} rows are counted`);
  }
}

/** Columns and rows as bags: a row that one side has more often is a difference. Floats are compared bit by bit. */
async function compare(engine: Engine, table: string): Promise<readonly string[]> {
  const columnsOf = async (side: string): Promise<string> =>
    (await engine.rows(`DESCRIBE SELECT * FROM ${side}_${table}`))
      .map((row) => `${String(row["column_name"])} ${String(row["column_type"])}`)
      .join(", ");
  const [left, right] = [await columnsOf("embedded"), await columnsOf("cluster")];
  if (left !== right) return [`${table}: columns\n  ${left}\n  ${right}`];
  const found: string[] = [];
  for (const [one, other] of [
    ["embedded", "cluster"],
    ["cluster", "embedded"],
  ] as const) {
    const extra = `SELECT * FROM ${one}_${table} EXCEPT ALL SELECT * FROM ${other}_${table}`;
    const [count] = await engine.rows(`SELECT count(*) AS n FROM (${extra}) extra`);
    if (Number(count?.["n"]) === 0) continue;
    const [example] = await engine.rows(`SELECT to_json(extra)::VARCHAR AS example FROM (${extra}) extra LIMIT 1`);
    found.push(`${table}: ${String(count?.["n"])} rows only in ${one}, such as ${String(example?.["example"])}`);
  }
  return found;
}
