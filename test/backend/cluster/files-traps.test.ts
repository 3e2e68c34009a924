import { afterEach, describe, expect, it } from "@jest/globals";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { createClusterFiles } from "../../../src/backend/cluster/files.js";
import type { HdfsLimits } from "../../../src/backend/cluster/hdfs/limits.js";
import type { Files } from "../../../src/backend/index.js";
import { systemClock } from "../../../src/clock.js";
import { chunksOf, readText, readWhole } from "../contract/files.js";

/** Short, so that nothing here takes long; everything must end by then. */
const LIMITS: HdfsLimits = { callMs: 300, idleMs: 300, retryMs: 700 };
const BOUND_MS = 4_000;
const AWAY = { code: "BACKEND_UNAVAILABLE", canRetry: true };

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server that plays NameNode and DataNode. */
async function playing(listener: RequestListener): Promise<{ readonly url: string; readonly files: Files }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return { url, files: over(url) };
}

function over(webhdfs: string): Files {
  return createClusterFiles({ webhdfs, root: "/store", user: "tester", clock: systemClock, limits: LIMITS });
}

const operationOf = (request: IncomingMessage): string =>
  new URL(request.url ?? "", "http://x").searchParams.get("op")?.toUpperCase() ?? "";

function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

const status = (length: number, fileId = 7): unknown => ({
  FileStatus: { pathSuffix: "", type: "FILE", length, modificationTime: 1, fileId },
});

/** Every operation answers well, but for those given. */
function namenode(overrides: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>>) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const operation = operationOf(request);
    const isAtDataNode = request.url?.includes("datanode=true") === true;
    const override = overrides[isAtDataNode ? `${operation}@datanode` : operation];
    request.resume();
    if (override !== undefined) {
      override(request, response);
      return;
    }
    if (["CREATE", "OPEN", "GETFILECHECKSUM"].includes(operation) && !isAtDataNode) {
      const location = `http://${request.headers.host ?? ""}${request.url ?? ""}&datanode=true`;
      response.writeHead(307, { location }).end();
      return;
    }
    if (operation === "CREATE") request.on("end", () => response.writeHead(201).end());
    else if (operation === "GETFILESTATUS") json(response, status(5));
    else if (operation === "LISTSTATUS") json(response, { FileStatuses: { FileStatus: [] } });
    else if (operation === "OPEN") response.end("whole");
    else if (operation === "GETFILECHECKSUM")
      json(response, { FileChecksum: { algorithm: "OTHER", bytes: "", length: 0 } });
    else json(response, { boolean: true });
  };
}

const busy = (_: IncomingMessage, response: ServerResponse): void => {
  response.writeHead(503, { "content-type": "text/html" }).end("<html>busy</html>");
};
const silent = (): void => undefined;
const refused = (_: IncomingMessage, response: ServerResponse): void => {
  json(response, { boolean: false });
};

async function everyCall(files: Files): Promise<readonly PromiseSettledResult<unknown>[]> {
  return Promise.allSettled([
    readText(files, "a/file"),
    files.write("a/file", chunksOf("whole")),
    files.putIfAbsent("a/file", Buffer.from("whole")),
    files.stat("a/file"),
    readWhole(
      (async function* () {
        for await (const { path } of files.list("a")) yield Buffer.from(path);
      })(),
    ),
    files.remove("a/file"),
  ]);
}

async function timed<T>(work: Promise<T>): Promise<T> {
  const startedAt = Date.now();
  try {
    return await work;
  } finally {
    expect(Date.now() - startedAt).toBeLessThan(BOUND_MS);
  }
}

