import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { VitalomeError } from "../../errors.js";
import type { Environment } from "../child-environment.js";

const run = promisify(execFile);

const LEAST_JAVA = 17;
/** Of Python 3: earlier ones lack what the jobs and NumPy ask for. */
const LEAST_PYTHON = 11;
const PYTHONS = ["python3", "python3.13", "python3.12", "python3.11"] as const;

/** The Java to run servers with: that of JAVA_HOME, or the first on the path. CONFIG_INVALID below version 17. */
export async function findJava(environment: Environment): Promise<string> {
  const home = environment["JAVA_HOME"] ?? "";
  const program = home === "" ? "java" : join(home, "bin", "java");
  const told = await outputOf(program, ["-version"], environment);
  if (told === null) {
    throw missing("Java is missing", `install Java ${String(LEAST_JAVA)} or later, or set JAVA_HOME`);
  }
  const version = /version "(\d+)/.exec(told)?.[1] ?? "unknown";
  if (!(Number(version) >= LEAST_JAVA)) {
    throw missing(`Java is version ${version}`, `install Java ${String(LEAST_JAVA)} or later, or set JAVA_HOME`);
  }
  return program;
}

export async function findMaven(environment: Environment): Promise<string> {
  if ((await outputOf("mvn", ["--version"], environment)) === null) {
    throw missing("Maven is missing", "install Maven 3.8 or later: it brings the servers' libraries");
  }
  return "mvn";
}

export interface Python {
  readonly program: string;
  /** Such as `3.11.7`. */
  readonly version: string;
}

export async function findPython(environment: Environment): Promise<Python> {
  let old: string | null = null;
  for (const program of PYTHONS) {
    const told = await outputOf(program, ["--version"], environment);
    const [, version, minor] = /Python (3\.(\d+)\.\d+)/.exec(told ?? "") ?? [];
    if (version === undefined) continue;
    if (Number(minor) >= LEAST_PYTHON) return { program, version };
    old ??= version;
  }
  const cure = `install Python 3.${String(LEAST_PYTHON)} or later`;
  throw missing(old === null ? "Python is missing" : `Python is version ${old}`, cure);
}

/** What a program says on both streams; null when there is no such program, or it fails. */
async function outputOf(program: string, args: readonly string[], environment: Environment): Promise<string | null> {
  try {
    const { stdout, stderr } = await run(program, [...args], { env: { ...environment } });
    return `${stdout}${stderr}`;
  } catch {
    return null;
  }
}

function missing(fact: string, cure: string): VitalomeError {
  return new VitalomeError("CONFIG_INVALID", `${fact}: ${cure}`);
}
