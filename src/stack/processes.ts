import type { StackFolder } from "./folder.js";
import { PARTS, type PartName } from "./parts.js";
import { findRunning } from "./process/record.js";

/** The process ids of the parts that run. */
export async function listProcesses(folder: StackFolder): Promise<Readonly<Partial<Record<PartName, number>>>> {
  const found = await Promise.all(
    PARTS.map(async (name) => [name, (await findRunning(folder.processFile(name)))?.pid] as const),
  );
  return Object.fromEntries(found.filter(([, pid]) => pid !== undefined));
}
