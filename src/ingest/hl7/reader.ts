import { isUtf8 } from "node:buffer";
import { readHl7, type Hl7Content } from "./index.js";

/** One message, and the line of what was sent in which it begins, 1-based. */
export interface ReadMessage {
  readonly line: number;
  readonly content: Hl7Content;
}

/** Turns bytes into messages, whatever the bytes are, and holds no more than one of the longest length. */
export interface MessageReader {
  /** The messages that end in this piece. */
  take(piece: Uint8Array): Generator<ReadMessage>;
  /** The last one. */
  end(): Generator<ReadMessage>;
}

const [NEWLINE, RETURN] = [0x0a, 0x0d];
/** What frames a message on a wire (MLLP): before it and behind it. */
const FRAMES: ReadonlySet<number> = new Set([0x0b, 0x1c]);
const MARK = "\uFEFF";

/**
 * HL7 version 2 (ER7) as files and wires hold it: one message, several, batches, in frames or not; lines end in CR, LF or both.
 * What is not UTF-8 is read as Latin-1. A message of more than `longest` bytes is refused with its beginning.
 */
export function createMessageReader(longest: number): MessageReader {
  /** Of a line whose end has not come. */
  let held: Uint8Array[] = [];
  let lineBytes = 0;
  let message: string[] = [];
  let messageBytes = 0;
  let beginsAt = 1;
  let line = 1;
  let last = 0;

  function* close(): Generator<ReadMessage> {
    const text = message.join("\r");
    const isTooLong = messageBytes > longest;
    message = [];
    messageBytes = 0;
    if (!isTooLong) {
      for (const content of readHl7(text)) yield { line: beginsAt, content };
      return;
    }
    const fault = { field: "message", found: null, expected: `at most ${String(longest)} bytes` } as const;
    yield { line: beginsAt, content: { kind: "refused", controlId: null, ...fault, text } };
  }

  function hold(part: Uint8Array): void {
    if (lineBytes <= longest && part.length > 0) held.push(part.slice(0, longest));
    lineBytes += part.length;
  }

  function* closeLine(): Generator<ReadMessage> {
    const all = Buffer.concat(held);
    const length = lineBytes;
    held = [];
    lineBytes = 0;
    const text = all.toString(isUtf8(all) ? "utf8" : "latin1");
    const own = line === 1 && text.startsWith(MARK) ? text.slice(1) : text;
    if (own.trim() === "") return;
    if (own.startsWith("MSH")) yield* close();
    if (message.length === 0) beginsAt = line;
    messageBytes += length;
    if (messageBytes <= longest || message.length === 0) message.push(own);
  }

  return {
    *take(piece) {
      let from = 0;
      for (let at = 0; at < piece.length; at += 1) {
        const byte = piece[at]!;
        const isEnd = byte === NEWLINE || byte === RETURN;
        if (isEnd || FRAMES.has(byte)) {
          hold(piece.subarray(from, at));
          from = at + 1;
          yield* closeLine();
          // CR LF ends one line.
          if (isEnd && !(byte === NEWLINE && last === RETURN)) line += 1;
        }
        last = byte;
      }
      hold(piece.subarray(from));
    },
    *end() {
      yield* closeLine();
      yield* close();
    },
  };
}
