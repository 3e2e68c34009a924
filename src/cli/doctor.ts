import { readFile, rm, stat, statfs, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { systemClock } from "../clock.js";
import { environment, readSettings, type Settings } from "../config.js";
import { messageOf, systemCodeOf } from "../errors.js";
import { EXIT, outputMode, print } from "./output.js";

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly found: string;
  /** What to do about a fault; null where there is none. */
  readonly cure: string | null;
}

const LEAST_FREE_BYTES = 1 << 30;
/** Earlier than the first release: a clock that was never set. */
const EARLIEST = Date.UTC(2026, 0, 1);
/** A data folder written later than now by more than this was written under another clock, in milliseconds. */
const CLOCK_SLACK_MS = 60_000;

export function addDoctor(program: Command, end: (code: number) => void): void {
  program
    .command("doctor")
    .description("Check this machine and a data folder; each fault comes with its cure. Changes nothing.")
    .option("--data <folder>", "data folder (default .vitalome)")
    .option("--port <number>", "port the service shall listen on")
    .option("--output <mode>", "json or text (default: json in a pipe)")
    .addHelpText(
      "after",
      `
Ends with 1 when anything is at fault.

Examples:
  vitalome doctor
  vitalome doctor --data /srv/vitalome --port 8080
  vitalome doctor --output json`,
    )
    .action(async (options: { readonly data?: string; readonly port?: string; readonly output?: string }) => {
      const mode = outputMode(options.output);
      const settings = readSettings(environment(), { dataDirectory: options.data, port: options.port });
      const folder = await nearestFolder(settings.dataDirectory);
      const owner = await lockOwner(settings.dataDirectory);
      const findings = [
        nodeVersion(),
        await writable(settings.dataDirectory, folder),
        await disk(folder),
        await clock(settings.dataDirectory),
        await keys(settings.dataDirectory),
        await catalogs(settings.dataDirectory),
        await journal(settings.dataDirectory),
        lock(owner),
        await port(settings, owner),
        await library("DuckDB", "@duckdb/node-api"),
        await library("LMDB", "lmdb"),
      ];
      for (const finding of findings) print(mode === "json" ? JSON.stringify(finding) : textOf(finding));
      end(findings.every(({ ok }) => ok) ? EXIT.ok : EXIT.failed);
    });
}

function textOf({ check, ok, found, cure }: Finding): string {
  return `${ok ? "ok   " : "FAULT"}  ${check}: ${found}${cure === null ? "" : `\n       cure: ${cure}`}`;
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const ok = (major === 20 && minor >= 19) || major > 22 || (major === 22 && minor >= 12);
  return {
    check: "Node",
    ok,
    found: process.versions.node,
    cure: ok ? null : "install Node 20.19 or later, or 22.12 or later",
  };
}

/** The folder, or the first one above it that exists: where the store would be made. */
async function nearestFolder(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  return found !== null || dirname(path) === path ? path : nearestFolder(dirname(path));
}

async function writable(wanted: string, folder: string): Promise<Finding> {
  const probe = join(folder, `.vitalome-doctor-${String(process.pid)}`);
  try {
    await writeFile(probe, "", { flag: "wx", mode: 0o600 });
    await rm(probe);
    return {
      check: "data folder",
      ok: true,
      found: `${wanted} ${wanted === folder ? "can be written" : "can be made"}`,
      cure: null,
    };
  } catch (thrown) {
    const found = `${folder} cannot be written (${systemCodeOf(thrown) ?? messageOf(thrown)})`;
    return { check: "data folder", ok: false, found, cure: "choose a folder you own with --data" };
  }
}

async function disk(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const ok = free >= LEAST_FREE_BYTES;
  return {
    check: "disk",
    ok,
    found: `${(free / 2 ** 30).toFixed(1)} GiB free`,
    cure: ok ? null : "free at least 1 GiB, or choose another disk with --data",
  };
}

