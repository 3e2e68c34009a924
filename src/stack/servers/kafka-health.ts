import { exchange } from "./exchange.js";
import type { Ports } from "../ports.js";

/** Metadata, version 1, without any topic: the answer lists the brokers that take requests. */
const METADATA = Buffer.from([0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0, 0, 0, 0]);
/** Length, correlation id, number of brokers. */
const ANSWER_BYTES = 12;

export async function kafkaIsReady({ kafka }: Ports): Promise<boolean> {
  const answer = await exchange(kafka, METADATA, ANSWER_BYTES);
  return answer.readInt32BE(4) === 1 && answer.readInt32BE(8) === 1;
}
