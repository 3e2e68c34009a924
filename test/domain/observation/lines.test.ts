import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { createLineReader, type RecordLine } from "../../../src/domain/observation/lines.js";

const LONGEST = 64;

function read(pieces: readonly (Uint8Array | string)[], longest = LONGEST): readonly RecordLine[] {
  const reader = createLineReader(longest);
  const taken = pieces.flatMap((piece) => [...reader.take(typeof piece === "string" ? Buffer.from(piece) : piece)]);
  return [...taken, ...reader.end()];
}

const records = (...pieces: (Uint8Array | string)[]): unknown[] => read(pieces).map(({ record }) => record);

describe("lines of records", () => {
  it("are numbered as an editor numbers them; blank ones are passed over, the last needs no end", () => {
    expect(read(['{"a":1}\n\n \t\r\n[2]\n3']).map(({ number, record }) => [number, record])).toEqual([
      [1, { a: 1 }],
      [4, [2]],
      [5, 3],
    ]);
    expect(read(["", "\n", "\n"])).toEqual([]);
  });

  it("end with LF or CRLF; a byte order mark before the first is no part of it, later it is", () => {
    expect(records("\ufeff1\r\n2\r\n3")).toEqual([1, 2, 3]);
    expect(records("1\n\ufeff2")).toEqual([1, "\ufeff2"]);
  });

  it("that are no JSON come as their text", () => {
    expect(records('{"a":1\nnull\n"text"\nNaN\n{"a":1}}\n')).toEqual(['{"a":1', null, "text", "NaN", '{"a":1}}']);
  });

  it("that are not UTF-8 come byte for byte", () => {
    const junk = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 10));
    expect(read([junk], 300)[0]?.record).toBe(junk.toString("latin1"));
    expect(records(Buffer.from('{"name":"M\xfcller"}', "latin1"))).toEqual(['{"name":"Müller"}']);
  });

  it("whose JSON would be something else when it is written again come as their text", () => {
    const deep = "[".repeat(600) + "]".repeat(600);
    expect(read([deep], 2_000)[0]?.record).toBe(deep);
    const fine = "[".repeat(300) + "]".repeat(300);
    expect(read([fine], 2_000)[0]?.record).toEqual(JSON.parse(fine));
    expect(records('{"value":1e400}', "\n", '{"value":1e200}', "\n", '[{"a":[-1E+999]}]')).toEqual([
      '{"value":1e400}',
      { value: 1e200 },
      '[{"a":[-1E+999]}]',
    ]);
  });

  it("of the longest length are whole, one byte more is cut and says how long it was", () => {
    const whole = JSON.stringify("x".repeat(LONGEST - 2));
    expect(records(`${whole}\r\n`)).toEqual(["x".repeat(LONGEST - 2)]);
    expect(records(`\ufeff${whole}\r\n`)).toEqual(["x".repeat(LONGEST - 2)]);
    const long = `${whole}y`;
    const cut = { oversize: { bytes: LONGEST + 1, text: whole } };
    expect(records(`${long}\n`)).toEqual([cut]);
    expect(records(`${long}\r\n1`)).toEqual([cut, 1]);
    expect(records("x".repeat(100_000), "x".repeat(100_000), "\n1")).toEqual([
      { oversize: { bytes: 200_000, text: "x".repeat(LONGEST) } },
      1,
    ]);
    expect(records(`${"x".repeat(LONGEST - 1)}€€`)).toEqual([
      { oversize: { bytes: LONGEST + 5, text: "x".repeat(LONGEST - 1) } },
    ]);
  });

  it("are the same however the bytes are cut into pieces", () => {
    const line = fc.oneof(
      fc.json(),
      fc.string(),
      fc.constantFrom("", " ", "\r", "\ufeff", "ä€😀", "x".repeat(LONGEST), `"${"y".repeat(LONGEST)}"`),
      fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
    );
    const text = fc.tuple(fc.array(line, { maxLength: 8 }), fc.constantFrom("\n", "\r\n"));
    fc.assert(
      fc.property(text, fc.constantFrom("utf8", "latin1"), fc.array(fc.nat(400)), ([lines, end], encoding, cuts) => {
        const bytes = Buffer.from(lines.join(end), encoding as BufferEncoding);
        const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const pieces = places.slice(1).map((place, at) => bytes.subarray(places[at], place));
        expect(read(pieces)).toEqual(read([bytes]));
      }),
      { numRuns: 300 },
    );
  });
});
