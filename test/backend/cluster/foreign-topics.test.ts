import { afterAll, describe, expect, it } from "@jest/globals";
import { CompressionTypes } from "kafkajs";
import { createClusterForeignTopics } from "../../../src/backend/cluster/foreign-topics.js";
import { defineForeignTopicsContract } from "../contract/foreign-topics.js";
import { brokerForTests, deleteTopics, foreignKafka, newPrefix, withAdmin } from "./kafka-for-tests.js";

const prefixes: string[] = [];
afterAll(async () => {
  if (prefixes.length > 0) await deleteTopics(await brokerForTests(), prefixes);
});

async function open(numPartitions = 3) {
  const broker = await brokerForTests();
  const prefix = newPrefix();
  prefixes.push(prefix);
  const topic = `${prefix}ward`;
  await withAdmin(broker, (admin) => admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true }));
  const topics = createClusterForeignTopics({ brokers: [broker], prefix: "own." });
  const producer = foreignKafka(broker).producer();
  await producer.connect();
  return {
    ...{ topics, topic, producer },
    async dispose() {
      await producer.disconnect();
      topics.close();
    },
  };
}

defineForeignTopicsContract("cluster", async () => {
  const { topics, topic, producer, dispose } = await open();
  return {
    ...{ topics, topic, dispose },
    async produce(records) {
      const messages = records.map((value) => ({ partition: 1, value }));
      await producer.send({ topic, messages, compression: CompressionTypes.GZIP });
    },
  };
});

describe("a topic of the same Kafka cluster", () => {
  it("is read whole, whatever its partitions, with the time of each record and nothing for a removed key", async () => {
    const { topics, topic, producer, dispose } = await open(3);
    const messages = [0, 1, 2].map((partition) => ({ partition, value: "x", timestamp: String(1_000 + partition) }));
    await producer.send({ topic, messages: [...messages, { partition: 2, key: "k", value: null }] });
    const found: (readonly [number, number | null, number])[] = [];
    const enough = new AbortController();
    for await (const record of topics.read(topic, new Map(), enough.signal)) {
      if (record.kind === "record") found.push([record.partition, record.value.length === 0 ? null : record.at, 1]);
      if (found.length === 4) enough.abort();
    }
    expect(found.sort()).toEqual(
      [
        [0, 1_000, 1],
        [1, 1_001, 1],
        [2, 1_002, 1],
        [2, null, 1],
      ].sort(),
    );
    await dispose();
  });

  it("is none of those the event log is made of", async () => {
    const { topics, dispose } = await open(1);
    const own = topics.read("own.vitals.observed.v1", new Map(), new AbortController().signal);
    await expect(own[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await dispose();
  });
});
