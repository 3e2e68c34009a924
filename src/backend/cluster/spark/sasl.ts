import type { Socket } from "node:net";

const START = 1;
const OK = 2;
const COMPLETE = 5;
const HEADER = 5;

/**
 * The PLAIN handshake of HiveServer2 on a connecting socket. The server trusts the name: who may reach its port may act for
 * the user. The driver's own handshake never ends when the socket does (T19).
 */
export async function greet(socket: Socket, user: string): Promise<void> {
  let greeting = Buffer.alloc(0);
  await new Promise<void>((resolve, reject) => {
    const onConnect = (): void => {
      socket.setNoDelay(true);
      socket.setKeepAlive(true, 15_000);
      socket.write(message(START, Buffer.from("PLAIN")));
      socket.write(message(OK, Buffer.from(`${user}\0${user}\0-`)));
    };
    const onData = (data: Buffer): void => {
      greeting = Buffer.concat([greeting, data]);
      if (greeting.length < HEADER || greeting.length < HEADER + greeting.readUInt32BE(1)) return;
      if (greeting[0] === COMPLETE) settle(null);
      else settle(new Error("the server refused the greeting"));
    };
    const onClose = (): void => {
      settle(new Error("the connection was closed during the greeting"));
    };
    const settle = (fault: Error | null): void => {
      socket.off("connect", onConnect).off("data", onData).off("close", onClose).off("error", settle);
      if (fault === null) resolve();
      else reject(fault);
    };
    socket.on("connect", onConnect).on("data", onData).on("close", onClose).on("error", settle);
  });
}

function message(status: number, body: Buffer): Buffer {
  const header = Buffer.alloc(HEADER);
  header[0] = status;
  header.writeUInt32BE(body.length, 1);
  return Buffer.concat([header, body]);
}
