import { readFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { Kafka, logLevel } from "kafkajs";
import { createClusterEventLog } from "../dist/backend/cluster/event-log.js";
import { partitionOf } from "../dist/backend/partition.js";
import { systemClock } from "../dist/clock.js";
import { silentLog } from "../dist/log.js";

/** Against the Kafka of a running stack: VITALOME_BENCH_STACK names its folder. */
const FOLDER = process.env.VITALOME_BENCH_STACK ?? "";
const TOPIC = "vitals.accepted.v1";
const ROUNDS = 5;
const ONE_BY_ONE = 100;
const AT_ONCE = 2_000;
const HISTORY = 20_000;

const at = (numbers, share) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length * share)];

export default async function kafkaBench() {
  if (FOLDER === "") {
    console.log("\n## Kafka\n\nnot measured: VITALOME_BENCH_STACK names no running stack");
    return;
  }
  const broker = JSON.parse(readFileSync(join(FOLDER, "stack.json"), "utf8")).kafka;
  const prefix = `bench${process.pid}.`;
  const log = await createClusterEventLog({ brokers: [broker], prefix, clock: systemClock, log: silentLog });
  const retry = { retries: 20, initialRetryTime: 50, maxRetryTime: 500 };
  const kafka = new Kafka({ brokers: [broker], connectionTimeout: 10_000, logLevel: logLevel.NOTHING, retry });
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();

  const place = { consumer: "bench", topic: "vitals.observed.v1", partition: 0 };
  const value = { schema: 1, patient: "patient-17", code: "8867-4", value: 72.5, unit: "/min", note: "x".repeat(160) };
  let next = 0n;
  const event = (number) => ({ key: `patient-${number % 50}`, value: { ...value, id: number } });
  const stateOf = (number) => ({ last: { ...value, id: number } });
  const ways = {
    // What a transaction writes, event, entry of the state and position, as three plain messages.
    "kafkajs, idempotent send of the same bytes": (number) => {
      const { key, value: written } = event(number);
      const messages = [{ key, value: JSON.stringify(written), partition: partitionOf(key, 4) }];
      const state = [
        { key: "bench/vitals.observed.v1/1/last", value: JSON.stringify(stateOf(number).last), partition: 0 },
        { key: "bench/vitals.observed.v1/1", value: JSON.stringify({ schema: 1, next: number }), partition: 0 },
      ];
      return producer.sendBatch({
        topicMessages: [
          { topic: prefix + TOPIC, messages },
          { topic: `${prefix}worker.state.v1`, messages: state },
        ],
      });
    },
    append: (number) => log.append(TOPIC, [event(number)]),
    transact: (number) =>
      log.transact(place, (transaction) => {
        transaction.append(TOPIC, event(number));
        transaction.setState("last", stateOf(number).last);
        transaction.advance((next += 1n));
      }),
  };

  const single = new Map(Object.keys(ways).map((name) => [name, []]));
  const many = new Map(Object.keys(ways).map((name) => [name, []]));
  for (const run of Object.values(ways)) await run(0);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, run] of Object.entries(ways)) {
      for (let number = 0; number < ONE_BY_ONE; number += 1) {
        const began = performance.now();
        await run(number);
        single.get(name).push(performance.now() - began);
      }
      const began = performance.now();
      await Promise.all(Array.from({ length: AT_ONCE }, (_, number) => run(number)));
      many.get(name).push((AT_ONCE * 1000) / (performance.now() - began));
    }
  }
  console.log(`\n## Kafka: one event, one entry of the state and the position\n`);
  console.log(`load ${loadavg()[0].toFixed(1)}, ${cpus().length} cores, ${ROUNDS} rounds interleaved, one broker\n`);
  console.log(`| way | p50 ms | p99 ms | a second, ${AT_ONCE} at once |\n| --- | --: | --: | --: |`);
  for (const [name, times] of single)
    console.log(
      `| ${name} | ${at(times, 0.5).toFixed(2)} | ${at(times, 0.99).toFixed(1)} | ${at(many.get(name), 0.5).toFixed(0)} |`,
    );

  await log.append(
    TOPIC,
    Array.from({ length: HISTORY }, (_, number) => event(number)),
  );
  const [first] = await log.positions(TOPIC);
  const waits = [];
  let perSecond = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const stop = new AbortController();
    const began = performance.now();
    let seen = 0;
    for await (const _ of log.read(TOPIC, new Map([[0, first.start]]), stop.signal)) {
      if (seen === 0) waits.push(performance.now() - began);
      seen += 1;
      if (seen === HISTORY) stop.abort();
    }
    perSecond = Math.max(perSecond, (HISTORY * 1000) / (performance.now() - began));
  }
  console.log(`\n| reading from the start | |\n| --- | --: |`);
  console.log(`| first event, ms, first time and median | ${waits[0].toFixed(1)}, ${at(waits, 0.5).toFixed(1)} |`);
  console.log(`| events a second | ${perSecond.toFixed(0)} |`);

  await producer.disconnect();
  await log.close();
  const admin = kafka.admin();
  await admin.connect();
  await admin.deleteTopics({ topics: (await admin.listTopics()).filter((name) => name.startsWith(prefix)) });
  await admin.disconnect();
}
