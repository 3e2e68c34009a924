import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { WebSocket } from "ws";
import { follow, type Envelope, type Followed } from "../../clients/js/src/index.js";
import { createClusterEventLog } from "../../src/backend/cluster/event-log.js";
import { createEmbeddedEventLog } from "../../src/backend/embedded/event-log.js";
import type { EventLog } from "../../src/backend/index.js";
import { createLineSender } from "../../src/cli/send-lines.js";
import { systemClock } from "../../src/clock.js";
import { ALERT_TRANSITIONED, parseAlertTransition } from "../../src/ingest/streams/alert.js";
import { silentLog } from "../../src/log.js";
import { ensureBuilt } from "../helpers/built.js";
import { everything } from "../helpers/live-outcome.js";
import { removeFolder, startService, type Service } from "../helpers/service.js";
import { clusterEnvironment, STACK_TIMEOUT_MS, stackForTests } from "../helpers/stack.js";
import { chaosCycles, createChance } from "./kill.js";
import { startProxy, type Proxy } from "./proxy.js";

const SUBSCRIBERS = 10;
const CUTS = chaosCycles(50);
const KILLS = 5;
const PATIENTS = 8;
const START = Date.UTC(2026, 0, 1);
/** Time comes with readings alone: behind the last of them nothing is due, and the log is whole. */
const INPUT = { VITALOME_CLOCK: "input" };
const WORDS = "... on StreamHeartbeat { periodMs lagMs } ... on StreamGap { from lost reason }";
const ALERTS = `subscription Chaos($after: Cursor) { alerts(after: $after, minPriority: INFO, includeShadow: true) {
  cursor sequence event { __typename ${WORDS} ... on AlertChange { alert { id version } } } } }`;
const patientOf = (n: number): string => `p${String(n + 1)}`;

/** What a service stands on. */
interface Ground {
  readonly environment: Readonly<Record<string, string>>;
  /** The log it leaves in its folder, or elsewhere. */
  openLog(folder: string): Promise<EventLog>;
}

const TOOLS = { clock: systemClock, log: silentLog };
const GROUNDS: Readonly<Record<string, () => Promise<Ground>>> = {
  embedded: () =>
    Promise.resolve({
      environment: {},
      openLog: (folder) => createEmbeddedEventLog({ directory: join(folder, "log"), ...TOOLS }),
    }),
  cluster: async () => {
    const stack = await stackForTests();
    const corner = `subscribers-${randomBytes(4).toString("hex")}`;
    return {
      environment: clusterEnvironment(stack, corner),
      openLog: () => createClusterEventLog({ brokers: [stack.kafka], prefix: `${corner}.`, ...TOOLS }),
    };
  },
};

let service: Service | null = null;
let directory: string | null = null;
const stop: { current: AbortController } = { current: new AbortController() };
const proxies: Proxy[] = [];
afterEach(async () => {
  stop.current.abort(new Error("the test is over"));
  for (const proxy of proxies.splice(0)) proxy.close();
  await service?.kill();
  if (directory !== null) await removeFolder(directory);
  service = null;
  directory = null;
});

async function startWard(start: () => Promise<Service>): Promise<Service> {
  stop.current = new AbortController();
  setMaxListeners(0, stop.current.signal);
  const started = await start();
  service = started;
  directory = started.directory;
  const people = Array.from({ length: PATIENTS }, (_none, n) => ({
    resourceType: "Patient",
    id: patientOf(n),
    birthDate: "1950-01-01",
  }));
  const file = join(started.directory, "people.ndjson");
  await writeFile(file, people.map((person) => JSON.stringify(person)).join("\n"));
  expect((await started.cli("ingest-clinical", file)).code).toBe(0);
  return started;
}

/**
 * One reading of each patient, all low or all well: alerts of each begin, or end. Ten minutes lie between two rounds, so that no
 * alert is the one before, come back.
 */
function readings(round: number): string {
  const value = round % 2 === 0 ? 80 : 98;
  const eventTime = new Date(START + round * 600_000).toISOString();
  return Array.from({ length: PATIENTS }, (_none, n) => {
    const record = {
      deviceId: `m${String(n)}`,
      session: "1",
      sequence: round + 1,
      patientId: patientOf(n),
      code: "2708-6",
      unit: "%",
    };
    return `${JSON.stringify({ ...record, value, eventTime, receivedAt: eventTime, simulated: true })}\n`;
  }).join("");
}

/** Every step in the log, by partition, in its order. */
async function logged(log: EventLog): Promise<ReadonlyMap<string, readonly string[]>> {
  const steps = new Map<string, string[]>();
  for (const event of await everything(log, ALERT_TRANSITIONED)) {
    const step = parseAlertTransition(event);
    if (step.kind !== "changed") continue;
    const partition = String(event.partition);
    const { id, version } = step.alert;
    steps.set(partition, [
      ...(steps.get(partition) ?? []),
      `${partition}-${String(event.offset)} ${id} ${String(version)}`,
    ]);
  }
  await log.close();
  return steps;
}