describe("a server that plays HDFS", () => {
  it("is read and written when it answers well", async () => {
    const { files } = await playing(namenode({}));
    expect((await everyCall(files)).map((outcome) => outcome.status)).toEqual(Array(6).fill("fulfilled"));
  });

  it.each(["OPEN", "OPEN@datanode"])("never gives a 503 page of %s for a file's contents (T24)", async (at) => {
    const { files } = await playing(namenode({ [at]: busy }));
    await timed(expect(readText(files, "a/file")).rejects.toMatchObject(AWAY));
  });

  it.each(["CREATE", "CREATE@datanode"])("ends a write when %s answers 503 (T25)", async (at) => {
    const { files } = await playing(namenode({ [at]: busy }));
    await timed(expect(files.write("a/file", chunksOf("whole"))).rejects.toMatchObject(AWAY));
  });

  it.each(["OPEN", "OPEN@datanode", "CREATE", "CREATE@datanode", "GETFILESTATUS", "MKDIRS", "DELETE"])(
    "ends every call in time when %s is never answered (T25)",
    async (at) => {
      const { files } = await playing(namenode({ [at]: silent }));
      const outcomes = await timed(everyCall(files));
      const faults = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
      expect(faults.length).toBeGreaterThan(0);
      for (const fault of faults) expect(fault).toMatchObject(AWAY);
    },
  );

  it("ends every call when nobody listens (T25)", async () => {
    const { url, files } = await playing(namenode({}));
    expect(url).toMatch(/^http/);
    closing.splice(0).forEach((close) => {
      close();
    });
    for (const outcome of await timed(everyCall(files)))
      expect(outcome).toMatchObject({ status: "rejected", reason: { ...AWAY, message: "HDFS is out of reach" } });
  });

  it("passes on the fault of a source, be the DataNode slow or not (T25)", async () => {
    const { files } = await playing(namenode({}));
    async function* broken(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < 6; at += 1) yield await Promise.resolve(Buffer.alloc(1 << 20));
      throw new Error("the source broke");
    }
    await timed(expect(files.write("a/file", broken())).rejects.toThrow("the source broke"));
  });

  it.each(["MKDIRS", "DELETE", "RENAME"])("takes a false of %s for no success (T26)", async (at) => {
    const { files } = await playing(
      namenode({
        [at]: refused,
        // What was to be moved is another file than the one at the target.
        GETFILESTATUS: (request, response) => {
          json(response, status(5, request.url?.includes(".scratch") === true ? 8 : 7));
        },
      }),
    );
    if (at === "DELETE") await expect(files.remove("a/file")).rejects.toMatchObject(AWAY);
    else if (at === "MKDIRS") await expect(files.write("a/file", chunksOf("whole"))).rejects.toMatchObject(AWAY);
    else {
      await expect(files.write("a/file", chunksOf("whole"))).rejects.toMatchObject(AWAY);
      expect(await files.putIfAbsent("a/file", Buffer.from("whole"))).toBe("exists");
    }
  });

  it("does not say that a file is absent because the server failed (T26)", async () => {
    const { files } = await playing(namenode({ GETFILESTATUS: busy }));
    await timed(expect(files.stat("a/file")).rejects.toMatchObject(AWAY));
  });

  it("refuses a length that has lost digits on its way through JSON (T27)", async () => {
    const { files } = await playing(
      namenode({
        GETFILESTATUS: (_, response) => {
          response.end(JSON.stringify(status(1)).replace('"length":1', '"length":9007199254740993'));
        },
      }),
    );
    await expect(files.stat("a/file")).rejects.toMatchObject(AWAY);
  });

  it.each(["null", "", "[]", "<html></html>"])("survives the answer %j to any call", async (text) => {
    const { files } = await playing((request, response) => {
      request.resume();
      response.end(text);
    });
    for (const outcome of await timed(everyCall(files))) expect(outcome).toMatchObject({ reason: AWAY });
  });

  it.each([
    ["ends early", "5"],
    ["says so itself", "3"],
  ])("never gives a body for whole that %s", async (_, announced) => {
    const { files } = await playing(
      namenode({
        "OPEN@datanode": (__, response) => {
          response.writeHead(200, { "content-length": announced });
          response.write("who");
          response.socket?.end();
        },
      }),
    );
    await timed(expect(readText(files, "a/file")).rejects.toMatchObject(AWAY));
  });

  it("names a putIfAbsent whose answer was lost by what lies at the target", async () => {
    for (const [target, outcome] of [
      [7, "created"],
      [99, "exists"],
    ] as const) {
      const { files } = await playing(
        namenode({
          RENAME: silent,
          GETFILESTATUS: (request, response) => {
            json(response, status(5, request.url?.includes(".scratch") === true ? 7 : target));
          },
        }),
      );
      expect(await timed(files.putIfAbsent("a/file", Buffer.from("whole")))).toBe(outcome);
    }
  });

  it("does not let a proxy of the environment see the names of files", async () => {
    let asked = 0;
    const proxy = createTcpServer((socket) => {
      asked += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    closing.push(() => proxy.close());
    const { files } = await playing(namenode({}));
    const before = process.env["HTTP_PROXY"];
    process.env["HTTP_PROXY"] = `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`;
    try {
      expect(await files.stat("a/file")).not.toBeNull();
    } finally {
      if (before === undefined) delete process.env["HTTP_PROXY"];
      else process.env["HTTP_PROXY"] = before;
    }
    expect(asked).toBe(0);
  });
});
