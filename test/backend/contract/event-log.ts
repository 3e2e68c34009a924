import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { EventLog, LogGap, LoggedEvent } from "../../../src/backend/index.js";
import { partitionOf } from "../../../src/backend/partition.js";

export interface EventLogUnderTest {
  readonly log: EventLog;
  /** Closes the log and opens it again over the same data. */
  reopen(): Promise<EventLog>;
  dispose(): Promise<void>;
}

const MANY = "vitals.accepted.v1";
const ONE = "job.changed.v1";
const PLACE = { consumer: "evaluate", topic: "vitals.observed.v1", partition: 2 } as const;

/** The guarantees of `EventLog`, for every back end. `create` gives a log whose topics are empty. */
export function defineEventLogContract(name: string, create: () => Promise<EventLogUnderTest>): void {
  describe(`${name}: EventLog`, () => {
    let underTest: EventLogUnderTest;
    let log: EventLog;

    beforeEach(async () => {
      underTest = await create();
      log = underTest.log;
    });
    afterEach(() => underTest.dispose());

    it("answers positions in the order of the events given", async () => {
      const keys = Array.from({ length: 40 }, (_, index) => `patient-${String(index)}`);
      const positions = await log.append(
        MANY,
        keys.map((key) => ({ key, value: { key } })),
      );
      expect(positions.map(({ partition }) => partition)).toEqual(keys.map((key) => partitionOf(key, 4)));
      const read = await take(log, MANY, keys.length);
      positions.forEach((position, index) => {
        expect(find(read, position).value).toEqual({ key: keys[index] });
      });
    });

    it("is durable on return", async () => {
      const positions = await log.append(ONE, [
        { key: "a", value: 1 },
        { key: "b", value: { x: [null, "é\u2028𝄞"] } },
      ]);
      log = await underTest.reopen();
      const read = await take(log, ONE, 2);
      expect(read.map(({ key, value }) => [key, value])).toEqual([
        ["a", 1],
        ["b", { x: [null, "é\u2028𝄞"] }],
      ]);
      expect(read.map(({ offset }) => offset)).toEqual(positions.map(({ offset }) => offset));
      const second = new Map([[0, positions[1]?.offset ?? 0n]]);
      expect((await take(log, ONE, 1, second)).map(({ key }) => key)).toEqual(["b"]);
    });

    it("keeps the order within a key when many append at once", async () => {
      const keys = ["p1", "p2", "p3", "p4", "p5"];
      await Promise.all(
        Array.from({ length: 200 }, (_, index) => log.append(MANY, [{ key: keys[index % 5] ?? "", value: index }])),
      );
      const read = await take(log, MANY, 200);
      for (const key of keys) {
        const values = read.filter((event) => event.key === key).map(({ value }) => Number(value));
        expect(values).toHaveLength(40);
        expect(values).toEqual([...values].sort((left, right) => left - right));
      }
    });

    it("keeps keys in the partition of Kafka's default partitioner, after reopening too", async () => {
      await log.append(MANY, [{ key: "patient-7", value: 1 }]);
      log = await underTest.reopen();
      await log.append(MANY, [{ key: "patient-7", value: 2 }]);
      const read = await take(log, MANY, 2);
      expect(new Set(read.map(({ partition }) => partition))).toEqual(new Set([partitionOf("patient-7", 4)]));
      expect(read.map(({ value }) => value)).toEqual([1, 2]);
      expect((read[1]?.offset ?? 0n) > (read[0]?.offset ?? 0n)).toBe(true);
    });

    it("reads history, then live, without loss or repeat where they meet", async () => {
      const total = 3000;
      let appended = 0;
      const append = async (): Promise<void> => {
        while (appended < total) {
          const from = appended;
          appended += 1 + (from % 7);
          await log.append(
            MANY,
            range(from, Math.min(appended, total)).map((value) => ({ key: `p${String(value % 11)}`, value })),
          );
        }
      };
      const appending = append();
      const readers = range(0, 6).map(async (delay) => {
        while (appended < delay * 400) await new Promise((resolve) => setImmediate(resolve));
        return take(log, MANY, total);
      });
      await appending;
      for (const read of await Promise.all(readers)) {
        expect(read.map(({ value }) => Number(value)).sort((left, right) => left - right)).toEqual(range(0, total));
        expectGrowingOffsets(read);
      }
    });

    it("reads from the positions given, and from the start of a partition left out", async () => {
      const keys = range(0, 60).map((index) => `p${String(index)}`);
      const positions = await log.append(
        MANY,
        keys.map((key) => ({ key, value: key })),
      );
      const inTwo = positions.filter(({ partition }) => partition === 2);
      const cut = inTwo[3]?.offset ?? 0n;
      for (const reopen of [false, true]) {
        if (reopen) log = await underTest.reopen();
        const read = await take(log, MANY, positions.length - 3, new Map([[2, cut]]));
        expect(read.filter(({ partition }) => partition === 2)[0]?.offset).toBe(cut);
        expect(read.filter(({ partition }) => partition !== 2)).toHaveLength(positions.length - inTwo.length);
      }
    });

    it("resumes after the last event seen and delivers each event once", async () => {
      await log.append(
        MANY,
        range(0, 500).map((value) => ({ key: `p${String(value)}`, value })),
      );
      const seen: LoggedEvent[] = [];
      const next = new Map<number, bigint>();
      while (seen.length < 500) {
        for (const event of await take(log, MANY, Math.min(37, 500 - seen.length), next)) {
          seen.push(event);
          next.set(event.partition, event.offset + 1n);
        }
      }
      expect(seen.map(({ value }) => Number(value)).sort((left, right) => left - right)).toEqual(range(0, 500));
    });

    it("ends a reading that waits when its signal is aborted", async () => {
      const stop = new AbortController();
      const iterator = log.read(ONE, new Map(), stop.signal)[Symbol.asyncIterator]();
      const waiting = iterator.next();
      await log.append(MANY, [{ key: "another topic", value: 0 }]);
      stop.abort();
      expect((await waiting).done).toBe(true);
    });

    it("states the offset the next event gets, and the first still there", async () => {
      expect((await log.positions(MANY)).map(({ partition }) => partition)).toEqual([0, 1, 2, 3]);
      const [position] = await log.append(ONE, [{ key: "k", value: 1 }]);
      const [before] = await log.positions(ONE);
      expect(before?.start).toBe(position?.offset);
      const [next] = await log.append(ONE, [{ key: "k", value: 2 }]);
      expect((next?.offset ?? 0n) >= (before?.end ?? 0n)).toBe(true);
    });

    it("makes events of any topic, the read position and the state visible together", async () => {
      const positions = await log.transact(PLACE, (transaction) => {
        transaction.append(ONE, { key: "j", value: "first" });
        transaction.append(MANY, { key: "p", value: "second" });
        transaction.setState("last", { reading: 72 });
        transaction.advance(41n);
      });
      expect(positions.map(({ partition }) => partition)).toEqual([0, partitionOf("p", 4)]);
      const check = async (): Promise<void> => {
        const state = await log.consumerState(PLACE);
        expect(state.next).toBe(41n);
        expect([...state.state]).toEqual([["last", { reading: 72 }]]);
        expect((await take(log, ONE, 1))[0]?.value).toBe("first");
        expect((await take(log, MANY, 1))[0]?.value).toBe("second");
      };
      await check();
      log = await underTest.reopen();
      await check();
    });

    it("makes nothing visible when the work throws", async () => {
      await expect(
        log.transact(PLACE, (transaction) => {
          transaction.append(ONE, { key: "j", value: "lost" });
          transaction.advance(9n);
          throw new RangeError("no");
        }),
      ).rejects.toThrow(RangeError);
      await log.append(ONE, [{ key: "j", value: "kept" }]);
      expect((await take(log, ONE, 1)).map(({ value }) => value)).toEqual(["kept"]);
      expect((await log.consumerState(PLACE)).next).toBe(0n);
    });

    it("starts a new consumer at 0 with no state", async () => {
      const { next, state } = await log.consumerState(PLACE);
      expect(next).toBe(0n);
      expect(state.size).toBe(0);
    });

    it("keeps the places of consumers and partitions apart", async () => {
      await log.transact(PLACE, (transaction) => {
        transaction.advance(5n);
        transaction.setState("k", "here");
      });
      for (const other of [
        { ...PLACE, partition: 1 },
        { ...PLACE, partition: 3 },
        { ...PLACE, consumer: "evaluate2" },
        { ...PLACE, topic: "labs.observed.v1" },
      ]) {
        expect(await log.consumerState(other)).toEqual({ next: 0n, state: new Map() });
      }
    });

    it("replaces one entry of the state and removes it with null", async () => {
      await log.transact(PLACE, (transaction) => {
        transaction.advance(3n);
        transaction.setState("a", 1);
        transaction.setState("b", 2);
      });
      await log.transact(PLACE, (transaction) => {
        transaction.setState("a", null);
        transaction.setState("b", [3]);
      });
      log = await underTest.reopen();
      expect(await log.consumerState(PLACE)).toEqual({ next: 3n, state: new Map([["b", [3]]]) });
    });

    it("gives every reader a value of its own", async () => {
      await log.append(ONE, [{ key: "j", value: { list: [1] } }]);
      const [first] = await take(log, ONE, 1);
      (first?.value as { list: number[] }).list.push(2);
      expect((await take(log, ONE, 1))[0]?.value).toEqual({ list: [1] });
    });

    it("refuses a topic that is not listed", async () => {
      const stop = new AbortController();
      await expect(log.append("no.such.v1", [{ key: "k", value: 1 }])).rejects.toMatchObject({
        code: "BAD_USER_INPUT",
      });
      await expect(log.positions("no.such.v1")).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
      await expect(log.read("no.such.v1", new Map(), stop.signal)[Symbol.asyncIterator]().next()).rejects.toMatchObject(
        {
          code: "BAD_USER_INPUT",
        },
      );
    });
  });
}

/** The first `count` events, from the beginning unless told. */
export async function take(
  log: EventLog,
  topic: string,
  count: number,
  from: ReadonlyMap<number, bigint> = new Map(),
): Promise<readonly LoggedEvent[]> {
  const stop = new AbortController();
  const events: LoggedEvent[] = [];
  for await (const event of log.read(topic, from, stop.signal)) {
    events.push(expectEvent(event));
    if (events.length === count) stop.abort();
  }
  return events;
}

export function expectGrowingOffsets(events: readonly LoggedEvent[]): void {
  const last = new Map<number, bigint>();
  for (const { partition, offset } of events) {
    expect(offset > (last.get(partition) ?? -1n)).toBe(true);
    last.set(partition, offset);
  }
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}

function expectEvent(event: LoggedEvent | LogGap): LoggedEvent {
  if (event.kind === "gap") throw new Error(`gap in ${event.topic} from ${String(event.from)} to ${String(event.to)}`);
  return event;
}

function find(events: readonly LoggedEvent[], position: { partition: number; offset: bigint }): LoggedEvent {
  const found = events.find(({ partition, offset }) => partition === position.partition && offset === position.offset);
  if (found === undefined) throw new Error("no event at that position");
  return found;
}
