import type { GenotypeBuffers, GenotypeTexts } from "./genotype-buffers.js";
import type { RecordGenotypes } from "./types.js";

/** Reads lines whose every sample is a genotype of three bytes, such as `0|0`. */
export interface WordScanner {
  /** Must be called with every new text. */
  enter(text: Buffer): void;
  /** Null when the line has another shape, such as haploid males on X. `from` and `to` bound the sample columns. */
  scan(from: number, to: number, alternates: number): RecordGenotypes | null;
}

const TAB = 9;
const SLASH = 47;
const PIPE = 124;
/** Genotype bytes are `.` and the digits, 46 and 48 to 57. */
const LOWEST = 46;
const SPAN = 12;

/**
 * Three bytes and a tab are one 32-bit word. Words are compared with the word of the most common kind of genotype two
 * at a time, as a 64-bit float: its last byte is a tab, so it is neither zero nor NaN, and equal numbers are equal bits.
 */
export function createWordScanner(samples: number, texts: GenotypeTexts, buffers: GenotypeBuffers): WordScanner {
  const codeOfShape = new Int32Array(2 * 16 * 16).fill(-1);
  const pair = new DataView(new ArrayBuffer(8));
  const { sample, code } = buffers;
  let view: DataView = new DataView(new ArrayBuffer(0));
  let text: Buffer = Buffer.alloc(0);

  /** Code of the genotype in a word, or -1 when it is none that the record may have. */
  function codeOfWord(word: number, alternates: number): number {
    const first = (word & 255) - LOWEST;
    const separator = (word >>> 8) & 255;
    const second = ((word >>> 16) & 255) - LOWEST;
    if (first < 0 || first >= SPAN || second < 0 || second >= SPAN || word >>> 24 !== TAB) return -1;
    if (separator !== PIPE && separator !== SLASH) return -1;
    const shape = ((separator & 16) << 4) | (first << 4) | second;
    let known = codeOfShape[shape]!;
    if (known < 0) {
      known = texts.codeOf(String.fromCharCode(first + LOWEST, separator, second + LOWEST));
      if (known < 0) return -1;
      codeOfShape[shape] = known;
    }
    return texts.greatest[known]! > alternates ? -1 : known;
  }

  return {
    enter(next) {
      text = next;
      view = new DataView(next.buffer, next.byteOffset, next.byteLength);
    },
    scan(from, to, alternates) {
      if (to - from !== samples * 4 - 1) return null;
      const lastAt = to - 3;
      const lastWord = text[lastAt]! | (text[lastAt + 1]! << 8) | (text[lastAt + 2]! << 16) | (TAB << 24);
      let base = -1;
      let baseWord = 0;
      for (let at = from; at <= lastAt && base < 0; at += 4) {
        const word = at === lastAt ? lastWord : view.getInt32(at, true);
        const found = codeOfWord(word, alternates);
        if (found < 0) return null;
        if (texts.homRef[found] === true) {
          base = found;
          baseWord = word;
        }
      }
      pair.setInt32(0, baseWord, true);
      pair.setInt32(4, baseWord, true);
      const basePair = base < 0 ? NaN : pair.getFloat64(0, true);
      let count = 0;
      for (let at = from; at <= lastAt; at += 4) {
        if (at + 8 <= lastAt && view.getFloat64(at, true) === basePair) {
          at += 4;
          continue;
        }
        const word = at === lastAt ? lastWord : view.getInt32(at, true);
        if (word === baseWord) continue;
        const found = codeOfWord(word, alternates);
        if (found < 0) return null;
        sample[count] = (at - from) >>> 2;
        code[count] = found;
        count += 1;
      }
      return buffers.listed(base, count);
    },
  };
}
