import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Names one process for good: an id alone is used again. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it began, in the words of the system. */
  readonly began: string;
}

/** Null when there is no such process, or it has ended and was only not collected yet. */
export async function identify(pid: number): Promise<ProcessIdentity | null> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, "utf8").catch(() => null);
  if (stat !== null) {
    // The name in brackets may hold blanks and brackets of its own.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return null;
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "");
    return { pid, began: `${boot.trim()}+${fields[19] ?? ""}` };
  }
  if (process.platform === "linux") return null;
  const told = await run("ps", ["-o", "stat=,lstart=", "-p", String(pid)]).catch(() => null);
  const [state = "", ...began] = (told?.stdout ?? "").trim().split(/\s+/);
  return state === "" || state.startsWith("Z") ? null : { pid, began: began.join(" ") };
}

export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  return (await identify(identity.pid))?.began === identity.began;
}

/** Bytes of memory that a process and all below it hold; null where the system does not tell. */
export async function residentBytes(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${String(pid)}/status`, "utf8").catch(() => "");
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kilobytes === undefined) return null;
  const children = await readFile(`/proc/${String(pid)}/task/${String(pid)}/children`, "utf8").catch(() => "");
  const below = await Promise.all(children.split(" ").filter(Boolean).map(Number).map(residentBytes));
  return below.reduce<number>((sum, bytes) => sum + (bytes ?? 0), Number(kilobytes) * 1024);
}
