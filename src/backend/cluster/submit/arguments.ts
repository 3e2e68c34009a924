import { dirname, join } from "node:path";

/** How a Spark application of ours is started. */
export interface SparkSubmit {
  /** Absolute path of a Python that has pyspark; drivers and local executors run it. */
  readonly python: string;
  /** Absolute path of `spark-submit`; null: the one that came with that Python. */
  readonly sparkSubmit: string | null;
  /** Absolute path of `pyspark/run_job.py`. */
  readonly script: string;
  /** As in `local[2]`, `yarn`, `spark://…`, `k8s://…`. The driver runs here, whatever it is. */
  readonly master: string;
  /** As in `1500m`. */
  readonly driverMemory: string;
  /** Further settings of Spark; they win over ours. */
  readonly conf: Readonly<Record<string, string>>;
  /** Absolute paths or addresses of jars that jobs need. */
  readonly jars: readonly string[];
  /** Where the log is, for jobs that read it: `host:port`, several by comma, and what stands before every topic's name. */
  readonly kafka: { readonly servers: string; readonly prefix: string };
  /** The lake as Spark names it: `hdfs://host:port/root`. */
  readonly store: string;
  readonly webhdfs: string;
  /** The Hadoop user a job reads and writes as. */
  readonly user: string;
  /** Copies HDFS keeps of what a job writes; null: as the cluster's own configuration has it. */
  readonly replication: number | null;
  /** A local folder for what Spark spills and says. */
  readonly localScratch: string;
  /** Where `java` and the tools of the start script are found. */
  readonly path: string;
  readonly javaHome: string | null;
}

const JAVA_OPTIONS = "-Duser.timezone=UTC";

/**
 * A driver that is its own cluster listens to nobody else, and has few hands: 200 tasks, Spark's default, take minutes.
 * It lives shortly, and what is heavy runs in its Python workers: code that Java compiles for a long life costs it more
 * than half of its time (ADR 13).
 */
const LOCAL_CONF: Readonly<Record<string, string>> = {
  "spark.driver.host": "127.0.0.1",
  "spark.driver.bindAddress": "127.0.0.1",
  "spark.sql.shuffle.partitions": "8",
  "spark.sql.codegen.wholeStage": "false",
  "spark.sql.codegen.factoryMode": "NO_CODEGEN",
  "spark.driver.extraJavaOptions": `${JAVA_OPTIONS} -XX:TieredStopAtLevel=1 -XX:+UseSerialGC`,
};

/** Arguments one by one: none of them passes through a shell. */
export function submitArguments(submit: SparkSubmit, id: string): readonly string[] {
  const conf: Readonly<Record<string, string>> = {
    "spark.submit.deployMode": "client",
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.driver.extraJavaOptions": JAVA_OPTIONS,
    "spark.executor.extraJavaOptions": JAVA_OPTIONS,
    "spark.hadoop.fs.defaultFS": new URL("/", submit.store).href.replace(/\/$/, ""),
    ...(submit.replication === null ? {} : { "spark.hadoop.dfs.replication": String(submit.replication) }),
    ...(submit.master.startsWith("local") ? LOCAL_CONF : {}),
    ...submit.conf,
  };
  return [
    "--master",
    submit.master,
    "--driver-memory",
    submit.driverMemory,
    ...(submit.jars.length === 0 ? [] : ["--jars", submit.jars.join(",")]),
    ...Object.entries(conf).flatMap(([name, value]) => ["--conf", `${name}=${value}`]),
    submit.script,
    "--store",
    submit.store,
    "--webhdfs",
    submit.webhdfs,
    "--user",
    submit.user,
    "--kafka",
    submit.kafka.servers,
    `--topic-prefix=${submit.kafka.prefix}`,
    "--job",
    id,
  ];
}

export function submitCommand(submit: SparkSubmit): string {
  return submit.sparkSubmit ?? join(dirname(submit.python), "spark-submit");
}

/** Built from nothing: no secret of the service reaches a job. */
export function submitEnvironment(submit: SparkSubmit, localDirectory: string): Readonly<Record<string, string>> {
  return {
    PATH: submit.path,
    ...(submit.javaHome === null ? {} : { JAVA_HOME: submit.javaHome }),
    PYSPARK_PYTHON: submit.python,
    PYSPARK_DRIVER_PYTHON: submit.python,
    SPARK_LOCAL_DIRS: localDirectory,
    // Without it, Hadoop would act as the user of the operating system.
    HADOOP_USER_NAME: submit.user,
    TZ: "UTC",
    LC_ALL: "C.UTF-8",
  };
}
