import { VitalomeError } from "../../../errors.js";
import { decompress } from "./input.js";
import { VCF_LIMITS } from "./types.js";

/** Text in whole lines: `text` ends after a line break, or is the last line of the file. */
export interface LineWindow {
  readonly text: Buffer;
  /** Length of the first line that did not fit, when it is longer than the limit; the line is cut. */
  readonly tooLong: boolean;
}

const WINDOW = 1 << 20;

/** Cuts a stream into windows of whole lines. A line longer than the limit comes alone, cut, and marked. */
export async function* lineWindows(source: AsyncIterable<Buffer>, lineBytes: number): AsyncGenerator<LineWindow> {
  let parts: Buffer[] = [];
  let held = 0;
  let skipping = false;
  for await (const incoming of source) {
    let chunk = incoming;
    if (skipping) {
      const end = chunk.indexOf(10);
      if (end < 0) continue;
      skipping = false;
      chunk = chunk.subarray(end + 1);
    }
    parts.push(chunk);
    held += chunk.length;
    if (held < WINDOW) continue;
    const joined = parts.length === 1 ? chunk : Buffer.concat(parts);
    const end = joined.lastIndexOf(10);
    if (end >= 0) yield { text: joined.subarray(0, end + 1), tooLong: false };
    const rest = joined.subarray(end + 1);
    if (rest.length > lineBytes) {
      yield { text: rest.subarray(0, lineBytes), tooLong: true };
      skipping = true;
      parts = [];
      held = 0;
    } else {
      parts = [Buffer.from(rest)];
      held = rest.length;
    }
  }
  const last = Buffer.concat(parts);
  if (last.length > 0) yield { text: last, tooLong: false };
}

/** The wanted lines of a file, by 1-based number, in order. */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  wanted: ReadonlySet<number>,
): AsyncGenerator<{ readonly line: number; readonly text: string }> {
  let line = 0;
  let found = 0;
  for await (const { text, tooLong } of lineWindows(decompress(chunks, VCF_LIMITS), VCF_LIMITS.lineBytes)) {
    for (let at = 0; at < text.length; ) {
      const end = text.indexOf(10, at);
      const stop = end < 0 ? text.length : end;
      line += 1;
      if (wanted.has(line)) {
        yield { line, text: text.toString("utf8", at, stop).replace(/\r$/, "") };
        found += 1;
        if (found === wanted.size) return;
      }
      at = stop + 1;
      if (tooLong) break;
    }
  }
  if (found < wanted.size) throw new VitalomeError("STORAGE_CORRUPT", "a stored file no longer has the lines it had");
}
