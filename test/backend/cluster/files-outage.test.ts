import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { execFile } from "node:child_process";
import { readFile, readlink } from "node:fs/promises";
import { createServer as createTcpServer, connect, type AddressInfo, type Server, type Socket } from "node:net";
import { promisify } from "node:util";
import { createClusterFiles } from "../../../src/backend/cluster/files.js";
import type { Files } from "../../../src/backend/index.js";
import { systemClock } from "../../../src/clock.js";
import {
  RESTART_TIMEOUT_MS,
  STACK_TIMEOUT_MS,
  killPart,
  ownStack,
  startOnePart,
  type OwnStack,
} from "../../helpers/stack.js";
import { chunksOf, readText, readWhole } from "../contract/files.js";

const AWAY = { code: "BACKEND_UNAVAILABLE", canRetry: true };
const LIMITS = { callMs: 1_500, idleMs: 1_500, retryMs: 3_000 };
/** The limits, and what a busy machine adds. */
const BOUND_MS = 20_000;

async function timed<T>(work: Promise<T>): Promise<T> {
  const startedAt = Date.now();
  try {
    return await work;
  } finally {
    expect(Date.now() - startedAt).toBeLessThan(BOUND_MS);
  }
}

describe("cluster files when HDFS fails", () => {
  let own: OwnStack;
  let files: Files;
  const open = (webhdfs = own.stack.webhdfs): Files =>
    createClusterFiles({ webhdfs, user: own.stack.user, root: "/store", clock: systemClock, limits: LIMITS });
  const patient = (): Files =>
    createClusterFiles({
      webhdfs: own.stack.webhdfs,
      user: own.stack.user,
      root: "/store",
      clock: systemClock,
      limits: { callMs: 20_000, idleMs: 60_000, retryMs: 90_000 },
    });
  const proxies: Server[] = [];
  beforeAll(async () => {
    own = await ownStack(["namenode", "datanode"]);
    files = open();
    await patient().write("kept/file", chunksOf("kept"));
  }, STACK_TIMEOUT_MS);
  afterAll(async () => {
    for (const proxy of proxies) proxy.close();
    await own.stop();
  }, RESTART_TIMEOUT_MS);

  const everyCall = async (): Promise<readonly PromiseSettledResult<unknown>[]> =>
    Promise.allSettled([
      readText(files, "kept/file"),
      files.write("kept/other", chunksOf("x")),
      files.putIfAbsent("kept/third", Buffer.from("x")),
      files.stat("kept/file"),
      files.remove("kept/none"),
    ]);

  /** Between us and the real servers: the NameNode's redirects lead through it too, and `alter` sees what they say. */
  async function between(alter: (from: "client" | "server", bytes: Buffer, socket: Socket) => Buffer): Promise<string> {
    const dataNode = own.stack.ports.datanodeHttp;
    const listen = async (port: number, rewrite: (bytes: Buffer) => Buffer, change: typeof alter): Promise<number> => {
      const server = createTcpServer((socket) => {
        const upstream = connect(port, "127.0.0.1");
        socket.on("data", (bytes: Buffer) => upstream.write(change("client", bytes, socket)));
        upstream.on("data", (bytes: Buffer) => {
          const changed = change("server", rewrite(bytes), socket);
          if (!socket.destroyed) socket.write(changed);
        });
        for (const [one, other] of [
          [socket, upstream],
          [upstream, socket],
        ] as const) {
          one.on("error", () => other.destroy());
          one.on("close", () => other.end());
        }
      });
      proxies.push(server);
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return (server.address() as AddressInfo).port;
    };
    const toData = await listen(dataNode, (bytes) => bytes, alter);
    const location = (bytes: Buffer): Buffer =>
      Buffer.from(
        bytes.toString("latin1").replace(`127.0.0.1:${String(dataNode)}`, `127.0.0.1:${String(toData)}`),
        "latin1",
      );
    const url = new URL(own.stack.webhdfs);
    return `http://127.0.0.1:${String(await listen(Number(url.port), location, (_, bytes) => bytes))}`;
  }

  it("never takes a body that was cut off for a whole one, and goes on where it was cut", async () => {
    const content = Buffer.from(Uint32Array.from({ length: 1 << 20 }, (_, at) => at).buffer);
    await patient().write("cut/file", chunksOf(content));
    let cuts = 0;
    let passed = 0;
    const cutting = await between((from, bytes, socket) => {
      passed += from === "server" ? bytes.length : 0;
      // Three times, after a little more than a megabyte each.
      if (passed < 1_200_000 || cuts === 3) return bytes;
      passed = 0;
      cuts += 1;
      socket.destroy();
      return bytes;
    });
    const through = createClusterFiles({
      webhdfs: cutting,
      user: own.stack.user,
      root: "/store",
      clock: systemClock,
      limits: { ...LIMITS, callMs: 10_000, idleMs: 10_000 },
    });
    expect((await readWhole(through.read("cut/file"))).equals(content)).toBe(true);
    expect(cuts).toBe(3);
  });

  it("fails a read that is cut off again and again", async () => {
    await patient().write("cut/always", chunksOf(Buffer.alloc(3 << 20, 1)));
    const cutting = await between((from, bytes, socket) => {
      if (from === "server" && bytes.includes("application/octet-stream")) socket.destroy();
      return bytes;
    });
    await timed(expect(readWhole(open(cutting).read("cut/always"))).rejects.toMatchObject(AWAY));
  });

  it("does not publish what was changed on its way", async () => {
    const changing = await between((from, bytes) =>
      from === "client" ? Buffer.from(bytes.toString("latin1").replace("right bytes", "wrong bytes"), "latin1") : bytes,
    );
    await expect(open(changing).write("changed/file", chunksOf("the right bytes"))).rejects.toMatchObject(AWAY);
    expect(await patient().stat("changed/file")).toBeNull();
  });

  it(
    "ends every call while the NameNode is stopped, and works again when it goes on",
    async () => {
      const { pid } = await processOf("namenode");
      process.kill(pid, "SIGSTOP");
      try {
        for (const outcome of await timed(everyCall()))
          expect(outcome).toMatchObject({ reason: { ...AWAY, message: "HDFS is out of reach" } });
      } finally {
        process.kill(pid, "SIGCONT");
      }
      expect(await readText(patient(), "kept/file")).toBe("kept");
      await patient().write("kept/again", chunksOf("x"));
    },
    RESTART_TIMEOUT_MS,
  );

  it(
    "ends every call while the DataNode is stopped: what needs it fails, what does not goes on",
    async () => {
      const { pid } = await processOf("datanode");
      process.kill(pid, "SIGSTOP");
      try {
        const [read, write, put] = await timed(everyCall());
        for (const outcome of [read, write, put]) expect(outcome).toMatchObject({ status: "rejected", reason: AWAY });
        expect((await patient().stat("kept/file"))?.bytes).toBe(4);
      } finally {
        process.kill(pid, "SIGCONT");
      }
      expect(await readText(patient(), "kept/file")).toBe("kept");
    },
    RESTART_TIMEOUT_MS,
  );

  it(
    "waits out a NameNode that is killed and started again, within its limits",
    async () => {
      await killPart(own, "namenode");
      for (const outcome of await timed(everyCall()))
        expect(outcome).toMatchObject({ reason: { ...AWAY, message: "HDFS is out of reach" } });
      const waiting = patient().write("kept/waited", chunksOf("written after all"));
      const reading = readText(patient(), "kept/file");
      await startOnePart(own, "namenode");
      expect(await waiting).toMatchObject({ bytes: 17 });
      expect(await reading).toBe("kept");
      expect(await readText(patient(), "kept/waited")).toBe("written after all");
    },
    RESTART_TIMEOUT_MS,
  );

  it(
    "says that HDFS is in safe mode, in which it can be read, and writes again after it",
    async () => {
      await safeMode("enter");
      try {
        const refusal = { ...AWAY, message: "HDFS is in safe mode" };
        await timed(expect(files.write("safe/file", chunksOf("x"))).rejects.toMatchObject(refusal));
        await timed(expect(files.putIfAbsent("safe/file", Buffer.from("x"))).rejects.toMatchObject(refusal));
        await timed(expect(files.remove("kept/file")).rejects.toMatchObject(refusal));
        expect(await readText(patient(), "kept/file")).toBe("kept");
      } finally {
        await safeMode("leave");
      }
      expect(await patient().putIfAbsent("safe/file", Buffer.from("x"))).toBe("created");
    },
    RESTART_TIMEOUT_MS,
  );

  /** HDFS's own tool, with the class path of the running NameNode. */
  async function safeMode(change: "enter" | "leave"): Promise<void> {
    const { pid } = await processOf("namenode");
    const words = (await readFile(`/proc/${String(pid)}/cmdline`, "utf8")).split("\0");
    const classPath = words[words.findIndex((word) => /^(?:-cp|-classpath|--class-path)$/.test(word)) + 1] ?? "";
    const tool = "org.apache.hadoop.hdfs.tools.DFSAdmin";
    await promisify(execFile)("java", ["-cp", classPath, tool, "-safemode", change], {
      cwd: await readlink(`/proc/${String(pid)}/cwd`),
    });
  }

  async function processOf(part: "namenode" | "datanode"): Promise<{ readonly pid: number }> {
    const { readStatus } = await import("../../../src/stack/index.js");
    const found = (await readStatus(own.folder)).find((status) => status.part === part);
    if (found?.pid == null) throw new Error(`${part} does not run`);
    return { pid: found.pid };
  }
});