async function clock(folder: string): Promise<Finding> {
  const now = systemClock.now();
  const written = (await stat(join(folder, "log")).catch(() => null))?.mtimeMs ?? 0;
  const ok = now >= EARLIEST && now >= written - CLOCK_SLACK_MS;
  const found = `${new Date(now).toISOString()}${now >= written - CLOCK_SLACK_MS ? "" : ", earlier than the store was written"}`;
  return {
    check: "clock",
    ok,
    found,
    cure: ok ? null : "set the clock of this machine: tokens and times depend on it",
  };
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

async function keys(folder: string): Promise<Finding> {
  const check = "keys";
  try {
    const { findKeyring } = await import("../auth.js");
    const keyring = await findKeyring(folder, systemClock);
    const isLost = keyring === null && (await exists(join(folder, "log")));
    if (!isLost)
      return { check, ok: true, found: keyring === null ? "made at the first start" : "can be read", cure: null };
    const cure = `restore ${join(folder, "keys", "secret")}: a new one voids every token and cursor`;
    return { check, ok: false, found: "gone from a store that has been used", cure };
  } catch (thrown) {
    const cure = `restore ${join(folder, "keys", "secret")} or its mode 0600, in a folder of mode 0700 of the user who serves`;
    return { check, ok: false, found: messageOf(thrown), cure };
  }
}

/** Nothing is published on top of a damaged catalog. */
async function catalogs(folder: string): Promise<Finding> {
  const check = "catalogs";
  if (!(await exists(join(folder, "snapshots")))) return { check, ok: true, found: "none yet", cure: null };
  try {
    const { findDamagedCatalogs } = await import("../inspect.js");
    const [damaged] = await findDamagedCatalogs(folder);
    if (damaged === undefined) return { check, ok: true, found: "whole", cure: null };
    const abandoned = damaged.replace(/\.json$/, ".abandoned");
    const cure = `restore it from a backup; or give up what it alone names: create the empty file ${abandoned} beside it`;
    return { check, ok: false, found: `${damaged} is damaged`, cure };
  } catch (thrown) {
    return unreadable(check, thrown);
  }
}

async function journal(folder: string): Promise<Finding> {
  const check = "event journal";
  try {
    const { findJournalDamage } = await import("../inspect.js");
    const damage = await findJournalDamage(folder);
    if (damage === null) return { check, ok: true, found: "whole", cure: null };
    return { check, ok: false, found: damage, cure: `restore ${join(folder, "log")} from a backup` };
  } catch (thrown) {
    return unreadable(check, thrown);
  }
}

function unreadable(check: string, thrown: unknown): Finding {
  const code = systemCodeOf(thrown);
  const cure =
    code === "EACCES" || code === "EPERM" ? "run this as the user who serves" : "restore the folder from a backup";
  return { check, ok: false, found: `cannot be read (${code ?? messageOf(thrown)})`, cure };
}

interface LockOwner {
  readonly pid: number;
  readonly isRunning: boolean;
}

async function lockOwner(folder: string): Promise<LockOwner | null> {
  const text = await readFile(join(folder, "lock"), "utf8").catch(() => null);
  if (text === null) return null;
  const pid = Number(text.split("\n")[0]);
  if (!Number.isInteger(pid) || pid <= 0) return { pid: 0, isRunning: false };
  try {
    process.kill(pid, 0);
    return { pid, isRunning: true };
  } catch (thrown) {
    return { pid, isRunning: systemCodeOf(thrown) === "EPERM" };
  }
}

function lock(owner: LockOwner | null): Finding {
  const found =
    owner === null
      ? "nobody uses the folder"
      : owner.isRunning
        ? `process ${String(owner.pid)} serves the folder`
        : `left by process ${String(owner.pid)}, which is gone; the next start takes it over`;
  return { check: "lock", ok: true, found, cure: null };
}

async function port({ port: wanted, host }: Settings, owner: LockOwner | null): Promise<Finding> {
  const code = await new Promise<string | null>((resolve) => {
    const probe = createServer();
    probe.once("error", (error) => {
      resolve(systemCodeOf(error) ?? messageOf(error));
    });
    probe.listen(wanted, host, () => {
      probe.close(() => {
        resolve(null);
      });
    });
  });
  if (code === null) return { check: "port", ok: true, found: `${String(wanted)} is free`, cure: null };
  if (code === "EADDRINUSE" && owner?.isRunning === true) {
    return {
      check: "port",
      ok: true,
      found: `${String(wanted)} is in use, while this folder is being served`,
      cure: null,
    };
  }
  const found =
    code === "EADDRINUSE" ? `${String(wanted)} is in use` : `${host}:${String(wanted)} cannot be listened on (${code})`;
  return { check: "port", ok: false, found, cure: "stop what listens there, or choose another with --port" };
}

async function library(check: string, name: string): Promise<Finding> {
  try {
    await import(name);
    return { check, ok: true, found: "loads", cure: null };
  } catch (thrown) {
    const found = messageOf(thrown).split("\n")[0] ?? "";
    return { check, ok: false, found, cure: "run npm ci on this machine: the library has a part per platform" };
  }
}
