import { describe, expect, it } from "@jest/globals";
import { appendFile, mkdtemp, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock, type Clock } from "../../../src/clock.js";
import { silentLog } from "../../../src/log.js";
import type { EventLog } from "../../../src/backend/index.js";
import { createEmbeddedEventLog, type EmbeddedEventLogOptions } from "../../../src/backend/embedded/event-log.js";
import { DAY_MS } from "../../../src/backend/embedded/log-retention.js";
import { defineEventLogContract, expectGrowingOffsets, range, take } from "../contract/event-log.js";

const TOPIC = "vitals.accepted.v1";
const ONE = "job.changed.v1";

async function withFolder(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "event-log-"));
  try {
    await run(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function open(directory: string, more: Partial<EmbeddedEventLogOptions> = {}): Promise<EventLog> {
  return createEmbeddedEventLog({ directory, clock: systemClock, log: silentLog, ...more });
}

function define(name: string, more: Partial<EmbeddedEventLogOptions>): void {
  defineEventLogContract(name, async () => {
    const directory = await mkdtemp(join(tmpdir(), "event-log-"));
    let later = 0;
    let looked = (): void => undefined;
    const clock: Clock = {
      now: () => systemClock.now() + later,
      sleep: (ms, signal) => {
        // After a look at what may go comes the wait for the next one.
        if (ms >= 3_600_000) looked();
        return systemClock.sleep(ms, signal);
      },
    };
    const retention = { keepMs: 7 * DAY_MS, maxBytes: null };
    let log = await open(directory, { clock, retention, ...more });
    const reopen = async (): Promise<EventLog> => {
      await log.close();
      log = await open(directory, { clock, retention, ...more });
      return log;
    };
    return {
      log,
      reopen,
      expire: async () => {
        // A segment is as young as the first event behind it may be.
        for (let count = 0; count < 2; count += 1) {
          later += 8 * DAY_MS;
          await log.append("labs.observed.v1", [{ key: "later", value: count }]);
        }
        const hasLooked = new Promise<void>((resolve) => {
          looked = resolve;
        });
        await reopen();
        await hasLooked;
        return log;
      },
      dispose: async () => {
        await log.close();
        await rm(directory, { recursive: true, force: true });
      },
    };
  });
}

define("embedded", {});
define("embedded, small segments and no room for live events in memory", { segmentBytes: 2048, ringEvents: 3 });

function fault(code: string): Error {
  return Object.assign(new Error(code), { code });
}

const neverClock: Clock = {
  now: () => 1_700_000_000_000,
  sleep: (_ms, signal) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () => {
        reject(new Error("aborted"));
      });
    }),
};

