import { afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { GraphQLSchema } from "graphql";
import { createClient } from "graphql-sse";
import { buildApiSchema } from "../../src/resolvers/build.js";
import type { ServerOptions } from "../../src/server.js";
import { liveContext, openLiveLog, type LiveLog } from "../helpers/live-log.js";
import { ask, connect, startTestServer, until, type Running } from "./running.js";
import { readSse, type SseEvent, type SseReader, type SseRequest } from "./sse-reader.js";

const HEARTBEAT_MS = 5_000;
const LIMITS = { socketSubscriptions: 100, tokenSubscriptions: 3, bufferBytes: 1024 * 1024 };
const DOCUMENT = `subscription Watch($id: ID, $after: Cursor) { jobUpdates(id: $id, after: $after) {
  cursor event { __typename ... on Job { version stage } ... on StreamHeartbeat { lagMs } ... on StreamGap { from to lost reason } } } }`;

interface Envelope {
  readonly cursor: string;
  readonly event: { readonly __typename: string } & Readonly<Record<string, unknown>>;
}

let schema: GraphQLSchema;
let executions = 0;
beforeAll(async () => {
  schema = await buildApiSchema();
  const field = schema.getSubscriptionType()?.getFields()["jobUpdates"];
  const resolve = field?.resolve;
  if (field === undefined || resolve === undefined) throw new Error("there is no jobUpdates");
  field.resolve = (...args) => {
    executions += 1;
    return resolve(...args);
  };
});

let log: LiveLog;
let reads = 0;
const closing: (() => unknown)[] = [];
beforeEach(async () => {
  log = await openLiveLog();
  reads = 0;
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await log.close();
});

/** Over the subscriptions of the product, or with `{}` over those of the test schema. */
async function start(overrides?: Partial<ServerOptions>): Promise<Running> {
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
  const live = { schema, contextFor: liveContext({ ...log, eventLog }, HEARTBEAT_MS) };
  const running = await startTestServer({ clock: log.clock, limits: LIMITS, ...(overrides ?? live) });
  closing.push(() => running.stop());
  return running;
}

async function open(running: Running, asked: Partial<SseRequest> = {}): Promise<SseReader> {
  const reader = await readSse(running, { query: DOCUMENT, ...asked });
  closing.push(() => {
    reader.close();
  });
  return reader;
}

function envelopeOf({ data }: SseEvent): Envelope {
  const { jobUpdates } = (data?.data ?? {}) as { jobUpdates?: Envelope };
  if (jobUpdates === undefined) throw new Error(JSON.stringify(data));
  return jobUpdates;
}

const versionsOf = ({ events }: SseReader): unknown[] =>
  events
    .filter(({ event, data }) => event === "next" && data?.errors === undefined)
    .map(envelopeOf)
    .filter(({ event }) => event.__typename === "Job")
    .map(({ event }) => event["version"]);

const codesOf = ({ events }: SseReader): unknown[] =>
  events.flatMap(({ data }) => data?.errors ?? []).map(({ extensions }) => extensions["code"]);
const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_none, n) => from + n);
const change = (from: number, to: number, rest: object = {}): Promise<unknown> =>
  log.change(...numbers(from, to).map((version) => ({ version, ...rest })));

