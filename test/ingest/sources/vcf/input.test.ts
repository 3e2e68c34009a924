import { crc32, deflateRawSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "@jest/globals";
import { readLines, readVcf } from "../../../../src/ingest/sources/vcf/index.js";
import { chunksOf, collect, vcf } from "./collect.js";

const text = vcf(
  Array.from({ length: 3000 }, (_, index) => `1 ${String(index + 1)} . A C . . X=${"y".repeat(index % 90)}`),
);
const halves = [0, 1, 2, 3].map((part) => Buffer.from(text).subarray(part * 50_000, (part + 1) * 50_000));
const short = Buffer.from(vcf(["1 1 . A C . . ."]));
const END = Buffer.from("1f8b08040000000000ff0600424302001b0003000000000000000000", "hex");

function block(data: Uint8Array, { extra = Buffer.alloc(0), crc = crc32(data), length = data.length } = {}): Buffer {
  const deflated = deflateRawSync(data);
  const head = Buffer.from("1f8b08040000000000ff", "hex");
  const fields = Buffer.concat([extra, Buffer.from([66, 67, 2, 0, 0, 0])]);
  const xlen = Buffer.alloc(2);
  xlen.writeUInt16LE(fields.length);
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(crc, 0);
  tail.writeUInt32LE(length, 4);
  const whole = Buffer.concat([head, xlen, fields, deflated, tail]);
  whole.writeUInt16LE(whole.length - 1, 12 + fields.length - 2);
  return whole;
}

function bgzf(source: string, size = 20_000): Buffer {
  const bytes = Buffer.from(source);
  const blocks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) blocks.push(block(bytes.subarray(at, at + size)));
  return Buffer.concat([...blocks, END]);
}

const expected = await collect(text);

describe("input", () => {
  it.each([
    ["plain text", Buffer.from(text)],
    ["gzip", gzipSync(text)],
    ["gzip of many members", Buffer.concat([gzipSync(text.slice(0, 5000)), gzipSync(""), gzipSync(text.slice(5000))])],
    ["gzip with zeros behind", Buffer.concat([gzipSync(text), Buffer.alloc(20)])],
    ["bgzip", bgzf(text)],
    ["bgzip with an empty block in the middle", Buffer.concat([bgzf(text.slice(0, 5000)), bgzf(text.slice(5000))])],
    [
      "bgzip with another extra field first",
      Buffer.concat([...halves.map((half) => block(half, { extra: Buffer.from([65, 65, 1, 0, 7]) })), END]),
    ],
  ])("is the same from %s, however it is cut", async (_what, bytes) => {
    for (const size of [1 << 16, 499]) {
      const found = await collect(chunksOf(bytes, size));
      expect(found.records).toEqual(expected.records);
      expect(found.summary).toEqual({ ...expected.summary, bytes: bytes.length });
    }
  });

  it.each([
    ["a gzip stream cut off", gzipSync(text).subarray(0, -20), /cut off/],
    ["a second gzip member cut off", Buffer.concat([gzipSync(text), gzipSync(text).subarray(0, 9)]), /cut off/],
    ["bytes behind a gzip stream", Buffer.concat([gzipSync(text), Buffer.from("more")]), /damaged/],
    ["a gzip checksum that is wrong", flip(gzipSync(text), -6), /damaged/],
    ["bgzip without its end-of-file block", bgzf(text).subarray(0, -END.length), /end-of-file block/],
    ["bgzip cut off inside a block", bgzf(text).subarray(0, -END.length - 5), /end-of-file block/],
    ["a bgzip checksum that is wrong", Buffer.concat([block(short, { crc: 1 }), END]), /checksum/],
    ["a bgzip length that is wrong", Buffer.concat([block(short, { length: 5 }), END]), /checksum/],
    ["a bgzip length past 64 KiB", Buffer.concat([block(short, { length: 1 << 30 }), END]), /64 KiB/],
    ["plain gzip inside bgzip", Buffer.concat([bgzf(text), gzipSync(text)]), /BGZF block/],
    ["bzip2", Buffer.from("BZh91AY&SY"), /bzip2/],
    ["a zip archive", Buffer.from("PK\x03\x04 and more of it"), /zip archive/],
  ])("refuses %s", async (_what, bytes, message) => {
    await expect(collect(bytes)).rejects.toMatchObject({
      code: "INGEST_REJECTED",
      message: expect.stringMatching(message),
      details: { field: "compression", line: expect.any(Number) },
    });
  });

  it("refuses BCF, compressed or not", async () => {
    const bcf = Buffer.from("BCF\x02\x02\x10\0\0\0##fileformat=VCFv4.3\n");
    for (const bytes of [bcf, Buffer.concat([block(bcf), END])]) {
      await expect(collect(bytes)).rejects.toMatchObject({
        code: "INGEST_REJECTED",
        message: expect.stringMatching(/BCF/),
      });
    }
  });

  it("tells how far a file could be read that is cut off", async () => {
    const long = vcf(Array.from({ length: 120_000 }, (_, index) => `1 ${String(index)} . A C . . .`));
    const cut = bgzf(long).subarray(0, -END.length);
    await expect(collect(cut)).rejects.toMatchObject({ message: expect.stringMatching(/; read after line \d{4,}/) });
  });

  it("refuses a small file that becomes a huge one, before it is whole", async () => {
    const bomb = gzipSync(Buffer.concat([Buffer.from(vcf([])), Buffer.alloc(64 << 20, "\n")]));
    let read = 0;
    const reading = readVcf(chunksOf(bomb), {
      header() {},
      record() {},
      reject() {},
      flush: async () => {
        read += 1;
      },
    });
    await expect(reading).rejects.toMatchObject({ details: { field: "compression", limit: "ratio", max: 200 } });
    expect(read).toBeLessThan(30);
  });

  it("stops between windows when the caller aborts", async () => {
    const long = vcf(Array.from({ length: 200_000 }, (_, index) => `1 ${String(index)} . A C . . .`));
    const stop = new AbortController();
    let records = 0;
    const reading = readVcf(
      chunksOf(long),
      {
        header() {},
        record() {
          records += 1;
        },
        reject() {},
        async flush({ recordsRead, bytesRead }) {
          expect([recordsRead, bytesRead >= recordsRead]).toEqual([records, true]);
          stop.abort(new Error("enough"));
        },
      },
      { signal: stop.signal },
    );
    await expect(reading).rejects.toThrow("enough");
    expect(records).toBeGreaterThan(0);
    expect(records).toBeLessThan(100_000);
  });
});

describe("lines of a file", () => {
  const wanted = new Set([1, 3, 2000]);
  const lines = text.split("\n");

  it.each([
    ["plain text", Buffer.from(text)],
    ["bgzip", bgzf(text)],
  ])("are found again in %s by their numbers", async (_what, bytes) => {
    const found: { line: number; text: string }[] = [];
    for await (const line of readLines(chunksOf(bytes, 999), wanted)) found.push(line);
    expect(found).toEqual([1, 3, 2000].map((line) => ({ line, text: lines[line - 1] })));
  });

  it("that are no longer there are a fault of the store", async () => {
    const reading = async () => {
      for await (const line of readLines(chunksOf(text), new Set([999_999]))) expect(line).toBeUndefined();
    };
    await expect(reading()).rejects.toMatchObject({ code: "STORAGE_CORRUPT" });
  });
});

function flip(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length + at]! ^= 1;
  return copy;
}
