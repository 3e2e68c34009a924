import { afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { GraphQLSchema } from "graphql";
import type { JobRecord } from "../../src/domain/job.js";
import { buildApiSchema } from "../../src/resolvers/build.js";
import type { ServerOptions } from "../../src/server.js";
import { liveContext, openLiveLog, type LiveLog } from "../helpers/live-log.js";
import { connect, startTestServer, until, type Frame, type Running, type Socket } from "./running.js";

const HEARTBEAT_MS = 5_000;
const LIMITS = { socketSubscriptions: 100, tokenSubscriptions: 1_000, bufferBytes: 1024 * 1024 };
const DOCUMENT = `subscription Watch($id: ID, $after: Cursor) { jobUpdates(id: $id, after: $after) {
  cursor event {
    __typename
    ... on Job { id state version stage }
    ... on StreamHeartbeat { cursor lagMs periodMs watermark }
    ... on StreamGap { from to lost reason }
  } } }`;

interface Envelope {
  readonly cursor: string;
  readonly event: { readonly __typename: string } & Readonly<Record<string, unknown>>;
}

let schema: GraphQLSchema;
let executions = 0;
let reads = 0;
/** What the next execution waits for. */
let gate: Promise<void> | null = null;
beforeAll(async () => {
  schema = await buildApiSchema();
  const field = schema.getSubscriptionType()?.getFields()["jobUpdates"];
  const resolve = field?.resolve;
  if (field === undefined || resolve === undefined) throw new Error("there is no jobUpdates");
  field.resolve = (...args) => {
    executions += 1;
    const held = gate;
    gate = null;
    return held === null ? resolve(...args) : held.then(() => resolve(...args));
  };
});

let log: LiveLog;
let running: Running;
const stops: (() => Promise<unknown>)[] = [];

async function start(overrides: Partial<ServerOptions> = {}): Promise<Running> {
  const eventLog: LiveLog["eventLog"] = {
    ...log.eventLog,
    async *read(...args) {
      reads += 1;
      try {
        yield* log.eventLog.read(...args);
      } finally {
        reads -= 1;
      }
    },
  };
  const contextFor = liveContext({ ...log, eventLog }, HEARTBEAT_MS);
  const started = await startTestServer({ schema, clock: log.clock, limits: LIMITS, contextFor, ...overrides });
  stops.push(() => started.stop());
  return started;
}

beforeEach(async () => {
  log = await openLiveLog();
  reads = 0;
  running = await start();
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await log.close();
});

function watch(socket: Socket, id: string, variables: object = {}, query = DOCUMENT): void {
  socket.send({ type: "subscribe", id, payload: { query, variables } });
}

function envelopeOf({ payload }: Frame): Envelope {
  const { data, errors } = payload as { data?: { jobUpdates: Envelope } | null; errors?: unknown };
  if (errors !== undefined || data === undefined || data === null) throw new Error(JSON.stringify(payload));
  return data.jobUpdates;
}

async function next(socket: Socket): Promise<Envelope> {
  return envelopeOf(await socket.next("next"));
}

function jobsOf(socket: Socket, id?: string): unknown[] {
  return socket.frames
    .filter((frame) => frame.type === "next" && (id === undefined || frame.id === id))
    .map(envelopeOf)
    .filter(({ event }) => event.__typename === "Job")
    .map(({ event }) => event["version"]);
}

function heartbeatsOf(socket: Socket): number {
  return socket.frames
    .filter(({ type }) => type === "next")
    .map(envelopeOf)
    .filter(({ event }) => event.__typename === "StreamHeartbeat").length;
}

const change = (from: number, to: number, overrides: Partial<JobRecord> = {}): Promise<unknown> =>
  log.change(...Array.from({ length: to - from + 1 }, (_none, index) => ({ version: from + index, ...overrides })));

/** Holds the next execution until it is let go. */
function hold(): () => void {
  let release = (): void => undefined;
  gate = new Promise((resolve) => {
    release = resolve;
  });
  return release;
}

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_none, n) => from + n);

