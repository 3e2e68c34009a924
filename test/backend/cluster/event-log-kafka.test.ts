import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { CompressionTypes, type ITopicConfig, type Producer } from "kafkajs";
import { createClusterEventLog, type ClusterEventLogOptions } from "../../../src/backend/cluster/event-log.js";
import type { EventLog } from "../../../src/backend/index.js";
import { systemClock } from "../../../src/clock.js";
import { silentLog } from "../../../src/log.js";
import { STACK_TIMEOUT_MS } from "../../helpers/stack.js";
import { expectGrowingOffsets, range, take, until } from "../contract/event-log.js";
import { brokerForTests, deleteTopics, foreignKafka, newPrefix, withAdmin } from "./kafka-for-tests.js";

const ONE = "job.changed.v1";
const OTHER = "job.commanded.v1";
const MANY = "vitals.accepted.v1";
const PLACE = { consumer: "evaluate", topic: "vitals.observed.v1", partition: 2 } as const;

let broker = "";
const prefixes: string[] = [];

beforeAll(async () => {
  broker = await brokerForTests();
}, STACK_TIMEOUT_MS);
afterAll(() => deleteTopics(broker, prefixes));

function prefixOfTest(): string {
  const prefix = newPrefix();
  prefixes.push(prefix);
  return prefix;
}

/** A topic that was there before the log. */
async function createForeign(topic: ITopicConfig): Promise<void> {
  await withAdmin(broker, (admin) => admin.createTopics({ topics: [topic], waitForLeaders: false }));
}

function open(prefix: string, more: Partial<ClusterEventLogOptions> = {}): Promise<EventLog> {
  return createClusterEventLog({
    brokers: [broker],
    prefix,
    clock: systemClock,
    log: silentLog,
    patienceMs: 60_000,
    ...more,
  });
}

async function withLog(
  run: (log: EventLog, prefix: string) => Promise<void>,
  more: Partial<ClusterEventLogOptions> = {},
): Promise<void> {
  const prefix = prefixOfTest();
  const log = await open(prefix, more);
  try {
    await run(log, prefix);
  } finally {
    await log.close();
  }
}

/** A transactional producer that is not ours. */
async function withProducer(transactionalId: string, run: (producer: Producer) => Promise<void>): Promise<void> {
  const options = { transactionalId, maxInFlightRequests: 1, idempotent: true };
  const producer = foreignKafka(broker).producer(options);
  await producer.connect();
  try {
    await run(producer);
  } finally {
    await producer.disconnect();
  }
}

async function write(
  producer: Producer,
  topic: string,
  keys: readonly string[],
  end: "commit" | "abort",
): Promise<void> {
  const transaction = await producer.transaction();
  await transaction.send({ topic, messages: keys.map((key) => ({ key, value: JSON.stringify(`${end} ${key}`) })) });
  await (end === "commit" ? transaction.commit() : transaction.abort());
}

describe("cluster event log: topics", () => {
  it("makes every topic with its partitions, and keeps what is not superseded until its own retention", async () => {
    await withLog(async (_log, prefix) => {
      await withAdmin(broker, async (admin) => {
        const { topics } = await admin.fetchTopicMetadata({ topics: [`${prefix}${MANY}`, `${prefix}${ONE}`] });
        expect(Object.fromEntries(topics.map(({ name, partitions }) => [name, partitions.length]))).toEqual({
          [`${prefix}${MANY}`]: 4,
          [`${prefix}${ONE}`]: 1,
        });
        const resources = [MANY, ONE, "registry.changed.v1"].map((name) => ({ type: 2, name: prefix + name }));
        const { resources: found } = await admin.describeConfigs({ includeSynonyms: false, resources });
        const policies = found.map(({ configEntries }) => {
          const value = (key: string): string | undefined =>
            configEntries.find(({ configName }) => configName === key)?.configValue;
          return [value("cleanup.policy"), value("retention.ms"), value("message.timestamp.type")];
        });
        expect(policies[0]).toEqual(["delete", "-1", "LogAppendTime"]);
        expect(policies[1]?.[0]).toBe("compact");
        expect(policies[2]).toEqual(["delete", "-1", "LogAppendTime"]);
      });
    });
  });

  it("refuses to start on a topic that has another number of partitions", async () => {
    const prefix = prefixOfTest();
    await createForeign({ topic: prefix + MANY, numPartitions: 3 });
    await expect(open(prefix)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: `the Kafka topic ${prefix}${MANY} has 3 partitions and must have 4`,
    });
  });

  it("says of a compression it cannot read that it is the topic's configuration", async () => {
    const prefix = prefixOfTest();
    const configEntries = [{ name: "compression.type", value: "lz4" }];
    await createForeign({ topic: prefix + ONE, numPartitions: 1, configEntries });
    const log = await open(prefix);
    await log.append(ONE, [{ key: "a", value: 1 }]);
    await expect(take(log, ONE, 1)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("lz4"),
    });
    await log.close();
  });

  it("reads what a foreign producer compressed", async () => {
    await withLog(async (log, prefix) => {
      const producer = foreignKafka(broker).producer();
      await producer.connect();
      const messages = range(0, 100).map((value) => ({ key: "a", value: String(value) }));
      await producer.send({ topic: prefix + ONE, messages, compression: CompressionTypes.GZIP });
      await producer.disconnect();
      expect((await take(log, ONE, 100)).map(({ value }) => value)).toEqual(range(0, 100));
    });
  });
});

