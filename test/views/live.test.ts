import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { EventLog, LogGap, LoggedEvent } from "../../src/backend/index.js";
import { systemClock } from "../../src/clock.js";
import type { JobRecord } from "../../src/domain/job.js";
import { isStreamGap, isStreamHeartbeat, type LiveSource, type StreamEnvelope } from "../../src/domain/live.js";
import { JOB_CHANGED, parseJobChanged } from "../../src/ingest/streams/job.js";
import { watchTopic, type LiveOptions } from "../../src/views/live.js";
import { buildJob, openLiveLog, type LiveLog } from "../helpers/live-log.js";

const HEARTBEAT_MS = 5_000;
const SCOPE = { kind: "jobUpdates", tenant: "default", queryHash: "q", policyHash: "p" };

let log: LiveLog;
let stop: AbortController;
beforeEach(async () => {
  log = await openLiveLog({ ringEvents: 16 });
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort(new Error("the test is over"));
  await log.close();
});

function watch(after: string | null, overrides: Partial<LiveOptions<JobRecord>> = {}): Promise<LiveSource<JobRecord>> {
  return watchTopic<JobRecord>({
    topic: JOB_CHANGED,
    eventLog: log.eventLog,
    sealer: log.sealer,
    clock: log.clock,
    signal: stop.signal,
    heartbeatMs: HEARTBEAT_MS,
    scope: SCOPE,
    after,
    pick: (event) => parseJobChanged(event).job,
    ...overrides,
  });
}

async function take(source: LiveSource<JobRecord>): Promise<StreamEnvelope<JobRecord>> {
  const step = await source.next();
  if (step.done === true) throw new Error("the stream ended");
  return step.value;
}

/** The next `count` jobs, and the cursor of each. */
async function takeJobs(
  source: LiveSource<JobRecord>,
  count: number,
): Promise<{ readonly versions: number[]; readonly cursors: string[] }> {
  const versions: number[] = [];
  const cursors: string[] = [];
  while (versions.length < count) {
    const { cursor, event } = await take(source);
    if (isStreamGap(event) || isStreamHeartbeat(event)) continue;
    versions.push(event.version);
    cursors.push(cursor);
  }
  return { versions, cursors };
}

const versions = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_none, index) => from + index);

async function change(from: number, to: number): Promise<void> {
  await log.change(...versions(from, to).map((version) => ({ version })));
}