describe("jobUpdates", () => {
  it("says its cursor at once, then each transition with the cursor behind it", async () => {
    const socket = await connect(running);
    watch(socket, "1");
    const first = await next(socket);
    expect(first.event).toMatchObject({
      __typename: "StreamHeartbeat",
      cursor: first.cursor,
      lagMs: 0,
      periodMs: 5_000,
    });
    expect(Date.parse(String(first.event["watermark"]))).toBeLessThanOrEqual(log.clock.now());
    await change(1, 2);
    const second = await next(socket);
    expect(second.event).toEqual({ __typename: "Job", id: "job-1", state: "RUNNING", version: 1, stage: null });
    expect((await next(socket)).event).toMatchObject({ version: 2 });
    const resumed = await connect(running);
    watch(resumed, "1", { after: second.cursor });
    expect((await next(resumed)).event).toMatchObject({ version: 2 });
    socket.close();
    resumed.close();
  });

  it("keeps to one job, with a cursor that goes on past the others", async () => {
    const socket = await connect(running);
    watch(socket, "1", { id: "job-2" });
    await next(socket);
    await log.change({ id: "job-1" }, { id: "job-2", version: 1 }, { id: "job-3" }, { id: "job-2", version: 2 });
    expect((await next(socket)).event).toMatchObject({ id: "job-2", version: 1 });
    const { cursor, event } = await next(socket);
    expect(event).toMatchObject({ id: "job-2", version: 2 });
    watch(socket, "2", { after: cursor });
    const { payload } = await socket.next("next");
    expect(payload).toMatchObject({ errors: [{ extensions: { code: "CURSOR_INVALID", field: "after" } }] });
    socket.close();
  });

  it("is refused to a role that may not see jobs", async () => {
    const socket = await connect(running, await running.token("clinician"));
    watch(socket, "1");
    const { payload } = await socket.next("next");
    expect(payload).toMatchObject({ errors: [{ extensions: { code: "FORBIDDEN" } }] });
    socket.close();
  });

  it("is never quiet for longer than the period it states", async () => {
    const socket = await connect(running);
    watch(socket, "1");
    const { cursor } = await next(socket);
    for (let beat = 0; beat < 3; beat += 1) {
      log.clock.ahead(HEARTBEAT_MS);
      const later = await next(socket);
      expect(later).toMatchObject({ cursor, event: { __typename: "StreamHeartbeat" } });
    }
    socket.close();
  });

  it("leaves turns to everything else while many catch up: one answer of each at a time", async () => {
    const first = await connect(running);
    watch(first, "1");
    const { cursor: after } = await next(first);
    first.close();
    await until(() => reads === 0);
    await change(1, 100);
    let isOver = false;
    let most = 0;
    let before = executions;
    const turn = (): void => {
      most = Math.max(most, executions - before);
      before = executions;
      if (!isOver) setImmediate(turn);
    };
    turn();
    const sockets = await Promise.all([1, 2, 3].map(() => connect(running)));
    for (const socket of sockets) watch(socket, "1", { after });
    for (const socket of sockets) {
      await until(() => jobsOf(socket).length === 100);
      expect(jobsOf(socket)).toEqual(numbers(1, 100));
      socket.close();
    }
    isOver = true;
    expect(most).toBeLessThanOrEqual(2 * sockets.length);
  });

  it("ends with its token, with 4403 and the reason, and goes on by cursor under a new one", async () => {
    const socket = await connect(running, await running.token("owner", 60));
    watch(socket, "1");
    const { cursor } = await next(socket);
    log.clock.ahead(61_000);
    expect(await socket.closed).toEqual({ code: 4403, reason: "the token has expired" });
    await change(1, 1);
    const again = await connect(running, await running.token("owner", 60));
    watch(again, "1", { after: cursor });
    expect((await next(again)).event).toMatchObject({ version: 1 });
    again.close();
  });
});

