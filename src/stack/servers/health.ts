import { dataNodeIsReady, nameNodeIsReady } from "./hdfs-health.js";
import { kafkaIsReady } from "./kafka-health.js";
import type { PartName } from "../parts.js";
import type { Ports } from "../ports.js";
import { thriftIsReady } from "./thrift-health.js";
import { windowsBeat } from "./windows-health.js";
import type { StackFolder } from "../folder.js";

const CHECKS: Readonly<Record<PartName, (ports: Ports, folder: StackFolder) => Promise<boolean>>> = {
  namenode: nameNodeIsReady,
  datanode: dataNodeIsReady,
  kafka: kafkaIsReady,
  thrift: thriftIsReady,
  windows: (_ports, folder) => windowsBeat(folder),
};

/** Whether a part answers a real request within seconds, or, where it answers nobody, said a moment ago that it is there. */
export async function answers(part: PartName, ports: Ports, folder: StackFolder): Promise<boolean> {
  return CHECKS[part](ports, folder).catch(() => false);
}