describe("embedded event log: room", () => {
  it.each(["journal:before-write", "journal:written"])(
    "refuses with STORAGE_FULL at %s and goes on when there is room again",
    async (at) => {
      await withFolder(async (directory) => {
        let isFull = false;
        const faults = {
          at: (point: string): void => {
            if (isFull && point === at) throw fault("ENOSPC");
          },
        };
        let log = await open(directory, { faults });
        await log.append(ONE, [{ key: "a", value: "before" }]);
        isFull = true;
        await expect(log.append(ONE, [{ key: "a", value: "refused" }])).rejects.toMatchObject({
          code: "STORAGE_FULL",
          canRetry: true,
        });
        expect((await take(log, ONE, 1)).map(({ value }) => value)).toEqual(["before"]);
        isFull = false;
        await log.append(ONE, [{ key: "a", value: "after" }]);
        expect((await take(log, ONE, 2)).map(({ value }) => value)).toEqual(["before", "after"]);
        await log.close();
        log = await open(directory);
        expect((await take(log, ONE, 2)).map(({ value, offset }) => [value, offset])).toEqual([
          ["before", 0n],
          ["after", 1n],
        ]);
        await log.close();
      });
    },
  );

  it("forgets a refused write even when what it left could not be removed at once", async () => {
    await withFolder(async (directory) => {
      let failing: readonly string[] = [];
      const faults = {
        at: (point: string): void => {
          if (failing.includes(point)) throw fault("ENOSPC");
        },
      };
      let log = await open(directory, { faults });
      await log.append(ONE, [{ key: "a", value: "kept" }]);
      for (const points of [["journal:written"], ["journal:written", "journal:before-repair"]]) {
        failing = points;
        const refused = await Promise.allSettled(
          ["one1", "two2"].map((value) => log.append(ONE, [{ key: "a", value }])),
        );
        expect(refused.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
        failing = [];
        if (points.length === 2) await log.append(ONE, [{ key: "a", value: "next" }]);
        await log.close();
        log = await open(directory, { faults });
      }
      expect((await log.positions(ONE))[0]?.end).toBe(2n);
      expect((await take(log, ONE, 2)).map(({ value }) => value)).toEqual(["kept", "next"]);
      await log.close();
    });
  });

  it("answers another failed write with BACKEND_UNAVAILABLE", async () => {
    await withFolder(async (directory) => {
      const log = await open(directory, {
        faults: {
          at: (point) => {
            if (point === "journal:written") throw fault("EIO");
          },
        },
      });
      await expect(log.append(ONE, [{ key: "a", value: 1 }])).rejects.toMatchObject({
        code: "BACKEND_UNAVAILABLE",
        canRetry: true,
      });
      await log.close();
    });
  });

  it("acknowledges although the index cannot be written, and answers reads from memory meanwhile", async () => {
    await withFolder(async (directory) => {
      let isBroken = true;
      const faults = {
        at: (point: string): void => {
          if (isBroken && point === "index:before-store") throw fault("ENOSPC");
        },
      };
      let log = await open(directory, { faults, ringEvents: 2 });
      for (const value of range(0, 1500)) void log.append(TOPIC, [{ key: `p${String(value)}`, value }]);
      await log.append(TOPIC, [{ key: "last", value: 1500 }]);
      expect((await take(log, TOPIC, 1501)).map(({ value }) => Number(value)).sort((a, b) => a - b)).toEqual(
        range(0, 1501),
      );
      const place = { consumer: "c", topic: TOPIC, partition: 0 };
      await log.transact(place, (transaction) => {
        transaction.advance(7n);
      });
      await expect(log.consumerState(place)).rejects.toMatchObject({ code: "STORAGE_FULL" });
      isBroken = false;
      expect((await log.consumerState(place)).next).toBe(7n);
      await log.close();
      log = await open(directory);
      expect(await take(log, TOPIC, 1501)).toHaveLength(1501);
      await log.close();
    });
  });
});

describe("embedded event log: index", () => {
  it("is acknowledged before the index is written", async () => {
    await withFolder(async (directory) => {
      const points: string[] = [];
      const log = await open(directory, {
        clock: neverClock,
        faults: {
          at: (point) => {
            points.push(point);
          },
        },
      });
      await log.append(ONE, [{ key: "a", value: 1 }]);
      expect(points).toEqual(["journal:before-write", "journal:written", "log:flushed"]);
      await log.close();
      expect(points).toContain("index:stored");
    });
  });

  it("is made again when it was deleted, with the same positions, values and progress", async () => {
    await withFolder(async (directory) => {
      let log = await open(directory, { segmentBytes: 4096 });
      await fill(log);
      const before = await contents(log);
      await log.close();
      await rm(join(directory, "index"), { recursive: true });
      log = await open(directory, { segmentBytes: 4096 });
      expect(await contents(log)).toEqual(before);
      await log.close();
    });
  });

  it.each([
    ["foreign bytes", Buffer.alloc(65536, 0x5a)],
    ["zeros", Buffer.alloc(65536)],
    ["nothing", Buffer.alloc(0)],
    ["a cut file", null],
  ])("is made again when its file holds %s", async (_what, bytes) => {
    await withFolder(async (directory) => {
      let log = await open(directory);
      await fill(log);
      const before = await contents(log);
      await log.close();
      const file = join(directory, "index", "data.mdb");
      if (bytes === null) await truncate(file, 3 * 4096);
      else await writeFile(file, bytes);
      log = await open(directory);
      expect(await contents(log)).toEqual(before);
      await log.close();
    });
  });

  it("spares the opening the reading of what it knows", async () => {
    await withFolder(async (directory) => {
      let log = await open(directory);
      await log.append(ONE, [{ key: "a", value: "damaged later" }]);
      await log.append(ONE, [{ key: "a", value: "whole" }]);
      await log.close();
      await flip(directory, 8 + 16 + 20);
      log = await open(directory);
      expect((await log.positions(ONE))[0]?.end).toBe(2n);
      await expect(take(log, ONE, 1)).rejects.toMatchObject({ code: "STORAGE_CORRUPT" });
      expect((await take(log, ONE, 1, new Map([[0, 1n]])))[0]?.value).toBe("whole");
      await log.close();
    });
  });

  it("refuses a journal that is shorter than its index, instead of serving less", async () => {
    await withFolder(async (directory) => {
      const log = await open(directory);
      await fill(log);
      await log.close();
      await truncate(join(directory, "journal", "00000001.log"), 300);
      await expect(open(directory)).rejects.toMatchObject({ code: "STORAGE_CORRUPT" });
      await rm(join(directory, "journal"), { recursive: true });
      await expect(open(directory)).rejects.toMatchObject({ code: "STORAGE_CORRUPT" });
    });
  });
});

describe("embedded event log: reading and writing", () => {
  it("lets a slow reader fall out of memory and return to the journal without loss or repeat", async () => {
    await withFolder(async (directory) => {
      const log = await open(directory, { ringEvents: 16 });
      const stop = new AbortController();
      const seen: number[] = [];
      const events = [];
      let appended = 0;
      await log.append(TOPIC, [{ key: "p0", value: appended++ }]);
      for await (const event of log.read(TOPIC, new Map(), stop.signal)) {
        if (event.kind === "gap") throw new Error("gap");
        events.push(event);
        seen.push(Number(event.value));
        const burst = [1, 40, 0, 3, 200, 15, 16, 17][seen.length % 8] ?? 0;
        if (appended < 2000) {
          const values = range(appended, appended + burst);
          appended += burst;
          await log.append(
            TOPIC,
            values.map((value) => ({ key: `p${String(value % 9)}`, value })),
          );
        }
        if (seen.length === appended) stop.abort();
      }
      expect(seen.length).toBeGreaterThan(1999);
      expect([...seen].sort((a, b) => a - b)).toEqual(range(0, appended));
      expectGrowingOffsets(events);
      await log.close();
    });
  });

  it("shares one flush among all that arrive during the one before", async () => {
    await withFolder(async (directory) => {
      let flushes = 0;
      const log = await open(directory, {
        faults: {
          at: (point) => {
            if (point === "journal:written") flushes += 1;
          },
        },
      });
      await Promise.all(range(0, 300).map((value) => log.append(TOPIC, [{ key: "p", value }])));
      expect(flushes).toBeLessThanOrEqual(2);
      await log.close();
    });
  });

  it("ends readings and refuses appends once closed, after writing what was handed in", async () => {
    await withFolder(async (directory) => {
      let log = await open(directory);
      const reading = take(log, ONE, 5);
      const appended = log.append(ONE, [{ key: "a", value: 1 }]);
      await log.close();
      await expect(appended).resolves.toHaveLength(1);
      expect((await reading).length).toBeLessThanOrEqual(1);
      await expect(log.append(ONE, [{ key: "a", value: 2 }])).rejects.toMatchObject({ code: "BACKEND_UNAVAILABLE" });
      log = await open(directory);
      expect(await take(log, ONE, 1)).toHaveLength(1);
      await log.close();
    });
  });

  it("refuses what is no JSON value, a position beyond the end, a partition there is not, and too much at once", async () => {
    await withFolder(async (directory) => {
      const log = await open(directory);
      const bad = { code: "BAD_USER_INPUT" };
      await expect(log.append(ONE, [{ key: "a", value: undefined }])).rejects.toMatchObject(bad);
      await expect(log.append(ONE, [{ key: "a", value: 1n }])).rejects.toMatchObject(bad);
      await expect(take(log, ONE, 1, new Map([[0, 1n]]))).rejects.toMatchObject({ code: "CURSOR_INVALID" });
      await expect(take(log, ONE, 1, new Map([[1, 0n]]))).rejects.toMatchObject(bad);
      await expect(log.consumerState({ consumer: "c", topic: ONE, partition: 1 })).rejects.toMatchObject(bad);
      await expect(log.append(ONE, [{ key: "a", value: "x".repeat(33 * 1024 * 1024) }])).rejects.toMatchObject({
        code: "LIMIT_EXCEEDED",
      });
      expect((await log.positions(ONE))[0]?.end).toBe(0n);
      await log.close();
    });
  });

  it("removes what an unfinished write left behind and goes on after it", async () => {
    await withFolder(async (directory) => {
      let log = await open(directory);
      await log.append(ONE, [{ key: "a", value: 1 }]);
      await log.close();
      const segment = join(directory, "journal", "00000001.log");
      const { size } = await stat(segment);
      await appendFile(segment, Buffer.alloc(5000, 7));
      log = await open(directory);
      expect((await stat(segment)).size).toBe(size);
      await log.append(ONE, [{ key: "a", value: 2 }]);
      expect((await take(log, ONE, 2)).map(({ value }) => value)).toEqual([1, 2]);
      await log.close();
    });
  });
});

async function fill(log: EventLog): Promise<void> {
  for (const round of range(0, 20)) {
    await log.append(
      TOPIC,
      range(0, 10).map((value) => ({ key: `p${String(value)}`, value: { round, value } })),
    );
    await log.transact({ consumer: "c", topic: TOPIC, partition: round % 4 }, (transaction) => {
      transaction.append(ONE, { key: "j", value: round });
      transaction.advance(BigInt(round));
      transaction.setState(`s${String(round % 3)}`, round % 5 === 0 ? null : { round });
    });
  }
}

async function contents(log: EventLog): Promise<unknown> {
  const places = range(0, 4).map((partition) => ({ consumer: "c", topic: TOPIC, partition }));
  return [
    await take(log, TOPIC, 200),
    await take(log, ONE, 20),
    await Promise.all(places.map((place) => log.consumerState(place))),
  ];
}

/** Changes one byte of the first segment. */
async function flip(directory: string, at: number): Promise<void> {
  const { open: openFile } = await import("node:fs/promises");
  const [name] = await readdir(join(directory, "journal"));
  const handle = await openFile(join(directory, "journal", name ?? ""), "r+");
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, at);
  await handle.write(Buffer.from([(byte[0] ?? 0) ^ 0x40]), 0, 1, at);
  await handle.close();
}
