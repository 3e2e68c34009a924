/** 64-bit content hash of a record, to tell a repeat from a contradiction. Not for security. */
export interface ContentHash {
  addText(text: string): void;
  addInteger(value: number): void;
  /** Order of calls between listed samples does not matter: each entry is mixed alone and summed. */
  addEntry(a: number, b: number, c: number, d: number): void;
  digest(): bigint;
}

/** The finalisation of MurmurHash3 (public domain): every input bit reaches every output bit. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

const FNV_PRIME = 0x01000193;
/** Another odd multiplier: texts that are equal by one are not by both. */
const SECOND_PRIME = 0x5bd1e995;

/** 32 bits. */
export function hashText(text: string, prime = FNV_PRIME): number {
  let h = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) h = Math.imul(h ^ text.charCodeAt(index), prime);
  return mix(h);
}

export function createContentHash(): ContentHash {
  let high = 0x9e3779b9 | 0;
  let low = 0x7f4a7c15 | 0;
  let sumHigh = 0;
  let sumLow = 0;
  const fold = (value: number): void => {
    high = mix(high ^ value);
    low = mix(Math.imul(low, 31) + value + high);
  };
  return {
    addText(text) {
      fold(hashText(text));
      fold(hashText(text, SECOND_PRIME));
      fold(text.length);
    },
    addInteger: fold,
    addEntry(a, b, c, d) {
      const first = mix(mix(a + 0x51ed270b) ^ b);
      const second = mix(mix(c + 0x2545f491) ^ d);
      sumHigh = (sumHigh + mix(first ^ second)) | 0;
      sumLow = (sumLow + mix(first + Math.imul(second, 0x27d4eb2f))) | 0;
    },
    digest() {
      fold(sumHigh);
      fold(sumLow);
      return (BigInt(high) << 32n) | BigInt(low >>> 0);
    },
  };
}
