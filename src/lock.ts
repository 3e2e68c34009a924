import { open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { VitalomeError, systemCodeOf } from "./errors.js";

export interface DirectoryLock {
  release(): Promise<void>;
}

/** One process per data folder. A lock left by a process that no longer runs is taken over. */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const path = join(directory, "lock");
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      const handle = await open(path, "wx", 0o600);
      await handle.writeFile(`${String(process.pid)}\n${await startOf(process.pid)}\n`);
      await handle.close();
      return { release: () => rm(path, { force: true }) };
    } catch (thrown) {
      if (systemCodeOf(thrown) !== "EEXIST") throw thrown;
      const [pid = "", started = ""] = (await readFile(path, "utf8").catch(() => "")).split("\n");
      const owner = Number(pid);
      if (owner > 0 && isRunning(owner) && (await startOf(owner)) === started) {
        throw new VitalomeError(
          "CONFIG_INVALID",
          `the data folder is in use by process ${pid}: stop it, or choose another folder`,
        );
      }
      await rm(path, { force: true });
    }
  }
  throw new VitalomeError("CONFIG_INVALID", "the data folder is being taken by another process");
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return systemCodeOf(thrown) === "EPERM";
  }
}

/** When a process started, where the system tells; process ids are used again. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, "utf8").catch(() => "");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}
