import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { StackFolder } from "../folder.js";
import { findRunning } from "../process/record.js";

/** It beats every five seconds. */
const LONGEST_SILENCE_MS = 30_000;

/** Where the windows query says that it is there. */
export function beatFile(folder: StackFolder): string {
  return join(folder.server("windows"), "beat.json");
}

/** Whether the process that runs has beaten of late; what it waits for is told elsewhere. */
export async function windowsBeat(folder: StackFolder): Promise<boolean> {
  const beat = JSON.parse(await readFile(beatFile(folder), "utf8")) as {
    readonly pid?: unknown;
    readonly at?: unknown;
  };
  const running = await findRunning(folder.processFile("windows"));
  if (running === null || beat.pid !== running.pid || typeof beat.at !== "number") return false;
  return Date.now() - beat.at < LONGEST_SILENCE_MS;
}
