import { describe, expect, it } from "@jest/globals";
import { byteRange } from "../../src/server/byte-range.js";

describe("a range of bytes", () => {
  it.each([
    ["bytes=0-0", 10, { offset: 0, length: 1 }],
    ["bytes=2-4", 10, { offset: 2, length: 3 }],
    ["bytes=2-", 10, { offset: 2, length: 8 }],
    ["bytes=9-99", 10, { offset: 9, length: 1 }],
    ["bytes=-3", 10, { offset: 7, length: 3 }],
    ["bytes=-30", 10, { offset: 0, length: 10 }],
    ["BYTES=0-1", 10, { offset: 0, length: 2 }],
  ] as const)("%s of %d bytes is cut at the end of the file", (header, size, range) => {
    expect(byteRange(header, size)).toEqual(range);
  });

  it.each([
    ["bytes=10-", 10],
    ["bytes=-0", 10],
    ["bytes=0-", 0],
    ["bytes=-5", 0],
  ])("%s of %d bytes is not there", (header, size) => {
    expect(byteRange(header, size)).toBe("unsatisfiable");
  });

  it.each([
    undefined,
    "",
    "bytes",
    "bytes=",
    "bytes=-",
    "bytes=4-2",
    "bytes=a-b",
    "bytes=0-1,3-4",
    "rows=0-1",
    "bytes=0-1;",
  ])("%s asks for the whole", (header) => {
    expect(byteRange(header, 10)).toBeNull();
  });
});