describe("a watched topic", () => {
  it("begins now without a cursor, and tells the cursor of now before anything happens", async () => {
    await change(1, 3);
    const source = await watch(null);
    const first = await take(source);
    expect(first.event).toMatchObject({
      stream: "heartbeat",
      cursor: first.cursor,
      lagMs: 0,
      periodMs: HEARTBEAT_MS,
    });
    await change(4, 5);
    expect((await takeJobs(source, 2)).versions).toEqual([4, 5]);
    expect((await takeJobs(await watch(first.cursor), 2)).versions).toEqual([4, 5]);
  });

  it("gives exactly what came after a cursor, whichever event it is of, then what comes", async () => {
    const first = await take(await watch(null));
    await change(1, 60);
    const { cursors } = await takeJobs(await watch(first.cursor), 60);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 59 }), async (index) => {
        const own = new AbortController();
        const source = await watch(cursors[index] ?? "", { signal: own.signal });
        expect((await takeJobs(source, 59 - index)).versions).toEqual(versions(index + 2, 60));
        expect((await take(source)).event).toMatchObject({ stream: "heartbeat" });
        own.abort(new Error("enough"));
      }),
      { numRuns: 20 },
    );
  });

  it("has no seam between history and live while events pour in", async () => {
    const { cursor } = await take(await watch(null));
    await change(1, 30);
    const source = await watch(cursor);
    const pouring = (async () => {
      for (let version = 31; version <= 200; version += 1) await change(version, version);
    })();
    expect((await takeJobs(source, 200)).versions).toEqual(versions(1, 200));
    await pouring;
  });

  it("names one event by one cursor, from whichever place it is read", async () => {
    const { cursor } = await take(await watch(null));
    await change(1, 4);
    const { cursors } = await takeJobs(await watch(cursor), 4);
    expect((await takeJobs(await watch(cursors[1] ?? ""), 2)).cursors).toEqual(cursors.slice(2));
  });

  it("keeps the order of each key over several partitions, and resumes at any place in between", async () => {
    const topic = "worker.state.v1";
    const numbered = (from: number, to: number): { key: string; value: number }[] =>
      versions(from, to).map((value) => ({ key: `key ${String(value % 7)}`, value }));
    const begin = (after: string | null, signal: AbortSignal): Promise<LiveSource<{ value: number }>> =>
      watchTopic({
        topic,
        eventLog: log.eventLog,
        sealer: log.sealer,
        clock: log.clock,
        signal,
        heartbeatMs: HEARTBEAT_MS,
        scope: SCOPE,
        after,
        pick: ({ value }) => ({ value: value as number }),
      });
    const read = async (after: string | null, count: number): Promise<{ values: number[]; cursors: string[] }> => {
      const own = new AbortController();
      const source = await begin(after, own.signal);
      const [values, cursors]: [number[], string[]] = [[], []];
      while (values.length < count) {
        const { value: envelope } = (await source.next()) as { value: StreamEnvelope<{ value: number }> };
        if (!("value" in envelope.event)) continue;
        values.push(envelope.event.value);
        cursors.push(envelope.cursor);
      }
      own.abort(new Error("enough"));
      return { values, cursors };
    };
    const first = await (await begin(null, stop.signal)).next();
    const start = (first.value as StreamEnvelope<object>).cursor;
    await log.eventLog.append(topic, numbered(1, 70));
    const whole = await read(start, 70);
    expect(new Set(whole.values)).toEqual(new Set(versions(1, 70)));
    for (let key = 0; key < 7; key += 1) {
      const ofKey = whole.values.filter((value) => value % 7 === key);
      expect(ofKey).toEqual([...ofKey].sort((left, right) => left - right));
    }
    for (const place of [0, 1, 13, 35, 68]) {
      const rest = await read(whole.cursors[place] ?? "", 69 - place);
      expect([...whole.values.slice(0, place + 1), ...rest.values].sort((left, right) => left - right)).toEqual(
        versions(1, 70),
      );
    }
  });

  it("says a heartbeat after each quiet period, also while events pass that were not asked for", async () => {
    const source = await watch(null, { pick: () => null });
    const first = await take(source);
    await change(1, 3);
    const waiting = take(source);
    while (source.position !== "3") await systemClock.sleep(2);
    log.clock.ahead(HEARTBEAT_MS);
    const second = await waiting;
    expect(second.event).toMatchObject({ stream: "heartbeat", lagMs: 0 });
    expect(second.cursor).not.toBe(first.cursor);
    const resumed = await watch(second.cursor);
    expect((await take(resumed)).event).toMatchObject({ stream: "heartbeat" });
    await change(4, 4);
    expect((await takeJobs(resumed, 1)).versions).toEqual([4]);
  });

  it("tells how far it has come while it reads long through what was not asked for", async () => {
    const { cursor } = await take(await watch(null));
    await change(1, 4);
    const source = await watch(cursor, {
      pick() {
        log.clock.ahead(HEARTBEAT_MS / 2);
        return null;
      },
    });
    const { event } = await take(source);
    expect(source.position).toBe("2");
    expect(isStreamHeartbeat(event) && event.lagMs).toBeGreaterThanOrEqual(HEARTBEAT_MS);
    expect(isStreamHeartbeat(event) && event.watermark).toBeLessThanOrEqual(log.clock.now() - HEARTBEAT_MS);
    expect((await take(source)).event).toMatchObject({ stream: "heartbeat", lagMs: 0 });
  });

  it("says a lag, not none, where something waits and nothing of it could be read yet", async () => {
    const { cursor } = await take(await watch(null));
    await change(1, 2);
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const slow: EventLog = {
      ...log.eventLog,
      async *read(...args) {
        await held;
        yield* log.eventLog.read(...args);
      },
    };
    const source = await watch(cursor, { eventLog: slow });
    const waiting = take(source);
    for (const end = Date.now() + 50; Date.now() < end;) await systemClock.sleep(5);
    log.clock.ahead(HEARTBEAT_MS);
    const { cursor: here, event } = await waiting;
    expect(here).toBe(cursor);
    expect(event).toMatchObject({ stream: "heartbeat", watermark: null });
    expect(isStreamHeartbeat(event) && event.lagMs).toBeGreaterThanOrEqual(HEARTBEAT_MS);
    letGo();
    expect((await takeJobs(source, 2)).versions).toEqual([1, 2]);
    expect((await take(source)).event).toMatchObject({ stream: "heartbeat", lagMs: 0 });
  });

  it("announces what the log no longer holds, and goes on behind it", async () => {
    await change(1, 2);
    const kept: EventLog = {
      ...log.eventLog,
      async *read(topic, _from, signal) {
        yield { kind: "gap", topic, partition: 0, from: 0n, to: 40n } satisfies LogGap;
        yield {
          kind: "event",
          topic,
          partition: 0,
          offset: 40n,
          key: "job-1",
          at: log.clock.now(),
          value: { schema: 1, job: buildJob({ version: 41 }) },
        } satisfies LoggedEvent;
        await new Promise((resolve) => {
          signal.addEventListener("abort", resolve);
        });
      },
      positions: () => Promise.resolve([{ partition: 0, start: 40n, end: 41n }]),
    };
    const before = log.sealer.sealStable({
      ...SCOPE,
      snapshot: 0,
      position: { topic: JOB_CHANGED, next: ["0"] },
      expiresAt: log.clock.now() + 1_000,
    });
    const source = await watch(before, { eventLog: kept });
    const gap = await take(source);
    expect(gap.event).toMatchObject({ stream: "gap", to: gap.cursor, lost: 40, reason: "RETENTION_PASSED" });
    const open = (text: string | null | undefined): unknown => log.sealer.open(text ?? "", SCOPE).position;
    expect(isStreamGap(gap.event) && open(gap.event.from)).toEqual({ topic: JOB_CHANGED, next: ["0"] });
    expect(open(gap.cursor)).toEqual({ topic: JOB_CHANGED, next: ["40"] });
    expect((await takeJobs(source, 1)).versions).toEqual([41]);
  });

  it("refuses a cursor of another stream, and one beyond the end of the log", async () => {
    const { cursor } = await take(await watch(null));
    const other = watch(cursor, { scope: { ...SCOPE, queryHash: "other" } });
    await expect(other).rejects.toMatchObject({ code: "CURSOR_INVALID" });
    const beyond = log.sealer.sealStable({
      ...SCOPE,
      snapshot: 0,
      position: { topic: JOB_CHANGED, next: ["7"] },
      expiresAt: log.clock.now() + 1_000,
    });
    await expect(watch(beyond)).rejects.toMatchObject({ code: "CURSOR_INVALID" });
  });

  it("tells a reader who is cut off the place of the last event it took", async () => {
    const source = await watch(null);
    await take(source);
    await change(1, 2);
    const { cursors } = await takeJobs(source, 1);
    // Asking for the second says that the first was taken.
    await take(source);
    const { cursor, event } = source.cut();
    expect(event).toEqual({ stream: "gap", from: cursor, to: null, lost: 0, reason: "SLOW_CONSUMER" });
    expect(cursor).toBe(cursors[0]);
    expect((await takeJobs(await watch(cursor), 1)).versions).toEqual([2]);
  });

  it("stands where it was until the next event is asked for, and has moved in that same step", async () => {
    const source = await watch(null);
    expect(source.isLive).toBe(false);
    await take(source);
    await change(1, 1);
    const arriving = source.next();
    expect(source.isLive).toBe(true);
    await arriving;
    expect(source.position).toBe("0");
    void source.next().catch(() => undefined);
    expect(source.position).toBe("1");
  });

  it("ends when its signal does, though it waits", async () => {
    const source = await watch(null);
    await take(source);
    const waiting = source.next();
    stop.abort(new Error("enough"));
    expect((await waiting).done).toBe(true);
  });
});