describe("cluster event log: what was given up", () => {
  it("delivers nothing of a transaction whose abort marker lies in another fetch than its records", async () => {
    await withLog(async (log, prefix) => {
      await withProducer(`${prefix}foreign`, async (producer) => {
        const filler = "x".repeat(300_000);
        await log.append(ONE, [{ key: "before", value: 0 }]);
        const transaction = await producer.transaction();
        // Several fetches of history, each of one MiB, before the marker comes.
        for (const number of range(0, 12))
          await transaction.send({
            topic: prefix + ONE,
            messages: [{ key: `lost${String(number)}`, value: `"${filler}"` }],
          });
        await log.append(ONE, [{ key: "between", value: 1 }]);
        await transaction.abort();
        await write(producer, prefix + ONE, ["after"], "commit");
      });
      const read = await take(log, ONE, 3);
      expect(read.map(({ key }) => key)).toEqual(["before", "between", "after"]);
      // From every offset amid what was given up, also where a fetch begins inside of it.
      for (const offset of range(1, 13)) {
        const rest = await take(log, ONE, 2, new Map([[0, BigInt(offset)]]));
        expect(rest.map(({ key }) => key)).toEqual(["between", "after"]);
      }
    });
  });

  it("delivers nothing of two aborted transactions of one producer in one fetch, and all that lies between", async () => {
    await withLog(async (log, prefix) => {
      await withProducer(`${prefix}foreign`, async (producer) => {
        await write(producer, prefix + ONE, ["a", "b"], "abort");
        await write(producer, prefix + ONE, ["c"], "commit");
        // A key of four zero bytes is no marker.
        await write(producer, prefix + ONE, ["\0\0\0\0", "d"], "abort");
        await log.append(ONE, [{ key: "e", value: "plain" }]);
        await write(producer, prefix + ONE, ["f"], "abort");
        await write(producer, prefix + ONE, ["g"], "commit");
      });
      const keys = ["c", "e", "g"];
      expect((await take(log, ONE, 3)).map(({ key }) => key)).toEqual(keys);
      const whole = await take(log, ONE, 3);
      for (const offset of range(0, Number(whole[2]?.offset) + 1)) {
        const wanted = whole.filter((event) => event.offset >= BigInt(offset));
        expect(await take(log, ONE, wanted.length, new Map([[0, BigInt(offset)]]))).toEqual(wanted);
      }
    });
  });

  it("delivers nothing of two producers' transactions that are both open where a fetch begins", async () => {
    await withLog(async (log, prefix) => {
      await withProducer(`${prefix}one`, (one) =>
        withProducer(`${prefix}two`, async (two) => {
          const [first, second] = [await one.transaction(), await two.transaction()];
          const topic = prefix + ONE;
          for (const number of range(0, 3)) {
            await first.send({ topic, messages: [{ key: `first${String(number)}`, value: "1" }] });
            await second.send({ topic, messages: [{ key: `second${String(number)}`, value: "2" }] });
          }
          await first.abort();
          await second.abort();
        }),
      );
      await log.append(ONE, [{ key: "kept", value: 0 }]);
      for (const offset of range(0, 9))
        expect((await take(log, ONE, 1, new Map([[0, BigInt(offset)]]))).map(({ key }) => key)).toEqual(["kept"]);
    });
  });

  it("delivers live nothing that is not committed, nor what is behind it before its turn", async () => {
    await withLog(async (log, prefix) => {
      const stop = new AbortController();
      const seen: string[] = [];
      const reading = (async () => {
        for await (const event of log.read(ONE, new Map(), stop.signal)) {
          if (event.kind === "event") seen.push(event.key);
          if (seen.length === 3) stop.abort();
        }
      })();
      await log.append(ONE, [{ key: "a", value: 0 }]);
      await withProducer(`${prefix}foreign`, async (producer) => {
        const transaction = await producer.transaction();
        await transaction.send({ topic: prefix + ONE, messages: [{ key: "lost", value: "0" }] });
        await log.append(ONE, [{ key: "b", value: 0 }]);
        await systemClock.sleep(200);
        expect(seen).toEqual(["a"]);
        expect((await log.positions(ONE))[0]?.end).toBe(1n);
        await transaction.abort();
        await write(producer, prefix + ONE, ["c"], "commit");
      });
      await reading;
      expect(seen).toEqual(["a", "b", "c"]);
    });
  });
});

