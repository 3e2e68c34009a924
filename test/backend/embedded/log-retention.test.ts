import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEmbeddedEventLog, type EmbeddedEventLogOptions } from "../../../src/backend/embedded/event-log.js";
import { DAY_MS } from "../../../src/backend/embedded/log-retention.js";
import type { EventLog } from "../../../src/backend/index.js";
import { systemClock } from "../../../src/clock.js";
import { silentLog } from "../../../src/log.js";
import { range, take, until } from "../contract/event-log.js";

const OLD = "dataset.published.v1";
const LATEST = "job.changed.v1";
const PLACE = { consumer: "c", topic: OLD, partition: 0 } as const;

describe("embedded event log: old events", () => {
  let directory: string;
  let log: EventLog;
  let now: number;
  /** Ends the wait between two looks at what may go, and is told when the next one begins. */
  let wake: () => void;
  let looked: () => void;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "log-retention-"));
    now = 1_700_000_000_000;
  });
  afterEach(async () => {
    await log.close();
    await rm(directory, { recursive: true, force: true });
  });

  function nextLook(): Promise<void> {
    return new Promise((resolve) => {
      looked = resolve;
    });
  }

  /** Opens the log; its first look is over. */
  async function open(maxBytes: number | null, more: Partial<EmbeddedEventLogOptions> = {}): Promise<void> {
    const first = nextLook();
    log = await createEmbeddedEventLog({
      directory,
      log: silentLog,
      segmentBytes: 1024,
      retention: { keepMs: 7 * DAY_MS, maxBytes },
      clock: {
        now: () => now,
        sleep: (ms, signal) =>
          ms < 3_600_000
            ? systemClock.sleep(ms, signal)
            : new Promise((resolve) => {
                wake = resolve;
                signal?.addEventListener("abort", () => {
                  resolve();
                });
                looked();
              }),
      },
      ...more,
    });
    await first;
  }

  /** The start of the topic after another look. */
  async function look(): Promise<bigint> {
    const next = nextLook();
    wake();
    await next;
    return (await log.positions(OLD))[0]?.start ?? -1n;
  }

  /** Ten events of some hundred bytes at this moment, and ten small ones. */
  async function fill(): Promise<void> {
    for (const value of range(0, 10)) {
      await log.append(OLD, [{ key: "d", value: { value, text: "x".repeat(300) } }]);
      await log.append(LATEST, [{ key: `k${String(value % 3)}`, value }]);
    }
  }

  it("stay for the time set, though the journal is large", async () => {
    await open(null);
    await fill();
    now += 6.9 * DAY_MS;
    await fill();
    expect(await look()).toBe(0n);
    now += 0.2 * DAY_MS;
    const start = await look();
    expect(start > 0n && start < 10n).toBe(true);
  });

  it("go earlier when the journal is larger than allowed, as far as needed, and never within a day", async () => {
    await open(8000);
    await fill();
    now += 0.9 * DAY_MS;
    await fill();
    expect(await look()).toBe(0n);
    now += 0.2 * DAY_MS;
    const some = await look();
    expect(some > 0n && some < 9n).toBe(true);
    await log.close();
    await open(1);
    const all = await look();
    expect(all > some && all < 10n).toBe(true);
  });

  it("stay while somebody reads them, and go once they are read", async () => {
    await open(null);
    await fill();
    const reading = log.read(OLD, new Map(), new AbortController().signal)[Symbol.asyncIterator]();
    expect((await reading.next()).value).toMatchObject({ kind: "event", offset: 0n });
    now += 8 * DAY_MS;
    await fill();
    now += 8 * DAY_MS;
    await fill();
    expect(await look()).toBe(0n);
    for (let offset = 1n; offset < 30n; offset += 1n)
      expect((await reading.next()).value).toMatchObject({ kind: "event", offset });
    expect((await look()) > 0n).toBe(true);
    await reading.return?.();
  });

  it("stay while tables need them, and go once they do not", async () => {
    let needed = 3n;
    const needs = (topic: string): bigint | null => (topic === OLD ? needed : null);
    await open(null, { retention: { keepMs: 7 * DAY_MS, maxBytes: null, needs } });
    await fill();
    now += 8 * DAY_MS;
    await fill();
    now += 8 * DAY_MS;
    await fill();
    const start = await look();
    expect(start <= 3n).toBe(true);
    expect((await look()) <= 3n).toBe(true);
    needed = 30n;
    expect((await look()) > 10n).toBe(true);
  });

  it("leave a log that is the same when its index is made again", async () => {
    await open(null);
    await fill();
    await log.transact(PLACE, (transaction) => {
      transaction.advance(10n);
      for (const value of range(0, 3)) transaction.setState(`s${String(value)}`, "y".repeat(600_000));
    });
    for (const next of [20n, 30n]) {
      now += 8 * DAY_MS;
      await fill();
      await log.transact(PLACE, (transaction) => {
        transaction.advance(next);
      });
      now += 8 * DAY_MS;
      await log.append(LATEST, [{ key: "k", value: String(next) }]);
      expect((await look()) >= next - 10n).toBe(true);
    }
    const told = async (): Promise<unknown> => {
      const seen = [];
      for (const topic of [OLD, LATEST]) {
        const [place] = await log.positions(topic);
        seen.push(place, await until(log, topic, new Map(), { partition: 0, offset: (place?.end ?? 0n) - 1n }));
      }
      return [...seen, await log.consumerState(PLACE)];
    };
    const before = await told();
    await log.close();
    await rm(join(directory, "index"), { recursive: true });
    await open(null);
    expect(await told()).toEqual(before);
  });

  it("stay when the index cannot follow, and go at a later look", async () => {
    let isFull = true;
    const faults = {
      at: (point: string): void => {
        if (isFull && point === "index:before-rebase") throw new Error("no room");
      },
    };
    await open(null, { faults });
    await fill();
    now += 8 * DAY_MS;
    await fill();
    now += 8 * DAY_MS;
    expect(await look()).toBe(0n);
    expect((await take(log, OLD, 20)).map(({ offset }) => offset)).toEqual(range(0, 20).map(BigInt));
    isFull = false;
    const start = await look();
    expect(start > 0n).toBe(true);
    expect((await take(log, OLD, 20 - Number(start))).at(-1)?.offset).toBe(19n);
    expect((await readdir(join(directory, "journal"))).filter((name) => name.endsWith(".base"))).toHaveLength(1);
  });

  it("are what a reader had in hand when they went", async () => {
    await open(null);
    await fill();
    now += 8 * DAY_MS;
    await fill();
    now += 8 * DAY_MS;
    await fill();
    await Promise.all([look(), ...range(0, 4).map(() => take(log, OLD, 30))]);
    expect((await look()) > 0n).toBe(true);
  });
});
