import { VitalomeError } from "../../../errors.js";
import { decompress } from "./input.js";
import { VCF_LIMITS } from "./types.js";

/** Text in whole lines: `text` ends after a line break, or is the last line of the file. It is valid until the next window. */
export interface LineWindow {
  readonly text: Buffer;
  /** The one line of this window is longer than the limit and was cut one byte past it. */
  readonly tooLong: boolean;
}

const WINDOW = 1 << 20;

/** Cuts a stream into windows of whole lines. A line that outgrows the limit comes alone, cut, and marked. */
export async function* lineWindows(source: AsyncIterable<Buffer>, lineBytes: number): AsyncGenerator<LineWindow> {
  let buffer = Buffer.allocUnsafe(WINDOW * 2);
  let length = 0;
  let skipping = false;
  for await (const incoming of source) {
    let chunk = incoming;
    if (skipping) {
      const end = chunk.indexOf(10);
      if (end < 0) continue;
      skipping = false;
      chunk = chunk.subarray(end + 1);
    }
    if (length + chunk.length > buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, length + chunk.length));
      buffer.copy(larger, 0, 0, length);
      buffer = larger;
    }
    buffer.set(chunk, length);
    length += chunk.length;
    if (length < WINDOW) continue;
    const end = buffer.subarray(0, length).lastIndexOf(10) + 1;
    if (end > 0) {
      yield { text: buffer.subarray(0, end), tooLong: false };
      buffer.copyWithin(0, end, length);
      length -= end;
    }
    if (length > lineBytes) {
      yield { text: buffer.subarray(0, lineBytes + 1), tooLong: true };
      skipping = true;
      length = 0;
    }
  }
  if (length > 0) yield { text: buffer.subarray(0, length), tooLong: false };
}

/** The wanted lines of a file, by 1-based number, in order; a line longer than the limit comes cut. */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  wanted: ReadonlySet<number>,
): AsyncGenerator<{ readonly line: number; readonly text: string }> {
  let line = 0;
  let found = 0;
  if (wanted.size === 0) return;
  for await (const { text } of lineWindows(decompress(chunks, VCF_LIMITS), VCF_LIMITS.lineBytes)) {
    for (let at = 0; at < text.length;) {
      const end = text.indexOf(10, at);
      const stop = end < 0 ? text.length : end;
      line += 1;
      if (wanted.has(line)) {
        yield { line, text: text.toString("utf8", at, stop).replace(/\r$/, "") };
        found += 1;
        if (found === wanted.size) return;
      }
      at = stop + 1;
    }
  }
  throw new VitalomeError("STORAGE_CORRUPT", "a stored file no longer has the lines it had");
}
