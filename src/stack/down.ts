import { openFolder } from "./folder.js";
import { isThere } from "./is-there.js";
import { PARTS, SERVERS, type PartName } from "./parts.js";
import { listProcesses } from "./processes.js";
import { findStack, writeStack } from "./stack-file.js";
import type { StackOptions } from "./stack-options.js";
import { stopPart } from "./start-part.js";
import { withLock } from "./process/wait-lock.js";

export interface StopOptions extends Pick<StackOptions, "folder" | "clock"> {
  /** Milliseconds between SIGTERM and SIGKILL; 0 kills at once. Default: 15,000. */
  readonly graceMs?: number | undefined;
}

/** Stops the named parts and answers those that ran. Data and ports stay. */
export async function stopStack(
  options: StopOptions,
  names: readonly PartName[] = PARTS,
): Promise<readonly PartName[]> {
  if (!(await isThere(options.folder))) return [];
  const folder = await openFolder(options.folder);
  return withLock(folder.lock, options.clock, async () => {
    const stop = async (name: PartName): Promise<PartName | null> =>
      (await stopPart(name, folder, options.clock, options.graceMs)) ? name : null;
    // Who stands on others goes first, and who writes to HDFS before the one who knows where things are.
    const isServer = (name: PartName): boolean => SERVERS.includes(name);
    const early = await Promise.all(names.filter((name) => !isServer(name)).map(stop));
    const first = await Promise.all(names.filter((name) => isServer(name) && name !== "namenode").map(stop));
    const last = await Promise.all(names.filter((name) => name === "namenode").map(stop));
    const stack = await findStack(folder.stackFile);
    if (stack !== null) await writeStack(folder.stackFile, { ...stack, processes: await listProcesses(folder) });
    const stopped = [...last, ...first, ...early];
    return PARTS.filter((name) => stopped.includes(name));
  });
}
