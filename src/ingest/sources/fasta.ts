import { closeSync, openSync, readSync } from "node:fs";
import { VitalomeError } from "../../errors.js";
import { canonicalContig } from "../../domain/contig.js";
import type { ReferenceBases } from "../../domain/allele.js";

interface ContigLayout {
  readonly start: number;
  readonly lineBases: number;
  readonly lineBytes: number;
  length: number;
}

/** An uncompressed FASTA file with random access: bases by 1-based closed coordinates, upper case. */
export interface Fasta {
  basesOf(contig: string): ReferenceBases | null;
  close(): void;
}

const WINDOW = 1 << 16;

/** Reads the file once to find where each contig lies; INGEST_REJECTED where lines differ in length. */
export function openFasta(path: string, name: string): Fasta {
  const descriptor = openSync(path, "r");
  const contigs = indexFasta(descriptor, name);
  const window = Buffer.alloc(WINDOW);
  let windowStart = -1;
  let windowLength = 0;

  function byteAt(offset: number): number {
    if (offset < windowStart || offset >= windowStart + windowLength || windowStart < 0) {
      windowStart = Math.max(0, offset - WINDOW / 2);
      windowLength = readSync(descriptor, window, 0, WINDOW, windowStart);
    }
    return window[offset - windowStart] ?? 0;
  }

  return {
    basesOf(contig) {
      const layout = contigs.get(canonicalContig(contig));
      if (layout === undefined) return null;
      return (start, end) => {
        let bases = "";
        for (let base = Math.max(1, start); base <= Math.min(end, layout.length); base += 1) {
          const index = base - 1;
          const line = Math.floor(index / layout.lineBases);
          bases += String.fromCharCode(byteAt(layout.start + line * layout.lineBytes + (index % layout.lineBases)));
        }
        return bases.toUpperCase();
      };
    },
    close: () => {
      closeSync(descriptor);
    },
  };
}

function indexFasta(descriptor: number, name: string): ReadonlyMap<string, ContigLayout> {
  const contigs = new Map<string, ContigLayout>();
  const chunk = Buffer.alloc(1 << 20);
  let carried = Buffer.alloc(0);
  let carriedAt = 0;
  let lineNumber = 0;
  let current: {
    name: string;
    start: number;
    lineBases: number;
    lineBytes: number;
    length: number;
    last: boolean;
  } | null = null;
  const finish = (): void => {
    if (current === null) return;
    if (contigs.has(current.name)) throw refused(name, lineNumber, "each contig once");
    contigs.set(current.name, current);
  };
  const takeLine = (line: Buffer, at: number, lineBytes: number): void => {
    lineNumber += 1;
    const bases = line.at(-1) === 13 ? line.length - 1 : line.length;
    if (line[0] === 62) {
      finish();
      const id = line.toString("latin1", 1, bases).split(/\s/)[0] ?? "";
      current = {
        name: canonicalContig(id),
        start: at + lineBytes,
        lineBases: 0,
        lineBytes: 0,
        length: 0,
        last: false,
      };
      return;
    }
    if (current === null) throw refused(name, lineNumber, "a line that starts with >");
    if (bases === 0) {
      current.last = true;
      return;
    }
    if (current.last) throw refused(name, lineNumber, "sequence lines of one length");
    if (current.lineBases === 0) {
      current.lineBases = bases;
      current.lineBytes = lineBytes;
    }
    if (bases > current.lineBases) throw refused(name, lineNumber, "sequence lines of one length");
    // A place is computed from the length of a line: one that is shorter, or ends otherwise, must be the last.
    if (bases < current.lineBases || lineBytes !== current.lineBytes) current.last = true;
    current.length += bases;
  };
  for (let offset = 0; ;) {
    const read = readSync(descriptor, chunk, 0, chunk.length, offset);
    if (read === 0) break;
    const data = Buffer.concat([carried, chunk.subarray(0, read)]);
    let from = 0;
    for (;;) {
      const end = data.indexOf(10, from);
      if (end < 0) break;
      takeLine(data.subarray(from, end), carriedAt + from, end + 1 - from);
      from = end + 1;
    }
    carried = Buffer.from(data.subarray(from));
    carriedAt += from;
    offset += read;
  }
  if (carried.length > 0) takeLine(carried, carriedAt, carried.length);
  finish();
  if (contigs.size === 0) throw refused(name, 1, "at least one contig");
  return contigs;
}

function refused(file: string, line: number, expected: string): VitalomeError {
  return new VitalomeError("INGEST_REJECTED", `reference ${file}, line ${String(line)}: expected ${expected}`, {
    details: { file, line, expected, field: "FASTA" },
  });
}
