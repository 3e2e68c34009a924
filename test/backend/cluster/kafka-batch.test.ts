import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  committed,
  decodeBatches,
  type AbortedTransaction,
  type KafkaBatch,
} from "../../../src/backend/cluster/kafka-batch.js";

interface Written {
  readonly producer: number;
  readonly kind: "plain" | "data" | "commit" | "abort";
}

/** A partition as a broker keeps it, with what became of every record and where every aborted transaction lies. */
function buildPartition(steps: readonly Written[]): {
  batches: KafkaBatch[];
  visible: number[];
  aborted: (AbortedTransaction & { lastOffset: number })[];
  /** The first offset of a transaction that is still open. */
  stable: number;
} {
  const batches: KafkaBatch[] = [];
  const open = new Map<number, number[]>();
  const visible: number[] = [];
  const aborted: (AbortedTransaction & { lastOffset: number })[] = [];
  steps.forEach(({ producer, kind }, offset) => {
    const marker = kind === "commit" || kind === "abort" ? kind : null;
    batches.push({
      firstOffset: offset,
      lastOffset: offset,
      producerId: kind === "plain" ? "-1" : String(producer),
      isTransactional: kind !== "plain",
      marker,
      records: marker === null ? [{ offset, key: Buffer.alloc(4), value: null, at: 0 }] : [],
    });
    if (kind === "plain") visible.push(offset);
    else if (kind === "data") open.set(producer, [...(open.get(producer) ?? []), offset]);
    else {
      const mine = open.get(producer) ?? [];
      open.delete(producer);
      const [firstOffset] = mine;
      if (kind === "commit") visible.push(...mine);
      else if (firstOffset !== undefined)
        aborted.push({ producerId: String(producer), firstOffset, lastOffset: offset });
    }
  });
  const stable = Math.min(steps.length, ...[...open.values()].flat());
  return { batches, visible, aborted, stable };
}

describe("what a fetch delivers", () => {
  it("is what committed or no transaction wrote, wherever the fetches begin and end", () => {
    const step = fc.record({
      producer: fc.integer({ min: 1, max: 3 }),
      kind: fc.constantFrom("plain", "data", "data", "data", "commit", "abort"),
    }) as fc.Arbitrary<Written>;
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40 }),
        fc.nat(40),
        fc.integer({ min: 1, max: 12 }),
        (steps, from, size) => {
          const { batches, visible, aborted, stable } = buildPartition(steps);
          const seen: number[] = [];
          for (let start = from; start < stable; start += size) {
            const end = Math.min(start + size, stable);
            // The broker names what overlaps the fetch, in the order in which it ended.
            const named = aborted.filter(({ firstOffset, lastOffset }) => firstOffset < end && lastOffset >= start);
            for (const { offset } of committed(batches.slice(start, end), named)) seen.push(offset);
          }
          expect(seen).toEqual(visible.filter((offset) => offset >= from && offset < stable).sort((a, b) => a - b));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("is refused when it is compressed in a way that cannot be read", async () => {
    for (const [codec, name] of [
      [2, "snappy"],
      [3, "lz4"],
      [4, "zstd"],
    ] as const) {
      const batch = Buffer.alloc(70);
      batch.writeInt32BE(58, 8);
      batch.writeInt8(2, 16);
      batch.writeInt16BE(codec, 21);
      await expect(decodeBatches(batch)).rejects.toMatchObject({
        code: "CONFIG_INVALID",
        message: expect.stringContaining(name),
      });
      // Cut off where the answer's bytes end: it comes whole with the next fetch.
      expect(await decodeBatches(batch.subarray(0, 65))).toEqual([]);
    }
  });
});
