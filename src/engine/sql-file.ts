import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Engine } from "./duckdb.js";

const FOLDER = resolve(import.meta.dirname, "../../sql");

/** The text of a relational step, from `sql/<name>.sql`. */
export function sqlFile(name: string): string {
  return readFileSync(resolve(FOLDER, `${name}.sql`), "utf8");
}

export async function runSqlFile(engine: Engine, name: string, signal?: AbortSignal): Promise<void> {
  await engine.run(sqlFile(name), [], signal);
}
