import { spawn } from "node:child_process";
import { copyFile, mkdir, open, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../../clock.js";
import { systemCodeOf } from "../../../errors.js";
import { submitArguments, submitCommand, submitEnvironment, type SparkSubmit } from "./arguments.js";

/** How a driver's process ended. */
export interface DriverEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** The system's word when it could not even be started, as in `ENOENT`. */
  readonly fault: string | null;
}

/** One Spark driver that this process started. It outlives this process: its output goes to a file, not to a pipe. */
export interface DriverProcess {
  readonly ended: Promise<DriverEnd>;
  /** Resolves once it and all it started are gone. */
  kill(): Promise<void>;
  /** The last classes of Java and Python faults it named: of a fault's text, which may quote a record, nothing. */
  faultClasses(): Promise<readonly string[]>;
  /** Cuts the output file when it is long. */
  trimOutput(): Promise<void>;
  /** Removes what Spark left on the local disk, and the output unless it is of use. */
  sweep(keepOutput: boolean): Promise<void>;
}

const OUTPUT_BYTES = 16 << 20;
const TAIL_BYTES = 256 << 10;
const TERM_GRACE_MS = 2_000;

export async function startDriver(submit: SparkSubmit, id: string, clock: Clock): Promise<DriverProcess> {
  const directory = join(submit.localScratch, id);
  const output = join(submit.localScratch, `${id}.log`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await rm(output, { force: true });
  // Appending, so that it can be cut while it is written.
  const handle = await open(output, "a", 0o600);
  let end: (how: DriverEnd) => void = () => undefined;
  const ended = new Promise<DriverEnd>((resolve) => {
    end = resolve;
  });
  const child = spawn(submitCommand(submit), submitArguments(submit, id), {
    cwd: directory,
    env: submitEnvironment(submit, directory),
    stdio: ["ignore", handle.fd, handle.fd],
    // A process group of its own: it can be ended whole, and no signal to this process reaches it.
    detached: true,
  });
  child.on("error", (error) => {
    end({ code: null, signal: null, fault: systemCodeOf(error) ?? "error" });
  });
  child.on("exit", (code, signal) => {
    // Python runs below Java, and does not notice when that is killed.
    signalGroup("SIGKILL");
    end({ code, signal, fault: null });
  });
  await handle.close();

  function signalGroup(signal: "SIGTERM" | "SIGKILL"): void {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch (thrown) {
      if (systemCodeOf(thrown) !== "ESRCH") throw thrown;
    }
  }

  return {
    ended,
    async kill() {
      signalGroup("SIGTERM");
      const waiting = new AbortController();
      await Promise.race([ended, clock.sleep(TERM_GRACE_MS, waiting.signal).catch(() => undefined)]);
      waiting.abort(new Error("ended"));
      signalGroup("SIGKILL");
      await ended;
    },
    async faultClasses() {
      const text = (await tailOf(`${output}.1`)) + (await tailOf(output));
      const found = text.match(/\b(?:[a-z][a-z0-9_]*\.)*[A-Z][A-Za-z]*(?:Error|Exception)\b/g) ?? [];
      return [...new Set(found)].slice(-3);
    },
    async trimOutput() {
      const found = await stat(output).catch(() => null);
      if (found === null || found.size <= OUTPUT_BYTES) return;
      await copyFile(output, `${output}.1`);
      await truncate(output);
    },
    async sweep(keepOutput) {
      await rm(directory, { recursive: true, force: true });
      await rm(`${output}.1`, { force: true });
      if (!keepOutput) await rm(output, { force: true });
    },
  };
}

async function tailOf(path: string): Promise<string> {
  const handle = await open(path).catch(() => null);
  if (handle === null) return "";
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, TAIL_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await handle.close();
  }
}
