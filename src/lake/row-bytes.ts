/** Compact rows: variable-length integers, length-prefixed UTF-8, IEEE doubles. The one codec of index values. */
export interface RowWriter {
  /** Any 32-bit integer; small magnitudes are short. */
  integer(value: number): RowWriter;
  /** Null and integers. */
  optionalInteger(value: number | null): RowWriter;
  double(value: number | null): RowWriter;
  text(value: string | null): RowWriter;
  bytes(value: Uint8Array): RowWriter;
  boolean(value: boolean): RowWriter;
  /** A copy of what was written; the writer is empty again. */
  take(): Uint8Array;
}

export function createRowWriter(): RowWriter {
  let buffer = Buffer.allocUnsafe(1 << 12);
  let length = 0;
  const room = (bytes: number): void => {
    if (length + bytes <= buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, length + bytes));
    buffer.copy(larger, 0, 0, length);
    buffer = larger;
  };
  const unsigned = (value: number): void => {
    room(5);
    let rest = value >>> 0;
    while (rest > 127) {
      buffer[length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    buffer[length++] = rest;
  };
  const writer: RowWriter = {
    integer(value) {
      unsigned((value << 1) ^ (value >> 31));
      return writer;
    },
    optionalInteger(value) {
      writer.boolean(value !== null);
      return value === null ? writer : writer.integer(value);
    },
    double(value) {
      writer.boolean(value !== null);
      if (value !== null) {
        room(8);
        length = buffer.writeDoubleLE(value, length);
      }
      return writer;
    },
    text(value) {
      if (value === null) {
        unsigned(0);
        return writer;
      }
      const bytes = Buffer.byteLength(value);
      unsigned(bytes + 1);
      room(bytes);
      length += buffer.write(value, length);
      return writer;
    },
    bytes(value) {
      unsigned(value.length);
      room(value.length);
      buffer.set(value, length);
      length += value.length;
      return writer;
    },
    boolean(value) {
      room(1);
      buffer[length++] = value ? 1 : 0;
      return writer;
    },
    take() {
      const taken = Uint8Array.prototype.slice.call(buffer, 0, length);
      length = 0;
      return taken;
    },
  };
  return writer;
}

/** Throws RangeError where the row ends before the field does. */
export interface RowReader {
  integer(): number;
  optionalInteger(): number | null;
  double(): number | null;
  text(): string | null;
  bytes(): Uint8Array;
  boolean(): boolean;
}

export function createRowReader(source: Uint8Array): RowReader {
  const buffer = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  let at = 0;
  /** Where the next `length` bytes begin. */
  const next = (length: number): number => {
    const from = at;
    if (from + length > buffer.length) throw new RangeError("a stored row ends too early");
    at += length;
    return from;
  };
  const byte = (): number => {
    const value = buffer[at];
    if (value === undefined) throw new RangeError("a stored row ends too early");
    at += 1;
    return value;
  };
  const unsigned = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const part = byte();
      value |= (part & 127) << shift;
      if (part < 128) return value >>> 0;
    }
  };
  const reader: RowReader = {
    integer() {
      const value = unsigned();
      return (value >>> 1) ^ -(value & 1);
    },
    optionalInteger: () => (reader.boolean() ? reader.integer() : null),
    double: () => (reader.boolean() ? buffer.readDoubleLE(next(8)) : null),
    text() {
      const length = unsigned();
      if (length === 0) return null;
      const from = next(length - 1);
      return buffer.toString("utf8", from, at);
    },
    bytes() {
      const length = unsigned();
      const from = next(length);
      return buffer.subarray(from, at);
    },
    boolean: () => byte() === 1,
  };
  return reader;
}
