import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { StackFolder } from "../folder.js";
import type { Part } from "../parts.js";
import type { Ports } from "../ports.js";
import type { SparkPython } from "../install/python.js";
import { addressesOf } from "../stack-file.js";
import { renderAll } from "./template.js";

export interface ThriftOptions {
  readonly folder: StackFolder;
  readonly ports: Ports;
  readonly python: SparkPython;
  readonly environment: Readonly<Record<string, string>>;
}

const MAIN = "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2";

export function createThrift({ folder, ports, python, environment }: ThriftOptions): Part {
  const root = folder.server("thrift");
  const conf = join(root, "conf");
  return {
    name: "thrift",
    ports: [ports.thrift],
    async prepare() {
      await renderAll("spark", ["spark-defaults.conf", "log4j2.properties"], conf, {
        folder: root,
        hdfs: addressesOf(ports).hdfs,
        thriftPort: ports.thrift,
      });
      await mkdir(join(root, "tmp"), { recursive: true });
    },
    command: {
      // The script becomes the server: no process stands between.
      program: join(python.spark, "bin", "spark-submit"),
      args: ["--class", MAIN, "spark-internal"],
      // HADOOP_USER_NAME must not be set: every client would read and write as that one user.
      environment: {
        ...environment,
        SPARK_HOME: python.spark,
        SPARK_CONF_DIR: conf,
        // Nothing listens on another address of this machine.
        SPARK_LOCAL_IP: "127.0.0.1",
        PYSPARK_PYTHON: python.program,
      },
    },
  };
}
