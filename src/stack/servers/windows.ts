import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Environment } from "../child-environment.js";
import type { StackFolder } from "../folder.js";
import type { SparkPython } from "../install/python.js";
import type { Part } from "../parts.js";
import type { Ports } from "../ports.js";
import { addressesOf } from "../stack-file.js";
import { renderAll } from "./template.js";
import { beatFile } from "./windows-health.js";

/** Whose windows are computed. */
export interface WindowsPlace {
  /** Folder of the store in HDFS. */
  readonly root: string;
  /** Before the name of every topic. */
  readonly prefix: string;
}

export interface WindowsOptions {
  readonly folder: StackFolder;
  readonly ports: Ports;
  /** The Hadoop user it reads and writes as. */
  readonly user: string;
  readonly python: SparkPython;
  /** What Spark needs to read and write Kafka. */
  readonly jars: readonly string[];
  readonly place: WindowsPlace;
  readonly environment: Readonly<Record<string, string>>;
}

const SCRIPT = resolve(import.meta.dirname, "../../../pyspark/run_windows.py");
/** What the query keeps, below the store. */
export const CHECKPOINT = "checkpoints/windows";

/** Of the service that has the same settings. */
export function windowsPlace(environment: Environment): WindowsPlace {
  const root = environment["HDFS_ROOT"] ?? "";
  return { root: root === "" ? "/vitalome" : root, prefix: environment["KAFKA_TOPIC_PREFIX"] ?? "" };
}

export function createWindows({ folder, ports, user, python, jars, place, environment }: WindowsOptions): Part {
  const root = folder.server("windows");
  const conf = join(root, "conf");
  const { hdfs, webhdfs, kafka } = addressesOf(ports);
  return {
    name: "windows",
    ports: [],
    async prepare() {
      await renderAll("windows", ["spark-defaults.conf", "log4j2.properties"], conf, {
        folder: root,
        hdfs,
        jars: jars.join(","),
      });
      await mkdir(join(root, "tmp"), { recursive: true });
    },
    command: {
      // Python starts Java, which ends with it: one process to watch, that hears a signal and ends its query in order.
      program: python.program,
      args: [
        SCRIPT,
        ...["--store", `${hdfs}${place.root}`, "--webhdfs", webhdfs, "--user", user],
        ...["--kafka", kafka, `--topic-prefix=${place.prefix}`, "--beat", beatFile(folder)],
      ],
      environment: {
        ...environment,
        SPARK_HOME: python.spark,
        SPARK_CONF_DIR: conf,
        SPARK_LOCAL_IP: "127.0.0.1",
        PYSPARK_PYTHON: python.program,
        // Without it, Hadoop would act as the user of the operating system.
        HADOOP_USER_NAME: user,
        PYTHONDONTWRITEBYTECODE: "1",
        TZ: "UTC",
      },
    },
  };
}
