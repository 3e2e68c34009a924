import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { openEngine, type Engine } from "../engine/duckdb.js";
import type { JobContext } from "./context.js";

/**
 * Runs `work` with an engine over files of its own, so that memory does not grow with the input. Engine and files are
 * gone when it ends, however it ends; what it writes below `data/` of the run stays.
 */
export async function withEngine<T>(context: JobContext, work: (engine: Engine) => Promise<T>): Promise<T> {
  const scratch = join(context.workDirectory, "scratch");
  for (const folder of [join(context.workDirectory, "data"), scratch]) await mkdir(folder, { recursive: true });
  const engine = await openEngine({
    database: join(scratch, "staging.duckdb"),
    directories: [context.workDirectory, ...context.readableDirectories],
    spillDirectory: join(scratch, "spill"),
    memoryLimit: context.memoryLimit,
    threads: context.threads,
  });
  try {
    return await work(engine);
  } finally {
    engine.close();
    await rm(scratch, { recursive: true, force: true });
  }
}
