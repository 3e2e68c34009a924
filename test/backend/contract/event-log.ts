import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { EventLog, LogGap, LoggedEvent, Position } from "../../../src/backend/index.js";
import { partitionOf } from "../../../src/backend/partition.js";

export interface EventLogUnderTest {
  readonly log: EventLog;
  /** Closes the log and opens it again over the same data. */
  reopen(): Promise<EventLog>;
  /**
   * Lets all that was appended grow older than the log keeps it, appends a few events to `labs.observed.v1`, and
   * resolves, with the log opened again, once what can go is gone.
   */
  expire(): Promise<EventLog>;
  dispose(): Promise<void>;
}

const MANY = "vitals.accepted.v1";
const ONE = "job.changed.v1";
const OLD = "vitals.windowed.v1";
const SUPERSEDED = "job.changed.v1";
const KEPT = "registry.changed.v1";
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

    it("states its start and announces what is gone to who asks for it, and to nobody else", async () => {
      const positions = await log.append(
        OLD,
        range(0, 40).map((value) => ({ key: `p${String(value)}`, value })),
      );
      const before = await log.positions(OLD);
      log = await underTest.expire();
      const starts = await log.positions(OLD);
      starts.forEach(({ partition, start, end }) => {
        expect(end).toBe(before[partition]?.end);
        expect(start > (before[partition]?.start ?? 0n)).toBe(true);
        expect(start <= end).toBe(true);
      });
      const added = await log.append(OLD, [{ key: "p0", value: "new" }]);
      const last = added[0] ?? { partition: -1, offset: -1n };
      const from = new Map([[last.partition, 1n]]);
      const { gaps, events } = await until(log, OLD, from, last);
      const start = starts[last.partition]?.start;
      expect(gaps).toEqual([{ kind: "gap", topic: OLD, partition: last.partition, from: 1n, to: start }]);
      for (const { partition, offset } of events) expect(offset >= (starts[partition]?.start ?? 0n)).toBe(true);
      expect(find(events, last).value).toBe("new");
      // What is still there was there before, in its place.
      for (const event of events.filter(({ value }) => value !== "new"))
        expect(positions[Number(event.value)]).toEqual({ partition: event.partition, offset: event.offset });
      expect((await until(log, OLD, new Map(), last)).gaps).toEqual([]);
    });

    it("keeps the last event of every key where events are superseded, and announces no gap there", async () => {
      const values = range(0, 50);
      for (const value of values) await log.append(SUPERSEDED, [{ key: `k${String(value % 7)}`, value }]);
      const before = await take(log, SUPERSEDED, 50);
      for (let round = 0; round < 2; round += 1) log = await underTest.expire();
      const [last] = await log.append(SUPERSEDED, [{ key: "k0", value: "new" }]);
      if (last === undefined) throw new Error("no position");
      for (const from of [new Map<number, bigint>(), new Map([[0, 3n]])]) {
        const { gaps, events } = await until(log, SUPERSEDED, from, last);
        expect(gaps).toEqual([]);
        expectGrowingOffsets(events);
        for (const event of events.slice(0, -1)) expect(before).toContainEqual(event);
        const folded = new Map(events.map(({ key, value }) => [key, value]));
        expect([...folded].sort()).toEqual([
          ["k0", "new"],
          ...range(1, 7).map((key) => [`k${String(key)}`, values.findLast((value) => value % 7 === key)]),
        ]);
      }
      expect((await log.positions(SUPERSEDED))[0]?.end).toBe(last.offset + 1n);
    });

    it("keeps every event of a topic that says who changed what", async () => {
      for (const value of range(0, 30)) await log.append(KEPT, [{ key: `k${String(value % 3)}`, value }]);
      const before = await take(log, KEPT, 30);
      for (let round = 0; round < 2; round += 1) log = await underTest.expire();
      await log.append(KEPT, [{ key: "k0", value: "new" }]);
      const after = await take(log, KEPT, 31);
      expect(after.slice(0, 30)).toEqual(before);
      expect((await log.positions(KEPT))[0]?.start).toBe(0n);
    });

    it("keeps the places and the state of consumers when the events that set them are gone", async () => {
      await log.append(
        PLACE.topic,
        range(0, 20).map((value) => ({ key: `p${String(value)}`, value })),
      );
      const end = (await log.positions(PLACE.topic))[2]?.end ?? 0n;
      expect(end > 0n).toBe(true);
      await log.transact(PLACE, (transaction) => {
        transaction.setState("a", 1);
        transaction.setState("b", { deep: [2] });
        transaction.advance(1n);
      });
      await log.transact(PLACE, (transaction) => {
        transaction.setState("a", null);
        transaction.advance(end);
      });
      for (let round = 0; round < 2; round += 1) log = await underTest.expire();
      const state = new Map([["b", { deep: [2] }]]);
      expect(await log.consumerState(PLACE)).toEqual({ next: end, state });
      log = await underTest.reopen();
      expect(await log.consumerState(PLACE)).toEqual({ next: end, state });
    });

    it("keeps what a consumer has not passed, however old", async () => {
      const sent = await log.append(
        PLACE.topic,
        range(0, 40).map((value) => ({ key: `p${String(value)}`, value })),
      );
      const mine = sent.filter(({ partition }) => partition === PLACE.partition);
      const next = mine[1]?.offset ?? -1n;
      await log.transact(PLACE, (transaction) => {
        transaction.advance(next);
      });
      log = await underTest.expire();
      const last = mine.at(-1) ?? { partition: -1, offset: -1n };
      const from = new Map((await log.positions(PLACE.topic)).map(({ partition, end }) => [partition, end]));
      const { gaps, events } = await until(log, PLACE.topic, from.set(PLACE.partition, next), last);
      expect(gaps).toEqual([]);
      expect(events.map(({ offset }) => offset)).toEqual(mine.slice(1).map(({ offset }) => offset));
    });

    it("keeps what no other place holds until a consumer has passed it", async () => {
      await log.append("audit.recorded.v1", [
        { key: "w", value: "first" },
        { key: "w", value: "second" },
      ]);
      log = await underTest.expire();
      expect((await take(log, "audit.recorded.v1", 2)).map(({ value }) => value)).toEqual(["first", "second"]);
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

/** Gaps and events up to the position given, which must be there. */
export async function until(
  log: EventLog,
  topic: string,
  from: ReadonlyMap<number, bigint>,
  last: Position,
): Promise<{ readonly gaps: readonly LogGap[]; readonly events: readonly LoggedEvent[] }> {
  const stop = new AbortController();
  const gaps: LogGap[] = [];
  const events: LoggedEvent[] = [];
  for await (const event of log.read(topic, from, stop.signal)) {
    if (event.kind === "gap") gaps.push(event);
    else events.push(event);
    if (event.kind === "event" && event.partition === last.partition && event.offset === last.offset) break;
  }
  return { gaps, events };
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
