import { createHash } from "node:crypto";
import type { Clock } from "../clock.js";
import type { Delivery } from "../simulate/index.js";

/** Takes whole lines, each with its newline; resolves once they are kept. */
export type TakeLines = (text: string, key: string) => Promise<void>;

export interface DeliverOptions {
  readonly deliveries: Iterable<Delivery> | AsyncIterable<Delivery>;
  /** How many times faster than they happen; Infinity as fast as they are taken. */
  readonly speed: number;
  readonly take: TakeLines;
  readonly clock: Clock;
  /** Ends between two chunks; what was not yet taken is not counted. */
  readonly signal: AbortSignal;
  readonly onProgress?: (delivered: Delivered) => void;
}

export interface Delivered {
  readonly lines: number;
  readonly late: number;
  readonly duplicates: number;
  readonly poisonous: number;
  readonly chunks: number;
  /** Up to where, in milliseconds from the start of what is delivered. */
  readonly throughMs: number;
  readonly isInterrupted: boolean;
}

const CHUNK_MS = 200;
const CHUNK_LINES = 1_000;

/**
 * Hands deliveries on in their order, each when it is due at this speed, in chunks: one at a time, the next begins when the
 * last was taken. Where they are taken too slowly delivery falls behind, and catches up when it can. A chunk's key is made
 * from its bytes: the same lines are the same submission, whoever sends them again.
 */
export async function deliver(options: DeliverOptions): Promise<Delivered> {
  const { speed, take, clock, signal } = options;
  const began = clock.now();
  const count = { lines: 0, late: 0, duplicates: 0, poisonous: 0, chunks: 0, throughMs: 0 };
  let chunk: Delivery[] = [];

  async function flush(): Promise<void> {
    if (chunk.length === 0) return;
    const text = chunk.map(({ line }) => `${line}\n`).join("");
    await take(text, `lines-${createHash("sha256").update(text).digest("hex").slice(0, 40)}`);
    count.lines += chunk.length;
    count.late += chunk.filter(({ fault }) => fault === "late").length;
    count.duplicates += chunk.filter(({ fault }) => fault === "duplicate").length;
    count.poisonous += chunk.filter(({ fault }) => fault === "poison").length;
    count.chunks += 1;
    count.throughMs = chunk.at(-1)!.deliverAfterMs;
    chunk = [];
    options.onProgress?.({ ...count, isInterrupted: false });
  }

  for await (const delivery of options.deliveries) {
    const dueIn = began + delivery.deliverAfterMs / speed - clock.now();
    if (dueIn > 0) {
      await flush();
      // What falls due meanwhile goes together.
      await clock.sleep(Math.max(dueIn, CHUNK_MS), signal).catch(() => undefined);
    }
    if (signal.aborted) return { ...count, isInterrupted: true };
    chunk.push(delivery);
    if (chunk.length === CHUNK_LINES) await flush();
  }
  await flush();
  return { ...count, isInterrupted: false };
}
