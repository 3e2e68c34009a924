import { describe, expect, it } from "@jest/globals";
import { gzipSync } from "node:zlib";
import { crc32 } from "../../src/domain/crc32.js";
import { createRandom } from "../helpers/random.js";

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

describe("CRC-32", () => {
  it.each([
    ["", 0],
    ["a", 0xe8b7be43],
    ["abc", 0x352441c2],
    ["123456789", 0xcbf43926],
    ["The quick brown fox jumps over the lazy dog", 0x414fa339],
  ])("of %j is the published value", (text, expected) => {
    expect(crc32(bytesOf(text))).toBe(expected);
  });

  it("is what gzip writes, for any length and any start in memory", () => {
    const random = createRandom(32);
    const bytes = Uint8Array.from({ length: 300 }, () => random.below(256));
    for (let round = 0; round < 400; round += 1) {
      const from = random.below(9);
      const part = bytes.subarray(from, from + random.below(280));
      const packed = gzipSync(part);
      expect(crc32(part)).toBe(packed.readUInt32LE(packed.length - 8));
    }
  });

  it("of parts, each seeded with the one before, is that of the whole", () => {
    const whole = bytesOf("GGGCACACACAGGGTTTACGTAAAAAAGCC");
    for (let cut = 0; cut <= whole.length; cut += 1) {
      expect(crc32(whole.subarray(cut), crc32(whole.subarray(0, cut)))).toBe(crc32(whole));
    }
  });

  it("sees any single changed bit", () => {
    const bytes = bytesOf("the same record");
    const before = crc32(bytes);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Uint8Array.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(crc32(changed)).not.toBe(before);
    }
  });
});