describe("cluster event log: ends", () => {
  it("states an end that has an event right before it, whatever markers follow", async () => {
    await withLog(async (log, prefix) => {
      const ends = async (): Promise<bigint | undefined> => (await log.positions(ONE))[0]?.end;
      expect(await ends()).toBe(0n);
      await withProducer(`${prefix}foreign`, async (producer) => {
        await write(producer, prefix + ONE, ["lost"], "abort");
        const [position] = await log.transact(PLACE, (transaction) => {
          transaction.append(ONE, { key: "kept", value: 1 });
        });
        // Its marker comes a moment later.
        await take(log, ONE, 1);
        expect(await ends()).toBe((position?.offset ?? -1n) + 1n);
        for (const number of range(0, 40)) await write(producer, prefix + ONE, [`lost${String(number)}`], "abort");
        expect(await ends()).toBe((position?.offset ?? -1n) + 1n);
        expect((await take(log, ONE, 1, new Map([[0, position?.offset ?? 0n]])))[0]?.key).toBe("kept");
      });
      const other = await open(prefix);
      expect(await other.positions(ONE)).toEqual(await log.positions(ONE));
      await other.close();
    });
  });

  it("refuses a position beyond all that was written", async () => {
    await withLog(async (log) => {
      await log.append(ONE, [{ key: "a", value: 1 }]);
      await expect(take(log, ONE, 1, new Map([[0, 2n]]))).rejects.toMatchObject({ code: "CURSOR_INVALID" });
    });
  });
});

describe("cluster event log: foreign producers", () => {
  it("delivers what is not JSON as marked text, a missing key as empty and a missing value as null", async () => {
    await withLog(async (log, prefix) => {
      const producer = foreignKafka(broker).producer();
      await producer.connect();
      const messages = [
        { key: "a", value: "{not json" },
        { key: null, value: Buffer.from([0xff, 0xfe, 0x00]) },
        { key: "b", value: "" },
        { key: "c", value: '{"fine":true}' },
      ];
      await producer.send({ topic: prefix + OTHER, messages });
      await producer.send({ topic: prefix + ONE, messages: [{ key: "gone", value: null }] });
      await producer.disconnect();
      await log.append(OTHER, [{ key: "d", value: 1 }]);
      expect((await take(log, OTHER, 5)).map(({ key, value }) => [key, value])).toEqual([
        ["a", { notJson: "{not json" }],
        ["", { notJson: "\ufffd\ufffd\0" }],
        ["b", { notJson: "" }],
        ["c", { fine: true }],
        ["d", 1],
      ]);
      expect((await take(log, ONE, 1)).map(({ key, value }) => [key, value])).toEqual([["gone", null]]);
    });
  });

  it("reads where a consumer stands past what is not its own in the topic of places", async () => {
    await withLog(async (log, prefix) => {
      await log.transact(PLACE, (transaction) => {
        transaction.advance(4n);
        transaction.setState("a/b", { deep: 1 });
      });
      const producer = foreignKafka(broker).producer();
      await producer.connect();
      const key = "evaluate/vitals.observed.v1/2";
      for (const value of ["{", "null", '{"next":"x"}', '{"next":-1}', "[]"]) {
        const messages = range(0, 4).map((partition) => ({ key, value, partition }));
        await producer.send({ topic: `${prefix}worker.state.v1`, messages });
      }
      await producer.disconnect();
      expect(await log.consumerState(PLACE)).toEqual({ next: 4n, state: new Map([["a/b", { deep: 1 }]]) });
    });
  });
});

