import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { createClusterEventLog } from "../../src/backend/cluster/event-log.js";
import { createClusterFiles } from "../../src/backend/cluster/files.js";
import type { EventLog, Files } from "../../src/backend/index.js";
import { partitionOf } from "../../src/backend/partition.js";
import { systemClock } from "../../src/clock.js";
import type { VitalAccepted, VitalWindowed } from "../../src/domain/events/observation.js";
import {
  parseAccepted,
  parseWindowed,
  VITALS_ACCEPTED,
  VITALS_WINDOWED,
} from "../../src/ingest/streams/observation.js";
import { silentLog } from "../../src/log.js";
import type { Stack } from "../../src/stack/index.js";
import { readHistory } from "../../src/worker/history.js";
import { openConsumer } from "../../src/worker/live/consumer.js";
import { createWindows } from "../../src/worker/live/windows.js";
import { readWindowsStatus } from "../../src/worker/live/windows-status.js";
import { openLiveLog, type LiveLog } from "../helpers/live-log.js";
import { STACK_TIMEOUT_MS, stackForTests } from "../helpers/stack.js";
import { startWindowsDriver, type WindowsDriver } from "../helpers/windows-driver.js";
import { windowScenes } from "../helpers/window-scenes.js";

const PARTITIONS = [0, 1, 2, 3];
const CORNER = `windows-${randomBytes(4).toString("hex")}`;
const PATIENCE_MS = 180_000;
const SCENES = windowScenes(7, 1_200);

let stack: Stack;
let kafka: EventLog;
let files: Files;
let live: LiveLog;
const drivers: WindowsDriver[] = [];

beforeAll(async () => {
  stack = await stackForTests(["namenode", "datanode", "kafka"]);
  live = await openLiveLog();
  kafka = await createClusterEventLog({
    ...{ brokers: [stack.kafka], prefix: `${CORNER}.`, clock: systemClock, log: silentLog },
  });
  files = createClusterFiles({ webhdfs: stack.webhdfs, root: `/${CORNER}`, user: stack.user, clock: systemClock });
}, STACK_TIMEOUT_MS);

afterAll(async () => {
  await Promise.all(drivers.map((driver) => driver.kill()));
  await live.close();
  await kafka.close();
  await files.remove("checkpoints");
});

async function startDriver(): Promise<WindowsDriver> {
  const driver = await startWindowsDriver({ stack, corner: CORNER });
  drivers.push(driver);
  return driver;
}

/** As the worker does: in transactions, whose marks take offsets of their own. */
async function accept(eventLog: EventLog, readings: readonly VitalAccepted[]): Promise<void> {
  for (const partition of PARTITIONS) {
    const place = { consumer: "test", topic: "vitals.observed.v1", partition };
    const { next } = await eventLog.consumerState(place);
    const own = readings.filter(({ patientId }) => partitionOf(patientId, PARTITIONS.length) === partition);
    for (let at = 0; at < own.length; at += 50) {
      await eventLog.transact(place, (transaction) => {
        for (const reading of own.slice(at, at + 50)) {
          transaction.append(VITALS_ACCEPTED, { key: reading.patientId, value: reading });
        }
        transaction.advance(next);
      });
    }
  }
}

async function untilCaughtUp(driver: WindowsDriver): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const status = await readWindowsStatus({ files, eventLog: kafka, clock: systemClock });
    if (status.state === "running" && status.behind === 0) return;
    if (status.state === "failed" || Date.now() > deadline)
      throw new Error(`${JSON.stringify(status)}\n${await readFile(driver.output, "utf8")}`);
    await sleep(200);
  }
}

/** Computed in the worker, which is ended and begun anew on the way. */
async function computeEmbedded(readings: readonly VitalAccepted[]): Promise<void> {
  await accept(live.eventLog, readings);
  const stop = new AbortController();
  const consumer = await openConsumer({
    ...{ eventLog: live.eventLog, clock: systemClock, log: silentLog, signal: stop.signal, isInputTime: true },
    ...{ consumer: "windows", topics: [VITALS_ACCEPTED] },
    bodyOf: (loop) => createWindows({ state: loop.state, log: silentLog, onFault: (what) => expect(what).toBe("") }),
  });
  const running = consumer.run();
  while ((await consumer.progress()).behind > 0) await sleep(20);
  stop.abort(new Error("ended"));
  await running;
}

/** The newest of each window; what it has read through as the place of that reading among all, which is the same in both. */
async function windowsOf(eventLog: EventLog): Promise<ReadonlyMap<string, VitalWindowed>> {
  const found = new Map<string, VitalWindowed>();
  for (const partition of PARTITIONS) {
    const accepted = await readHistory(eventLog, VITALS_ACCEPTED, partition);
    const places = new Map(accepted.map((event, place) => [String(event.offset), String(place)]));
    const known = new Map<string, bigint>();
    for (const event of await readHistory(eventLog, VITALS_WINDOWED, partition)) {
      const window = parseWindowed(event);
      expect(event.key).toBe(window.patientId);
      const key = [window.patientId, window.code, window.size, window.start].join("/");
      const through = BigInt(window.throughOffset);
      const before = known.get(key);
      if (before !== undefined && before >= through) continue;
      known.set(key, through);
      found.set(key, { ...window, throughOffset: places.get(window.throughOffset) ?? "none" });
    }
    expect(accepted.map((event) => parseAccepted(event).eventId).length).toBeGreaterThan(0);
  }
  return found;
}

describe("windows of both profiles", () => {
  it(
    "are the same, field by field, though the streaming job is killed in the middle",
    async () => {
      const [first, second, third] = [SCENES.slice(0, 500), SCENES.slice(500, 900), SCENES.slice(900)];
      const killed = await startDriver();
      await accept(kafka, first);
      await untilCaughtUp(killed);
      await accept(kafka, second);
      await sleep(700);
      expect(await killed.kill()).toBeNull();
      const successor = await startDriver();
      await accept(kafka, third);
      await untilCaughtUp(successor);
      expect(await successor.stop()).toBe(0);
      for (const readings of [first, second, third]) await computeEmbedded(readings);
      const [streamed, embedded] = [await windowsOf(kafka), await windowsOf(live.eventLog)];
      expect(streamed.size).toBeGreaterThan(400);
      expect([...streamed.keys()].sort()).toEqual([...embedded.keys()].sort());
      for (const [key, window] of embedded) expect(streamed.get(key)).toEqual(window);
    },
    2 * PATIENCE_MS,
  );

  it(
    "are not guessed where a checkpoint is damaged: the job ends and names the cure",
    async () => {
      await files.remove("checkpoints/windows/state");
      await accept(kafka, SCENES.slice(0, 4));
      const driver = await startDriver();
      expect(await driver.ended).toBe(3);
      const status = await readWindowsStatus({ files, eventLog: kafka, clock: systemClock });
      expect(status.state).toBe("failed");
      expect(status.message).toContain("vitalome stack rebuild-windows");
    },
    PATIENCE_MS,
  );
});
