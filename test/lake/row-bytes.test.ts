import { describe, expect, it } from "@jest/globals";
import { createRowReader, createRowWriter, type RowReader, type RowWriter } from "../../src/lake/row-bytes.js";
import { createRandom } from "../helpers/random.js";

interface Field {
  readonly write: (writer: RowWriter) => RowWriter;
  readonly read: (reader: RowReader) => unknown;
  readonly value: unknown;
}
const random = createRandom(71);
function int32(): number {
  return (random.below(2 ** 32) >> random.below(32)) | 0;
}
function anyField(): Field {
  switch (random.below(6)) {
    case 0: {
      const value = int32();
      return { value, write: (writer) => writer.integer(value), read: (reader) => reader.integer() };
    }
    case 1: {
      const value = random.maybe(int32());
      return { value, write: (writer) => writer.optionalInteger(value), read: (reader) => reader.optionalInteger() };
    }
    case 2: {
      const value = random.maybe(int32() / 1024);
      return { value, write: (writer) => writer.double(value), read: (reader) => reader.double() };
    }
    case 3: {
      const value = random.maybe(random.bases(random.below(200), "ACGTé☃\u0000"));
      return { value, write: (writer) => writer.text(value), read: (reader) => reader.text() };
    }
    case 4: {
      const value = Uint8Array.from({ length: random.below(300) }, () => random.below(256));
      return { value, write: (writer) => writer.bytes(value), read: (reader) => Uint8Array.from(reader.bytes()) };
    }
    default: {
      const value = random.below(2) === 0;
      return { value, write: (writer) => writer.boolean(value), read: (reader) => reader.boolean() };
    }
  }
}

describe("packed fields", () => {
  it("of any kinds in any order are read back, whatever the writer held before", () => {
    const writer = createRowWriter();
    for (let round = 0; round < 300; round += 1) {
      const fields = Array.from({ length: random.below(40) }, anyField);
      for (const field of fields) field.write(writer);
      const reader = createRowReader(writer.take());
      expect(fields.map((field) => field.read(reader))).toEqual(fields.map(({ value }) => value));
      expect(() => reader.boolean()).toThrow(RangeError);
    }
  });

  it.each([
    [0, 1],
    [-1, 1],
    [63, 1],
    [-64, 1],
    [64, 2],
    [8_191, 2],
    [8_192, 3],
    [2_147_483_647, 5],
    [-2_147_483_648, 5],
  ])("the integer %d takes %d bytes", (value, bytes) => {
    const taken = createRowWriter().integer(value).take();
    expect([taken.length, createRowReader(taken).integer()]).toEqual([bytes, value]);
  });

  it.each([0, -0, 1 / 3, Number.MAX_VALUE, Number.MIN_VALUE, Infinity, NaN])("the double %d is read back", (value) => {
    expect(createRowReader(createRowWriter().double(value).take()).double()).toBe(value);
  });

  it.each([
    ["of more than two length bytes", "x".repeat(20_000)],
    ["of letters outside the first plane", "📈".repeat(40)],
    ["with a NUL", "é\u0000x"],
  ])("a text %s is read back", (_name, value) => {
    expect(createRowReader(createRowWriter().text(value).take()).text()).toBe(value);
  });

  it("nothing and no text are two things, and so are nothing and zero", () => {
    const reader = createRowReader(
      createRowWriter().text(null).text("").optionalInteger(null).optionalInteger(0).double(null).double(0).take(),
    );
    expect([reader.text(), reader.text()]).toEqual([null, ""]);
    expect([reader.optionalInteger(), reader.optionalInteger(), reader.double(), reader.double()]).toEqual([
      null,
      0,
      null,
      0,
    ]);
  });

  it("a row that was taken does not change when the next is written", () => {
    const writer = createRowWriter();
    const first = writer.text("first").take();
    writer.text("other").integer(5).take();
    expect(createRowReader(first).text()).toBe("first");
    expect(writer.take()).toHaveLength(0);
  });

  it("a row inside a larger block is read from where it lies", () => {
    const row = createRowWriter().text("chr1").double(0.5).bytes(Uint8Array.of(1, 2)).take();
    const block = Buffer.concat([Buffer.alloc(13, 255), row, Buffer.alloc(7, 255)]);
    const reader = createRowReader(block.subarray(13, 13 + row.length));
    expect([reader.text(), reader.double(), [...reader.bytes()]]).toEqual(["chr1", 0.5, [1, 2]]);
    expect(() => reader.integer()).toThrow(RangeError);
  });

  it("a row that ends too early is refused, wherever it ends, and never read as something shorter", () => {
    for (let round = 0; round < 300; round += 1) {
      const field = anyField();
      const whole = field.write(createRowWriter()).take();
      for (let length = 0; length < whole.length; length += 1) {
        expect(() => field.read(createRowReader(whole.subarray(0, length)))).toThrow(RangeError);
      }
    }
  });
});
