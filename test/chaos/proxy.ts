import { createConnection, createServer, type AddressInfo, type Socket } from "node:net";

/** A way of one subscriber to the service, which can be cut. */
export interface Proxy {
  readonly port: number;
  /** How many connections it cut. */
  cut(): number;
  /** Bytes that came from the service since the last cut. */
  received(): number;
  close(): void;
}

/** Passes bytes on to whatever port is meant when a connection begins. */
export async function startProxy(target: () => number): Promise<Proxy> {
  const open = new Set<Socket>();
  let received = 0;
  const server = createServer((near) => {
    const far = createConnection(target(), "127.0.0.1");
    open.add(near);
    far.on("data", (chunk) => (received += chunk.length));
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) {
      socket.on("error", () => undefined);
      socket.on("close", () => {
        open.delete(near);
        near.destroy();
        far.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = (): number => {
    const count = open.size;
    received = 0;
    for (const socket of open) socket.destroy();
    return count;
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    received: () => received,
    close() {
      cut();
      server.close();
    },
  };
}
