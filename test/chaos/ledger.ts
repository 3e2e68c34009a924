import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

/** One numbered event: as its producer saw it acknowledged, or as it lies in the log. */
export interface Numbered {
  readonly number: number;
  readonly partition: number;
  readonly offset: bigint;
}

export interface Verdict {
  /** Acknowledged, and not in the log. */
  readonly lost: readonly number[];
  /** More than once in the log. */
  readonly doubled: readonly number[];
  /** In the log, but not where the acknowledgement said. */
  readonly moved: readonly number[];
}

/** All that the producers' files in the folder hold. A last line without its end was not written whole. */
export async function readLedgers(folder: string): Promise<readonly Numbered[]> {
  const acknowledged: Numbered[] = [];
  for (const name of await readdir(folder)) {
    const lines = (await readFile(join(folder, name), "utf8")).split("\n").slice(0, -1);
    for (const line of lines) {
      const [number, partition, offset] = line.split(" ");
      acknowledged.push({ number: Number(number), partition: Number(partition), offset: BigInt(offset ?? "-1") });
    }
  }
  return acknowledged;
}

/** Every acknowledged number is in the log exactly once. What was never acknowledged may be there, once. */
export function judge(acknowledged: readonly Numbered[], inLog: readonly Numbered[]): Verdict {
  const found = new Map<number, Numbered>();
  const doubled: number[] = [];
  for (const event of inLog) {
    if (found.has(event.number)) doubled.push(event.number);
    found.set(event.number, event);
  }
  const lost: number[] = [];
  const moved: number[] = [];
  for (const { number, partition, offset } of acknowledged) {
    const event = found.get(number);
    if (event === undefined) lost.push(number);
    else if (event.partition !== partition || event.offset !== offset) moved.push(number);
  }
  return { lost, doubled, moved };
}
