import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { VitalomeError } from "../errors.js";

export const PORT_NAMES = [
  "hdfs",
  "webhdfs",
  "datanode",
  "datanodeHttp",
  "datanodeIpc",
  "kafka",
  "kafkaController",
  "thrift",
] as const;

export type Ports = Readonly<Record<(typeof PORT_NAMES)[number], number>>;

/** Below what the system hands to outgoing connections: a part that is restarted must find its port free again. */
const LEAST = 20_000;
const END = 32_000;
const ATTEMPTS = 1_000;

/** Different ports, each free at this moment. */
export async function choosePorts(): Promise<Ports> {
  const found = new Set<number>();
  for (let attempt = 0; attempt < ATTEMPTS && found.size < PORT_NAMES.length; attempt += 1) {
    const port = randomInt(LEAST, END);
    if (!found.has(port) && (await isFree(port))) found.add(port);
  }
  if (found.size < PORT_NAMES.length) throw new VitalomeError("CONFIG_INVALID", "no free ports on 127.0.0.1");
  const ports = [...found];
  return Object.fromEntries(PORT_NAMES.map((name, index) => [name, ports[index]])) as unknown as Ports;
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => {
      resolve(false);
    });
    probe.listen(port, "127.0.0.1", () => {
      probe.close(() => {
        resolve(true);
      });
    });
  });
}
