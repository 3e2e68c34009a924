import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { EventLog, LogGap, Position } from "../../src/backend/index.js";
import { startFold, type FoldOptions, type TopicFold } from "../../src/views/fold.js";
import { openLiveLog, type LiveLog } from "../helpers/live-log.js";

const TOPIC = "vitals.accepted.v1";

let log: LiveLog;
let stop: AbortController;
let taken: unknown[];
let faults: unknown[];
beforeEach(async () => {
  log = await openLiveLog();
  stop = new AbortController();
  taken = [];
  faults = [];
});
afterEach(async () => {
  stop.abort(new Error("the test is over"));
  await log.close();
});

function start(overrides: Partial<FoldOptions> = {}): TopicFold {
  return startFold({
    eventLog: log.eventLog,
    topic: TOPIC,
    clock: log.clock,
    signal: stop.signal,
    apply: ({ value }) => {
      if (value === "bad") throw new Error("unreadable");
      taken.push(value);
    },
    onFailure: (thrown) => faults.push(thrown),
    ...overrides,
  });
}

const append = async (...values: readonly unknown[]): Promise<bigint> => {
  const positions = await log.eventLog.append(
    TOPIC,
    values.map((value) => ({ key: "p1", value })),
  );
  return positions.at(-1)?.offset ?? 0n;
};
describe("a fold of a topic", () => {
  it("is caught up once it holds what the log held when it began, and goes on", async () => {
    const last = await append(1, 2, 3);
    const [{ partition }] = (await log.eventLog.append(TOPIC, [{ key: "p1", value: 4 }])) as [Position];
    const fold = start();
    expect(fold.isCaughtUp).toBe(false);
    await fold.ready();
    expect(taken).toEqual([1, 2, 3, 4]);
    expect(fold.holds({ partition, offset: last })).toBe(true);
    const next = await append(5);
    await fold.until({ partition, offset: next });
    expect(taken).toEqual([1, 2, 3, 4, 5]);
    expect(fold.holds({ partition, offset: next + 1n })).toBe(false);
  });

  it("begins behind a horizon", async () => {
    const last = await append(1, 2, 3);
    const [{ partition }] = (await log.eventLog.append(TOPIC, [{ key: "p1", value: 4 }])) as [Position];
    const fold = start({ from: new Map([[partition, last]]) });
    await fold.ready();
    expect(taken).toEqual([3, 4]);
  });

  it("says within ten seconds that it could not wait for longer", async () => {
    const fold = start();
    await fold.ready();
    const waiting = fold.until({ partition: 0, offset: 7n });
    log.clock.ahead(10_001);
    await expect(waiting).rejects.toMatchObject({ code: "BACKEND_UNAVAILABLE", canRetry: true });
  });

  it("passes over what it cannot read, and says so for as long as it lives", async () => {
    const fold = start();
    await append(1, "bad", 2);
    await fold.untilNow();
    expect(taken).toEqual([1, 2]);
    expect(faults.length).toBe(1);
    expect(await fold.health()).toEqual({ ok: false, detail: "0 events behind, 1 unreadable" });
  });

  it("goes on behind what the log no longer holds, and tells it", async () => {
    const gaps: LogGap[] = [];
    const gone: EventLog = {
      ...log.eventLog,
      positions: async (topic) =>
        (await log.eventLog.positions(topic)).map((range) => (range.partition === 0 ? { ...range, end: 40n } : range)),
      async *read(topic, from, signal) {
        if ((from.get(0) ?? 0n) === 0n) yield { kind: "gap", topic, partition: 0, from: 0n, to: 40n };
        yield* log.eventLog.read(topic, new Map(), signal);
      },
    };
    const fold = start({ eventLog: gone, onGap: (gap) => void gaps.push(gap) });
    await fold.ready();
    expect(gaps).toMatchObject([{ partition: 0, to: 40n }]);
    expect(fold.holds({ partition: 0, offset: 39n })).toBe(true);
  });

  it("reads again where it was when the reading breaks, and says meanwhile that it is not well", async () => {
    let breaks = 2;
    const breaking: EventLog = {
      ...log.eventLog,
      async *read(topic, from, signal) {
        for await (const event of log.eventLog.read(topic, from, signal)) {
          yield event;
          if (breaks > 0) {
            breaks -= 1;
            throw new Error("broken");
          }
        }
      },
    };
    await append(1, 2, 3);
    const fold = start({ eventLog: breaking });
    log.clock.ahead(2_000);
    await fold.ready();
    await append(4);
    await fold.untilNow();
    expect(taken).toEqual([1, 2, 3, 4]);
    expect(faults.length).toBe(2);
    expect(await fold.health()).toEqual({ ok: true, detail: "0 events behind" });
  });

  it("says that the log is out of reach", async () => {
    let isAway = false;
    const positions: EventLog["positions"] = (topic) =>
      isAway ? Promise.reject(new Error("away")) : log.eventLog.positions(topic);
    const fold = start({ eventLog: { ...log.eventLog, positions } });
    await fold.ready();
    isAway = true;
    expect(await fold.health()).toEqual({ ok: false, detail: "the event log is out of reach" });
  });
});
