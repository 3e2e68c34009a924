import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { systemClock, type Clock } from "../../src/clock.js";
import { silentLog } from "../../src/log.js";
import { connect, openSocket, startTestServer, until, type Running, type Socket } from "./running.js";

let running: Running;
const logged: object[] = [];

beforeAll(async () => {
  running = await startTestServer({ log: { ...silentLog, error: (fields) => void logged.push(fields) } });
});
afterAll(() => running.stop());

const subscribe = (id: string, query: string, rest: object = {}): object => ({
  type: "subscribe",
  id,
  payload: { query, ...rest },
});

async function refusal(socket: Socket, query: string, rest: object = {}): Promise<Record<string, unknown>> {
  const id = `r${String(Math.random())}`;
  socket.send(subscribe(id, query, rest));
  const frame = await socket.next("error");
  expect(frame.id).toBe(id);
  const [error] = frame.payload as { message: string; extensions: Record<string, unknown> }[];
  return { message: error?.message, ...error?.extensions };
}

describe("a subscription", () => {
  it("is served to the client library of graphql-ws", async () => {
    const client = createClient({
      url: running.server.url.replace("http", "ws"),
      webSocketImpl: WebSocket,
      connectionParams: { token: await running.token() },
      retryAttempts: 0,
    });
    const values: unknown[] = [];
    for await (const result of client.iterate({
      query: "subscription($to: Int!) { count(to: $to) }",
      variables: { to: 3 },
    }))
      values.push(result.data);
    expect(values).toEqual([{ count: 1 }, { count: 2 }, { count: 3 }]);
    await client.dispose();
  });

  it("takes its token as a bearer header would carry it, too", async () => {
    for (const name of ["authorization", "Authorization"]) {
      const socket = await openSocket(running.server.port);
      socket.send({ type: "connection_init", payload: { [name]: `Bearer ${await running.token()}` } });
      expect((await socket.next("connection_ack")).type).toBe("connection_ack");
      socket.close();
    }
  });

  it("keeps what succeeded beside what failed, and says nothing of the cause", async () => {
    const socket = await connect(running);
    socket.send(subscribe("1", "subscription { person { id fail coded } }"));
    const { payload } = (await socket.next("next")) as {
      payload: { data: unknown; errors: { extensions: { code: string; requestId: string } }[] };
    };
    expect(payload.data).toEqual({ person: { id: "1", fail: null, coded: null } });
    expect(payload.errors.map(({ extensions }) => extensions.code).sort()).toEqual([
      "INTERNAL_SERVER_ERROR",
      "NOT_FOUND",
    ]);
    expect(payload.errors[0]?.extensions.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.stringify(payload)).not.toContain("secret");
    await socket.next("complete");
    socket.close();
  });

  it("ends with a masked error when its source breaks, and the socket lives on", async () => {
    logged.length = 0;
    const socket = await connect(running);
    socket.send(subscribe("1", "subscription { breaks }"));
    const { payload } = await socket.next("error");
    expect(payload).toMatchObject([{ extensions: { code: "INTERNAL_SERVER_ERROR" } }]);
    expect(JSON.stringify(payload)).not.toContain("secret");
    expect(JSON.stringify(logged)).toContain("secret cause");
    socket.send(subscribe("2", "subscription { count(to: 1) }"));
    await socket.next("complete");
    socket.close();
  });

  it("that is refused by its resolver says why", async () => {
    const socket = await connect(running);
    socket.send(subscribe("1", "subscription { refused }"));
    const frame = await socket.next("next");
    expect(frame.payload).toMatchObject({
      errors: [{ message: "not for this role", extensions: { code: "FORBIDDEN" } }],
    });
    socket.close();
  });

  it("frees its source at once when the client completes it or goes, though no event comes", async () => {
    const before = running.test.stopped();
    const socket = await connect(running);
    socket.send(subscribe("1", "subscription { waits }"));
    await socket.next("next");
    socket.send({ type: "complete", id: "1" });
    await until(() => running.test.stopped() === before + 1);
    socket.send(subscribe("1", "subscription { waits }"));
    await socket.next("next");
    socket.close();
    await until(() => running.test.stopped() === before + 2);
    expect(socket.frames.filter((frame) => frame.type === "error")).toEqual([]);
  });
});

