import { spawn } from "node:child_process";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Stack } from "../../src/stack/index.js";

const SCRIPT = resolve(import.meta.dirname, "../../pyspark/run_windows.py");

/** A windows query for one corner of a stack: its own folder of HDFS, its own prefix of topics. */
export interface WindowsDriver {
  readonly pid: number;
  /** What it and Java wrote. */
  readonly output: string;
  /** Resolves with the exit code; null where a signal ended it. */
  readonly ended: Promise<number | null>;
  /** SIGTERM: ends its query in order. */
  stop(): Promise<number | null>;
  /** SIGKILL. */
  kill(): Promise<number | null>;
}

export interface WindowsDriverOptions {
  readonly stack: Stack;
  readonly corner: string;
  /** Milliseconds between batches. */
  readonly every?: number;
}

/** Starts one beside whatever else runs; the test ends it. */
export async function startWindowsDriver({ stack, corner, every = 500 }: WindowsDriverOptions): Promise<WindowsDriver> {
  const folder = await mkdtemp(join(tmpdir(), "vitalome-windows-"));
  const output = join(folder, "output.log");
  const handle = await open(output, "a", 0o600);
  const conf: Readonly<Record<string, string>> = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.extraJavaOptions": "-Duser.timezone=UTC -XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.hadoop.fs.defaultFS": stack.hdfs,
    "spark.hadoop.dfs.replication": "1",
    "spark.local.dir": folder,
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
  };
  const settings = Object.entries(conf).flatMap(([name, value]) => ["--conf", `"${name}=${value}"`]);
  const submit = ["--master", "local[2]", "--driver-memory", "640m", "--jars", stack.jars.join(","), ...settings];
  const child = spawn(
    stack.python,
    [
      SCRIPT,
      ...["--store", `${stack.hdfs}/${corner}`, "--webhdfs", stack.webhdfs, "--user", stack.user],
      ...["--kafka", stack.kafka, `--topic-prefix=${corner}.`, "--every", String(every)],
    ],
    {
      cwd: folder,
      stdio: ["ignore", handle.fd, handle.fd],
      env: {
        ...process.env,
        PYSPARK_SUBMIT_ARGS: [...submit, "pyspark-shell"].join(" "),
        PYSPARK_PYTHON: stack.python,
        HADOOP_USER_NAME: stack.user,
        SPARK_LOCAL_IP: "127.0.0.1",
        PYTHONDONTWRITEBYTECODE: "1",
        TZ: "UTC",
      },
    },
  );
  await handle.close();
  if (child.pid === undefined) throw new Error("the windows query could not be started");
  const ended = new Promise<number | null>((settle) => {
    child.on("exit", (code) => {
      void rm(join(folder, "blockmgr"), { recursive: true, force: true }).then(() => {
        settle(code);
      });
    });
  });
  const end = (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return ended;
  };
  return { pid: child.pid, output, ended, stop: () => end("SIGTERM"), kill: () => end("SIGKILL") };
}
