import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Kafka, logLevel } from "kafkajs";
import { readStatus, type PartName } from "../../src/stack/index.js";
import {
  RESTART_TIMEOUT_MS,
  STACK_TIMEOUT_MS,
  killPart,
  ownStack,
  restartPart,
  startOnePart,
  type OwnStack,
} from "../helpers/stack.js";

let own: OwnStack;

beforeAll(async () => {
  own = await ownStack(["namenode", "datanode", "kafka"]);
}, STACK_TIMEOUT_MS);

afterAll(async () => {
  await own.stop();
}, RESTART_TIMEOUT_MS);

async function statesOf(folder: string): Promise<Partial<Record<PartName, string>>> {
  return Object.fromEntries((await readStatus(folder)).map(({ part, state }) => [part, state]));
}

async function listTopics(): Promise<readonly string[]> {
  const admin = new Kafka({ brokers: [own.stack.kafka], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    return await admin.listTopics();
  } finally {
    await admin.disconnect();
  }
}

async function makeTopic(topic: string): Promise<void> {
  const admin = new Kafka({ brokers: [own.stack.kafka], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
  await admin.disconnect();
}

describe("a part that is killed", () => {
  it(
    "is named by status, and comes back at the same address with its data",
    async () => {
      await makeTopic("kept");
      await killPart(own, "kafka");
      expect(await statesOf(own.folder)).toMatchObject({ namenode: "up", datanode: "up", kafka: "down" });
      await startOnePart(own, "kafka");
      expect(await statesOf(own.folder)).toMatchObject({ kafka: "up" });
      expect(await listTopics()).toContain("kept");
    },
    RESTART_TIMEOUT_MS,
  );

  it(
    "leaves HDFS writable once the NameNode is back, with the folders it had",
    async () => {
      const at = (op: string): string =>
        `${own.stack.webhdfs}/webhdfs/v1/vitalome/kept?op=${op}&user.name=${own.stack.user}`;
      await fetch(at("MKDIRS"), { method: "PUT" });
      await restartPart(own, "namenode");
      expect((await fetch(at("GETFILESTATUS"))).status).toBe(200);
      expect((await fetch(at("MKDIRS"), { method: "PUT" })).status).toBe(200);
    },
    RESTART_TIMEOUT_MS,
  );
});

describe("two stacks", () => {
  it(
    "run side by side, and the end of one leaves the other up",
    async () => {
      const second = await ownStack(["kafka"]);
      expect(second.stack.kafka).not.toBe(own.stack.kafka);
      expect(await statesOf(second.folder)).toMatchObject({ kafka: "up", namenode: "down" });
      await second.stop();
      expect(await statesOf(own.folder)).toMatchObject({ namenode: "up", datanode: "up", kafka: "up" });
    },
    RESTART_TIMEOUT_MS,
  );
});
