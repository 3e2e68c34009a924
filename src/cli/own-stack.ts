import { join } from "node:path";
import { systemClock } from "../clock.js";
import { environment, type SettingOptions } from "../config.js";
import { say } from "./output.js";

export interface OwnStack {
  /** Where the systems are, as options of the service. */
  readonly options: SettingOptions;
  /** Stops what this call started; leaves alone what ran before. */
  stop(): Promise<void>;
}

/** In the place of addresses that nobody knows yet: all other settings are checked before anything is started. */
export const YET_UNKNOWN: SettingOptions = {
  webhdfs: "http://127.0.0.1:1",
  hdfs: "hdfs://127.0.0.1:1",
  brokers: "127.0.0.1:1",
  thrift: "127.0.0.1:1",
};

/** HDFS, Kafka and Spark Thrift below the data folder, started unless they run. */
export async function startOwnStack(dataDirectory: string): Promise<OwnStack> {
  const { startStack, stopStack } = await import("../stack/index.js");
  const folder = join(dataDirectory, "stack");
  const common = { folder, clock: systemClock };
  say("starting HDFS, Kafka and Spark Thrift ...");
  const { stack, started } = await startStack({ ...common, environment: environment(), say });
  return {
    options: {
      webhdfs: stack.webhdfs,
      hdfs: stack.hdfs,
      hdfsUser: stack.user,
      brokers: stack.kafka,
      thrift: stack.thrift,
      python: stack.python,
      jars: stack.jars.join(","),
      replication: "1",
    },
    async stop() {
      if (started.length > 0) await stopStack(common, started);
    },
  };
}
