import { readFile, readdir, realpath, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { VitalomeError } from "../../errors.js";
import { definedOnly } from "../child-environment.js";
import { ensureEntry, type InstallOptions } from "./downloads.js";
import { runLogged } from "../process/launch.js";
import { findPython } from "./prerequisites.js";

const REQUIREMENTS = resolve(import.meta.dirname, "../../../pyspark");

export interface SparkPython {
  /** The interpreter. */
  readonly program: string;
  /** Its folder of installed packages. */
  readonly packages: string;
  /** SPARK_HOME. */
  readonly spark: string;
}

/** A Python with PySpark: a virtual environment of its own, made where there is none yet for these requirements. */
export async function ensurePython(options: InstallOptions): Promise<SparkPython> {
  const folder = await ensureVenv("python", "requirements.txt", null, options);
  const packages = await packagesOf(folder);
  return { program: join(folder, "bin", "python"), packages, spark: join(packages, "pyspark") };
}

/** The same with the tools of development on top; answers the interpreter. */
export async function ensureDevelopmentPython(options: InstallOptions): Promise<string> {
  const { packages } = await ensurePython(options);
  const folder = await ensureVenv("python-dev", "requirements-dev.txt", packages, options);
  return join(folder, "bin", "python");
}

/** `below` is a folder of packages that are visible from the new environment too. */
async function ensureVenv(
  name: string,
  requirements: string,
  below: string | null,
  options: InstallOptions,
): Promise<string> {
  const list = join(REQUIREMENTS, requirements);
  const python = await findPython(options.environment);
  const source = [python.version, await readFile(list, "utf8"), below ?? ""].join("\n");
  return ensureEntry(name, source, options, async (folder, log) => {
    options.say(`installing ${requirements} with Python ${python.version} ...`);
    const environment = definedOnly(options.environment);
    const venv = ["-m", "venv", "--clear", folder];
    await runLogged({ program: python.program, args: venv, environment }, log, "making a virtual environment");
    if (below !== null) await writeFile(join(await packagesOf(folder), "below.pth"), `${below}\n`);
    const pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-r", list];
    const program = join(folder, "bin", "python");
    await runLogged({ program, args: pip, environment }, log, `installing ${requirements}`);
  });
}

async function packagesOf(venv: string): Promise<string> {
  const [version] = (await readdir(join(venv, "lib"))).filter((name) => name.startsWith("python3"));
  if (version === undefined) throw new VitalomeError("CONFIG_INVALID", `${venv} is no virtual environment: remove it`);
  return realpath(join(venv, "lib", version, "site-packages"));
}
