import { connect } from "node:net";

const DEADLINE_MS = 5_000;

/** Sends a request to a port of this machine and answers at least `least` bytes; rejects when they do not come. */
export function exchange(port: number, request: Buffer, least: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0);
    const socket = connect({ port, host: "127.0.0.1", timeout: DEADLINE_MS });
    const fail = (reason: string): void => {
      socket.destroy();
      reject(new Error(reason));
    };
    socket.on("connect", () => socket.write(request));
    socket.on("data", (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length < least) return;
      socket.destroy();
      resolve(answer);
    });
    socket.on("timeout", () => {
      fail("no answer");
    });
    socket.on("error", reject);
    socket.on("close", () => {
      fail("closed without an answer");
    });
  });
}
