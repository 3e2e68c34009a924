import { exchange } from "./exchange.js";
import type { Ports } from "../ports.js";

const START = 1;
const OK = 2;
const COMPLETE = 5;

/** A whole SASL handshake: a port that merely listens would not end it. */
export async function thriftIsReady({ thrift }: Ports): Promise<boolean> {
  const request = Buffer.concat([frame(START, "PLAIN"), frame(OK, "\0health\0none")]);
  const answer = await exchange(thrift, request, 1);
  return answer[0] === COMPLETE;
}

function frame(status: number, text: string): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(5);
  header.writeUInt8(status);
  header.writeUInt32BE(payload.length, 1);
  return Buffer.concat([header, payload]);
}
