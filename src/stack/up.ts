import { rm } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { VitalomeError } from "../errors.js";
import { assemble, ensureJobTools } from "./assemble.js";
import { openFolder, type StackFolder } from "./folder.js";
import { hdfsIsOperational } from "./servers/hdfs-health.js";
import { makeFolders } from "./servers/hdfs.js";
import { PARTS, SERVERS, type Part, type PartName } from "./parts.js";
import { choosePorts, type Ports } from "./ports.js";
import { listProcesses } from "./processes.js";
import { findStack, writeStack, type Stack } from "./stack-file.js";
import type { StackOptions } from "./stack-options.js";
import { awaitReady, startPart, stopPart } from "./start-part.js";
import { withLock } from "./process/wait-lock.js";

export interface Started {
  readonly stack: Stack;
  /** Those that were not running; empty when there was nothing to do. */
  readonly started: readonly PartName[];
}

const OPERATIONAL_MS = 120_000;
const POLL_MS = 200;

/**
 * Starts the wanted parts that do not run, servers side by side and then what stands on them, and returns when each of them
 * answers. On a folder that is up it only renews what jobs need, where that has changed. Data and ports of an earlier start
 * are kept. When a part fails, those that this call started are stopped again.
 */
export async function startStack(options: StackOptions, wanted: readonly PartName[] = PARTS): Promise<Started> {
  const folder = await openFolder(options.folder);
  return withLock(
    folder.lock,
    options.clock,
    () => startLocked(folder, options, wanted),
    () => {
      options.say("waiting for another start or stop of this stack ...");
    },
  );
}

async function startLocked(folder: StackFolder, options: StackOptions, wanted: readonly PartName[]): Promise<Started> {
  const before = await findStack(folder.stackFile);
  const running = await listProcesses(folder);
  if (before !== null && wanted.every((name) => running[name] !== undefined)) {
    await awaitAll(folder, before.ports, wanted, options);
    return { stack: await renewed(folder, { ...before, processes: running }, options), started: [] };
  }
  const ports = before?.ports ?? (await choosePorts());
  const { parts, stack } = await assemble(folder, ports, options);
  // Written before anything runs: a start that breaks off must not lose where its processes listen.
  await writeStack(folder.stackFile, { ...stack, processes: running });
  const missing = parts.filter(({ name }) => wanted.includes(name) && running[name] === undefined);
  const started = missing.map(({ name }) => name);
  options.say(`starting ${started.join(", ")} ...`);
  try {
    const isServer = ({ name }: Pick<Part, "name">): boolean => SERVERS.includes(name);
    await everyOne(missing.filter(isServer).map((part) => startPart(part, folder)));
    await awaitAll(
      folder,
      ports,
      wanted.filter((name) => isServer({ name })),
      options,
    );
    if (started.includes("namenode")) await makeFolders(ports, stack.user);
    await everyOne(missing.filter((part) => !isServer(part)).map((part) => startPart(part, folder)));
    await awaitAll(
      folder,
      ports,
      wanted.filter((name) => !isServer({ name })),
      options,
    );
  } catch (thrown) {
    await Promise.all(started.map((name) => stopPart(name, folder, options.clock)));
    // Nothing was ever stored at these ports: the next start may choose others.
    if (before === null) await rm(folder.stackFile, { force: true });
    throw thrown;
  }
  const whole = { ...stack, processes: await listProcesses(folder) };
  await writeStack(folder.stackFile, whole);
  return { stack: whole, started };
}

/** What runs stays; jobs get the Python and the jars that are asked for by now. */
async function renewed(folder: StackFolder, stack: Stack, options: StackOptions): Promise<Stack> {
  const tools = await ensureJobTools(options);
  if (isDeepStrictEqual(tools, { python: stack.python, jars: stack.jars })) return stack;
  const whole = { ...stack, ...tools };
  await writeStack(folder.stackFile, whole);
  options.say("jobs run with other packages from now on; the others do after: vitalome stack restart thrift windows");
  return whole;
}

async function awaitAll(
  folder: StackFolder,
  ports: Ports,
  wanted: readonly PartName[],
  { clock }: StackOptions,
): Promise<void> {
  await Promise.all(wanted.map((name) => awaitReady(name, folder, ports, clock)));
  if (!wanted.includes("namenode") && !wanted.includes("datanode")) return;
  const running = await listProcesses(folder);
  if (running.namenode === undefined || running.datanode === undefined) return;
  const deadline = clock.now() + OPERATIONAL_MS;
  while (!(await hdfsIsOperational(ports).catch(() => false))) {
    if (clock.now() > deadline) {
      throw new VitalomeError("BACKEND_UNAVAILABLE", `HDFS stays in safe mode: ${folder.log("namenode")} says why`);
    }
    await clock.sleep(POLL_MS);
  }
}

/** Like Promise.all, but nothing works on any more when a failure is told. */
async function everyOne(work: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(work);
  await Promise.all(work);
}
