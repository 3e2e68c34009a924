import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventLog, LoggedEvent, PartitionRange } from "../../src/backend/index.js";
import { createEmbeddedEventLog } from "../../src/backend/embedded/event-log.js";
import { systemClock } from "../../src/clock.js";
import { silentLog } from "../../src/log.js";
import { expectGrowingOffsets, until } from "../backend/contract/event-log.js";
import { ensureBuilt } from "../helpers/built.js";
import { chaosCycles, createChance, runUntilKilled, type Moment } from "./kill.js";
import { judge, readLedgers, type Numbered } from "./ledger.js";

const INPUT = "vitals.windowed.v1";
const LATEST = "job.changed.v1";
const PRODUCERS = ["0", "1", "2", "3"];
const PLACES = [0, 1, 2, 3].map((partition) => ({ consumer: "count", topic: INPUT, partition }));

describe("embedded event log, killed while old events go", () => {
  let folder: string;
  let runs: number;
  const epoch = Date.now();

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "chaos-retention-"));
    await mkdir(join(folder, "ledgers"));
    for (const producer of PRODUCERS) await mkdir(join(folder, "latest", producer), { recursive: true });
    runs = 0;
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function killAt(moment: Moment): Promise<void> {
    runs += 1;
    const task = {
      dist: await ensureBuilt(),
      directory: join(folder, "log"),
      ledgers: join(folder, "ledgers"),
      latest: join(folder, "latest"),
      epoch,
      run: runs,
    };
    await runUntilKilled({ script: "event-log-retention-child.mjs", task, moment });
  }

  it("at random moments loses and doubles nothing that is young", async () => {
    const chance = createChance("event log, old events");
    for (let cycle = 0; cycle < chaosCycles(8); cycle += 1)
      await killAt({ after: "ready", ms: chance.between(100, 600) });
    expect(await expectWhole(folder)).toBeGreaterThan(0n);
  }, 300_000);

  it.each([
    "journal:base-written",
    "journal:base-named",
    "index:before-rebase",
    "journal:base-taken",
    "journal:file-removed",
  ])(
    "at %s loses and doubles nothing that is young",
    async (point) => {
      for (const count of [1, 2, 3]) {
        await killAt({ point, count });
        await expectWhole(folder);
      }
    },
    120_000,
  );
});

/** Every promise over what the kills left, with the index as it is and made again; answers the sum of the starts. */
async function expectWhole(folder: string): Promise<bigint> {
  const acknowledged = await readLedgers(join(folder, "ledgers"));
  expect(acknowledged.length).toBeGreaterThan(0);
  let log = await openLog(folder);
  const ranges = await log.positions(INPUT);
  const input = await readAll(log, INPUT);
  const latest = await readAll(log, LATEST);
  const states = await Promise.all(PLACES.map((place) => log.consumerState(place)));
  await log.close();

  const startOf = (partition: number): bigint => ranges[partition]?.start ?? -1n;
  const young = acknowledged.filter(({ partition, offset }) => offset >= startOf(partition));
  expect(judge(young, input.map(numbered))).toEqual({ lost: [], doubled: [], moved: [] });
  for (const { partition, offset } of acknowledged) expect(offset < (ranges[partition]?.end ?? 0n)).toBe(true);
  expectGrowingOffsets(input);
  // The consumer counted each event once: none went before it was read.
  states.forEach(({ next, state }, partition) => {
    expect(BigInt(Number(state.get("count") ?? 0))).toBe(next);
    expect(next >= startOf(partition)).toBe(true);
  });
  for (const producer of PRODUCERS) expectLatest(producer, await readLedgers(join(folder, "latest", producer)), latest);

  await rm(join(folder, "log", "index"), { recursive: true });
  log = await openLog(folder);
  expect(await log.positions(INPUT)).toEqual(ranges);
  expect(await readAll(log, INPUT)).toEqual(input);
  expect(await readAll(log, LATEST)).toEqual(latest);
  expect(await Promise.all(PLACES.map((place) => log.consumerState(place)))).toEqual(states);
  await log.close();
  const names = await readdir(join(folder, "log", "journal"));
  expect(names.filter((name) => !name.endsWith(".log")).length).toBeLessThanOrEqual(1);
  return ranges.reduce((sum, { start }) => sum + start, 0n);
}

/** The last event of every key that was acknowledged is there, or a later one of that key. */
function expectLatest(producer: string, acknowledged: readonly Numbered[], inLog: readonly LoggedEvent[]): void {
  const last = new Map(inLog.map((event) => [event.key, numbered(event)]));
  for (const { number, offset } of acknowledged) {
    const found = last.get(`patient-${producer}-${String(number % 7)}`);
    expect(found !== undefined && found.offset >= offset).toBe(true);
    if (found?.offset === offset) expect(found.number).toBe(number);
  }
}

function openLog(folder: string): Promise<EventLog> {
  return createEmbeddedEventLog({ directory: join(folder, "log"), clock: systemClock, log: silentLog });
}

/** All that is there, up to the last event of the partition that has one. */
async function readAll(log: EventLog, topic: string): Promise<readonly LoggedEvent[]> {
  const all: LoggedEvent[] = [];
  const ranges = await log.positions(topic);
  const ends = new Map(ranges.map(({ partition, end }) => [partition, end]));
  for (const { partition, start, end } of ranges) {
    if (end === start) continue;
    const from = new Map(ends).set(partition, start);
    const { gaps, events } = await until(log, topic, from, lastOf({ partition, start, end }));
    expect(gaps).toEqual([]);
    all.push(...events);
  }
  return all;
}

function lastOf({ partition, end }: PartitionRange): { partition: number; offset: bigint } {
  return { partition, offset: end - 1n };
}

function numbered({ value, partition, offset }: LoggedEvent): Numbered {
  return { number: (value as { number: number }).number, partition, offset };
}
