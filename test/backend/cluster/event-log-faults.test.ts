import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createClusterEventLog, type ClusterEventLogOptions } from "../../../src/backend/cluster/event-log.js";
import type { EventLog, LoggedEvent } from "../../../src/backend/index.js";
import { systemClock } from "../../../src/clock.js";
import { silentLog } from "../../../src/log.js";
import { readStatus } from "../../../src/stack/index.js";
import { ensureBuilt } from "../../helpers/built.js";
import {
  killPart,
  ownStack,
  startOnePart,
  RESTART_TIMEOUT_MS,
  STACK_TIMEOUT_MS,
  type OwnStack,
} from "../../helpers/stack.js";
import { expectGrowingOffsets, range, take } from "../contract/event-log.js";
import { newPrefix } from "./kafka-for-tests.js";

const ONE = "job.changed.v1";
const MANY = "vitals.accepted.v1";
const PLACE = { consumer: "evaluate", topic: "vitals.observed.v1", partition: 2 } as const;
const AWAY = { code: "BACKEND_UNAVAILABLE", message: "Kafka is out of reach" };

let own: OwnStack;
let broker = "";

beforeAll(async () => {
  own = await ownStack(["kafka"]);
  broker = own.stack.kafka;
}, STACK_TIMEOUT_MS);
afterAll(() => own.stop(), RESTART_TIMEOUT_MS);

function open(prefix: string, more: Partial<ClusterEventLogOptions> = {}): Promise<EventLog> {
  return createClusterEventLog({ brokers: [broker], prefix, clock: systemClock, log: silentLog, ...more });
}

/** What a topic holds up to its end. */
async function all(log: EventLog, topic: string): Promise<readonly unknown[]> {
  const ends = (await log.positions(topic)).map(({ end }) => end);
  const next = ends.map(() => 0n);
  const stop = new AbortController();
  const values: unknown[] = [];
  if (ends.every((end) => end === 0n)) return values;
  for await (const event of log.read(topic, new Map(), stop.signal)) {
    if (event.kind === "gap") throw new Error("gap");
    values.push(event.value);
    next[event.partition] = event.offset + 1n;
    if (next.every((offset, partition) => offset >= (ends[partition] ?? 0n))) stop.abort();
  }
  return values;
}

describe("cluster event log: a worker that is killed", () => {
  it(
    "loses nothing and doubles nothing, on several partitions, however often",
    async () => {
      const dist = await ensureBuilt();
      const prefix = newPrefix();
      const inputs = 400;
      const kills = 8;
      const start = (): ChildProcess =>
        fork(join(import.meta.dirname, "place-writer.mjs"), [dist, broker, prefix, String(inputs)], { execArgv: [] });
      const log = await open(prefix);
      for (const kill of range(0, kills)) {
        const child = start();
        const taken = new Set<number>();
        await new Promise<void>((resolve, reject) => {
          child.on("message", (said: { taken?: number }) => {
            if (said.taken !== undefined && taken.add(said.taken).size === 4) resolve();
          });
          child.once("exit", (code) => {
            reject(new Error(`it ended by itself with ${String(code)}`));
          });
        });
        child.removeAllListeners("exit");
        await systemClock.sleep(20 + 25 * kill);
        const gone = once(child, "exit");
        child.kill("SIGKILL");
        await gone;
      }
      const last = start();
      const [code] = (await once(last, "exit")) as [number | null];
      expect(code).toBe(0);
      const ids = [0, 1, 2, 3].flatMap((partition) =>
        range(0, inputs).map((offset) => `${String(partition)}:${String(offset)}`),
      );
      expect([...(await all(log, MANY))].sort()).toEqual([...ids].sort());
      const alerts = ids.filter((id) => Number(id.split(":")[1]) % 5 === 0);
      expect([...(await all(log, "alert.transitioned.v1"))].sort()).toEqual([...alerts].sort());
      for (const partition of range(0, 4)) {
        const state = new Map([["done", inputs]]);
        expect(await log.consumerState({ ...PLACE, partition })).toEqual({ next: BigInt(inputs), state });
      }
      await log.close();
    },
    RESTART_TIMEOUT_MS,
  );
});