describe("datasetPublished", () => {
  it("tells each snapshot with its tables", async () => {
    const socket = await connect(running);
    const query =
      "subscription { datasetPublished { cursor event { __typename ... on DatasetPublication { snapshotId jobId kind tables { table rows } publishedAt } } } }";
    watch(socket, "1", {}, query);
    await socket.next("next");
    await log.eventLog.append("dataset.published.v1", [
      {
        key: "dataset",
        value: {
          schema: 1,
          id: 7,
          jobId: "job-1",
          kind: "ingest-variants",
          tables: { variants: 2, calls: 5 },
          publishedAt: 0,
        },
      },
    ]);
    const { payload } = await socket.next("next");
    expect((payload as { data: { datasetPublished: Envelope } }).data.datasetPublished.event).toEqual({
      __typename: "DatasetPublication",
      snapshotId: "7",
      jobId: "job-1",
      kind: "ingest-variants",
      tables: [
        { table: "calls", rows: 5 },
        { table: "variants", rows: 2 },
      ],
      publishedAt: "1970-01-01T00:00:00.000Z",
    });
    socket.close();
  });
});

describe("equal subscriptions", () => {
  const SUBSCRIBERS = 30;

  it("share one reading of the log and one execution for each event, and all receive all", async () => {
    const sockets = await Promise.all(Array.from({ length: SUBSCRIBERS }, () => connect(running)));
    sockets.forEach((socket, index) => {
      watch(socket, `s${String(index)}`);
    });
    for (const socket of sockets) await next(socket);
    await until(() => reads === 1);
    executions = 0;
    await change(1, 5);
    for (const socket of sockets) await until(() => jobsOf(socket).length === 5);
    expect(executions).toBe(5);
    for (const socket of sockets) expect(jobsOf(socket)).toEqual(numbers(1, 5));
    for (const [index, socket] of sockets.entries())
      expect(new Set(socket.frames.filter(({ type }) => type === "next").map(({ id }) => id))).toEqual(
        new Set([`s${String(index)}`]),
      );
    sockets[0]?.close();
    await change(6, 6);
    for (const socket of sockets.slice(1)) await until(() => jobsOf(socket).length === 6);
    expect(executions).toBe(6);
    for (const socket of sockets) socket.close();
    await until(() => reads === 0);
  });

  it("become one once those that resume have caught up, without a repeat or a loss", async () => {
    const first = await connect(running);
    watch(first, "live");
    const { cursor } = await next(first);
    await change(1, 20);
    const late = await Promise.all(Array.from({ length: 5 }, () => connect(running)));
    late.forEach((socket) => {
      watch(socket, "late", { after: cursor });
    });
    for (let version = 21; version <= 60; version += 1) await change(version, version);
    for (const socket of [first, ...late]) await until(() => jobsOf(socket).length === 60);
    const quiet = new Map([first, ...late].map((socket) => [socket, heartbeatsOf(socket)]));
    log.clock.ahead(HEARTBEAT_MS);
    // Each has its heartbeat before executions are counted: that is one as well.
    for (const [socket, before] of quiet) await until(() => heartbeatsOf(socket) > before);
    await until(() => reads === 1);
    executions = 0;
    await change(61, 62);
    for (const socket of [first, ...late]) {
      await until(() => jobsOf(socket).length === 62);
      expect(jobsOf(socket)).toEqual(numbers(1, 62));
    }
    expect(executions).toBe(2);
    for (const socket of [first, ...late]) socket.close();
  });

  it("stay apart while one is ahead of the other, so that nothing comes twice", async () => {
    const first = await connect(running);
    watch(first, "first");
    const { cursor } = await next(first);
    const release = hold();
    await change(1, 1);
    const ahead = await connect(running);
    await until(() => gate === null);
    watch(ahead, "ahead", { after: cursor });
    await until(() => ahead.frames.filter(({ type }) => type === "next").length === 2);
    release();
    await until(() => jobsOf(first).length === 1);
    await change(2, 2);
    for (const socket of [first, ahead]) {
      await until(() => jobsOf(socket).length >= 2);
      expect(jobsOf(socket)).toEqual([1, 2]);
      socket.close();
    }
  });

  it("stay apart while one is behind the other, so that nothing is lost", async () => {
    const first = await connect(running);
    watch(first, "first");
    await next(first);
    const release = hold();
    const behind = await connect(running);
    watch(behind, "behind");
    await until(() => gate === null);
    await change(1, 1);
    await until(() => jobsOf(first).length === 1);
    release();
    await next(behind);
    await change(2, 2);
    for (const socket of [first, behind]) {
      await until(() => jobsOf(socket).length >= 2);
      expect(jobsOf(socket)).toEqual([1, 2]);
      socket.close();
    }
  });

  it("are not those of another role, other variables or another document", async () => {
    const socket = await connect(running);
    const operator = await connect(running, await running.token("operator"));
    watch(socket, "a");
    watch(operator, "a");
    watch(socket, "b", { id: "job-1" });
    watch(socket, "c", {}, DOCUMENT.replace("stage", ""));
    for (let n = 0; n < 3; n += 1) await next(socket);
    await next(operator);
    executions = 0;
    await change(1, 1);
    await until(() => jobsOf(socket).length === 3 && jobsOf(operator).length === 1);
    expect(executions).toBe(4);
    expect(reads).toBe(4);
    socket.close();
    operator.close();
  });

  it("go on for the others when one of them does not read: it is told a gap, closed with 4413, and resumes", async () => {
    const [slow, quick] = [await connect(running), await connect(running)];
    watch(slow, "slow");
    watch(quick, "quick");
    await next(slow);
    await next(quick);
    await until(() => reads === 1);
    slow.pause();
    const stage = "x".repeat(100_000);
    let last = 0;
    // Until what the system buffers is full, and the budget behind it.
    executions = 0;
    for (; executions === last && last < 500; last += 5) {
      await change(last + 1, last + 5, { stage });
      await until(() => jobsOf(quick).length === last + 5);
    }
    // One more than there were events: the gap.
    expect(executions).toBe(last + 1);
    expect(jobsOf(quick)).toEqual(numbers(1, last));
    slow.resume();
    expect(await slow.closed).toEqual({
      code: 4413,
      reason: "the client reads too slowly: resume with the last cursor",
    });
    const received = jobsOf(slow);
    expect(received.length).toBeLessThan(last);
    expect(received).toEqual(numbers(1, received.length));
    const frames = slow.frames.filter(({ type }) => type === "next");
    const gap = envelopeOf(frames.at(-1) as Frame);
    expect(gap.event).toEqual({
      __typename: "StreamGap",
      from: gap.cursor,
      to: null,
      lost: 0,
      reason: "SLOW_CONSUMER",
    });
    const again = await connect(running);
    watch(again, "again", { after: gap.cursor });
    await until(() => jobsOf(again).length === last - received.length);
    expect(jobsOf(again)).toEqual(numbers(received.length + 1, last));
    again.close();
    quick.close();
  });
});

describe("the number of subscriptions", () => {
  it("is bounded for a socket and for all sockets of a token; another token has its own", async () => {
    const own = await start({ limits: { ...LIMITS, socketSubscriptions: 2, tokenSubscriptions: 3 } });
    const token = await own.token();
    const [one, two] = [await connect(own, token), await connect(own, token)];
    watch(one, "1");
    watch(one, "2");
    watch(one, "3");
    const { payload } = await one.next("error");
    expect(payload).toMatchObject([
      { extensions: { code: "LIMIT_EXCEEDED", limit: "subscriptions", max: 2, actual: 3 } },
    ]);
    watch(two, "1");
    watch(two, "2");
    const refused = await two.next("error");
    expect(refused.payload).toMatchObject([
      { extensions: { code: "LIMIT_EXCEEDED", limit: "tokenSubscriptions", max: 3, actual: 4 } },
    ]);
    const other = await connect(own, await own.token("operator"));
    watch(other, "1");
    await next(other);
    one.close();
    await one.closed;
    await until(() => reads <= 2);
    watch(two, "3");
    await next(two);
    two.close();
    other.close();
  });
});
