import { describe, expect, it } from "@jest/globals";
import { noAnswer } from "../../../src/backend/cluster/kafka-errors.js";
import type { KafkaLink } from "../../../src/backend/cluster/kafka-link.js";
import { createKafkaNet, type KafkaNet } from "../../../src/backend/cluster/kafka-net.js";
import { produce, type ProducerSession } from "../../../src/backend/cluster/kafka-produce.js";

const NOT_LEADER = 6;

interface Sent {
  readonly node: number;
  readonly partition: number;
  readonly firstSequence: number;
  readonly values: readonly (string | null)[];
}

type Answer = { readonly errorCode: number; readonly baseOffset: string } | "nothing" | "no answer";

/** Brokers that answer as they are told; leaders move when they are forgotten. */
function fakeBrokers(leaders: number[][], answer: (sent: Sent) => Answer): { net: KafkaNet; sent: Sent[] } {
  const sent: Sent[] = [];
  const real = createKafkaNet({ brokers: ["127.0.0.1:1"], clientId: "test", patienceMs: 2_000 });
  const linkOf = (node: number): KafkaLink => ({
    isOpen: true,
    send: async (_api, parameters) => {
      const { topicData } = parameters as {
        topicData: {
          topic: string;
          partitions: (Omit<Sent, "node" | "values"> & { messages: { value: string | null }[] })[];
        }[];
      };
      const topics = topicData.map(({ topic, partitions }) => ({
        topicName: topic,
        partitions: partitions.flatMap(({ partition, firstSequence, messages }) => {
          const one = { node, partition, firstSequence, values: messages.map(({ value }) => value) };
          sent.push(one);
          const told = answer(one);
          if (told === "no answer") throw noAnswer("gone");
          return told === "nothing" ? [] : [{ partition, ...told }];
        }),
      }));
      return { topics };
    },
    sendRaw: () => Promise.reject(new Error("not asked")),
    close: () => undefined,
  });
  const net: KafkaNet = {
    ...real,
    leaders: () => Promise.resolve(leaders[0] ?? []),
    node: (id) => Promise.resolve(linkOf(id)),
    patiently: async (work) => {
      for (let attempt = 0; ; attempt += 1) {
        try {
          return await work();
        } catch (thrown) {
          if (attempt === 5) throw thrown;
          if (leaders.length > 1) leaders.shift();
        }
      }
    },
  };
  return { net, sent };
}

function newSession(): ProducerSession {
  return { transactionalId: null, producerId: "7", epoch: 0, sequences: new Map() };
}

const record = (partition: number, value: string) => ({ topic: "t", partition, key: "k", value });
const ok = (baseOffset: number): Answer => ({ errorCode: 0, baseOffset: String(baseOffset) });

describe("producing", () => {
  it("sends what a broker refused to the broker that leads now, though that one has answered before", async () => {
    const { net, sent } = fakeBrokers(
      [
        [1, 2],
        [1, 1],
      ],
      ({ node, partition }) => (node === 2 ? { errorCode: NOT_LEADER, baseOffset: "-1" } : ok(10 * partition)),
    );
    const offsets: (number | undefined)[] = [];
    await produce(net, newSession(), [record(0, "a"), record(1, "b"), record(1, "c")], offsets);
    expect(offsets).toEqual([0, 10, 11]);
    expect(sent.filter(({ partition }) => partition === 1).map(({ node }) => node)).toEqual([2, 1]);
    expect(sent.filter(({ partition }) => partition === 0)).toHaveLength(1);
  });

  it.each(["nothing", "no answer"] as const)(
    "takes %s for no success, and repeats with the same numbers",
    async (first) => {
      let count = 0;
      const { net, sent } = fakeBrokers([[1, 1]], () => (count++ === 0 ? first : ok(5)));
      const offsets: (number | undefined)[] = [];
      const session = newSession();
      session.sequences.set("t/0", 3);
      await produce(net, session, [record(0, "a")], offsets);
      expect(offsets).toEqual([5]);
      expect(sent.map(({ firstSequence }) => firstSequence)).toEqual([3, 3]);
      expect(session.sequences.get("t/0")).toBe(4);
    },
  );

  it("keeps the order of a partition over several batches", async () => {
    const { net, sent } = fakeBrokers([[1]], ({ firstSequence }) => ok(100 + firstSequence));
    const values = Array.from({ length: 9 }, (_, index) => `${String(index)}${"x".repeat(200_000)}`);
    const offsets: (number | undefined)[] = [];
    await produce(
      net,
      newSession(),
      values.map((value) => record(0, value)),
      offsets,
    );
    expect(sent.flatMap((one) => one.values)).toEqual(values);
    expect(sent.length).toBeGreaterThan(3);
    expect(offsets).toEqual(values.map((_, index) => 100 + index));
  });
});
