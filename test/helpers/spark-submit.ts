import { resolve } from "node:path";
import type { SparkSubmit } from "../../src/backend/cluster/job-runner.js";
import type { Stack } from "../../src/stack/index.js";

/** How a test starts Spark applications on a stack, over the store at `root` in its HDFS. */
export function sparkSubmit(stack: Stack, root: string, localScratch: string): SparkSubmit {
  return {
    python: stack.python,
    sparkSubmit: null,
    script: resolve(import.meta.dirname, "../../pyspark/run_job.py"),
    master: "local[2]",
    driverMemory: "1500m",
    conf: {},
    jars: stack.jars,
    kafka: { servers: stack.kafka, prefix: "" },
    store: `${stack.hdfs}${root}`,
    webhdfs: stack.webhdfs,
    user: stack.user,
    replication: 1,
    localScratch,
    path: process.env["PATH"] ?? "",
    javaHome: process.env["JAVA_HOME"] ?? null,
  };
}
