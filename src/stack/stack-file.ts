import { readFile, rename, writeFile } from "node:fs/promises";
import { VitalomeError } from "../errors.js";
import type { PartName } from "./parts.js";
import { PORT_NAMES, type Ports } from "./ports.js";

/** What clients are told: addresses, the user who owns everything, and what a Spark job of theirs needs. */
export interface Stack {
  /** The default file system, `hdfs://127.0.0.1:…`. */
  readonly hdfs: string;
  /** WebHDFS, `http://127.0.0.1:…`. */
  readonly webhdfs: string;
  /** Bootstrap broker, `127.0.0.1:…`. */
  readonly kafka: string;
  /** Spark Thrift server, `127.0.0.1:…`. */
  readonly thrift: string;
  readonly user: string;
  /** The Python that has PySpark. */
  readonly python: string;
  /** For Spark jobs that read or write Kafka. */
  readonly jars: readonly string[];
  /** Process ids of the parts that were started and not stopped. */
  readonly processes: Readonly<Partial<Record<PartName, number>>>;
  /** Kept over restarts, so that clients find the way back. */
  readonly ports: Ports;
}

/** Null where no stack was started in the folder yet. */
export async function findStack(path: string): Promise<Stack | null> {
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) return null;
  try {
    const stack = JSON.parse(text) as Partial<Stack>;
    const ports: Partial<Ports> = stack.ports ?? {};
    if (PORT_NAMES.every((name) => Number.isInteger(ports[name]))) return stack as Stack;
  } catch {
    // Said below: a file without its ports is as bad as one that is no JSON.
  }
  throw new VitalomeError("CONFIG_INVALID", `${path} is damaged: stop what runs there, and remove the folder`);
}

/** Appears whole or not at all. */
export async function writeStack(path: string, stack: Stack): Promise<void> {
  const temporary = `${path}.${String(process.pid)}`;
  await writeFile(temporary, `${JSON.stringify(stack, null, 2)}\n`, { mode: 0o600 });
  await rename(temporary, path);
}

export function addressesOf(ports: Ports): Pick<Stack, "hdfs" | "webhdfs" | "kafka" | "thrift"> {
  return {
    hdfs: `hdfs://127.0.0.1:${String(ports.hdfs)}`,
    webhdfs: `http://127.0.0.1:${String(ports.webhdfs)}`,
    kafka: `127.0.0.1:${String(ports.kafka)}`,
    thrift: `127.0.0.1:${String(ports.thrift)}`,
  };
}
