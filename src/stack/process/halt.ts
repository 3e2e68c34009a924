import type { Clock } from "../../clock.js";
import { isRunning, type ProcessIdentity } from "./identity.js";

const GRACE_MS = 15_000;
const POLL_MS = 50;

/**
 * SIGTERM, and SIGKILL once the grace is over; returns when the process is gone. A process that is not the one meant
 * is left alone.
 */
export async function halt(identity: ProcessIdentity, clock: Clock, graceMs = GRACE_MS): Promise<void> {
  if (graceMs > 0) {
    await signal(identity, "SIGTERM");
    const deadline = clock.now() + graceMs;
    while (clock.now() < deadline) {
      if (!(await isRunning(identity))) return;
      await clock.sleep(POLL_MS);
    }
  }
  await signal(identity, "SIGKILL");
  while (await isRunning(identity)) await clock.sleep(POLL_MS);
}

async function signal(identity: ProcessIdentity, name: NodeJS.Signals): Promise<void> {
  if (!(await isRunning(identity))) return;
  try {
    process.kill(identity.pid, name);
  } catch {
    // It ended between the look and the signal.
  }
}
