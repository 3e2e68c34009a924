import { openFolder } from "./folder.js";
import { answers } from "./servers/health.js";
import { isThere } from "./is-there.js";
import { PARTS, type PartName } from "./parts.js";
import type { Ports } from "./ports.js";
import { residentBytes } from "./process/identity.js";
import { findRunning } from "./process/record.js";
import { addressesOf, findStack } from "./stack-file.js";

export interface PartStatus {
  readonly part: PartName;
  /** `silent`: its process runs, and does not answer. */
  readonly state: "up" | "silent" | "down";
  readonly pid: number | null;
  /** Where clients reach it; null before the first start. */
  readonly address: string | null;
  /** Memory that its process and those below it hold, in bytes; null where the system does not tell. */
  readonly residentBytes: number | null;
}

/** One answer per part, whatever state the stack is in. Starts and changes nothing. */
export async function readStatus(path: string): Promise<readonly PartStatus[]> {
  const folder = (await isThere(path)) ? await openFolder(path) : null;
  const ports = folder === null ? null : ((await findStack(folder.stackFile))?.ports ?? null);
  return Promise.all(
    PARTS.map(async (part): Promise<PartStatus> => {
      const address = ports === null ? null : addressOf(part, ports);
      const identity = folder === null ? null : await findRunning(folder.processFile(part));
      if (folder === null || identity === null || ports === null)
        return { part, state: "down", pid: null, address, residentBytes: null };
      const state = (await answers(part, ports, folder)) ? "up" : "silent";
      return { part, state, pid: identity.pid, address, residentBytes: await residentBytes(identity.pid) };
    }),
  );
}

function addressOf(part: PartName, ports: Ports): string {
  if (part === "datanode") return `http://127.0.0.1:${String(ports.datanodeHttp)}`;
  const { hdfs, kafka, thrift } = addressesOf(ports);
  // It listens to nobody: what it computes is in Kafka.
  return { namenode: hdfs, kafka, thrift, windows: kafka }[part];
}
