import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { EventLog, LoggedEvent } from "../../../src/backend/index.js";
import { systemClock } from "../../../src/clock.js";
import { VitalomeError } from "../../../src/errors.js";
import { silentLog } from "../../../src/log.js";
import { openConsumer } from "../../../src/worker/live/consumer.js";
import type { LoopBody, PartitionLoop } from "../../../src/worker/live/partition-loop.js";
import { openLiveLog, type LiveLog } from "../../helpers/live-log.js";

const IN = "vitals.observed.v1";
const BESIDE = "labs.observed.v1";
const EVERYWHERE = "registry.changed.v1";
const OUT = "vitals.accepted.v1";

/** Writes what it read, numbered per partition; every batch is one transaction. */
function copying({ state }: PartitionLoop, seen: LoggedEvent[] = []): LoopBody {
  return {
    step(events, now, writes) {
      for (const event of events) {
        const number = ((state.get("number") as number | null) ?? 0) + 1;
        state.set("number", number);
        seen.push(event);
        writes.append(OUT, { key: event.key, value: { number, of: event.value } });
      }
      if (now !== null) state.set("rang", now);
      return Promise.resolve();
    },
    nextDue: () => null,
  };
}

describe("the loops of a consumer", () => {
  let log: LiveLog;
  let stop: AbortController;
  let running: Promise<void>[] = [];

  beforeEach(async () => {
    log = await openLiveLog();
    stop = new AbortController();
    running = [];
  });
  afterEach(async () => {
    stop.abort(new Error("the test is over"));
    await Promise.allSettled(running);
    await log.close();
  });

  async function start(
    bodyOf: (loop: PartitionLoop) => LoopBody = (loop) => copying(loop),
    eventLog: EventLog = log.eventLog,
  ): Promise<void> {
    const run = await openConsumer({
      ...{ eventLog, clock: log.clock, log: silentLog, signal: stop.signal, isInputTime: false },
      consumer: "copier",
      topics: [IN, BESIDE],
      everywhere: EVERYWHERE,
      bodyOf,
    });
    running.push(run.run());
  }

  async function kill(): Promise<void> {
    stop.abort(new Error("killed"));
    await Promise.allSettled(running);
    stop = new AbortController();
  }

  const written = async (): Promise<number> =>
    (await log.eventLog.positions(OUT)).reduce((sum, { end }) => sum + Number(end), 0);

  async function copies(count: number): Promise<{ number: number; of: unknown }[]> {
    const enough = new AbortController();
    const found: { number: number; of: unknown }[] = [];
    for await (const event of log.eventLog.read(OUT, new Map(), enough.signal)) {
      if (event.kind === "event") found.push(event.value as { number: number; of: unknown });
      if (found.length === count) break;
    }
    enough.abort();
    return found;
  }

  const put = (topic: string, ...values: readonly unknown[]): Promise<unknown> =>
    log.eventLog.append(
      topic,
      values.map((value) => ({ key: "one", value })),
    );

  it("read every topic once, whichever it came in, and one that all of them read", async () => {
    await start();
    await put(IN, 1, 2);
    await put(BESIDE, 3);
    expect((await copies(3)).map(({ of }) => of).sort()).toEqual([1, 2, 3]);
    await put(EVERYWHERE, "all");
    expect((await copies(7)).filter(({ of }) => of === "all")).toHaveLength(4);
  });

  it("take what came while they rested as one step, and rest no longer than until a whole one waits", async () => {
    const REST_MS = 3_600_000;
    const steps: number[] = [];
    const resting = {
      ...log.clock,
      sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms === REST_MS ? ms : 10, signal),
    };
    const run = await openConsumer({
      ...{ eventLog: log.eventLog, clock: resting, log: silentLog, signal: stop.signal, isInputTime: false },
      consumer: "copier",
      topics: [IN],
      pace: { atOnce: 3, restMs: REST_MS },
      bodyOf(loop) {
        const body = copying(loop);
        return {
          ...body,
          step(events, now, writes) {
            steps.push(events.length);
            return body.step(events, now, writes);
          },
        };
      },
    });
    running.push(run.run());
    await put(IN, 1);
    await copies(1);
    for (const value of [2, 3, 4]) await put(IN, value);
    expect((await copies(4)).map(({ of }) => of)).toEqual([1, 2, 3, 4]);
    expect(steps).toEqual([1, 3]);
  });

  it("end at once, however much waits to be taken", async () => {
    const events = Array.from({ length: 6_000 }, (_none, value) => ({ key: "k", value }));
    await log.eventLog.append(IN, events);
    let isBusy: () => void = () => undefined;
    const busy = new Promise<void>((resolve) => {
      isBusy = resolve;
    });
    await start(() => ({
      async step() {
        isBusy();
        await new Promise((resolve) => setTimeout(resolve, 500));
      },
      nextDue: () => null,
    }));
    await busy;
    // What is read ahead finds no room any more.
    await new Promise((resolve) => setTimeout(resolve, 200));
    stop.abort(new Error("the service stops"));
    await Promise.all(running);
  });

  it("rest the longer the longer their steps take, within bounds", async () => {
    const slept: number[] = [];
    const resting = {
      ...log.clock,
      sleep(ms: number, signal?: AbortSignal) {
        slept.push(ms);
        return systemClock.sleep(1, signal);
      },
    };
    const spent = [0, 200, 60_000];
    const run = await openConsumer({
      ...{ eventLog: log.eventLog, clock: resting, log: silentLog, signal: stop.signal, isInputTime: false },
      consumer: "copier",
      topics: [IN],
      pace: { atOnce: 3, restMs: 100 },
      bodyOf(loop) {
        const body = copying(loop);
        return {
          ...body,
          step(events, now, writes) {
            log.clock.ahead(spent.shift() ?? 0);
            return body.step(events, now, writes);
          },
        };
      },
    });
    running.push(run.run());
    for (const [index, least, most] of [
      [1, 100, 300],
      [2, 800, 1_000],
      [3, 1_000, 1_000],
    ] as const) {
      slept.length = 0;
      await put(IN, index);
      await copies(index);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(slept[0]).toBeGreaterThanOrEqual(least);
      expect(slept[0]).toBeLessThanOrEqual(most);
    }
  });

  it("go on behind what they have written, with their state", async () => {
    await start();
    await put(IN, 1, 2);
    await put(BESIDE, 3);
    await put(EVERYWHERE, "all");
    await copies(7);
    await kill();
    await put(IN, 4);
    await start();
    expect((await copies(8)).at(-1)).toEqual({ number: 5, of: 4 });
    await put(BESIDE, 5);
    await copies(9);
    expect(await written()).toBe(9);
  });

  it("write a step once, though the answer to its writing was lost", async () => {
    let lost = 0;
    const forgetful: EventLog = {
      ...log.eventLog,
      async transact(place, work) {
        const positions = await log.eventLog.transact(place, work);
        if (positions.length > 0 && lost === 0) {
          lost += 1;
          throw new VitalomeError("BACKEND_UNAVAILABLE", "no answer");
        }
        return positions;
      },
    };
    await start((loop) => copying(loop), forgetful);
    await put(BESIDE, 1);
    await put(BESIDE, 2);
    expect((await copies(2)).map(({ number }) => number)).toEqual([1, 2]);
    expect({ lost, written: await written() }).toEqual({ lost: 1, written: 2 });
  });

  it("are told the time when it is due, and only behind everything that came before", async () => {
    const seen: LoggedEvent[] = [];
    const told: { readonly now: number; readonly after: number }[] = [];
    const due = log.clock.now() + 60_000;
    await start((loop) => {
      const body = copying(loop, seen);
      return {
        async step(events, now, writes) {
          await body.step(events, now, writes);
          if (now !== null) told.push({ now, after: seen.length });
        },
        nextDue: () => (loop.state.get("rang") === null ? due : null),
      };
    });
    await put(IN, 1);
    await copies(1);
    expect(told).toEqual([]);
    log.clock.ahead(61_000);
    await put(IN, 2);
    while (told.length < 4) await log.clock.sleep(5);
    await copies(2);
    expect(told).toHaveLength(4);
    for (const { now } of told) expect(now).toBeGreaterThanOrEqual(due);
  });

  it("end with CONFLICT when another process has taken a place", async () => {
    await start((loop) => copying(loop), {
      ...log.eventLog,
      transact: () => Promise.reject(new VitalomeError("CONFLICT", "another one has the place")),
    });
    await put(IN, 1);
    await expect(running[0]).rejects.toMatchObject({ code: "CONFLICT" });
  });
});
