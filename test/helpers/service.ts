import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const BIN = resolve(import.meta.dirname, "../../bin/vitalome");

export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Each line of stdout as JSON. */
  lines(): Record<string, unknown>[];
}

/** Runs one verb of the built command line, as a user would. */
export async function runCli(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<CliRun> {
  const child = spawn(BIN, args, {
    env: { ...process.env, NODE_OPTIONS: "", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return {
    code,
    stdout,
    stderr,
    lines: () =>
      stdout
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

export interface Service {
  readonly url: string;
  readonly token: string;
  readonly directory: string;
  /** The data of an answer; fails the test on errors. */
  query<T>(document: string, variables?: Readonly<Record<string, unknown>>): Promise<T>;
  /** A verb with this service's address and token. */
  cli(...args: string[]): Promise<CliRun>;
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** A service of its own on a free port; `directory` continues an earlier one. */
export async function startService(
  directory?: string,
  options: readonly string[] = ["--no-demo"],
  environment: Readonly<Record<string, string>> = {},
): Promise<Service> {
  const folder = directory ?? (await mkdtemp(join(tmpdir(), "vitalome-test-")));
  const child: ChildProcess = spawn(BIN, ["up", "--data", folder, "--port", "0", ...options, "--output", "json"], {
    env: { ...process.env, NODE_OPTIONS: "", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ready = await new Promise<{ url: string; token: string }>((done, fail) => {
    let text = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes("\n")) done(JSON.parse(text) as { url: string; token: string });
    });
    child.once("exit", (code) => {
      fail(new Error(`the service ended with ${String(code)}: ${stderr}`));
    });
  });
  const ended = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const gone = once(child, "exit") as Promise<[number | null]>;
    child.kill(signal);
    return (await gone)[0];
  };
  return {
    ...ready,
    directory: folder,
    async query<T>(document: string, variables: Readonly<Record<string, unknown>> = {}) {
      const response = await fetch(ready.url, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${ready.token}` },
        body: JSON.stringify({ query: document, variables }),
      });
      const answer = (await response.json()) as { data?: T; errors?: readonly { message: string }[] };
      if (answer.errors !== undefined) throw new Error(answer.errors.map((error) => error.message).join("; "));
      return answer.data as T;
    },
    cli: (...args) => runCli(args, { VITALOME_URL: ready.url, VITALOME_TOKEN: ready.token }),
    stop: () => ended("SIGTERM"),
    async kill() {
      await ended("SIGKILL");
    },
  };
}

export async function removeFolder(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}