describe("cluster event log: places", () => {
  it("refuses the older of two logs with one place, and nothing of what it wrote is seen", async () => {
    await withLog(async (older, prefix) => {
      const newer = await open(prefix);
      const advance = (log: EventLog, key: string, offset: bigint): Promise<unknown> =>
        log.transact(PLACE, (transaction) => {
          transaction.append(ONE, { key, value: 0 });
          transaction.setState(key, true);
          transaction.advance(offset);
        });
      await advance(older, "older", 1n);
      expect((await newer.consumerState(PLACE)).next).toBe(1n);
      const refused = { code: "CONFLICT", message: expect.stringContaining("another worker") };
      await expect(advance(older, "late", 2n)).rejects.toMatchObject(refused);
      await advance(newer, "newer", 2n);
      await expect(advance(older, "later", 3n)).rejects.toMatchObject(refused);
      // Other places of the refused log are its own as before.
      await older.transact({ ...PLACE, partition: 3 }, (transaction) => {
        transaction.append(ONE, { key: "elsewhere", value: 0 });
      });
      expect((await take(newer, ONE, 3)).map(({ key }) => key)).toEqual(["older", "newer", "elsewhere"]);
      // Whoever asks takes the place, and goes on where it stands.
      const state = new Map([
        ["older", true],
        ["newer", true],
      ]);
      expect(await older.consumerState(PLACE)).toEqual({ next: 2n, state });
      await expect(advance(newer, "fenced", 9n)).rejects.toMatchObject({ code: "CONFLICT" });
      await advance(older, "again", 3n);
      expect((await take(older, ONE, 4)).map(({ key }) => key)).toEqual(["older", "newer", "elsewhere", "again"]);
      await newer.close();
    });
  });

  it("puts many transactions that wait into one of Kafka's, each whole and in order", async () => {
    await withLog(async (log) => {
      const count = 300;
      const positions = await Promise.all(
        range(0, count).map((value) =>
          log.transact(PLACE, (transaction) => {
            transaction.append(ONE, { key: "a", value });
            transaction.append(MANY, { key: "a", value });
            transaction.setState(`s${String(value % 7)}`, value);
            transaction.advance(BigInt(value + 1));
          }),
        ),
      );
      const read = await take(log, ONE, count);
      expect(read.map(({ value }) => value)).toEqual(range(0, count));
      expect(read.map(({ offset }) => offset)).toEqual(positions.map(([first]) => first?.offset));
      // Every transaction of Kafka's leaves a marker, which takes an offset.
      const markers = Number(read.at(-1)?.offset) + 1 - count;
      expect(markers).toBeLessThan(10);
      const { next, state } = await log.consumerState(PLACE);
      expect(next).toBe(BigInt(count));
      expect([...state].sort()).toEqual(
        range(0, 7).map((at) => [`s${String(at)}`, range(0, count).findLast((value) => value % 7 === at)]),
      );
    });
  });

  it("refuses what is too large for its topic alone, not what shares its transaction", async () => {
    const prefix = prefixOfTest();
    const configEntries = [{ name: "max.message.bytes", value: "20000" }];
    await createForeign({ topic: prefix + ONE, numPartitions: 1, configEntries });
    const log = await open(prefix);
    const sizes = [10, 10, 30_000, 10];
    const kinds = {
      transact: (value: string) =>
        log.transact(PLACE, (transaction) => {
          transaction.append(ONE, { key: "t", value });
          transaction.append(MANY, { key: "t", value });
        }),
      append: (value: string) => log.append(ONE, [{ key: "a", value }]),
    };
    for (const kind of Object.values(kinds)) {
      const outcomes = await Promise.allSettled(sizes.map((size) => kind("x".repeat(size))));
      expect(
        outcomes.map((outcome) => (outcome.status === "rejected" ? (outcome.reason as { code: string }).code : "kept")),
      ).toEqual(["kept", "kept", "LIMIT_EXCEEDED", "kept"]);
    }
    expect((await take(log, ONE, 6)).map(({ key }) => key).sort()).toEqual(["a", "a", "a", "t", "t", "t"]);
    expect(await take(log, MANY, 3)).toHaveLength(3);
    await log.append(ONE, [{ key: "last", value: 0 }]);
    expect((await take(log, ONE, 7)).map(({ key }) => key).at(-1)).toBe("last");
    await log.close();
  });
});

