import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { once } from "node:events";
import { request as httpRequest, type ClientRequest } from "node:http";
import { gzipSync } from "node:zlib";
import type { LoggedEvent } from "../../src/backend/index.js";
import type { RequestContext } from "../../src/context.js";
import type { ObservedRecord } from "../../src/domain/events/observation.js";
import { silentLog } from "../../src/log.js";
import { VITALS_OBSERVED } from "../../src/ingest/streams/observation.js";
import { openLiveLog, type LiveLog } from "../helpers/live-log.js";
import { openGateway, type Gateway } from "../helpers/submissions.js";
import { ask, startTestServer, until, type Answer, type Running } from "./running.js";

let log: LiveLog;
let gateway: Gateway;
let running: Running;
let token: string;
beforeEach(async () => {
  log = await openLiveLog();
  gateway = openGateway(log);
  running = await startTestServer({
    contextFor: (caller, requestId, signal) => {
      const context = { caller, requestId, signal, log: silentLog, submissions: gateway.view({ caller }) };
      return context as unknown as RequestContext;
    },
  });
  token = await running.token();
});
afterEach(async () => {
  await running.stop();
  gateway.close();
  await log.close();
});

const reading = (patientId: string, sequence = 0): string =>
  `${JSON.stringify({ patientId, code: "8867-4", sequence })}\n`;
const headersOf = (more: Record<string, string> = {}): Record<string, string> => ({
  authorization: `Bearer ${token}`,
  "content-type": "application/x-ndjson",
  ...more,
});
const post = (
  body: string | Buffer,
  more: { readonly query?: string; readonly headers?: Record<string, string> } = {},
): Promise<Answer> =>
  ask(running.server.port, {
    path: `/observations${more.query ?? "?source=ward"}`,
    headers: headersOf(more.headers),
    body,
  });
const faultOf = ({ status, json }: Answer): object => ({ status, ...json.errors?.[0]?.extensions, requestId: "" });

async function observed(): Promise<readonly unknown[]> {
  return (await gateway.observed()).map(({ value }) => (value as ObservedRecord).record);
}

async function untilObserved(count: number): Promise<void> {
  while ((await observed()).length < count) await log.clock.sleep(5);
}

/** A request whose body is sent bit by bit. */
function open(headers: Record<string, string> = {}): ClientRequest {
  const { port } = running.server;
  const path = "/observations?source=ward";
  return httpRequest({ host: "127.0.0.1", port, method: "POST", path, headers: headersOf(headers), agent: false });
}

describe("POST /observations", () => {
  it("answers 202 with a cursor once the lines are durable", async () => {
    const { status, json } = await post(reading("p1") + reading("p2"));
    expect(status).toBe(202);
    expect(json).toEqual({
      id: expect.stringMatching(/^submission-/),
      cursor: expect.any(String),
      lines: 2,
      ledger: null,
    });
    expect(await observed()).toHaveLength(2);
  });

  it("waits for the ledger where it is asked to: 200 with it, 202 without when the time is over", async () => {
    const counting = (async () => {
      await untilObserved(1);
      const [{ partition, offset, key, value }] = (await gateway.observed()) as [LoggedEvent];
      const input = { topic: VITALS_OBSERVED, partition, offset: String(offset) };
      const { submission } = value as ObservedRecord;
      await gateway.count({ submission, input, read: 3, accepted: 1, rejected: { TIME: 1, CODE: 1 } }, key);
    })();
    const { status, json } = await post(reading("p1"), { query: "?source=ward&wait=30&simulated=true" });
    await counting;
    expect(status).toBe(200);
    expect((json as { ledger?: unknown }).ledger).toEqual({
      ...{ read: 3, accepted: 1, late: 0, duplicates: 0, balanced: true },
      rejected: [
        { rule: "CODE", count: 1 },
        { rule: "TIME", count: 1 },
      ],
    });
    expect((await post(reading("p1"), { query: "?source=ward&wait=0.05" })).status).toBe(202);
  });

  it("takes gzip, of several members too", async () => {
    const body = Buffer.concat([gzipSync(reading("p1")), gzipSync(reading("p1", 1))]);
    const { status, json } = await post(body, { headers: { "content-encoding": "gzip" } });
    expect([status, json]).toMatchObject([202, { lines: 2 }]);
    expect(await observed()).toEqual([JSON.parse(reading("p1")), JSON.parse(reading("p1", 1))]);
  });

  it("takes FHIR, and any bytes at all: what is wrong with them is not its business", async () => {
    const junk = Buffer.from(Array.from({ length: 20_000 }, (_, at) => (at * 7919 + (at >> 3)) % 256));
    const type = { "content-type": "application/fhir+ndjson; charset=UTF-8" };
    const { status, json } = await post(junk, { headers: type });
    expect(status).toBe(202);
    expect(await observed()).toHaveLength((json as { lines?: number }).lines ?? -1);
  });

  it("answers the same submission to the same key, and refuses other lines under it", async () => {
    const keyed = { headers: { "idempotency-key": "k" } };
    const first = await post(reading("p1"), keyed);
    const again = await post(reading("p1"), keyed);
    expect(again.json).toMatchObject({ id: (first.json as { id?: string }).id, lines: 1 });
    expect(faultOf(await post(reading("p2"), keyed))).toMatchObject({ status: 409, code: "IDEMPOTENCY_CONFLICT" });
    expect(await observed()).toHaveLength(1);
  });

  it.each([
    ["", "source"],
    ["?source=", "source"],
    ["?source=a&source=b", "source"],
    [`?source=${"x".repeat(129)}`, "source"],
    ["?source=a&simulated=yes", "simulated"],
    ["?source=a&simulate=true", "simulate"],
    ["?source=a&wait=-1", "wait"],
    ["?source=a&wait=61", "wait"],
    ["?source=a&wait=1e1", "wait"],
    ["?source=a&wait=", "wait"],
  ])("refuses the parameters %j and names %s", async (query, field) => {
    expect(faultOf(await post(reading("p1"), { query }))).toMatchObject({ status: 400, code: "BAD_USER_INPUT", field });
    expect(await observed()).toEqual([]);
  });

  it.each([
    [{ "content-type": "application/json" }, "content-type"],
    [{ "content-type": "text/plain" }, "content-type"],
    [{ "content-type": "" }, "content-type"],
    [{ "content-type": "application/x-ndjson; charset=latin1" }, "content-type"],
    [{ "content-encoding": "br" }, "content-encoding"],
    [{ "content-encoding": "gzip, gzip" }, "content-encoding"],
  ] as readonly (readonly [Record<string, string>, string])[])("refuses a body of %j", async (headers, field) => {
    expect(faultOf(await post(reading("p1"), { headers }))).toMatchObject({ status: 400, code: "BAD_REQUEST", field });
  });

  it("refuses whoever has no token or another role, before it reads the body", async () => {
    expect(faultOf(await post(reading("p1"), { headers: { authorization: "Bearer a.b.c" } }))).toMatchObject({
      status: 401,
    });
    token = await running.token("device");
    expect(faultOf(await post(reading("p1")))).toMatchObject({ status: 403, code: "FORBIDDEN" });
    expect(await observed()).toEqual([]);
  });
});

