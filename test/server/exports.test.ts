import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createHash } from "node:crypto";
import { connect } from "node:net";
import { VitalomeError } from "../../src/errors.js";
import { silentLog } from "../../src/log.js";
import { ask, startTestServer, until, type Answer, type Running } from "./running.js";

const BYTES = Buffer.from("0123456789");
const SHA = createHash("sha256").update(BYTES).digest("hex");
const HUGE = 1 << 30;

let running: Running;
let token: string;
let given = 0;
let ended = 0;
const logged: object[] = [];

beforeAll(async () => {
  running = await startTestServer({
    log: { ...silentLog, error: (fields) => void logged.push(fields) },
    exports: {
      async open(id, caller) {
        if (caller.role !== "owner") throw new VitalomeError("FORBIDDEN", "this export belongs to somebody else");
        const file = { name: `variants-${id}.csv`, mediaType: "text/csv", sha256: SHA };
        if (id === "small")
          return Promise.resolve({
            ...file,
            bytes: BYTES.length,
            async *read({ offset, length }) {
              yield await Promise.resolve(BYTES.subarray(offset, offset + length));
            },
          });
        if (id === "empty") return { ...file, bytes: 0, read: () => failing("an empty file is not read") };
        if (id === "gone") return { ...file, bytes: 10, read: () => failing("the store is away") };
        if (id === "broken") return { ...file, bytes: 1 << 20, read: broken };
        if (id === "huge") return { ...file, bytes: HUGE, read: endless };
        throw new VitalomeError("NOT_FOUND", "there is no such export");
      },
    },
  });
  token = await running.token();
});
afterAll(() => running.stop());

async function* failing(message: string): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  throw new VitalomeError("BACKEND_UNAVAILABLE", message);
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.alloc(1 << 16));
  throw new Error("/srv/secret");
}

async function* endless(): AsyncGenerator<Uint8Array> {
  try {
    for (let at = 0; at < HUGE; at += 1 << 16) {
      given += 1 << 16;
      yield await Promise.resolve(Buffer.alloc(1 << 16));
    }
  } finally {
    ended += 1;
  }
}

function get(id: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
  return ask(running.server.port, {
    method,
    path: `/exports/${id}`,
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
}

describe("the file of an export", () => {
  it("is answered whole, with its name, type, length and tag", async () => {
    const { status, headers, text } = await get("small");
    expect([status, text]).toEqual([200, "0123456789"]);
    expect(headers).toMatchObject({
      "content-type": "text/csv; charset=utf-8",
      "content-length": "10",
      "content-disposition": 'attachment; filename="variants-small.csv"',
      etag: `"${SHA}"`,
      "accept-ranges": "bytes",
      "cache-control": "private, no-cache",
    });
  });

  it("is told by HEAD without its bytes, whatever range is asked", async () => {
    const { status, headers, text } = await get("small", { range: "bytes=0-1" }, "HEAD");
    expect([status, text, headers["content-length"]]).toEqual([200, "", "10"]);
    expect((await get("gone", {}, "HEAD")).status).toBe(200);
  });

  it("is answered by range", async () => {
    const { status, headers, text } = await get("small", { range: "bytes=4-" });
    expect([status, text, headers["content-range"]]).toEqual([206, "456789", "bytes 4-9/10"]);
    expect((await get("small", { range: "bytes=-2" })).text).toBe("89");
  });

  it("says how long it is where a range lies behind its end", async () => {
    const { status, headers, text } = await get("small", { range: "bytes=10-" });
    expect([status, headers["content-range"], text]).toEqual([416, "bytes */10", ""]);
  });

  it("is answered whole where If-Range names another file, or a date", async () => {
    for (const condition of ['"other"', `W/"${SHA}"`, "Sat, 28 Nov 2026 07:38:14 GMT"])
      expect((await get("small", { range: "bytes=4-", "if-range": condition })).status).toBe(200);
    expect((await get("small", { range: "bytes=4-", "if-range": `"${SHA}"` })).status).toBe(206);
  });

  it("is not sent again to who has it", async () => {
    expect((await get("small", { "if-none-match": `"x", W/"${SHA}"` })).status).toBe(304);
    expect((await get("small", { "if-none-match": '"x"' })).status).toBe(200);
  });

  it("may be empty", async () => {
    const { status, headers, text } = await get("empty");
    expect([status, text, headers["content-length"]]).toEqual([200, "", "0"]);
    expect((await get("empty", { range: "bytes=0-" })).status).toBe(416);
  });

  it("is for those who have a token and may have it", async () => {
    expect((await ask(running.server.port, { method: "GET", path: "/exports/small" })).status).toBe(401);
    const operator = await running.token("operator");
    expect((await get("small", { authorization: `Bearer ${operator}` })).status).toBe(403);
    expect((await get("other")).status).toBe(404);
    expect((await get("..%2f..%2fkeys")).status).toBe(404);
    expect((await get("small", {}, "POST")).status).toBe(404);
  });

  it("is a retryable error of its own while the store is away", async () => {
    const { status, json, headers } = await get("gone");
    expect([status, json.errors?.[0]?.extensions["code"]]).toEqual([503, "BACKEND_UNAVAILABLE"]);
    expect(headers["content-disposition"]).toBeUndefined();
    expect(headers["content-length"]).not.toBe("10");
  });

  it("is cut off, never ended, when the store breaks half-way", async () => {
    logged.length = 0;
    const url = `http://127.0.0.1:${String(running.server.port)}/exports/broken`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    expect(response.status).toBe(200);
    await expect(response.arrayBuffer()).rejects.toThrow("terminated");
    expect(JSON.stringify(logged)).toContain("secret");
  });

  it("is read no faster than its client reads, and no longer than it stays", async () => {
    const socket = connect(running.server.port, "127.0.0.1");
    socket.write(`GET /exports/huge HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n\r\n`);
    await until(() => given > 0);
    socket.pause();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(given).toBeLessThan(64 << 20);
    socket.destroy();
    await until(() => ended === 1);
  });
});
