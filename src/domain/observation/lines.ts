import { isUtf8 } from "node:buffer";
import type { ObservedMessage, OversizeLine } from "../events/observation.js";
import { isDeeper, isObject } from "./json.js";

/** One line that is not blank. */
export interface RecordLine {
  /** In what was sent, 1-based; blank lines count. */
  readonly number: number;
  /** Its JSON value; its text where it is no JSON, or what its JSON says cannot be kept as it stands. */
  readonly record: unknown;
  /** As it was sent, without its end. */
  readonly bytes: number;
  /** Where it is a message that gives no reading. */
  readonly message?: ObservedMessage;
}

/** Turns bytes into lines, whatever the bytes are, and holds no more than one line of the longest length. */
export interface LineReader {
  /** The lines that end in this piece. */
  take(piece: Uint8Array): Generator<RecordLine>;
  /** The last line, where nothing ends it. */
  end(): Generator<RecordLine>;
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const MARK = [0xef, 0xbb, 0xbf] as const;
/** What can be written again as JSON without running out of stack; deeper is far from any reading. */
const LEVELS = 512;
/** JSON has numbers that no double holds: written again they would be null. */
const HUGE_NUMBER = /[eE]\+?\d{3}|\d{309}/;

/** NDJSON with LF or CRLF, with or without a byte order mark; nothing is judged here but that a line is longer than `longest` bytes. */
export function createLineReader(longest: number): LineReader {
  /** Of a line whose end has not come. */
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let lineBytes = 0;
  let lastByte = 0;
  let number = 0;

  function hold(part: Uint8Array): void {
    lineBytes += part.length;
    lastByte = part.at(-1) ?? lastByte;
    const room = longest + MARK.length + 1 - heldBytes;
    const kept = part.length > room ? part.subarray(0, room) : part;
    if (kept.length === 0) return;
    held.push(kept);
    heldBytes += kept.length;
  }

  /** A line of which so much was kept, and how long it was, with what it ends with. */
  function close(kept: Uint8Array, length: number, last: number | undefined): RecordLine | null {
    number += 1;
    if (length === 0) return null;
    const from = number === 1 && MARK.every((byte, at) => kept[at] === byte) ? MARK.length : 0;
    const bytes = length - from - (last === RETURN ? 1 : 0);
    const text = Buffer.from(kept.buffer, kept.byteOffset + from, Math.min(bytes, longest));
    if (bytes > longest) return { number, bytes, record: oversize(text, bytes) };
    return isBlank(text) ? null : { number, bytes, record: recordOf(text) };
  }

  function closeHeld(): RecordLine | null {
    const [kept, length] = [Buffer.concat(held), lineBytes];
    held = [];
    heldBytes = 0;
    lineBytes = 0;
    return close(kept, length, lastByte);
  }

  return {
    *take(piece) {
      let from = 0;
      for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, from)) {
        const part = piece.subarray(from, at);
        from = at + 1;
        let line: RecordLine | null;
        if (lineBytes === 0) line = close(part, part.length, part.at(-1));
        else {
          hold(part);
          line = closeHeld();
        }
        if (line !== null) yield line;
      }
      hold(piece.subarray(from));
    },
    *end() {
      if (lineBytes === 0) return;
      const line = closeHeld();
      if (line !== null) yield line;
    },
  };
}

function isBlank(text: Buffer): boolean {
  // Nearly every line begins with what is no blank.
  return isSpace(text[0]) && text.every(isSpace);
}

function isSpace(byte: number | undefined): boolean {
  return byte === undefined || byte === 0x20 || byte === 0x09 || byte === RETURN;
}

/** One record that is not a line: its JSON value, its text where it is no JSON, its beginning where it is longer than `longest` bytes. */
export function readRecordBytes(value: Uint8Array, longest: number): unknown {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  return bytes.length > longest ? oversize(bytes.subarray(0, longest), bytes.length) : recordOf(bytes);
}

function recordOf(line: Buffer): unknown {
  const text = textOf(line);
  if (!isUtf8(line)) return text;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  const isKept =
    !(line.length > LEVELS && isDeeper(value, LEVELS)) && !(HUGE_NUMBER.test(text) && holdsInfinity(value));
  return isKept ? value : text;
}

function holdsInfinity(value: unknown): boolean {
  if (typeof value === "number") return !Number.isFinite(value);
  return typeof value === "object" && value !== null && Object.values(value).some(holdsInfinity);
}

/** What is not UTF-8 is told byte for byte, so that nothing of it is lost: it is Latin-1 most of the time anyway. */
function textOf(line: Buffer): string {
  return line.toString(isUtf8(line) ? "utf8" : "latin1");
}

function oversize(beginning: Buffer, bytes: number): OversizeLine {
  // A character that the cut has halved is no reason to take the text for something else.
  const whole = [0, 1, 2, 3].map((cut) => beginning.subarray(0, beginning.length - cut)).find((part) => isUtf8(part));
  return { oversize: { bytes, text: textOf(whole ?? beginning) } };
}

/** Whether a record is what stands for a line that was too long; whoever sends one of the kind has sent no reading either. */
export function isOversizeLine(record: unknown): record is OversizeLine {
  if (!isObject(record)) return false;
  const { oversize: line } = record;
  return isObject(line) && typeof line["bytes"] === "number" && typeof line["text"] === "string";
}
