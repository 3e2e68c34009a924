import { access, constants, mkdir, readFile, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import type { Command } from "commander";
import { environment, readSettings, type Settings } from "../config.js";
import { messageOf } from "../errors.js";
import { EXIT, outputMode, print } from "./output.js";

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly found: string;
  readonly cure: string | null;
}

const LEAST_FREE_BYTES = 1 << 30;

export function addDoctor(program: Command, end: (code: number) => void): void {
  program
    .command("doctor")
    .description("Check this machine and a data folder; each fault comes with its cure.")
    .option("--data <folder>", "data folder (default .vitalome)")
    .option("--port <number>", "port the service shall listen on")
    .option("--output <mode>", "json or text (default: json in a pipe)")
    .addHelpText("after", "\nExamples:\n  vitalome doctor\n  vitalome doctor --data /srv/vitalome --port 8080\n  vitalome doctor --output json")
    .action(async (options: { readonly data?: string; readonly port?: string; readonly output?: string }) => {
      const mode = outputMode(options.output);
      const settings = readSettings(environment(), { dataDirectory: options.data, port: options.port });
      const findings = await Promise.all([nodeVersion(), folder(settings), disk(settings), port(settings), library("@duckdb/node-api"), library("lmdb"), lock(settings)]);
      for (const finding of findings) {
        const text = `${finding.ok ? "ok   " : "FAULT"}  ${finding.check}: ${finding.found}${finding.cure === null ? "" : `\n       cure: ${finding.cure}`}`;
        print(mode === "json" ? JSON.stringify(finding) : text);
      }
      end(findings.every(({ ok }) => ok) ? EXIT.ok : EXIT.failed);
    });
}

async function nodeVersion(): Promise<Finding> {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const ok = (major === 20 && minor >= 19) || major > 22 || (major === 22 && minor >= 12);
  return Promise.resolve({ check: "Node", ok, found: process.versions.node, cure: ok ? null : "install Node 20.19 or later, or 22.12 or later" });
}

async function folder({ dataDirectory }: Settings): Promise<Finding> {
  try {
    await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
    await access(dataDirectory, constants.W_OK | constants.R_OK);
    return { check: "data folder", ok: true, found: `${dataDirectory} can be written`, cure: null };
  } catch (thrown) {
    return { check: "data folder", ok: false, found: messageOf(thrown), cure: "choose a folder you own with --data" };
  }
}

async function disk({ dataDirectory }: Settings): Promise<Finding> {
  const { bavail, bsize } = await statfs(dataDirectory);
  const free = bavail * bsize;
  const ok = free >= LEAST_FREE_BYTES;
  return { check: "disk", ok, found: `${(free / 2 ** 30).toFixed(1)} GiB free`, cure: ok ? null : "free at least 1 GiB" };
}

async function port({ port: wanted, host }: Settings): Promise<Finding> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => {
      resolve({ check: "port", ok: false, found: `${String(wanted)} is in use`, cure: "stop what listens there, or choose another with --port" });
    });
    probe.listen(wanted, host, () => {
      probe.close(() => {
        resolve({ check: "port", ok: true, found: `${String(wanted)} is free`, cure: null });
      });
    });
  });
}

async function library(name: string): Promise<Finding> {
  try {
    await import(name);
    return { check: name, ok: true, found: "loads", cure: null };
  } catch (thrown) {
    return { check: name, ok: false, found: messageOf(thrown).split("\n")[0] ?? "", cure: "run npm ci on this machine: the library has a part per platform" };
  }
}

async function lock({ dataDirectory }: Settings): Promise<Finding> {
  const owner = await readFile(`${dataDirectory}/lock`, "utf8").catch(() => null);
  const found = owner === null ? "nobody uses the folder" : `held by process ${owner.split("\n")[0] ?? ""}`;
  return { check: "lock", ok: true, found, cure: null };
}