describe("the guard on a socket", () => {
  it("refuses what HTTP refuses, with the same codes, and keeps the socket", async () => {
    const socket = await connect(running);
    expect(await refusal(socket, "{ hello }")).toMatchObject({ code: "BAD_REQUEST" });
    expect(await refusal(socket, "mutation { slow(n: 1) }")).toMatchObject({ code: "BAD_REQUEST" });
    expect(await refusal(socket, "subscription {")).toMatchObject({ code: "GRAPHQL_PARSE_FAILED" });
    const unknown = await refusal(socket, "subscription { coun(to: 1) }");
    expect(unknown).toMatchObject({ code: "GRAPHQL_VALIDATION_FAILED", canRetry: false });
    expect(String(unknown["message"])).not.toContain("Did you mean");
    expect(
      await refusal(socket, `subscription { person { ${"friend { ".repeat(12)}id${" }".repeat(12)} } }`),
    ).toMatchObject({ code: "LIMIT_EXCEEDED", limit: "depth", max: 12, actual: 14 });
    expect(
      await refusal(socket, "subscription { person { people(n: 1000) { people(n: 1000) { friend { id } } } } }"),
    ).toMatchObject({ code: "LIMIT_EXCEEDED", limit: "cost", max: 100_000 });
    const value = await refusal(socket, "subscription($to: Int!) { count(to: $to) }", {
      variables: { to: "Jane Doe" },
    });
    expect(value).toMatchObject({ code: "BAD_USER_INPUT", field: "to" });
    expect(JSON.stringify(value)).not.toContain("Jane");
    socket.send(subscribe("ok", "subscription { count(to: 1) }"));
    await socket.next("complete");
    socket.close();
  });

  it("allows 100 subscriptions on one socket, and another one once one has ended", async () => {
    const socket = await connect(running);
    for (let n = 0; n < 100; n += 1) socket.send(subscribe(`s${String(n)}`, "subscription { waits }"));
    for (let n = 0; n < 100; n += 1) await socket.next("next");
    expect(await refusal(socket, "subscription { waits }")).toMatchObject({
      code: "LIMIT_EXCEEDED",
      limit: "subscriptions",
      max: 100,
      actual: 101,
    });
    socket.send({ type: "complete", id: "s7" });
    socket.send(subscribe("again", "subscription { waits }"));
    expect((await socket.next("next")).id).toBe("again");
    socket.close();
  });
});

describe("a socket", () => {
  const closing = async (
    options: Parameters<typeof openSocket>[1],
    ...frames: (object | string)[]
  ): Promise<{ code: number; reason: string }> => {
    const socket = await openSocket(running.server.port, options);
    for (const frame of frames) socket.send(frame);
    return socket.closed;
  };

  it("is closed with 4403 and the reason when its token is missing, wrong or old", async () => {
    expect(await closing({}, { type: "connection_init" })).toEqual({
      code: 4403,
      reason: "a valid bearer token is required",
    });
    expect(await closing({}, { type: "connection_init", payload: { token: "a.b.c" } })).toEqual({
      code: 4403,
      reason: "a valid bearer token is required",
    });
    expect(await closing({}, { type: "connection_init", payload: { token: 5 } })).toEqual({
      code: 4403,
      reason: "a valid bearer token is required",
    });
    expect(
      await closing({}, { type: "connection_init", payload: { token: await running.token("owner", -60) } }),
    ).toEqual({ code: 4403, reason: "the token has expired" });
  });

  it("is closed with 4401 when it subscribes before it has said who it is", async () => {
    expect((await closing({}, subscribe("1", "subscription { count(to: 1) }"))).code).toBe(4401);
  });

  it("is closed with 4408 when it says nothing for 3 seconds", async () => {
    const started = performance.now();
    expect((await closing({})).code).toBe(4408);
    expect(performance.now() - started).toBeGreaterThan(2_900);
  });

  it("that speaks the old subprotocol is let in to be told which to use", async () => {
    const old = await openSocket(running.server.port, { protocols: ["graphql-ws"] });
    expect(old.protocol).toBe("graphql-ws");
    const { code, reason } = await old.closed;
    expect(code).toBe(4406);
    // The cure: the subprotocol, and the package that speaks it.
    expect(reason).toContain("use the subprotocol graphql-transport-ws (npm package graphql-ws)");
    const both = await openSocket(running.server.port, { protocols: ["graphql-ws", "graphql-transport-ws"] });
    expect(both.protocol).toBe("graphql-transport-ws");
    both.close();
  });

  it("from a page of another origin is refused, from the service's own it is not", async () => {
    await expect(openSocket(running.server.port, { origin: "https://elsewhere.example" })).rejects.toThrow("401");
    await expect(openSocket(running.server.port, { origin: "null" })).rejects.toThrow("401");
    (await openSocket(running.server.port, { origin: `http://127.0.0.1:${String(running.server.port)}` })).close();
  });

  it("on another path is refused", async () => {
    await expect(openSocket(running.server.port, { path: "/elsewhere" })).rejects.toThrow("400");
  });

  it("is closed with 1009 for a frame above 256 KiB, and with 4400 for one that is no message", async () => {
    expect((await closing({}, "x".repeat(256 * 1024 + 1))).code).toBe(1009);
    expect((await closing({}, "{")).code).toBe(4400);
  });

  it("is closed with 4403 when its token expires, by the service's clock", async () => {
    let ahead = 0;
    const clock: Clock = {
      now: () => Date.now() + ahead,
      sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 20), signal),
    };
    const own = await startTestServer({ clock });
    const socket = await connect(own, await own.token("owner", 3_600));
    socket.send(subscribe("1", "subscription { waits }"));
    await socket.next("next");
    ahead = 3_600_001;
    expect(await socket.closed).toEqual({ code: 4403, reason: "the token has expired" });
    await until(() => own.test.stopped() === 1);
    await own.stop();
  });

  it("is closed with 1001 when the service stops, and cut at the deadline when it does not answer", async () => {
    const own = await startTestServer();
    const [polite, deaf] = [await connect(own), await connect(own)];
    polite.send(subscribe("1", "subscription { waits }"));
    await polite.next("next");
    deaf.pause();
    const stopped = own.server.close(300);
    expect(await polite.closed).toMatchObject({ code: 1001 });
    await stopped;
    expect(own.test.stopped()).toBe(1);
    deaf.terminate();
  });
});
