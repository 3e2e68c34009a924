import type { FormatPlan, PlannedField } from "./format-plan.js";
import type { GenotypeBuffers, GenotypeTexts } from "./genotype-buffers.js";
import type { RecordGenotypes } from "./types.js";
import { createValueCursor, scanFloats, scanIntegers, scanText } from "./value-scan.js";
import { isSampleCount, wholeNumber } from "./values.js";

/** Reads sample columns on their bytes. It accepts only what the reader of text accepts, and gives up on anything unusual. */
export interface GenotypeScanner {
  /** Null when the reader of text has to decide. */
  scan(text: Buffer, from: number, to: number, plan: FormatPlan, alternates: number): RecordGenotypes | null;
}

const TAB = 9;
const DOT = 46;
const COLON = 58;
/** Genotypes of at most so many bytes are told apart by one integer. */
const SHORT = 3;

export function createGenotypeScanner(
  samples: number,
  texts: GenotypeTexts,
  buffers: GenotypeBuffers,
): GenotypeScanner {
  const cursor = createValueCursor();
  const shortCodes = new Map<number, number>();
  let lastShort = -1;
  let lastCode = -1;

  /** Code of the genotype in the bytes, or negative. */
  function codeAt(text: Buffer, from: number, to: number): number {
    const length = to - from;
    if (length > SHORT || length === 0) return texts.codeOf(text.toString("latin1", from, to));
    let short = length;
    for (let at = from; at < to; at += 1) short = (short << 8) | text[at]!;
    if (short === lastShort) return lastCode;
    let code = shortCodes.get(short);
    if (code === undefined) {
      code = texts.codeOf(text.toString("latin1", from, to));
      if (code < 0) return code;
      shortCodes.set(short, code);
    }
    lastShort = short;
    lastCode = code;
    return code;
  }

  /** Where the value ends, or -1. */
  function takeValue(
    text: Buffer,
    from: number,
    to: number,
    field: PlannedField,
    column: number,
    alternates: number,
    ploidy: number,
  ): number {
    const { kind, kept } = field;
    const isPlain = kept === null || kept === "ps" || kept === "ft";
    const isDepths = kept === "ad" && kind === "integer";
    const alleles = alternates + 1;
    let isScanned: boolean;
    if (kind === "integer") {
      isScanned = isDepths
        ? scanIntegers(text, from, to, COLON, cursor, false, buffers.depths, column * alleles, alleles)
        : scanIntegers(text, from, to, COLON, cursor, isPlain);
    } else if (kind === "float") isScanned = scanFloats(text, from, to, COLON, cursor, isPlain);
    else isScanned = kind === "text" && scanText(text, from, to, COLON, cursor);
    if (!isScanned) return -1;
    if (field.definition !== undefined && !isSampleCount(field.definition, cursor.items, alternates, ploidy)) return -1;
    if (kept === null) return cursor.at;
    if (kept === "ad") {
      if (isDepths) {
        if (cursor.items !== alleles) buffers.depths.fill(-1, column * alleles, (column + 1) * alleles);
        return cursor.at;
      }
      return -1;
    }
    if (kept === "ps" || kept === "ft") buffers[kept][column] = text.toString("utf8", from, cursor.at);
    else if (kind === "integer" && cursor.items === 1) buffers.scalars[kept][column] = cursor.integer;
    else buffers.scalars[kept][column] = wholeNumber(text.toString("latin1", from, cursor.at));
    return cursor.at;
  }

  return {
    scan(text, from, to, plan, alternates) {
      const { fields, hasGenotype } = plan;
      buffers.begin(plan, alternates);
      let at = from;
      for (let column = 0; column < samples; column += 1) {
        if (at > to) return null;
        let ploidy = 2;
        let index = 0;
        if (hasGenotype) {
          const start = at;
          while (at < to && text[at] !== COLON && text[at] !== TAB) at += 1;
          const code = codeAt(text, start, at);
          if (code < 0 || texts.greatest[code]! > alternates) return null;
          buffers.codes[column] = code;
          ploidy = texts.texts[code]!.alleles.length;
          index = 1;
        }
        for (; index < fields.length; index += 1) {
          if (index > 0) {
            if (at >= to || text[at] !== COLON) break;
            at += 1;
          }
          const byte = at < to ? text[at]! : TAB;
          if (byte === COLON || byte === TAB) continue;
          if (byte === DOT) {
            const after = at + 1 < to ? text[at + 1]! : TAB;
            if (after === COLON || after === TAB) {
              at += 1;
              continue;
            }
          }
          at = takeValue(text, at, to, fields[index]!, column, alternates, ploidy);
          if (at < 0) return null;
        }
        if (at < to && text[at] !== TAB) return null;
        at += 1;
      }
      if (at !== to + 1) return null;
      return hasGenotype ? buffers.list(plan, alternates) : buffers.none();
    },
  };
}
