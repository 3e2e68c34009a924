import { NOT_NEGATIVE, infoCount, infoKeySyntax, isSince43 } from "./info.js";
import type { FieldDefinition, VcfHeader } from "./types.js";
import { createValueCursor, scanFloats, scanIntegers, scanText, valueKind, type ValueKind } from "./value-scan.js";

/** Checks INFO on its bytes. It accepts only what the check on text accepts, and gives up on anything unusual. */
export interface InfoScanner {
  /** The byte after the column, or -1 when the check on text has to decide. */
  scan(text: Uint8Array, from: number, to: number, alternates: number): number;
  /** INFO/END of the column scanned last. */
  readonly endPos: number | null;
}

interface KeyFacts {
  readonly bytes: Uint8Array;
  readonly definition: FieldDefinition | undefined;
  readonly kind: ValueKind | "flag";
  readonly allowsMinus: boolean;
  readonly isEnd: boolean;
  /** Number of the last column that had the key. */
  seenIn: number;
  /** The two keys that came after it last: most columns repeat an order, some leave a key out. */
  next: KeyFacts | null;
  other: KeyFacts | null;
}

const TAB = 9;
const SEMICOLON = 59;
const EQUALS = 61;
const DOT = 46;
const MAX_KEYS = 10_000;

export function createInfoScanner(header: VcfHeader): InfoScanner {
  const keySyntax = infoKeySyntax(header.version);
  const allowsEmpty = !isSince43(header.version);
  const facts = new Map<string, KeyFacts>();
  /** Stands before the first key of every column. */
  const start: KeyFacts = {
    bytes: new Uint8Array(0),
    definition: undefined,
    kind: "other",
    allowsMinus: false,
    isEnd: false,
    seenIn: -1,
    next: null,
    other: null,
  };
  const cursor = createValueCursor();
  let column = 0;
  let endPos: number | null = null;

  function factsOf(text: Uint8Array, from: number, to: number): KeyFacts | null {
    const key = Buffer.from(text.buffer, text.byteOffset + from, to - from).toString("utf8");
    const known = facts.get(key);
    if (known !== undefined) return known;
    if (!keySyntax.test(key) || facts.size >= MAX_KEYS) return null;
    const definition = header.infos.get(key);
    const made: KeyFacts = {
      bytes: Uint8Array.from(text.subarray(from, to)),
      definition,
      kind: definition?.type === "Flag" ? "flag" : key === "CIGAR" ? "other" : valueKind(definition),
      allowsMinus: !NOT_NEGATIVE.has(key),
      isEnd: key === "END",
      seenIn: -1,
      next: null,
      other: null,
    };
    facts.set(key, made);
    return made;
  }

  function isKeyAt(text: Uint8Array, from: number, to: number, bytes: Uint8Array): boolean {
    const end = from + bytes.length;
    const after = end < to ? text[end]! : TAB;
    if (after !== EQUALS && after !== SEMICOLON && after !== TAB) return false;
    for (let index = 0; index < bytes.length; index += 1) if (text[from + index] !== bytes[index]) return false;
    return true;
  }

  /** The key at `from`, told by the one before it where possible; null when it is not certain. */
  function keyAfter(previous: KeyFacts, text: Uint8Array, from: number, to: number): KeyFacts | null {
    const { next, other } = previous;
    if (next !== null && isKeyAt(text, from, to, next.bytes)) return next;
    if (other !== null && isKeyAt(text, from, to, other.bytes)) return other;
    let end = from;
    while (end < to && text[end] !== EQUALS && text[end] !== SEMICOLON && text[end] !== TAB) end += 1;
    const key = factsOf(text, from, end);
    if (key !== null) {
      previous.other = next;
      previous.next = key;
    }
    return key;
  }

  /** Where the value ends, or -1. */
  function scanValue(text: Uint8Array, from: number, to: number, key: KeyFacts, alternates: number): number {
    let isScanned: boolean;
    switch (key.kind) {
      case "integer":
        isScanned = scanIntegers(text, from, to, SEMICOLON, cursor, key.allowsMinus);
        break;
      case "float":
        isScanned = scanFloats(text, from, to, SEMICOLON, cursor, key.allowsMinus);
        break;
      case "text":
        isScanned = scanText(text, from, to, SEMICOLON, cursor);
        break;
      case "flag":
      case "other":
        return -1;
    }
    if (!isScanned) return -1;
    if (key.definition === undefined || cursor.isMissing || cursor.at === from) return cursor.at;
    const wanted = infoCount(key.definition, alternates);
    if (wanted !== null && cursor.items !== wanted) return -1;
    if (key.isEnd) {
      if (key.kind !== "integer" || cursor.items !== 1) return -1;
      endPos = cursor.integer;
    }
    return cursor.at;
  }

  function scan(text: Uint8Array, from: number, to: number, alternates: number): number {
    column += 1;
    endPos = null;
    if (from >= to || text[from] === TAB) return allowsEmpty ? from : -1;
    if (text[from] === DOT && (from + 1 === to || text[from + 1] === TAB)) return from + 1;
    let at = from;
    for (let previous = start; ;) {
      const key = keyAfter(previous, text, at, to);
      if (key === null) return -1;
      const keyEnd = at + key.bytes.length;
      previous = key;
      if (key.seenIn === column) return -1;
      key.seenIn = column;
      if (keyEnd < to && text[keyEnd] === EQUALS) {
        at = scanValue(text, keyEnd + 1, to, key, alternates);
        if (at < 0) return -1;
      } else {
        if (key.kind !== "flag" && key.definition !== undefined) return -1;
        at = keyEnd;
      }
      if (at >= to || text[at] === TAB) return at;
      at += 1;
      if (at >= to || text[at] === TAB) return at;
    }
  }

  return {
    scan,
    get endPos() {
      return endPos;
    },
  };
}