describe("cluster event log: reading", () => {
  it("announces what went while a slow reader was behind, and goes on after it", async () => {
    await withLog(
      async (log, prefix) => {
        await log.append(OTHER, [{ key: "a", value: 0 }]);
        const stop = new AbortController();
        const seen: unknown[] = [];
        for await (const event of log.read(OTHER, new Map(), stop.signal)) {
          seen.push(event.kind === "gap" ? [event.from, event.to] : event.value);
          if (seen.length === 1) {
            for (const value of range(1, 60)) await log.append(OTHER, [{ key: "a", value }]);
            await withAdmin(broker, async (admin) => {
              await admin.fetchTopicOffsets(prefix + OTHER);
              await admin.deleteTopicRecords({ topic: prefix + OTHER, partitions: [{ partition: 0, offset: "50" }] });
            });
          }
          if (event.kind === "event" && event.value === 59) stop.abort();
        }
        expect(seen).toEqual([0, [1n, 50n], ...range(50, 60)]);
      },
      { ringEvents: 4 },
    );
  });

  it("lets a slow reader fall out of memory and return without loss or repeat", async () => {
    await withLog(
      async (log) => {
        const stop = new AbortController();
        const events = [];
        let appended = 0;
        await log.append(MANY, [{ key: "p0", value: appended++ }]);
        for await (const event of log.read(MANY, new Map(), stop.signal)) {
          if (event.kind === "gap") throw new Error("gap");
          events.push(event);
          const burst = [1, 40, 0, 3, 100, 15, 16, 17][events.length % 8] ?? 0;
          if (appended < 1000) {
            const values = range(appended, appended + burst);
            appended += burst;
            await log.append(
              MANY,
              values.map((value) => ({ key: `p${String(value % 9)}`, value })),
            );
          }
          if (events.length === appended) stop.abort();
        }
        expect(events.map(({ value }) => Number(value)).sort((a, b) => a - b)).toEqual(range(0, appended));
        expectGrowingOffsets(events);
      },
      { ringEvents: 16 },
    );
  });

  it("ends readings and refuses appends once closed, after writing what was handed in", async () => {
    await withLog(async (log, prefix) => {
      const reading = take(log, ONE, 5);
      const appended = log.append(ONE, [{ key: "a", value: 1 }]);
      await log.close();
      await expect(appended).resolves.toHaveLength(1);
      expect((await reading).length).toBeLessThanOrEqual(1);
      await expect(log.append(ONE, [{ key: "a", value: 2 }])).rejects.toMatchObject({ code: "BACKEND_UNAVAILABLE" });
      await expect(log.positions(ONE)).rejects.toMatchObject({ code: "BACKEND_UNAVAILABLE" });
      const again = await open(prefix);
      expect((await until(again, ONE, new Map(), { partition: 0, offset: 0n })).events).toHaveLength(1);
      await again.close();
    });
  });

  it("costs next to nothing while nothing comes", async () => {
    await withLog(async (log) => {
      const stop = new AbortController();
      const readings = [ONE, OTHER, MANY].map(async (topic) => {
        for await (const event of log.read(topic, new Map(), stop.signal)) expect(event.kind).toBe("event");
      });
      await log.append(ONE, [{ key: "a", value: 1 }]);
      await systemClock.sleep(300);
      const before = process.cpuUsage();
      await systemClock.sleep(2_000);
      const { user, system } = process.cpuUsage(before);
      stop.abort();
      await Promise.all(readings);
      // With the timer that kafkajs re-arms every millisecond it is about 90 ms for each connection.
      expect((user + system) / 1000).toBeLessThan(80);
    });
  });
});
