import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { gzipSync } from "node:zlib";
import { VitalomeError } from "../../src/errors.js";
import { silentLog } from "../../src/log.js";
import { ask, startTestServer, until, type Answer, type Running } from "./running.js";

let running: Running;
let token: string;
const logged: object[] = [];
let readiness = { ready: true, dependencies: { store: { ok: true, detail: "snapshot 1" } } };

beforeAll(async () => {
  running = await startTestServer({
    log: { ...silentLog, error: (fields) => void logged.push(fields) },
    readiness: () => Promise.resolve(readiness),
    uploads: {
      async put(content, name, caller) {
        if (name === "full.vcf") throw new VitalomeError("STORAGE_FULL", "the store has no room left");
        if (name === "bug.vcf") throw new Error("/srv/secret");
        let bytes = 0;
        for await (const chunk of content) bytes += chunk.length;
        return { id: `raw:${name}:${caller.subject}`, bytes, sha256: "0" };
      },
    },
  });
  token = await running.token();
});
afterAll(() => running.stop());

function post(body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return ask(running.server.port, {
    headers: { "content-type": "application/json", authorization: `Bearer ${token}`, ...headers },
    body: text,
  });
}

function get(search: Record<string, string>, headers: Record<string, string> = {}): Promise<Answer> {
  return ask(running.server.port, {
    method: "GET",
    path: `/graphql?${new URLSearchParams(search).toString()}`,
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
}

describe("a query", () => {
  it("is answered with its data and its price", async () => {
    const { status, json, headers } = await post({
      query: "query($n: Int!) { count(n: $n) me { people(n: $n) { id } } }",
      variables: { n: 2 },
    });
    expect(status).toBe(200);
    expect(json).toEqual({ data: { count: 2, me: { people: [{ id: "0" }, { id: "1" }] } }, extensions: { cost: 2 } });
    expect(headers["content-type"]).toBe("application/json; charset=utf-8");
  });

  it("gets the same answer each time, interpreted or compiled", async () => {
    const answers = [];
    for (let time = 0; time < 3; time += 1)
      answers.push((await post({ query: "{ me { id friend { name } fail } }" }, { "x-request-id": "same" })).text);
    expect(new Set(answers).size).toBe(1);
  });

  it("may come by GET with a bearer header, with variables as JSON text", async () => {
    const { status, json } = await get({
      query: "query A($n: Int!) { count(n: $n) }",
      variables: '{"n": 4}',
      operationName: "A",
    });
    expect([status, json.data]).toEqual([200, { count: 4 }]);
  });

  it("may come in a compressed body", async () => {
    const answer = await ask(running.server.port, {
      headers: { "content-type": "application/json", "content-encoding": "gzip", authorization: `Bearer ${token}` },
      body: gzipSync(JSON.stringify({ query: "{ hello }" })),
    });
    expect(answer.json.data).toEqual({ hello: "hi" });
  });

  it("carries the request id that came, or a new one when it is missing or not plain", async () => {
    expect((await post({ query: "{ hello }" }, { "x-request-id": "abc-1.2_3" })).headers["x-request-id"]).toBe(
      "abc-1.2_3",
    );
    for (const id of ["a b", "x".repeat(65), "<script>"]) {
      expect((await post({ query: "{ hello }" }, { "x-request-id": id })).headers["x-request-id"]).toMatch(
        /^[0-9a-f-]{36}$/,
      );
    }
    const { json } = await post({ query: "{ me { fail } }" }, { "x-request-id": "abc" });
    expect(json.errors?.[0]?.extensions["requestId"]).toBe("abc");
  });

  it("keeps what succeeded beside what failed, and says nothing of the cause but in the log", async () => {
    logged.length = 0;
    const { status, json, text } = await post({ query: "{ me { id fail coded foreign } }" }, { "x-request-id": "r9" });
    expect(status).toBe(200);
    expect(json.data).toEqual({ me: { id: "1", fail: null, coded: null, foreign: null } });
    expect(json.errors?.map(({ extensions }) => extensions["code"]).sort()).toEqual([
      "BAD_USER_INPUT",
      "INTERNAL_SERVER_ERROR",
      "NOT_FOUND",
    ]);
    expect(text).not.toMatch(/secret|stack|\.ts/);
    expect(JSON.stringify(logged)).toContain("secret cause");
    expect(logged).toMatchObject([{ requestId: "r9" }]);
  });

  it("runs mutations in their order", async () => {
    const { json } = await post({ query: "mutation { a: add(n: 5) b: add(n: 1) }" });
    expect(json.data).toEqual({ a: 5, b: 6 });
  });

  it("may ask for the schema", async () => {
    expect((await post({ query: "{ __schema { queryType { name } } }" })).json.data).toEqual({
      __schema: { queryType: { name: "Query" } },
    });
  });
});

describe("a request without authority", () => {
  it.each([
    ["no header", {}],
    ["another scheme", { authorization: "Basic abc" }],
    ["no token", { authorization: "Bearer " }],
    ["rubbish", { authorization: "Bearer a.b.c" }],
    ["two tokens", { authorization: "Bearer a.b.c Bearer a.b.c" }],
  ])("is refused with 401 and one message: %s", async (_what, headers) => {
    for (const [method, path] of [
      ["POST", "/graphql"],
      ["GET", "/graphql?query=%7Bhello%7D"],
      ["PUT", "/files?name=a.vcf"],
    ] as const) {
      const {
        status,
        json,
        headers: answered,
      } = await ask(running.server.port, {
        method,
        path,
        headers: { "content-type": "application/json", ...headers },
        ...(method === "GET" ? {} : { body: '{"query":"{ hello }"}' }),
      });
      expect([method, status]).toEqual([method, 401]);
      expect(json.errors).toMatchObject([
        { message: "a valid bearer token is required", extensions: { code: "UNAUTHENTICATED", canRetry: false } },
      ]);
      expect(answered["www-authenticate"]).toBe("Bearer");
    }
  });

  it("is refused before its body is read", async () => {
    const { status } = await ask(running.server.port, {
      headers: { "content-type": "application/json" },
      body: "{".repeat(2 << 20),
    });
    expect(status).toBe(401);
  });

  it("is told when its token has expired", async () => {
    const old = await running.token("owner", -60);
    const { status, json } = await post({ query: "{ hello }" }, { authorization: `Bearer ${old}` });
    expect([status, json.errors?.[0]?.message]).toEqual([401, "the token has expired"]);
  });
});

describe("a request that breaks the rules", () => {
  const refused = async (answer: Promise<Answer>): Promise<[number, unknown]> => {
    const { status, json } = await answer;
    expect(json.errors?.[0]?.extensions["requestId"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(json.data).toBeUndefined();
    return [status, json.errors?.[0]?.extensions["code"]];
  };

  it("gets one JSON shape with a closed code", async () => {
    expect(await refused(post("{"))).toEqual([400, "BAD_REQUEST"]);
    expect(await refused(post("[]"))).toEqual([400, "BAD_REQUEST"]);
    expect(await refused(post([{ query: "{ hello }" }]))).toEqual([400, "BAD_REQUEST"]);
    expect(await refused(post({ query: 5 }))).toEqual([400, "BAD_REQUEST"]);
    expect(await refused(post({ query: "{ hello }", variables: [] }))).toEqual([400, "BAD_REQUEST"]);
    expect(await refused(post({ query: "{ hello }" }, { "content-type": "text/plain" }))).toEqual([400, "BAD_REQUEST"]);
    expect(await refused(post({ query: "{ hello" }))).toEqual([400, "GRAPHQL_PARSE_FAILED"]);
    expect(await refused(post({ query: "{ hell }" }))).toEqual([400, "GRAPHQL_VALIDATION_FAILED"]);
    expect(await refused(post({ query: "query A { hello }", operationName: "B" }))).toEqual([
      400,
      "OPERATION_RESOLUTION_FAILURE",
    ]);
    expect(await refused(post({ query: "query($n: Int!) { count(n: $n) }", variables: { n: "x" } }))).toEqual([
      400,
      "BAD_USER_INPUT",
    ]);
    expect(await refused(post({ query: `{ ${"hello ".repeat(21)} }` }))).toEqual([400, "LIMIT_EXCEEDED"]);
    expect(await refused(post({ query: "subscription { count(to: 1) }" }))).toEqual([400, "BAD_REQUEST"]);
    expect(await refused(get({ query: "mutation { slow(n: 0) }" }))).toEqual([400, "BAD_REQUEST"]);
    expect(await refused(get({ query: "{ hello }", variables: "{" }))).toEqual([400, "BAD_REQUEST"]);
    expect(
      await refused(ask(running.server.port, { method: "DELETE", headers: { authorization: `Bearer ${token}` } })),
    ).toEqual([400, "BAD_REQUEST"]);
    expect(await refused(ask(running.server.port, { method: "GET", path: "/elsewhere" }))).toEqual([404, "NOT_FOUND"]);
    expect(await refused(ask(running.server.port, { method: "GET", path: "/graphql/elsewhere" }))).toEqual([
      404,
      "NOT_FOUND",
    ]);
  });

  it("is told the limit it broke", async () => {
    const { json } = await post({ query: `{ ${"hello ".repeat(21)} }` });
    expect(json.errors?.[0]?.extensions).toMatchObject({ limit: "rootFields", max: 20, actual: 21 });
  });

  it("is refused with 413 above 1 MiB, also when it is small until it is unpacked", async () => {
    const large = JSON.stringify({ query: "{ hello }", variables: { x: "a".repeat(1 << 20) } });
    expect(await refused(post(large))).toEqual([413, "LIMIT_EXCEEDED"]);
    const packed = {
      headers: { "content-type": "application/json", "content-encoding": "gzip", authorization: `Bearer ${token}` },
      body: gzipSync(large),
    };
    expect(await refused(ask(running.server.port, packed))).toEqual([413, "LIMIT_EXCEEDED"]);
  });

  it("changes no prototype through its variables", async () => {
    const { json } = await post(
      '{"query":"query($c: In) { me { echo(c: $c) } }","variables":{"__proto__":{"polluted":1},"c":{"x":1}}}',
    );
    expect(json.data).toEqual({ me: { echo: '{"a":3,"c":{"x":1},"d":"GREEN"}' } });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe("an upload", () => {
  const put = (name: string, body: Buffer | string = "x"): Promise<Answer> =>
    ask(running.server.port, {
      method: "PUT",
      path: `/files?name=${encodeURIComponent(name)}`,
      headers: { authorization: `Bearer ${token}` },
      body,
    });

  it("streams to the store and answers 201 with its id, beyond the limit of JSON bodies", async () => {
    const { status, text } = await put("a.vcf.gz", Buffer.alloc(5 << 20));
    expect([status, JSON.parse(text)]).toEqual([201, { id: "raw:a.vcf.gz:somebody", bytes: 5 << 20, sha256: "0" }]);
  });

  it.each(["", ".", "..", "a/b.vcf", "..\\b.vcf", "a\u0000.vcf", "x".repeat(256)])(
    "needs a plain file name: %j",
    async (name) => {
      const { status, json } = await put(name);
      expect([status, json.errors?.[0]?.extensions["field"]]).toEqual([400, "name"]);
    },
  );

  it("fails in the one JSON shape, and a refusal can be read while the client still sends", async () => {
    expect(await put("full.vcf", Buffer.alloc(8 << 20))).toMatchObject({
      status: 507,
      json: { errors: [{ extensions: { code: "STORAGE_FULL", canRetry: true } }] },
    });
    const bug = await put("bug.vcf");
    expect(bug).toMatchObject({ status: 500, json: { errors: [{ extensions: { code: "INTERNAL_SERVER_ERROR" } }] } });
    expect(bug.text).not.toContain("secret");
  });
});

describe("health", () => {
  it("needs no token", async () => {
    expect(await ask(running.server.port, { method: "GET", path: "/livez" })).toMatchObject({
      status: 200,
      json: { ok: true },
    });
    expect(await ask(running.server.port, { method: "GET", path: "/readyz" })).toMatchObject({
      status: 200,
      json: readiness,
    });
  });

  it("answers 503 when a part is not ready", async () => {
    readiness = { ...readiness, ready: false };
    expect((await ask(running.server.port, { method: "GET", path: "/readyz" })).status).toBe(503);
  });
});

describe("stopping", () => {
  it("lets a running request finish, refuses new ones, and is done as soon as the last has ended", async () => {
    const own = await startTestServer();
    const headers = { "content-type": "application/json", authorization: `Bearer ${await own.token()}` };
    const slow = ask(own.server.port, { headers, body: '{"query":"mutation { slow(n: 300) }"}' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const stopped = own.server.close(10_000);
    await expect(ask(own.server.port, { headers, body: "{}" })).rejects.toThrow("ECONNREFUSED");
    expect((await slow).json.data).toEqual({ slow: 0 });
    await stopped;
  });

  it("cuts what is not done at the deadline, and tells its resolvers", async () => {
    let signal: AbortSignal | undefined;
    const own = await startTestServer({
      contextFor: (caller, requestId, given) => {
        signal = given;
        return { caller, requestId, signal: given, log: silentLog } as never;
      },
    });
    const headers = { "content-type": "application/json", authorization: `Bearer ${await own.token()}` };
    const slow = ask(own.server.port, { headers, body: '{"query":"mutation { slow(n: 2500) }"}' }).catch(
      (thrown: unknown) => (thrown as { code: string }).code,
    );
    await until(() => signal !== undefined);
    await own.server.close(200);
    expect(await slow).toBe("ECONNRESET");
    await until(() => signal?.aborted === true);
  });

  it("names the port when it is taken", async () => {
    await expect(startTestServer({ port: running.server.port })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining(String(running.server.port)),
    });
  });
});
