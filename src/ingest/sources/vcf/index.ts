import type { Build } from "../../../domain/contig.js";
import { VitalomeError, isVitalomeError } from "../../../errors.js";
import { createHeaderReader, missingColumns } from "./header.js";
import { decompress } from "./input.js";
import { lineWindows } from "./lines.js";
import { createRecordScanner, type RecordScanner } from "./record-scanner.js";
import { VCF_LIMITS, type VcfLimits, type VcfSink, type VcfSummary } from "./types.js";

export { readLines } from "./lines.js";
export * from "./types.js";

export interface ReadVcfOptions {
  readonly signal?: AbortSignal;
  readonly limits?: Partial<VcfLimits>;
  /** The build the caller states, for contigs whose length the header leaves out. Default: the header's own. */
  readonly build?: Build | null;
  /** How records are read: `words` (default) compares bytes and machine words, `plain` only text. Both give the same. */
  readonly scanner?: "plain" | "words";
}

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

/**
 * Reads VCF 4.0 to 4.5, plain or compressed. Every line after the header that is not empty is one record, and ends in
 * exactly one call of `record` or `reject`. A fault of the header or of the compression throws INGEST_REJECTED; the
 * latter may come after records. Memory does not grow with the number of records.
 */
export async function readVcf(
  chunks: AsyncIterable<Uint8Array>,
  sink: VcfSink,
  options: ReadVcfOptions = {},
): Promise<VcfSummary> {
  const limits = { ...VCF_LIMITS, ...options.limits };
  const headerReader = createHeaderReader(limits);
  let scanner: RecordScanner | null = null;
  let bytes = 0;
  let line = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      yield chunk;
    }
  };
  try {
    for await (const { text, tooLong } of lineWindows(decompress(counted(), limits), limits.lineBytes)) {
      options.signal?.throwIfAborted();
      scanner?.enter(text);
      for (let at = 0; at < text.length;) {
        const newline = text.indexOf(NEWLINE, at);
        let end = newline < 0 ? text.length : newline;
        const next = end + 1;
        if (end > at && text[end - 1] === CARRIAGE_RETURN) end -= 1;
        line += 1;
        if (scanner !== null) {
          if (end > at) scanner.scan(at, end, line);
        } else if (headerReader.take(text.subarray(at, end), line, tooLong)) {
          const header = headerReader.finish();
          await sink.header(header);
          const build = header.build ?? options.build ?? null;
          scanner = createRecordScanner(header, limits, sink, options.scanner !== "plain", build);
          scanner.enter(text);
        }
        at = next;
      }
      await sink.flush({ bytesRead: bytes, recordsRead: scanner?.summary.recordsRead ?? 0 });
    }
  } catch (thrown) {
    throw withLine(thrown, line);
  }
  if (scanner === null) {
    if (line === 0) headerReader.finish();
    throw missingColumns(line);
  }
  return { ...scanner.summary, bytes };
}

/** A fault of the compression does not know its line: tells how far the file could be read. */
function withLine(thrown: unknown, line: number): unknown {
  if (!isVitalomeError(thrown) || thrown.code !== "INGEST_REJECTED" || thrown.details.field !== "compression")
    return thrown;
  const read = line === 0 ? "before the first line" : `after line ${String(line)}`;
  return new VitalomeError(thrown.code, `${thrown.message}; read ${read}`, {
    cause: thrown,
    details: { ...thrown.details, line: Math.max(1, line) },
  });
}