/** The same of what a subscriber was given. */
function given(followed: readonly Followed[]): ReadonlyMap<string, readonly string[]> {
  const steps = new Map<string, string[]>();
  for (const one of followed) {
    if (one.kind !== "event") continue;
    const sequence = String(one.envelope.sequence);
    const partition = sequence.split("-")[0] ?? "";
    const { id, version } = one.event["alert"] as { id: string; version: number };
    steps.set(partition, [...(steps.get(partition) ?? []), `${sequence} ${id} ${String(version)}`]);
  }
  return steps;
}

async function eventually(condition: () => boolean, what: () => string, deadlineMs = 120_000): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`it did not come about: ${what()}`);
    await systemClock.sleep(20);
  }
}

const sorted = (steps: ReadonlyMap<string, readonly string[]>): [string, readonly string[]][] =>
  [...steps].sort(([one], [other]) => (one < other ? -1 : 1));

interface Raw {
  readonly socket: WebSocket;
  envelopes(): readonly Envelope[];
  /** The code it was closed with. */
  readonly closed: Promise<number>;
}

/** A socket that only collects what its one subscription is sent. */
async function openRaw({ url, token }: Service, query: string): Promise<Raw> {
  const socket = new WebSocket(url.replace("http", "ws"), ["graphql-transport-ws"]);
  const envelopes: Envelope[] = [];
  socket.on("message", (data: Buffer) => {
    const { type, payload } = JSON.parse(data.toString()) as {
      type: string;
      payload?: { data?: Record<string, Envelope> };
    };
    if (type === "connection_ack") socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query } }));
    envelopes.push(...Object.values(payload?.data ?? {}));
  });
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  socket.send(JSON.stringify({ type: "connection_init", payload: { token } }));
  return { socket, envelopes: () => envelopes, closed };
}

