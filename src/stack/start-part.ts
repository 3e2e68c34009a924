import type { Clock } from "../clock.js";
import { VitalomeError } from "../errors.js";
import type { StackFolder } from "./folder.js";
import { halt } from "./process/halt.js";
import { answers } from "./servers/health.js";
import { launch } from "./process/launch.js";
import { TITLES, type Part, type PartName } from "./parts.js";
import { isFree, type Ports } from "./ports.js";
import { isRunning } from "./process/identity.js";
import { findRunning, removeRecord, writeRecord } from "./process/record.js";

/** A start that takes longer is given up. */
const READY_MS = 180_000;
const POLL_MS = 200;

/** Starts the process of a part; false when it ran already. */
export async function startPart(part: Part, folder: StackFolder): Promise<boolean> {
  const record = folder.processFile(part.name);
  if ((await findRunning(record)) !== null) return false;
  for (const port of part.ports) {
    if (await isFree(port)) continue;
    throw new VitalomeError(
      "CONFIG_INVALID",
      `port ${String(port)} of ${TITLES[part.name]} is taken by another program: stop that, or choose another folder`,
    );
  }
  await part.prepare();
  await writeRecord(record, await launch(part.command, folder.log(part.name), folder.root));
  return true;
}

/** Returns when the part answers; BACKEND_UNAVAILABLE when its process ends before, or time is up. */
export async function awaitReady(name: PartName, folder: StackFolder, ports: Ports, clock: Clock): Promise<void> {
  const identity = await findRunning(folder.processFile(name));
  const deadline = clock.now() + READY_MS;
  while (identity !== null && (await isRunning(identity)) && clock.now() < deadline) {
    if (await answers(name, ports, folder)) return;
    await clock.sleep(POLL_MS);
  }
  const fact = clock.now() < deadline ? "ended while it started" : "did not answer in time";
  throw new VitalomeError("BACKEND_UNAVAILABLE", `${TITLES[name]} ${fact}: ${folder.log(name)} says why`);
}

/** Stops the process of a part if it runs; tells whether it did. With `graceMs` 0 it is killed at once. */
export async function stopPart(name: PartName, folder: StackFolder, clock: Clock, graceMs?: number): Promise<boolean> {
  const record = folder.processFile(name);
  const identity = await findRunning(record);
  if (identity !== null) await halt(identity, clock, graceMs);
  await removeRecord(record);
  return identity !== null;
}