describe("a sender", () => {
  it("that is slow has what it sent so far in the log, and may be as slow as it likes", async () => {
    const request = open();
    const answered = once(request, "response");
    request.write(reading("p1").slice(0, 10));
    request.write(reading("p1").slice(10) + reading("p1", 1).slice(0, 5));
    await untilObserved(1);
    expect(await observed()).toHaveLength(1);
    request.end(reading("p1", 1).slice(5));
    const [response] = (await answered) as [{ statusCode: number }];
    expect(response.statusCode).toBe(202);
    expect(await observed()).toHaveLength(2);
  });

  it("that goes away leaves whole lines alone, and the service as it was", async () => {
    const request = open();
    request.on("error", () => undefined);
    request.write(reading("p1") + reading("p2").slice(0, 10));
    await untilObserved(1);
    request.destroy();
    expect((await post(reading("p3"))).status).toBe(202);
    expect(await observed()).toHaveLength(2);
  });

  it("of gzip that is cut off or none is told so, and how many lines are in the log", async () => {
    const random = Array.from({ length: 4_000 }, (_, at) => reading(`p${String((at * 7919) % 104_729)}`, at)).join("");
    const whole = gzipSync(random);
    const gzip = { headers: { "content-encoding": "gzip" } };
    const cut = await post(whole.subarray(0, whole.length - 5_000), gzip);
    expect(faultOf(cut)).toMatchObject({ status: 400, code: "BAD_REQUEST", field: "body" });
    const { durableLines } = faultOf(cut) as { durableLines?: number };
    expect(durableLines).toBeGreaterThan(0);
    expect(await observed()).toHaveLength(durableLines ?? -1);
    expect(cut.json.errors?.[0]?.message).toMatch(/^body: expected whole gzip: \d+ lines are in the log; sent again/);
    expect(faultOf(await post(reading("p1"), gzip))).toMatchObject({ code: "BAD_REQUEST", durableLines: 0 });
    const more = await post(Buffer.concat([gzipSync(reading("p1")), Buffer.from("behind it")]), gzip);
    expect(faultOf(more)).toMatchObject({ code: "BAD_REQUEST", field: "body" });
  });

  it("of a gzip bomb is stopped early, whether of blank lines, one line, or many small ones", async () => {
    const gzip = { headers: { "content-encoding": "gzip" } };
    for (const bomb of ["\n", "x", `{"a":1}${" ".repeat(2_040)}\n`]) {
      const packed = gzipSync(Buffer.alloc(8 << 20, bomb));
      const answer = await post(packed, gzip);
      expect(faultOf(answer)).toMatchObject({ status: 400, code: "LIMIT_EXCEEDED", limit: "ratio", max: 200 });
    }
    const kept = (await log.eventLog.positions(VITALS_OBSERVED)).reduce((sum, { end }) => sum + Number(end), 0);
    expect(kept).toBeLessThan(1_000);
  });

  it("of one endless line has it cut, and the next line is read", async () => {
    const { json } = await post(Buffer.concat([Buffer.alloc(8 << 20, "x"), Buffer.from("\n[1]\n")]));
    expect(json).toMatchObject({ lines: 2 });
    expect(await observed()).toEqual([{ oversize: { bytes: 8 << 20, text: "x".repeat(65_536) } }, [1]]);
  });
});

describe("the service at its end", () => {
  it("lets a sender finish that began before", async () => {
    const request = open();
    const answered = once(request, "response");
    request.write(reading("p1"));
    await untilObserved(1);
    let isClosed = false;
    const closing = running.server.close(5_000).then(() => (isClosed = true));
    request.end(reading("p2"));
    const [response] = (await answered) as [{ statusCode: number; resume(): void }];
    response.resume();
    expect(response.statusCode).toBe(202);
    await closing;
    await until(() => isClosed);
    expect(await observed()).toHaveLength(2);
  });
});
