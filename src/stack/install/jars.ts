import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { definedOnly } from "../child-environment.js";
import { ensureEntry, type InstallOptions } from "./downloads.js";
import { runLogged } from "../process/launch.js";
import { findMaven } from "./prerequisites.js";
import { TEMPLATES } from "../servers/template.js";

export type JarGroup = "hdfs" | "kafka" | "spark";

/** The folder with the jars that the pom of a group names, fetched with Maven where they are not here yet. */
export async function ensureJars(group: JarGroup, options: InstallOptions): Promise<string> {
  const pom = join(TEMPLATES, group, "pom.xml");
  return ensureEntry(`jars-${group}`, await readFile(pom, "utf8"), options, async (folder, log) => {
    const program = await findMaven(options.environment);
    options.say(`fetching the jars of ${group} ...`);
    const args = [
      "--batch-mode",
      "--no-transfer-progress",
      // A jar that could not be had yesterday is asked for again.
      "--update-snapshots",
      `--file=${pom}`,
      "dependency:copy-dependencies",
      "-DincludeScope=runtime",
      `-DoutputDirectory=${folder}`,
    ];
    await runLogged(
      { program, args, environment: definedOnly(options.environment) },
      log,
      `fetching the jars of ${group}`,
    );
  });
}

/** Absolute paths, in order of their names. */
export async function listJars(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => name.endsWith(".jar"))
    .sort()
    .map((name) => join(folder, name));
}
