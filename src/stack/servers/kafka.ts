import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { StackFolder } from "../folder.js";
import { isThere } from "../is-there.js";
import { runLogged } from "../process/launch.js";
import type { Command, Part } from "../parts.js";
import type { Ports } from "../ports.js";
import { renderAll } from "./template.js";

export interface KafkaOptions {
  readonly folder: StackFolder;
  readonly ports: Ports;
  readonly java: string;
  /** Folder of jars. */
  readonly jars: string;
  readonly environment: Readonly<Record<string, string>>;
}

export function createKafka(options: KafkaOptions): Part {
  const { folder, ports } = options;
  const root = folder.server("kafka");
  const properties = join(root, "conf", "server.properties");
  return {
    name: "kafka",
    ports: [ports.kafka, ports.kafkaController],
    async prepare() {
      await renderAll("kafka", ["server.properties", "log4j2.properties"], join(root, "conf"), {
        folder: root,
        brokerPort: ports.kafka,
        controllerPort: ports.kafkaController,
      });
      // Written last by a format.
      if (await isThere(join(root, "data", "meta.properties"))) return;
      const id = randomBytes(16).toString("base64url");
      const args = ["format", "--ignore-formatted", "-t", id, "-c", properties];
      const command = java(options, root, "kafka.tools.StorageTool", args, ["-XX:TieredStopAtLevel=1"]);
      await runLogged(command, folder.log("kafka"), "formatting Kafka's storage");
    },
    command: java(options, root, "kafka.Kafka", [properties]),
  };
}

function java(
  { java: program, jars, environment }: KafkaOptions,
  root: string,
  main: string,
  args: readonly string[],
  flags: readonly string[] = [],
): Command {
  const conf = join(root, "conf");
  const options = [
    "-Xms64m",
    "-Xmx384m",
    "-Duser.timezone=UTC",
    `-Dlog4j2.configurationFile=${join(conf, "log4j2.properties")}`,
    ...flags,
  ];
  return { program, args: [...options, "-cp", `${conf}:${join(jars, "*")}`, main, ...args], environment };
}
