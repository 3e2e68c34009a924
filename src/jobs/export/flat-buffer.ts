/** Writes one field of the table that is being made. */
type WriteField = () => void;

/**
 * Builds one FlatBuffer from its end to its start, as the format wants it: what a table refers to is made before it.
 * Source: https://flatbuffers.dev/internals. Places are counted from the end.
 */
export interface FlatBuffer {
  /** Fields by slot; one that is left out has its default. Answers the table's place. */
  table(fields: Readonly<Record<number, WriteField>>): number;
  text(value: string): number;
  /** A vector of references to what was made before. */
  references(places: readonly number[]): number;
  /** A vector of structs of 64-bit integers. */
  structs(rows: readonly (readonly bigint[])[]): number;
  int8(value: number): WriteField;
  int16(value: number): WriteField;
  int32(value: number): WriteField;
  int64(value: bigint): WriteField;
  reference(place: number): WriteField;
  /** The whole, with the root in front; its length is a multiple of 8. */
  finish(root: number): Buffer;
}

export function createFlatBuffer(): FlatBuffer {
  let bytes = Buffer.alloc(1024);
  let used = 0;

  /** Room for `size` bytes that are aligned once `after` more are written. */
  function align(size: number, after = 0): void {
    const padding = -(used + after) & (size - 1);
    while (bytes.length - used < padding + size + after) {
      const grown = Buffer.alloc(bytes.length * 2);
      bytes.copy(grown, bytes.length);
      bytes = grown;
    }
    used += padding;
  }

  function put(size: 1 | 2 | 4, value: number): void {
    align(size);
    used += size;
    bytes.writeIntLE(value, bytes.length - used, size);
  }

  function putLong(value: bigint): void {
    align(8);
    used += 8;
    bytes.writeBigInt64LE(value, bytes.length - used);
  }

  function putReference(place: number): void {
    align(4);
    put(4, used - place + 4);
  }

  function vector(count: number, size: number, alignment: number, write: () => void): number {
    align(4, count * size);
    align(alignment, count * size);
    write();
    put(4, count);
    return used;
  }

  return {
    table(fields) {
      const start = used;
      const slots = Object.entries(fields).map(([slot, write]) => ({ slot: Number(slot), write }));
      const places = new Map<number, number>();
      for (const { slot, write } of slots) {
        write();
        places.set(slot, used);
      }
      put(4, 0);
      const place = used;
      const count = Math.max(-1, ...places.keys()) + 1;
      for (let slot = count - 1; slot >= 0; slot -= 1) {
        const field = places.get(slot);
        put(2, field === undefined ? 0 : place - field);
      }
      put(2, place - start);
      put(2, (count + 2) * 2);
      bytes.writeInt32LE(used - place, bytes.length - place);
      return place;
    },
    text(value) {
      const encoded = Buffer.from(value, "utf8");
      align(4, encoded.length + 1);
      used += encoded.length + 1;
      encoded.copy(bytes, bytes.length - used);
      put(4, encoded.length);
      return used;
    },
    references: (places) =>
      vector(places.length, 4, 4, () => {
        for (const place of [...places].reverse()) putReference(place);
      }),
    structs: (rows) =>
      vector(rows.length, (rows[0]?.length ?? 0) * 8, 8, () => {
        for (const row of [...rows].reverse()) for (const value of [...row].reverse()) putLong(value);
      }),
    int8: (value) => () => {
      put(1, value);
    },
    int16: (value) => () => {
      put(2, value);
    },
    int32: (value) => () => {
      put(4, value);
    },
    int64: (value) => () => {
      putLong(value);
    },
    reference: (place) => () => {
      putReference(place);
    },
    finish(root) {
      align(8, 4);
      putReference(root);
      return bytes.subarray(bytes.length - used);
    },
  };
}
