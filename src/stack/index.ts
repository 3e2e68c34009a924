/** HDFS, Kafka, Spark's Thrift server and the windows query as processes of this machine. What others may use of it. */
export { stopStack, type StopOptions } from "./down.js";
export { PARTS, SERVERS, TITLES, isPartName, type PartName } from "./parts.js";
export { ensureDevelopmentPython, ensurePython } from "./install/python.js";
export { readLog } from "./read-log.js";
export { rebuildWindows } from "./rebuild-windows.js";
export type { Stack } from "./stack-file.js";
export type { StackOptions } from "./stack-options.js";
export { readStatus, type PartStatus } from "./status.js";
export { startStack, type Started } from "./up.js";
