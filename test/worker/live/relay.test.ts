import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEmbeddedForeignTopics } from "../../../src/backend/embedded/foreign-topics.js";
import { systemClock } from "../../../src/clock.js";
import { knowledgeFrom } from "../../../src/domain/alert/knowledge.js";
import type { ObservedRecord } from "../../../src/domain/events/observation.js";
import { LIVE } from "../../../src/domain/observation/live.js";
import { silentLog } from "../../../src/log.js";
import { readHistory } from "../../../src/worker/history.js";
import { openRelay, type Relay } from "../../../src/worker/live/relay.js";
import { openLiveLog, type LiveLog } from "../../helpers/live-log.js";

let live: LiveLog;
let directory: string;
let version: number;
let ended: (() => Promise<void>)[];

beforeEach(async () => {
  live = await openLiveLog();
  directory = await mkdtemp(join(tmpdir(), "vitalome-relay-"));
  version = 0;
  ended = [];
});
afterEach(async () => {
  for (const end of ended) await end();
  await live.close();
  await rm(directory, { recursive: true, force: true });
});

async function start(): Promise<{ readonly relay: Relay; stop(): Promise<void> }> {
  const stop = new AbortController();
  const foreign = createEmbeddedForeignTopics({ directory, clock: systemClock, longestLine: LIVE.recordBytes });
  const { eventLog } = live;
  const relay = await openRelay({
    ...{ eventLog, foreign, clock: systemClock, log: silentLog, signal: stop.signal, isInputTime: false },
    knowledgeOf: (loop) => {
      const known = knowledgeFrom([], { rules: [], person: () => null });
      for (const change of changes.slice(0, Number(loop.next.get("registry.changed.v1") ?? 0n))) known.apply(change);
      return known;
    },
    onFault: (what) => {
      throw new Error(what);
    },
  });
  const running = relay.run();
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
    foreign.close();
  };
  ended.push(end);
  return { relay, stop: end };
}

const changes: Parameters<ReturnType<typeof knowledgeFrom>["apply"]>[0][] = [];
beforeEach(() => void changes.splice(0));

async function declare(id: string, topic: string | null): Promise<void> {
  version += 1;
  const value = { kind: "BEDSIDE", staleAfterMs: 60_000, zone: null, topic };
  const change = { schema: 1, kind: "source", id, version, value, by: "o", reason: null, at: 0 } as const;
  changes.push(change);
  await live.eventLog.append("registry.changed.v1", [{ key: `source/${id}`, value: change }]);
}

const write = (topic: string, text: string): Promise<void> => appendFile(join(directory, `${topic}.ndjson`), text);
const lines = (from: number, to: number): string =>
  Array.from(
    { length: to - from },
    (_, at) => `${JSON.stringify({ patientId: `p${String(at % 7)}`, n: from + at })}\n`,
  ).join("");

async function observed(): Promise<readonly ObservedRecord[]> {
  const all = await Promise.all(
    [0, 1, 2, 3].map((partition) => readHistory(live.eventLog, "vitals.observed.v1", partition)),
  );
  return all.flat().map(({ value }) => value as ObservedRecord);
}

async function until(count: number): Promise<readonly ObservedRecord[]> {
  for (let look = 0; look < 400; look += 1) {
    const found = await observed();
    if (found.length >= count) return found;
    await systemClock.sleep(20);
  }
  throw new Error(`${String((await observed()).length)} of ${String(count)} came`);
}

const numbers = (records: readonly ObservedRecord[]): readonly number[] =>
  records.map(({ record }) => (record as { n: number }).n).sort((left, right) => left - right);

describe("what foreign producers write to the topic of a source", () => {
  it("comes into the log once each, over any number of deaths, in order for each patient", async () => {
    await write("feed", lines(0, 3_000));
    await declare("ward", "feed");
    for (let round = 1; round <= 6; round += 1) {
      const { stop } = await start();
      await systemClock.sleep(round * 15);
      await stop();
      await write("feed", lines(3_000 + 100 * (round - 1), 3_000 + 100 * round));
    }
    await start();
    const all = await until(3_600);
    expect(numbers(all)).toEqual(Array.from({ length: 3_600 }, (_, n) => n));
    expect(new Set(all.map(({ source, simulated, by }) => `${source} ${String(simulated)} ${String(by)}`))).toEqual(
      new Set(["ward false null"]),
    );
    const own = all.map(({ record }) => record as { patientId: string; n: number });
    const ofOne = own.filter(({ patientId }) => patientId === "p3").map(({ n }) => n);
    expect(ofOne).toEqual([...ofOne].sort((left, right) => left - right));
  });

  it("is not stopped by a record of which nothing can be made", async () => {
    await write(
      "feed",
      `nonsense\n{"patientId":"p1","n":1}\n${"x".repeat(2 * LIVE.recordBytes)}\n\u0000\n[1]\n{"n":2}\n`,
    );
    await declare("ward", "feed");
    await start();
    const records = (await until(6)).map(({ record }) => record);
    expect(records).toEqual(expect.arrayContaining(["nonsense", { patientId: "p1", n: 1 }, "\u0000", [1], { n: 2 }]));
    expect(records).toContainEqual({ oversize: { bytes: LIVE.recordBytes + 1, text: "x".repeat(LIVE.recordBytes) } });
  });

  it("is read as sources are declared; a topic there is not is told, and the others go on", async () => {
    const { relay } = await start();
    await write("one", lines(0, 2));
    await declare("absent", "none");
    await declare("ward", "one");
    await until(2);
    while (relay.status().faults.size === 0) await systemClock.sleep(10);
    expect([...relay.status().faults]).toEqual([["none", "there is no file foreign/none.ndjson"]]);
    expect(relay.status().topics).toBe(2);
    await declare("ward", null);
    await declare("absent", null);
    while (relay.status().topics > 0) await systemClock.sleep(10);
    expect(relay.status().faults.size).toBe(0);
    await write("one", lines(2, 4));
    await systemClock.sleep(300);
    expect(await observed()).toHaveLength(2);
    await declare("other", "one");
    const all = await until(4);
    expect(numbers(all)).toEqual([0, 1, 2, 3]);
    expect(all.map(({ source }) => source).sort()).toEqual(["other", "other", "ward", "ward"]);
  });
});
