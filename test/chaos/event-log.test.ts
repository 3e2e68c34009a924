import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventLog, LoggedEvent } from "../../src/backend/index.js";
import { createEmbeddedEventLog } from "../../src/backend/embedded/event-log.js";
import { systemClock } from "../../src/clock.js";
import { silentLog } from "../../src/log.js";
import { expectGrowingOffsets, take } from "../backend/contract/event-log.js";
import { ensureBuilt } from "../helpers/built.js";
import { chaosCycles, createChance, runUntilKilled, type Moment } from "./kill.js";
import { judge, readLedgers, type Numbered } from "./ledger.js";

const INPUT = "vitals.accepted.v1";
const OUTPUT = "job.changed.v1";

describe("embedded event log, killed", () => {
  let folder: string;
  let runs: number;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "chaos-log-"));
    await mkdir(join(folder, "ledgers"));
    runs = 0;
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function killAt(moment: Moment): Promise<void> {
    runs += 1;
    const task = {
      dist: await ensureBuilt(),
      directory: join(folder, "log"),
      ledgers: join(folder, "ledgers"),
      run: runs,
    };
    await runUntilKilled({ script: "event-log-child.mjs", task, moment });
  }

  it("at random moments loses and doubles nothing that was acknowledged", async () => {
    const chance = createChance("event log, random moments");
    for (let cycle = 0; cycle < chaosCycles(10); cycle += 1) {
      await killAt(
        chance.between(0, 4) === 0
          ? { after: "start", ms: chance.between(30, 250) }
          : { after: "ready", ms: chance.between(0, 250) },
      );
    }
    await expectWhole(folder, 100);
  }, 300_000);

  it.each(["journal:before-write", "journal:written", "log:flushed", "index:before-store", "index:stored"])(
    "at %s loses and doubles nothing that was acknowledged",
    async (point) => {
      for (const count of point.startsWith("index") ? [1, 2, 3] : [1, 2, 40]) await killAt({ point, count });
      await expectWhole(folder, 1);
    },
    120_000,
  );
});

/** Needs a disk of its own; skipped, and counted as skipped, where the system does not give one. */
const canMount = spawnSync("unshare", ["-m", "sh", "-c", "mount -t tmpfs none /mnt"]).status === 0;

(canMount ? it : it.skip)(
  "embedded event log on a full disk says STORAGE_FULL, goes on reading, and takes events again once there is room",
  async () => {
    const directory = await mkdtemp(join(tmpdir(), "full-log-"));
    const task = JSON.stringify({ dist: await ensureBuilt(), directory, cycles: 20 });
    const script = join(import.meta.dirname, "event-log-full.mjs");
    const mount = 'mount -t tmpfs -o size=64m none "$0" && exec "$@"';
    const command = ["-m", "sh", "-c", mount, directory, process.execPath, script, task];
    const { stdout, status } = spawnSync("unshare", command, { env: { PATH: process.env["PATH"] ?? "" } });
    await rm(directory, { recursive: true, force: true });
    expect(status).toBe(0);
    expect(JSON.parse(stdout.toString())).toEqual({ codes: ["STORAGE_FULL"], readable: 20, same: true, some: true });
  },
  120_000,
);

/** Every promise of the log over what the kills left, with the index as it is and made again from the journal. */
async function expectWhole(folder: string, atLeast: number): Promise<void> {
  const acknowledged = await readLedgers(join(folder, "ledgers"));
  expect(acknowledged.length).toBeGreaterThanOrEqual(atLeast);
  let log = await openLog(folder);
  const input = await readAll(log, INPUT);
  const output = await readAll(log, OUTPUT);
  const places = [0, 1, 2, 3].map((partition) => ({ consumer: "copy", topic: INPUT, partition }));
  const states = await Promise.all(places.map((place) => log.consumerState(place)));
  await log.close();

  expect(judge(acknowledged, input.map(numbered))).toEqual({ lost: [], doubled: [], moved: [] });
  expectGrowingOffsets(input);
  const done = input.filter(({ partition, offset }) => offset < (states[partition]?.next ?? 0n));
  expect(output.map((event) => numbered(event).number).sort(ascending)).toEqual(
    done.map((event) => numbered(event).number).sort(ascending),
  );
  states.forEach(({ next, state }) => {
    expect(BigInt(Number(state.get("count") ?? 0))).toBe(next);
  });

  await rm(join(folder, "log", "index"), { recursive: true });
  log = await openLog(folder);
  expect(await readAll(log, INPUT)).toEqual(input);
  expect(await readAll(log, OUTPUT)).toEqual(output);
  expect(await Promise.all(places.map((place) => log.consumerState(place)))).toEqual(states);
  await log.close();
}

function openLog(folder: string): Promise<EventLog> {
  return createEmbeddedEventLog({ directory: join(folder, "log"), clock: systemClock, log: silentLog });
}

async function readAll(log: EventLog, topic: string): Promise<readonly LoggedEvent[]> {
  const ranges = await log.positions(topic);
  const count = ranges.reduce((sum, { start, end }) => sum + Number(end - start), 0);
  return count === 0 ? [] : take(log, topic, count);
}

function numbered({ value, partition, offset }: LoggedEvent): Numbered {
  return { number: (value as { number: number }).number, partition, offset };
}

function ascending(left: number, right: number): number {
  return left - right;
}
