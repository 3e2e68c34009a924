import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, rename, stat } from "node:fs/promises";
import { VitalomeError } from "../../errors.js";
import type { Command } from "../parts.js";
import { identify, type ProcessIdentity } from "./identity.js";

/** A log larger than this is put aside at the next start; one that was put aside before goes. */
const LOG_BYTES = 32 * 1024 * 1024;

/** Starts a process that outlives this one and writes to a log; answers who it is. */
export async function launch(command: Command, log: string, folder: string): Promise<ProcessIdentity> {
  const size = await stat(log).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LOG_BYTES) await rename(log, `${log}.1`);
  const output = await open(log, "a", 0o600);
  try {
    const child = spawn(command.program, command.args, {
      cwd: folder,
      detached: true,
      env: command.environment,
      stdio: ["ignore", output.fd, output.fd],
    });
    await once(child, "spawn");
    child.unref();
    const identity = child.pid === undefined ? null : await identify(child.pid);
    if (identity === null) throw new VitalomeError("EXECUTOR_ERROR", `${command.program} ended at once`);
    return identity;
  } finally {
    await output.close();
  }
}

/** Runs a command to its end with its output in a log; EXECUTOR_ERROR when it fails. */
export async function runLogged(command: Command, log: string, what: string): Promise<void> {
  const output = await open(log, "a", 0o600);
  try {
    const child = spawn(command.program, command.args, {
      env: command.environment,
      stdio: ["ignore", output.fd, output.fd],
    });
    const [code] = (await once(child, "close")) as [number | null];
    if (code !== 0) throw new VitalomeError("EXECUTOR_ERROR", `${what} failed: ${log} says why`);
  } catch (thrown) {
    if (thrown instanceof VitalomeError) throw thrown;
    throw new VitalomeError("EXECUTOR_ERROR", `${what} could not be started`, { cause: thrown });
  } finally {
    await output.close();
  }
}
