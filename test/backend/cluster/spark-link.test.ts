import { afterEach, describe, expect, it } from "@jest/globals";
import { createServer, type Server, type Socket } from "node:net";
import { openLink, type ThriftLink } from "../../../src/backend/cluster/spark/link.js";
import { PROTOCOL_V10 } from "../../../src/backend/cluster/spark/wire.js";
import { DEFAULT_LIMITS } from "../../../src/backend/cluster/spark/limits.js";
import { systemClock } from "../../../src/clock.js";

const GREETED = Buffer.from([5, 0, 0, 0, 0]);
const REFUSED = Buffer.from([3, 0, 0, 0, 2, 110, 111]);
const LIMITS = { ...DEFAULT_LIMITS, connectMs: 400, patienceMs: 150, pulseMs: 150 };

const servers: { readonly server: Server; readonly sockets: Set<Socket> }[] = [];
afterEach(async () => {
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A server that does with each connection what it is told. */
async function serve(behave: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    behave(socket);
  });
  servers.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as { port: number }).port;
}

async function link(port: number, pulse: (() => Promise<void>) | null = null): Promise<ThriftLink> {
  return openLink({ host: "127.0.0.1", port, user: "tester", limits: LIMITS, clock: systemClock, pulse });
}

/** The server's greeting comes after the client's second message. */
const greets = (then: (socket: Socket, data: Buffer) => void) => (socket: Socket) => {
  let isGreeted = false;
  socket.on("data", (data) => {
    if (isGreeted) then(socket, data);
    else {
      isGreeted = true;
      socket.write(GREETED);
    }
  });
};
const ask = async (opened: ThriftLink): Promise<unknown> =>
  opened.call("OpenSession", { client_protocol: PROTOCOL_V10, configuration: {} });

describe("a connection to Spark Thrift", () => {
  it("to a port nobody listens on fails at once (T19)", async () => {
    const port = await serve(() => undefined);
    const [opened] = servers.splice(0);
    await new Promise((resolve) => opened?.server.close(resolve));
    await expect(link(port)).rejects.toMatchObject({ name: "SparkFault", kind: "lost" });
  });

  it.each([
    ["that says nothing", () => undefined],
    ["that hangs up during the greeting", (socket: Socket) => socket.on("data", () => socket.end())],
    ["that refuses the user", (socket: Socket) => socket.on("data", () => socket.write(REFUSED))],
  ])("to a server %s fails within its limit (T19)", async (_name, behave) => {
    const startedAt = Date.now();
    await expect(link(await serve(behave))).rejects.toMatchObject({ kind: "lost" });
    expect(Date.now() - startedAt).toBeLessThan(LIMITS.connectMs + 1_000);
  });

  it("takes a greeting that comes byte by byte", async () => {
    const port = await serve((socket) => {
      socket.once("data", () => {
        for (const byte of GREETED) socket.write(Buffer.of(byte));
      });
    });
    const opened = await link(port);
    expect(opened.isLost()).toBe(false);
    opened.close();
  });

  it.each([
    ["ends", (socket: Socket) => socket.end()],
    ["breaks", (socket: Socket) => socket.resetAndDestroy()],
    ["sends half a frame and ends", (socket: Socket) => socket.end(Buffer.from([0, 0, 0, 90, 128, 1]))],
    ["answers what is no frame", (socket: Socket) => socket.end(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"))],
  ])("that %s fails every call that waits, and every later one (T18)", async (_name, behave) => {
    const opened = await link(await serve(greets(behave)), async () => undefined);
    const calls = await Promise.allSettled([ask(opened), ask(opened)]);
    expect(calls.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(opened.isLost()).toBe(true);
    await expect(ask(opened)).rejects.toMatchObject({ kind: "lost" });
  });

  it("waits for a slow answer as long as the server has a pulse, and no longer", async () => {
    let beats = 0;
    const pulse = async (): Promise<void> => {
      beats += 1;
      if (beats === 3) throw new Error("no pulse");
    };
    const opened = await link(await serve(greets(() => undefined)), pulse);
    await expect(ask(opened)).rejects.toMatchObject({ kind: "lost" });
    expect(beats).toBe(3);
  });

  it("that nobody can be asked about is lost when an answer is late", async () => {
    const opened = await link(await serve(greets(() => undefined)));
    await expect(ask(opened)).rejects.toMatchObject({ kind: "lost" });
  });

  it("that we close fails what waits", async () => {
    const opened = await link(await serve(greets(() => undefined)), async () => undefined);
    const call = ask(opened);
    opened.close();
    await expect(call).rejects.toMatchObject({ kind: "lost" });
  });
});
