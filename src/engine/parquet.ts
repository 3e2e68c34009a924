import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { quoteText, type Engine } from "./duckdb.js";

export interface ParquetFile {
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** The rows of one or more files, as SQL reads them. */
export function parquetRows(paths: readonly string[]): string {
  return `read_parquet([${paths.map(quoteText).join(", ")}])`;
}

/** Writes a query's rows, in its order, as one Parquet file; null and no file when there are none. */
export async function writeParquet(
  engine: Engine,
  query: string,
  path: string,
  signal: AbortSignal,
  rowGroupRows = 122_880,
): Promise<ParquetFile | null> {
  await engine.run(
    `COPY (${query}) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${String(rowGroupRows)})`,
    [],
    signal,
  );
  const [counted] = await engine.rows(`SELECT count(*) AS rows FROM read_parquet(${quoteText(path)})`);
  const rows = Number(counted?.["rows"] ?? 0);
  const { size } = await stat(path);
  return rows === 0 ? null : { rows, bytes: size, sha256: await hashFile(path) };
}

export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
