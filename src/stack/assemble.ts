import { userInfo } from "node:os";
import { childEnvironment } from "./child-environment.js";
import type { InstallOptions } from "./install/downloads.js";
import type { StackFolder } from "./folder.js";
import { createHdfs } from "./servers/hdfs.js";
import { ensureJars, listJars } from "./install/jars.js";
import { createKafka } from "./servers/kafka.js";
import type { Part } from "./parts.js";
import type { Ports } from "./ports.js";
import { findJava } from "./install/prerequisites.js";
import { ensurePython } from "./install/python.js";
import { addressesOf, type Stack } from "./stack-file.js";
import { createThrift } from "./servers/thrift.js";
import { createWindows, windowsPlace } from "./servers/windows.js";

export interface Assembly {
  readonly parts: readonly Part[];
  /** What clients are told, but for the processes. */
  readonly stack: Omit<Stack, "processes">;
}

/** What a Spark job of a client needs, brought onto this machine. */
export async function ensureJobTools(options: InstallOptions): Promise<Pick<Stack, "python" | "jars">> {
  const downloads = [ensurePython(options), ensureJars("spark", options)] as const;
  await Promise.allSettled(downloads);
  const [python, jars] = await Promise.all(downloads);
  return { python: python.program, jars: await listJars(jars) };
}

/** Brings what the parts need onto this machine, and lays out the parts. */
export async function assemble(folder: StackFolder, ports: Ports, options: InstallOptions): Promise<Assembly> {
  const java = await findJava(options.environment);
  const downloads = [
    ensureJars("hdfs", options),
    ensureJars("kafka", options),
    ensureJars("spark", options),
    ensurePython(options),
  ] as const;
  // A failure is told only when nothing works on any more.
  await Promise.allSettled(downloads);
  const [hdfsJars, kafkaJars, sparkJars, python] = await Promise.all(downloads);
  const environment = childEnvironment(options.environment);
  const user = userInfo().username;
  const hdfs = createHdfs({ folder, ports, user, java, jars: hdfsJars, environment });
  const kafka = createKafka({ folder, ports, java, jars: kafkaJars, environment });
  const thrift = createThrift({ folder, ports, python, environment });
  const jars = await listJars(sparkJars);
  const place = windowsPlace(options.environment);
  const windows = createWindows({ folder, ports, user, python, jars, place, environment });
  return {
    parts: [...hdfs, kafka, thrift, windows],
    stack: { ...addressesOf(ports), user, python: python.program, jars, ports },
  };
}