describe("cluster event log: a broker that is away", () => {
  it(
    "goes on after a kill under load, without loss or repeat for anybody",
    async () => {
      const prefix = newPrefix();
      const log = await open(prefix, { patienceMs: 120_000 });
      const total = 600;
      const reading = take(log, MANY, total);
      const transacting = (async () => {
        for (const value of range(0, total)) {
          await log.transact(PLACE, (transaction) => {
            transaction.append(MANY, { key: `p${String(value % 7)}`, value });
            transaction.advance(BigInt(value + 1));
          });
        }
      })();
      let appended = 0;
      const stop = new AbortController();
      const appending = (async () => {
        for (; !stop.signal.aborted; appended += 1) await log.append(ONE, [{ key: "a", value: appended }]);
      })();
      await systemClock.sleep(500);
      await killPart(own, "kafka");
      await systemClock.sleep(300);
      await startOnePart(own, "kafka");
      await transacting;
      stop.abort();
      await appending;
      const read = await reading;
      expect(read.map(({ value }) => Number(value)).sort((a, b) => a - b)).toEqual(range(0, total));
      expectGrowingOffsets(read);
      expect(await all(log, ONE)).toEqual(range(0, appended));
      expect((await log.consumerState(PLACE)).next).toBe(BigInt(total));
      await log.close();
    },
    RESTART_TIMEOUT_MS,
  );

  it(
    "refuses writes and questions in time, lets readers wait, and goes on when it is back",
    async () => {
      const prefix = newPrefix();
      await warmUp(prefix);
      const log = await open(prefix, { patienceMs: 5_000 });
      const transact = (value: number): Promise<unknown> =>
        log.transact(PLACE, (transaction) => {
          transaction.append(ONE, { key: "t", value });
          transaction.advance(BigInt(value + 1));
        });
      await transact(0);
      const stop = new AbortController();
      const reading = log.read(ONE, new Map(), stop.signal)[Symbol.asyncIterator]();
      const next = async (): Promise<unknown> => {
        const { value } = (await reading.next()) as { value: LoggedEvent };
        return value.value;
      };
      expect(await next()).toBe(0);
      const waiting = next();
      await killPart(own, "kafka");
      const began = Date.now();
      const refused = await Promise.allSettled([
        log.append(ONE, [{ key: "a", value: "refused" }]),
        transact(1),
        log.positions(ONE),
        log.consumerState(PLACE),
        open(newPrefix(), { patienceMs: 1_000 }),
      ]);
      for (const outcome of refused) expect(outcome).toMatchObject({ status: "rejected", reason: AWAY });
      expect(Date.now() - began).toBeLessThan(30_000);
      await startOnePart(own, "kafka");
      await warmUp(prefix);
      await transact(2);
      await log.append(ONE, [{ key: "a", value: "kept" }]);
      expect([await waiting, await next()]).toEqual([2, "kept"]);
      stop.abort();
      await log.close();
    },
    RESTART_TIMEOUT_MS,
  );

  it(
    "answers in bounded time while the broker stands still, and closes",
    async () => {
      const prefix = newPrefix();
      await warmUp(prefix);
      const log = await open(prefix, { patienceMs: 2_000 });
      await log.append(ONE, [{ key: "a", value: 1 }]);
      const reading = take(log, ONE, 2);
      await systemClock.sleep(500);
      const pid = await pidOfKafka();
      process.kill(pid, "SIGSTOP");
      const began = Date.now();
      try {
        const outcomes = await Promise.allSettled([log.positions(ONE), log.append(ONE, [{ key: "a", value: 2 }])]);
        for (const outcome of outcomes) expect(outcome).toMatchObject({ status: "rejected", reason: AWAY });
        await log.close();
        expect((await reading).length).toBeLessThanOrEqual(1);
        expect(Date.now() - began).toBeLessThan(60_000);
      } finally {
        process.kill(pid, "SIGCONT");
      }
    },
    RESTART_TIMEOUT_MS,
  );
});

/** Makes the topics, and returns when reads, writes and transactions are answered. */
async function warmUp(prefix: string): Promise<void> {
  const log = await open(prefix, { patienceMs: 120_000 });
  await log.transact({ ...PLACE, consumer: "warm-up" }, (transaction) => {
    transaction.advance(0n);
  });
  await log.append("labs.observed.v1", [{ key: "a", value: 0 }]);
  await log.close();
}

async function pidOfKafka(): Promise<number> {
  const pid = (await readStatus(own.folder)).find(({ part }) => part === "kafka")?.pid;
  if (typeof pid !== "number") throw new Error("the broker has no process");
  return pid;
}
