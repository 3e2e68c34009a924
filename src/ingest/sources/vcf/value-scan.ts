import type { FieldDefinition } from "./types.js";

/**
 * Scanners over the bytes of one value list: they say yes only to what the checks on text accept too, and leave
 * everything unusual to those. A list ends at `stop`, at a tab, or at `to`.
 */
export interface ValueCursor {
  /** The byte after the list: `stop`, a tab, or `to`. */
  at: number;
  /** Values in the list. */
  items: number;
  /** The list is a single dot. */
  isMissing: boolean;
  /** The last integer, -1 for a dot. */
  integer: number;
}

export function createValueCursor(): ValueCursor {
  return { at: 0, items: 0, isMissing: false, integer: -1 };
}

const TAB = 9;
const COMMA = 44;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const NINE = 57;
const MAX_DIGITS = 9;

/** Integers of at most nine digits, or dots. Each is written to `into` from `base` on, at most `room` of them. */
export function scanIntegers(
  text: Uint8Array,
  from: number,
  to: number,
  stop: number,
  cursor: ValueCursor,
  allowsMinus: boolean,
  into: Int32Array | null = null,
  base = 0,
  room = 0,
): boolean {
  let at = from;
  let items = 0;
  for (;;) {
    let byte = at < to ? text[at]! : stop;
    if (byte === DOT) {
      cursor.integer = -1;
      at += 1;
    } else {
      const isNegative = byte === MINUS;
      if (isNegative) {
        if (!allowsMinus) return false;
        at += 1;
        byte = at < to ? text[at]! : stop;
      }
      const first = at;
      let value = 0;
      while (byte >= ZERO && byte <= NINE) {
        value = value * 10 + byte - ZERO;
        at += 1;
        if (at - first > MAX_DIGITS) return false;
        byte = at < to ? text[at]! : stop;
      }
      if (at === first) return false;
      cursor.integer = isNegative ? -value : value;
    }
    if (into !== null && items < room) into[base + items] = cursor.integer;
    items += 1;
    byte = at < to ? text[at]! : stop;
    if (byte === COMMA) {
      at += 1;
      continue;
    }
    if (byte !== stop && byte !== TAB) return false;
    cursor.at = at;
    cursor.items = items;
    cursor.isMissing = items === 1 && text[from] === DOT;
    return true;
  }
}

/** Decimal numbers with an optional exponent, or dots; no names such as `nan`. */
export function scanFloats(
  text: Uint8Array,
  from: number,
  to: number,
  stop: number,
  cursor: ValueCursor,
  allowsMinus: boolean,
): boolean {
  let at = from;
  let items = 0;
  for (;;) {
    const start = at;
    let byte = at < to ? text[at]! : stop;
    if (byte === MINUS) {
      if (!allowsMinus) return false;
      at += 1;
      byte = at < to ? text[at]! : stop;
    }
    let digits = 0;
    while (byte >= ZERO && byte <= NINE) {
      digits += 1;
      at += 1;
      byte = at < to ? text[at]! : stop;
    }
    if (byte === DOT) {
      at += 1;
      byte = at < to ? text[at]! : stop;
      while (byte >= ZERO && byte <= NINE) {
        digits += 1;
        at += 1;
        byte = at < to ? text[at]! : stop;
      }
    }
    if (digits === 0 && (at - start !== 1 || text[start] !== DOT)) return false;
    if (digits > 0 && (byte === 69 || byte === 101)) {
      at += 1;
      byte = at < to ? text[at]! : stop;
      if (byte === MINUS || byte === 43) {
        at += 1;
        byte = at < to ? text[at]! : stop;
      }
      const first = at;
      while (byte >= ZERO && byte <= NINE) {
        at += 1;
        byte = at < to ? text[at]! : stop;
      }
      if (at === first) return false;
    }
    items += 1;
    if (byte === COMMA) {
      at += 1;
      continue;
    }
    if (byte !== stop && byte !== TAB) return false;
    cursor.at = at;
    cursor.items = items;
    cursor.isMissing = items === 1 && at - from === 1 && text[from] === DOT;
    return true;
  }
}

/** Any text without control characters. */
export function scanText(text: Uint8Array, from: number, to: number, stop: number, cursor: ValueCursor): boolean {
  let items = 1;
  let at = from;
  for (; at < to; at += 1) {
    const byte = text[at]!;
    if (byte === stop || byte === TAB) break;
    if (byte === COMMA) items += 1;
    else if (byte < 32 || byte === 127) return false;
  }
  cursor.at = at;
  cursor.items = items;
  cursor.isMissing = at - from === 1 && text[from] === DOT;
  return true;
}

export type ValueKind = "integer" | "float" | "text" | "other";

/** Which scanner suits a definition; `other` where only the check on text knows. */
export function valueKind(definition: FieldDefinition | undefined): ValueKind {
  switch (definition?.type) {
    case undefined:
    case "String":
      return "text";
    case "Integer":
      return "integer";
    case "Float":
      return "float";
    case "Character":
    case "Flag":
      return "other";
  }
}