describe("a stream of server-sent events", () => {
  it("is what the client library of graphql-sse reads, to its end", async () => {
    const running = await start({});
    const client = createClient({
      url: `${running.server.url}/stream`,
      headers: { authorization: `Bearer ${await running.token()}` },
      retryAttempts: 0,
    });
    const values: unknown[] = [];
    for await (const { data } of client.iterate({
      query: "subscription($to: Int!) { count(to: $to) }",
      variables: { to: 3 },
    }))
      values.push(data);
    expect(values).toEqual([{ count: 1 }, { count: 2 }, { count: 3 }]);
    const refused: unknown[] = [];
    for await (const { errors } of client.iterate({ query: "subscription { nothing }" }))
      refused.push(...(errors ?? []));
    expect(refused).toMatchObject([{ extensions: { code: "GRAPHQL_VALIDATION_FAILED", canRetry: false } }]);
    client.dispose();
  });

  it("answers POST and GET, uncached, each event with its cursor as its id", async () => {
    const running = await start();
    for (const method of ["POST", "GET"] as const) {
      const stream = await open(running, { method, variables: { id: null } });
      expect(stream.status).toBe(200);
      expect(stream.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
      expect(stream.headers["cache-control"]).toContain("no-cache");
      const first = await stream.next();
      expect(first.event).toBe("next");
      expect(first.id).toBe(envelopeOf(first).cursor);
      expect(envelopeOf(first).event).toMatchObject({ __typename: "StreamHeartbeat", lagMs: 0 });
      await change(1, 1);
      const second = await stream.next();
      expect(envelopeOf(second).event).toMatchObject({ version: 1 });
      expect(second.id).toBe(envelopeOf(second).cursor);
      stream.close();
    }
    await until(() => reads === 0);
  });

  it("goes on behind Last-Event-ID, or says that the document cannot", async () => {
    const running = await start();
    const first = await open(running);
    await first.next();
    await change(1, 3);
    await first.next();
    const { id } = await first.next();
    for (const method of ["POST", "GET"] as const) {
      const again = await open(running, { method, headers: { "last-event-id": String(id) } });
      expect(envelopeOf(await again.next()).event).toMatchObject({ version: 3 });
      again.close();
    }
    const fixed = await open(running, {
      query: "subscription { jobUpdates { cursor } }",
      headers: { "last-event-id": String(id) },
    });
    await fixed.closed;
    expect(fixed.events).toMatchObject([
      {
        event: "next",
        data: {
          errors: [{ message: expect.stringContaining("variable for `after`"), extensions: { code: "BAD_REQUEST" } }],
        },
      },
      { event: "complete" },
    ]);
    const stale = await open(running, { headers: { "last-event-id": "nonsense" } });
    await stale.closed;
    expect(codesOf(stale)).toEqual(["CURSOR_INVALID"]);
  });

  it("is never quiet for longer than the period it states", async () => {
    const stream = await open(await start());
    const { id } = await stream.next();
    for (let beat = 0; beat < 2; beat += 1) {
      log.clock.ahead(HEARTBEAT_MS);
      const later = await stream.next();
      expect(later.id).toBe(id);
      expect(envelopeOf(later).event.__typename).toBe("StreamHeartbeat");
    }
  });

  it("shares with equal subscriptions on sockets one reading of the log and one execution for each event", async () => {
    const running = await start({
      schema,
      contextFor: liveContext(log, HEARTBEAT_MS),
      limits: { ...LIMITS, tokenSubscriptions: 50 },
    });
    const streams = await Promise.all(numbers(1, 10).map(() => open(running)));
    const sockets = await Promise.all(numbers(1, 10).map(() => connect(running)));
    for (const socket of sockets) socket.send({ type: "subscribe", id: "s", payload: { query: DOCUMENT } });
    const heartbeats = (): number =>
      streams.filter(({ events }) => events.length > 0).length +
      sockets.filter(({ frames }) => frames.length > 1).length;
    await until(() => heartbeats() === 20);
    log.clock.ahead(HEARTBEAT_MS);
    await until(
      () => streams.every(({ events }) => events.length > 1) && sockets.every(({ frames }) => frames.length > 2),
    );
    executions = 0;
    await change(1, 5);
    await until(() => streams.every((stream) => versionsOf(stream).length === 5));
    await until(() =>
      sockets.every(({ frames }) => frames.filter((frame) => JSON.stringify(frame).includes('"Job"')).length === 5),
    );
    expect(executions).toBe(5);
    for (const stream of streams) expect(versionsOf(stream)).toEqual(numbers(1, 5));
    // The same bytes on each stream; on a socket the same result behind its id.
    const last = streams[0]?.events.at(-1);
    for (const stream of streams) expect(stream.text().endsWith(`data: ${JSON.stringify(last?.data)}\n\n`)).toBe(true);
    for (const { frames } of sockets) expect(frames.at(-1)?.payload).toEqual(last?.data);
    for (const socket of sockets) socket.close();
  });

  it("tells a reader that is too slow where it was cut off; the others go on", async () => {
    const running = await start();
    const [slow, quick] = [await open(running), await open(running)];
    await slow.next();
    await quick.next();
    await until(() => reads === 1);
    slow.pause();
    const stage = "x".repeat(100_000);
    executions = 0;
    let last = 0;
    for (; executions === last && last < 500; last += 5) {
      await change(last + 1, last + 5, { stage });
      await until(() => versionsOf(quick).length === last + 5);
    }
    expect(versionsOf(quick)).toEqual(numbers(1, last));
    slow.resume();
    await slow.closed;
    const [gap, told, complete] = slow.events.slice(-3);
    expect(envelopeOf(gap!).event).toEqual({
      __typename: "StreamGap",
      from: gap?.id,
      to: null,
      lost: 0,
      reason: "SLOW_CONSUMER",
    });
    expect(told?.data?.errors).toMatchObject([{ extensions: { code: "SLOW_CONSUMER", canRetry: true } }]);
    expect(complete?.event).toBe("complete");
    const received = versionsOf(slow);
    expect(received).toEqual(numbers(1, received.length));
    expect(received.length).toBeLessThan(last);
    const again = await open(running, { headers: { "last-event-id": String(gap?.id) } });
    await until(() => versionsOf(again).length === last - received.length);
    expect(versionsOf(again)).toEqual(numbers(received.length + 1, last));
  });

  it("ends with its token, with an event that says so, and goes on by cursor under a new one", async () => {
    const running = await start();
    const stream = await open(running, { token: await running.token("owner", 60) });
    const { id } = await stream.next();
    log.clock.ahead(61_000);
    await stream.closed;
    expect(stream.events.slice(-2)).toMatchObject([
      {
        event: "next",
        data: { errors: [{ message: "the token has expired", extensions: { code: "UNAUTHENTICATED" } }] },
      },
      { event: "complete", data: null },
    ]);
    await until(() => reads === 0);
    await change(1, 1);
    const again = await open(running, {
      headers: { "last-event-id": String(id) },
      token: await running.token("owner", 60),
    });
    expect(envelopeOf(await again.next()).event).toMatchObject({ version: 1 });
  });

  it("frees its source at once when its reader goes, though no event comes", async () => {
    const running = await start({});
    const stream = await open(running, { query: "subscription { waits }" });
    await stream.next();
    stream.close();
    await until(() => running.test.stopped() === 1);
  });

  it("is told when the service stops, and does not hold it up", async () => {
    const running = await start({});
    const stream = await open(running, { query: "subscription { waits }" });
    await stream.next();
    const started = performance.now();
    await running.server.close(5_000);
    expect(performance.now() - started).toBeLessThan(2_000);
    await stream.closed;
    expect(stream.events.slice(-2)).toMatchObject([
      {
        data: {
          errors: [{ message: "the service is stopping", extensions: { code: "BACKEND_UNAVAILABLE", canRetry: true } }],
        },
      },
      { event: "complete" },
    ]);
  });
});

describe("what a stream refuses", () => {
  it("is told in the stream, with the codes of the other transports", async () => {
    const running = await start({});
    const refusalOf = async (query: string, variables: object = {}): Promise<unknown> => {
      const stream = await open(running, { query, variables });
      await stream.closed;
      expect(stream.status).toBe(200);
      expect(stream.events.map(({ event }) => event)).toEqual(["next", "complete"]);
      return codesOf(stream)[0];
    };
    expect(await refusalOf("{ hello }")).toBe("BAD_REQUEST");
    expect(await refusalOf("mutation { slow(n: 1) }")).toBe("BAD_REQUEST");
    expect(await refusalOf("subscription {")).toBe("GRAPHQL_PARSE_FAILED");
    expect(await refusalOf("subscription { coun(to: 1) }")).toBe("GRAPHQL_VALIDATION_FAILED");
    expect(await refusalOf(`subscription { person { ${"friend { ".repeat(12)}id${" }".repeat(12)} } }`)).toBe(
      "LIMIT_EXCEEDED",
    );
    expect(await refusalOf("subscription($to: Int!) { count(to: $to) }", { to: "Jane" })).toBe("BAD_USER_INPUT");
    expect(await refusalOf("subscription { refused }")).toBe("FORBIDDEN");
  });

  it("says nothing of the cause when its source breaks", async () => {
    const stream = await open(await start({}), { query: "subscription { breaks }" });
    await stream.closed;
    expect(codesOf(stream)).toEqual(["INTERNAL_SERVER_ERROR"]);
    expect(stream.text()).not.toContain("secret");
  });

  it("is a missing or wrong token, a body that is no JSON, and a client that wants something else: before any stream", async () => {
    const running = await start({});
    const { port } = running.server;
    const authorization = `Bearer ${await running.token()}`;
    const post = { path: "/graphql/stream", headers: { "content-type": "application/json" } };
    expect(await ask(port, { ...post, body: "{}" })).toMatchObject({
      status: 401,
      json: { errors: [{ extensions: { code: "UNAUTHENTICATED" } }] },
    });
    expect(
      (await ask(port, { ...post, headers: { ...post.headers, authorization: "Bearer a.b.c" }, body: "{}" })).status,
    ).toBe(401);
    const own = { ...post.headers, authorization };
    expect((await ask(port, { ...post, headers: own, body: "{" })).status).toBe(400);
    const other = { ...own, accept: "application/json" };
    expect(await ask(port, { ...post, headers: other, body: '{"query":"subscription { waits }"}' })).toMatchObject({
      status: 400,
      json: { errors: [{ extensions: { code: "BAD_REQUEST", field: "accept" } }] },
    });
    expect((await ask(port, { path: "/graphql/stream", method: "DELETE", headers: { authorization } })).text).toContain(
      "BAD_REQUEST",
    );
  });

  it("is one subscription more than a token may have, wherever the others are; another token has its own", async () => {
    const running = await start({ limits: LIMITS });
    const token = await running.token();
    const socket = await connect(running, token);
    socket.send({ type: "subscribe", id: "1", payload: { query: "subscription { waits }" } });
    await socket.next("next");
    const waits = { query: "subscription { waits }", token };
    const [first, second] = [await open(running, waits), await open(running, waits)];
    await first.next();
    await second.next();
    const third = await open(running, waits);
    await third.closed;
    expect(third.events[0]?.data?.errors).toMatchObject([
      { extensions: { code: "LIMIT_EXCEEDED", limit: "tokenSubscriptions", max: 3, actual: 4 } },
    ]);
    socket.send({ type: "subscribe", id: "2", payload: { query: "subscription { waits }" } });
    expect((await socket.next("error")).payload).toMatchObject([{ extensions: { code: "LIMIT_EXCEEDED" } }]);
    await (await open(running, { ...waits, token: await running.token("owner", 700) })).next();
    first.close();
    await until(() => running.test.stopped() === 1);
    await (await open(running, waits)).next();
    socket.close();
  });
});