describe.each(Object.entries(GROUNDS))("subscribers to alerts in the %s profile", (_name, createGround) => {
  let ground: Ground;
  beforeAll(async () => {
    await ensureBuilt();
    ground = await createGround();
  }, STACK_TIMEOUT_MS);
  const start = (more: Readonly<Record<string, string>>, folder?: string): Promise<Service> =>
    startService(folder, ["--no-demo"], { ...ground.environment, VITALOME_HEARTBEAT_SECONDS: "1", ...more });

  it(`each receive exactly the log's sequence, cut off ${String(CUTS)} times each while the service is killed ${String(KILLS)} times`, async () => {
    const chance = createChance("subscribers");
    let current = await startWard(() => start(INPUT));
    const folder = current.directory;
    const portNow = (): number => Number(new URL(current.url).port);

    const subscribers = await Promise.all(
      Array.from({ length: SUBSCRIBERS }, async (_none, n) => {
        const proxy = await startProxy(portNow);
        proxies.push(proxy);
        const followed: Followed[] = [];
        const events = follow({
          url: `http://127.0.0.1:${String(proxy.port)}/graphql`,
          token: () => current.token,
          query: ALERTS,
          // Either transport, half of them each.
          transport: n % 2 === 0 ? "websocket" : "sse",
          webSocket: WebSocket,
          retryFirst: true,
          signal: stop.current.signal,
        });
        const ended = (async () => {
          for await (const one of events) followed.push(one);
        })();
        return { proxy, followed, ended };
      }),
    );
    await eventually(
      () => subscribers.every(({ followed }) => followed.some(({ kind }) => kind === "heartbeat")),
      () => "the first heartbeats",
    );

    let isOver = false;
    const sender = createLineSender({
      target: () => Promise.resolve({ url: current.url, token: current.token }),
      source: "chaos",
      patienceMs: 120_000,
      onRetry: () => undefined,
      clock: systemClock,
      signal: stop.current.signal,
    });
    let rounds = 0;
    const producing = (async () => {
      for (; !isOver; rounds += 1) {
        await sender.send(readings(rounds), `round-${String(rounds)}`);
        await systemClock.sleep(500);
      }
    })();
    const cutting = subscribers.map(async ({ proxy }) => {
      // What was cut had been given something: each cut is one in the middle of a stream.
      for (let cuts = 0; cuts < CUTS;) {
        await systemClock.sleep(chance.between(10, 300));
        if (proxy.received() > 500 && proxy.cut() > 0) cuts += 1;
      }
    });
    const killing = (async () => {
      for (let kill = 0; kill < KILLS; kill += 1) {
        await systemClock.sleep(chance.between(1_000, 4_000));
        await current.kill();
        current = await start(INPUT, folder);
        service = current;
      }
    })();
    await Promise.all([...cutting, killing]);
    isOver = true;
    await producing;

    // All of them stand at the end of the log, three beats in a row.
    const countOf = (): number => Math.min(...subscribers.map(({ followed }) => followed.length));
    const idle = (followed: readonly Followed[]): boolean =>
      followed.slice(-3).every((one) => one.kind === "heartbeat" && one.event["lagMs"] === 0);
    await eventually(
      () => subscribers.every(({ followed }) => idle(followed)),
      () => `the ends: ${String(countOf())}`,
    );
    stop.current.abort(new Error("enough"));
    await Promise.all(subscribers.map(({ ended }) => ended));
    expect(await current.stop()).toBe(0);
    const steps = sorted(await logged(await ground.openLog(folder)));
    const total = steps.reduce((sum, [, own]) => sum + own.length, 0);
    process.stderr.write(`chaos: subscribers, ${String(rounds)} rounds, ${String(total)} steps\n`);
    expect(total).toBeGreaterThan(rounds * PATIENTS);
    for (const { followed } of subscribers) {
      expect(sorted(given(followed))).toEqual(steps);
      expect(followed.filter(({ kind }) => kind === "gap")).toEqual([]);
      expect(followed.filter(({ kind }) => kind === "disconnected").length).toBeGreaterThanOrEqual(CUTS);
    }
  }, 600_000);

  it("that do not read are cut off with a gap, and the others do not notice", async () => {
    const ward = await startWard(() => start({ VITALOME_SOCKET_BUFFER_MB: "1" }));
    // One event of many bytes: the same field under many names.
    const names = Array.from({ length: 40 }, (_none, n) => `m${String(n)}: quality`).join(" ");
    const query = `subscription Fat($after: Cursor) { vitals(after: $after) { cursor event { __typename ${WORDS} ... on Observation { id ${names} } } } }`;
    const quality = Array.from({ length: 16 }, (_none, n) => String(n).padEnd(100, "x"));
    const subscribe = (followed: Followed[], after: string | null): void => {
      void (async () => {
        const options = { url: ward.url, token: ward.token, query, after, webSocket: WebSocket };
        for await (const one of follow({ ...options, signal: stop.current.signal })) followed.push(one);
      })();
    };
    const slow = await openRaw(ward, query);
    const others: Followed[][] = [[], [], []];
    for (const other of others) subscribe(other, null);
    await eventually(
      () => slow.envelopes().length > 0 && others.every((followed) => followed.length > 0),
      () => "the first heartbeats",
    );
    slow.socket.pause();
    const idsOf = (followed: readonly Followed[]): unknown[] =>
      followed.flatMap((one) => (one.kind === "event" ? [one.event["id"]] : []));
    const sender = createLineSender({
      target: () => Promise.resolve(ward),
      source: "chaos",
      patienceMs: 60_000,
      onRetry: () => undefined,
      clock: systemClock,
      signal: stop.current.signal,
    });
    const READINGS = 600;
    for (let n = 0; n < READINGS; n += 50) {
      const lines = Array.from({ length: 50 }, (_none, index) => {
        const record = {
          deviceId: "m1",
          session: "1",
          sequence: n + index + 1,
          patientId: "p1",
          code: "8867-4",
          value: 70 + (index % 5),
          unit: "/min",
        };
        return `${JSON.stringify({ ...record, eventTime: new Date(Date.now() - READINGS + n + index).toISOString(), quality })}\n`;
      });
      await sender.send(lines.join(""), `fat-${String(n)}`);
    }
    await eventually(
      () => others.every((other) => idsOf(other).length === READINGS),
      () => others.map((other) => idsOf(other).length).join(),
    );
    for (const other of others) {
      expect(idsOf(other)).toEqual(idsOf(others[0] ?? []));
      expect(other.filter(({ kind }) => kind !== "event" && kind !== "heartbeat")).toEqual([]);
    }
    // A reader that only does not read would be given up by its own watch over silence: this one has none.
    slow.socket.resume();
    expect(await slow.closed).toBe(4413);
    const taken = slow.envelopes().filter(({ event }) => event.__typename === "Observation");
    const gap = slow.envelopes().at(-1);
    expect(gap?.event).toMatchObject({ __typename: "StreamGap", reason: "SLOW_CONSUMER", lost: 0 });
    expect(taken.length).toBeLessThan(READINGS);
    const again: Followed[] = [];
    subscribe(again, gap?.cursor ?? null);
    await eventually(
      () => taken.length + idsOf(again).length >= READINGS,
      () => String(idsOf(again).length),
    );
    expect([...taken.map(({ event }) => event["id"]), ...idsOf(again)]).toEqual(idsOf(others[0] ?? []));
  }, 300_000);
});
