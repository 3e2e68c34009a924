import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { isRunning, type ProcessIdentity } from "./identity.js";

/** The process that a record names, if that very process still runs; a record of an earlier one counts as none. */
export async function findRunning(path: string): Promise<ProcessIdentity | null> {
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) return null;
  try {
    const { pid, began } = JSON.parse(text) as Partial<ProcessIdentity>;
    if (!Number.isInteger(pid) || typeof began !== "string") return null;
    const identity = { pid: pid as number, began };
    return (await isRunning(identity)) ? identity : null;
  } catch {
    return null;
  }
}

export async function writeRecord(path: string, identity: ProcessIdentity): Promise<void> {
  const temporary = `${path}.${String(process.pid)}`;
  await writeFile(temporary, `${JSON.stringify(identity)}\n`, { mode: 0o600 });
  await rename(temporary, path);
}

export async function removeRecord(path: string): Promise<void> {
  await rm(path, { force: true });
}
