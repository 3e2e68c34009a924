import { afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { GraphQLSchema } from "graphql";
import { createServer, type AddressInfo, type Socket as TcpSocket } from "node:net";
import { WebSocket } from "ws";
import { follow, followEach, type Followed, type FollowOptions } from "../../clients/js/src/index.js";
import { buildApiSchema } from "../../src/resolvers/build.js";
import { liveContext, openLiveLog, type LiveLog } from "../helpers/live-log.js";
import { startTestServer, until, type Running } from "../server/running.js";

const HEARTBEAT_MS = 5_000;
const QUERY = `subscription W($id: ID, $after: Cursor) { jobUpdates(id: $id, after: $after) { cursor event {
  __typename ... on Job { id version } ... on StreamHeartbeat { periodMs lagMs } ... on StreamGap { reason lost } } } }`;

let schema: GraphQLSchema;
let log: LiveLog;
let running: Running;
let stop: AbortController;
let transport: "websocket" | "sse" = "websocket";
const closing: (() => unknown)[] = [];
beforeAll(async () => {
  schema = await buildApiSchema();
});
beforeEach(async () => {
  log = await openLiveLog();
  stop = new AbortController();
  running = await start();
});
afterEach(async () => {
  stop.abort(new Error("the test is over"));
  for (const close of closing.splice(0)) await close();
  await log.close();
});

async function start(bufferBytes = 8 * 1024 * 1024): Promise<Running> {
  const limits = { socketSubscriptions: 10, tokenSubscriptions: 10, bufferBytes };
  const contextFor = liveContext(log, HEARTBEAT_MS);
  const started = await startTestServer({ schema, clock: log.clock, contextFor, limits });
  closing.push(() => started.stop());
  return started;
}

/** A way to the service that can be cut, or fall silent. */
async function startProxy(): Promise<{
  readonly url: string;
  cut(): void;
  silence(): void;
  connections(): number;
  firstLine(): string;
  refuse(times: number): void;
}> {
  const pairs: (readonly [TcpSocket, TcpSocket])[] = [];
  let count = 0;
  let refused = 0;
  let firstLine = "";
  const { createConnection } = await import("node:net");
  const server = createServer((near) => {
    count += 1;
    if (refused > 0) {
      refused -= 1;
      near.destroy();
      return;
    }
    near.once("data", (chunk) => {
      firstLine = chunk.toString().split("\r\n")[0] ?? "";
    });
    const far = createConnection(running.server.port, "127.0.0.1");
    pairs.push([near, far]);
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) {
      socket.on("error", () => undefined);
      socket.on("close", () => {
        near.destroy();
        far.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = (): void => {
    for (const [near] of pairs.splice(0)) near.destroy();
  };
  closing.push(() => {
    cut();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/graphql`,
    cut,
    silence() {
      for (const [near, far] of pairs) far.unpipe(near);
    },
    connections: () => count,
    firstLine: () => firstLine,
    refuse(times) {
      refused = times;
    },
  };
}

interface Followers {
  readonly followed: Followed[];
  versions(): unknown[];
  readonly ended: Promise<unknown>;
}

/** Follows in the background; `ended` gives what ended it. */
function run(overrides: Partial<FollowOptions> = {}): Followers {
  const followed: Followed[] = [];
  const ended = (async () => {
    const events = follow({
      url: running.server.url,
      token: () => running.token(),
      query: QUERY,
      variables: { id: null },
      transport,
      webSocket: WebSocket,
      clock: log.clock,
      signal: stop.signal,
      ...overrides,
    });
    for await (const one of events) followed.push(one);
    return "over";
  })().catch((thrown: unknown) => thrown);
  return {
    followed,
    ended,
    versions: () =>
      followed.filter(({ kind }) => kind === "event").map((one) => "event" in one && one.event["version"]),
  };
}

const change = (from: number, to: number, rest: object = {}): Promise<unknown> =>
  log.change(...Array.from({ length: to - from + 1 }, (_none, index) => ({ version: from + index, ...rest })));

const numbers = (to: number): number[] => Array.from({ length: to }, (_none, index) => index + 1);

describe.each(["websocket", "sse"] as const)("following over %s", (over) => {
  beforeEach(() => {
    transport = over;
  });

  it("receives each event once over any number of lost connections", async () => {
    const proxy = await startProxy();
    const follower = run({ url: proxy.url });
    await until(() => follower.followed.length === 1);
    for (let round = 0; round < 6; round += 1) {
      await change(5 * round + 1, 5 * round + 3);
      if (round % 2 === 0) await until(() => follower.versions().length >= 5 * round + 2);
      proxy.cut();
      await change(5 * round + 4, 5 * round + 5);
    }
    await until(() => follower.versions().length === 30);
    expect(follower.versions()).toEqual(numbers(30));
    expect(follower.followed.some(({ kind }) => kind === "disconnected")).toBe(true);
    stop.abort(new Error("enough"));
    expect(await follower.ended).toBe("over");
  });

  it("loses nothing when only a heartbeat has told it where it is", async () => {
    const proxy = await startProxy();
    const follower = run({ url: proxy.url });
    await until(() => follower.followed.length === 1);
    proxy.cut();
    await change(1, 3);
    await until(() => follower.versions().length === 3);
    expect(follower.versions()).toEqual([1, 2, 3]);
  });

  it("goes on at another address and under another token when the service has come back there", async () => {
    let moved = running;
    const follower = run({ url: () => moved.server.url, token: () => moved.token() });
    await until(() => follower.followed.length === 1);
    await change(1, 2);
    await until(() => follower.versions().length === 2);
    const before = running;
    moved = await start();
    await before.server.close(100);
    await change(3, 4);
    await until(() => follower.versions().length === 4);
    expect(follower.versions()).toEqual([1, 2, 3, 4]);
  });

  it("drops an event that it was given before", async () => {
    const repeating: LiveLog["eventLog"] = {
      ...log.eventLog,
      async *read(...args) {
        for await (const event of log.eventLog.read(...args)) {
          yield event;
          yield event;
        }
      },
    };
    const doubled = await startTestServer({
      schema,
      clock: log.clock,
      contextFor: liveContext({ ...log, eventLog: repeating }, HEARTBEAT_MS),
    });
    closing.push(() => doubled.stop());
    const follower = run({ url: doubled.server.url, token: () => doubled.token() });
    await until(() => follower.followed.length === 1);
    await change(1, 3);
    await until(() => follower.versions().includes(3));
    expect(follower.versions()).toEqual([1, 2, 3]);
  });

  it("keeps a cursor only after its event was taken", async () => {
    await change(1, 1);
    const stored: string[] = [];
    const events = follow({
      url: running.server.url,
      token: () => running.token(),
      query: QUERY,
      variables: { id: null },
      transport,
      store: async (cursor) => void stored.push(cursor),
      webSocket: WebSocket,
      clock: log.clock,
      signal: stop.signal,
    });
    const first = await events.next();
    expect(stored).toEqual([]);
    const second = events.next();
    await until(() => stored.length === 1);
    expect(first.value).toMatchObject({ kind: "heartbeat", cursor: stored[0] });
    await change(2, 2);
    expect((await second).value).toMatchObject({ kind: "event", event: { version: 2 } });
    expect(stored).toHaveLength(1);
    await events.return(undefined);
  });

  it("reports silence after two periods, and resumes on a new connection", async () => {
    const proxy = await startProxy();
    const follower = run({ url: proxy.url });
    await until(() => follower.followed.length === 1);
    proxy.silence();
    await change(1, 2);
    log.clock.ahead(2 * HEARTBEAT_MS);
    await until(() => follower.versions().length === 2);
    expect(follower.followed.map(({ kind }) => kind).slice(0, 3)).toEqual(["heartbeat", "silent", "disconnected"]);
    expect(follower.versions()).toEqual([1, 2]);
    expect(proxy.connections()).toBeGreaterThanOrEqual(2);
  });

  it("ends with the code of what is refused for good", async () => {
    expect(await run({ after: "nonsense" }).ended).toMatchObject({ kind: "follow-failure", code: "CURSOR_INVALID" });
    expect(await run({ token: () => running.token("device") }).ended).toMatchObject({ code: "FORBIDDEN" });
    expect(await run({ token: "a.b.c" }).ended).toMatchObject({
      code: "UNAUTHENTICATED",
      message: "a valid bearer token is required",
    });
    expect(await run({ query: "subscription { nothing }" }).ended).toMatchObject({ code: "GRAPHQL_VALIDATION_FAILED" });
  });

  it("ends when its token has expired and there is no other, and goes on when there is", async () => {
    const old = await running.token("owner", 60);
    const stuck = run({ token: old });
    let given = old;
    const renewed = run({ token: () => given });
    await until(() => stuck.followed.length === 1 && renewed.followed.length === 1);
    given = await running.token("owner", 3_600);
    log.clock.ahead(61_000);
    expect(await stuck.ended).toMatchObject({ code: "UNAUTHENTICATED" });
    await change(1, 1);
    await until(() => renewed.versions().length === 1);
  });

  it("ends at once when there is no service, and after its patience when that is lost", async () => {
    expect(await run({ url: "http://127.0.0.1:9/graphql" }).ended).toMatchObject({ code: "UNREACHABLE" });
    const follower = run({ patienceMs: 60_000 });
    await until(() => follower.followed.length === 1);
    await running.server.close(50);
    await until(() => follower.followed.filter(({ kind }) => kind === "disconnected").length >= 2);
    log.clock.ahead(60_001);
    expect(await follower.ended).toMatchObject({ code: "UNREACHABLE" });
  });
});

describe("following", () => {
  beforeEach(() => {
    transport = "websocket";
  });

  it("takes a WebSocket where there is one, and server-sent events where there is none", async () => {
    const proxied = async (webSocket: unknown): Promise<string> => {
      const proxy = await startProxy();
      const follower = run({ url: proxy.url, webSocket, transport: undefined });
      await until(() => follower.followed.length === 1);
      return proxy.firstLine();
    };
    expect(await proxied(WebSocket)).toMatch(/^GET \/graphql HTTP/);
    expect(await proxied(null)).toMatch(/^POST \/graphql\/stream HTTP/);
  });

  it("reads the cursor it begins behind from where it is stored", async () => {
    const first = run();
    await until(() => first.followed.length === 1);
    const [heartbeat] = first.followed;
    await change(1, 2);
    let kept = heartbeat !== undefined && "cursor" in heartbeat ? heartbeat.cursor : null;
    const second = run({ after: () => Promise.resolve(kept), store: (cursor) => void (kept = cursor) });
    await until(() => second.versions().length === 2);
    await until(() => first.versions().length === 2);
    const third = run({ after: () => kept });
    await until(() => third.followed.length === 1);
    expect(third.followed[0]?.kind).toBe("heartbeat");
  });

  it("drops what names itself as an event that was given before, whatever its cursor", async () => {
    const repeated = { cursor: "b", sequence: "0-1", event: { __typename: "Job", version: 1 } };
    const envelopes = [{ ...repeated, cursor: "a" }, repeated, { ...repeated, cursor: "c", sequence: "0-2" }];
    class Scripted extends EventTarget {
      static OPEN = 1;
      readyState = 1;
      onopen: () => void = () => undefined;
      onmessage: (message: { data: string }) => void = () => undefined;
      constructor() {
        super();
        setTimeout(() => this.onopen(), 0);
      }
      send(text: string): void {
        const { type, id } = JSON.parse(text) as { type: string; id: string };
        const say = (frame: object): void => this.onmessage({ data: JSON.stringify(frame) });
        if (type === "connection_init") say({ type: "connection_ack" });
        if (type === "subscribe")
          for (const jobUpdates of envelopes) say({ id, type: "next", payload: { data: { jobUpdates } } });
      }
      close(): void {
        // Nobody is told.
      }
    }
    Object.assign(Scripted, { CONNECTING: 0, CLOSING: 2, CLOSED: 3 });
    const follower = run({ webSocket: Scripted });
    await until(() => follower.followed.length === 2);
    expect(follower.followed.map((one) => "cursor" in one && one.cursor)).toEqual(["a", "c"]);
  });

  it("waits for a first connection when told, as for a lost one", async () => {
    const proxy = await startProxy();
    proxy.refuse(2);
    const follower = run({ url: proxy.url, retryFirst: true });
    await until(() => follower.followed.some(({ kind }) => kind === "heartbeat"));
    expect(follower.followed.map(({ kind }) => kind)).toEqual(["disconnected", "disconnected", "heartbeat"]);
  });

  it.each(["websocket", "sse"] as const)("over %s can be ended while it still connects", async (over) => {
    const deaf: TcpSocket[] = [];
    const server = createServer((socket) => deaf.push(socket.on("error", () => undefined)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(() => {
      for (const socket of deaf) socket.destroy();
      server.close();
    });
    const port = String((server.address() as AddressInfo).port);
    const follower = run({ url: `http://127.0.0.1:${port}/graphql`, transport: over });
    await until(() => deaf.length === 1);
    stop.abort(new Error("enough"));
    expect(await follower.ended).toBe("over");
    // An error of the socket that nobody listens to would end this process.
    await log.clock.sleep(20);
  });

  it("hands each thing to its function, the next when the last was handled", async () => {
    const order: string[] = [];
    let isBusy = false;
    const ended = followEach({
      url: running.server.url,
      token: () => running.token(),
      query: QUERY,
      webSocket: WebSocket,
      clock: log.clock,
      signal: stop.signal,
      onHeartbeat: () => void order.push("heartbeat"),
      onEvent: async ({ event }) => {
        expect(isBusy).toBe(false);
        isBusy = true;
        await log.clock.sleep(5);
        isBusy = false;
        order.push(`event ${String(event["version"])}`);
      },
    });
    await until(() => order.length === 1);
    await change(1, 3);
    await until(() => order.length === 4);
    expect(order).toEqual(["heartbeat", "event 1", "event 2", "event 3"]);
    stop.abort(new Error("enough"));
    await ended;
  });

  it("is told a gap when it does not read, resumes there, and loses nothing", async () => {
    running = await start(64 * 1024);
    const sockets: WebSocket[] = [];
    class Remembered extends WebSocket {
      constructor(...args: ConstructorParameters<typeof WebSocket>) {
        super(...args);
        sockets.push(this);
      }
    }
    const follower = run({ webSocket: Remembered, query: QUERY.replace("id version", "id version stage") });
    const other = run();
    await until(() => follower.followed.length === 1 && other.followed.length === 1);
    sockets[0]?.pause();
    const stage = "x".repeat(200_000);
    for (let last = 0; last < 100; last += 10) await change(last + 1, last + 10, { stage });
    await until(() => other.versions().length === 100);
    sockets[0]?.resume();
    await until(() => follower.versions().length === 100);
    expect(follower.versions()).toEqual(numbers(100));
    expect(follower.followed.map(({ kind }) => kind)).toContain("gap");
  });
});
