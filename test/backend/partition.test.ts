import { describe, expect, it } from "@jest/globals";
import { murmur2, partitionOf } from "../../src/backend/partition.js";

describe("partitionOf", () => {
  it.each([
    ["21", -973932308],
    ["foobar", -790332482],
    ["a-little-bit-long-string", -985981536],
    ["a-little-bit-longer-string", -1486304829],
    ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
    ["abc", 479470107],
  ])("hashes %j as Kafka's own test does", (key, hash) => {
    expect(murmur2(Buffer.from(key))).toBe(hash);
  });

  it("cuts the sign off before the remainder is taken", () => {
    expect(partitionOf("21", 4)).toBe((-973932308 & 0x7fffffff) % 4);
    expect(partitionOf("foobar", 12)).toBe((-790332482 & 0x7fffffff) % 12);
  });

  it("takes the key's UTF-8 bytes", () => {
    expect(partitionOf("é", 1 << 30)).toBe((murmur2(Uint8Array.of(0xc3, 0xa9)) & 0x7fffffff) % (1 << 30));
  });

  it("stays within the partitions and uses each of them", () => {
    const used = new Set(Array.from({ length: 1000 }, (_, index) => partitionOf(`patient-${String(index)}`, 7)));
    expect([...used].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});
