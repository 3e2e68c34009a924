import { dataNodeIsReady, nameNodeIsReady } from "./hdfs-health.js";
import { kafkaIsReady } from "./kafka-health.js";
import type { PartName } from "../parts.js";
import type { Ports } from "../ports.js";
import { thriftIsReady } from "./thrift-health.js";

const CHECKS: Readonly<Record<PartName, (ports: Ports) => Promise<boolean>>> = {
  namenode: nameNodeIsReady,
  datanode: dataNodeIsReady,
  kafka: kafkaIsReady,
  thrift: thriftIsReady,
};

/** Whether a part answers a real request within seconds. */
export async function answers(part: PartName, ports: Ports): Promise<boolean> {
  return CHECKS[part](ports).catch(() => false);
}
