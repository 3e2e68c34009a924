import { VitalomeError } from "../errors.js";

/**
 * A place in a BGZF file: `block * 65536 + within`, where `block` is the offset of a compressed block and `within` an
 * offset in its text. Exact up to files of 128 GiB. Source: SAMv1, 4.1.1.
 */
export type VirtualOffset = number;

export const blockOf = (offset: VirtualOffset): number => Math.floor(offset / 65_536);
export const withinOf = (offset: VirtualOffset): number => offset % 65_536;

/** Half-open; both ends lie at the start of a line. */
export interface Chunk {
  readonly start: VirtualOffset;
  readonly end: VirtualOffset;
}

export interface TabixIndex {
  /** Contigs that have records, as the file names them. */
  readonly contigs: readonly string[];
  /**
   * Where the lines lie that may overlap bases `start` to `end`, 0-based and half-open, in file order and disjoint.
   * Lines that do not overlap may lie there too.
   */
  chunks(contig: string, start: number, end: number): readonly Chunk[];
}

interface Bin {
  readonly chunks: readonly Chunk[];
  /** CSI only: where the first line begins that overlaps the bin. */
  readonly first: VirtualOffset;
}

interface ContigIndex {
  readonly bins: ReadonlyMap<number, Bin>;
  /** TBI only: per 16 KiB window, where the first line begins that overlaps it; 0 is unknown. */
  readonly windows: readonly VirtualOffset[];
}

interface Shape {
  readonly isCsi: boolean;
  /** Bits of a smallest bin's width. */
  readonly minShift: number;
  /** Levels below the root bin. */
  readonly depth: number;
}

const TBI = 0x01494254;
const CSI = 0x01495343;
/** Ranges closer than this are read as one. */
const GAP_BYTES = 128 << 10;

/** Reads a decompressed `.tbi` or `.csi` of a tab-separated file. INGEST_REJECTED where it is damaged. */
export function parseTabixIndex(bytes: Buffer): TabixIndex {
  try {
    return parse(createCursor(bytes));
  } catch (thrown) {
    if (!(thrown instanceof RangeError) && (thrown as { code?: unknown }).code !== "ERR_OUT_OF_RANGE") throw thrown;
    throw damaged("all of its bytes");
  }
}

function parse(cursor: Cursor): TabixIndex {
  const magic = cursor.int();
  if (magic !== TBI && magic !== CSI) throw damaged("TBI or CSI at its start");
  const shape: Shape =
    magic === TBI
      ? { isCsi: false, minShift: 14, depth: 5 }
      : { isCsi: true, minShift: cursor.count(30), depth: cursor.count(9) };
  let references = 0;
  let names: readonly string[];
  if (shape.isCsi) {
    const auxiliary = cursor.count();
    if (auxiliary < 28) throw damaged("contig names, which a CSI of a VCF file carries");
    cursor.skip(24);
    names = cursor.names();
    cursor.skip(auxiliary - 28 - names.reduce((sum, name) => sum + Buffer.byteLength(name) + 1, 0));
    references = cursor.count();
  } else {
    references = cursor.count();
    cursor.skip(24);
    names = cursor.names();
  }
  if (references !== names.length) throw damaged("one name per contig");
  const byName = new Map<string, ContigIndex>();
  for (const name of names) byName.set(name, readContig(cursor, shape));
  return {
    contigs: names,
    chunks(contig, start, end) {
      const found = byName.get(contig);
      return found === undefined ? [] : merge(chunksOf(found, shape, start, end));
    },
  };
}

function readContig(cursor: Cursor, shape: Shape): ContigIndex {
  const bins = new Map<number, Bin>();
  for (let left = cursor.count(); left > 0; left -= 1) {
    const number = cursor.unsigned();
    const first = shape.isCsi ? cursor.offset() : 0;
    const chunks: Chunk[] = [];
    for (let more = cursor.count(); more > 0; more -= 1) chunks.push({ start: cursor.offset(), end: cursor.offset() });
    // One bin past the last holds counts, not places; no region asks for it.
    bins.set(number, { chunks, first });
  }
  const windows: VirtualOffset[] = [];
  if (!shape.isCsi) for (let left = cursor.count(); left > 0; left -= 1) windows.push(cursor.offset());
  return { bins, windows };
}

/** Bins of one level are numbered from here. Source: SAMv1, 5.1.1, and CSIv1. */
function firstBin(level: number): number {
  return (8 ** level - 1) / 7;
}

function chunksOf(contig: ContigIndex, shape: Shape, start: number, end: number): Chunk[] {
  const { minShift, depth } = shape;
  const last = Math.min(end, 2 ** (minShift + 3 * depth)) - 1;
  if (last < start) return [];
  const before = shape.isCsi ? firstOfBins(contig, shape, start) : (contig.windows[start >>> minShift] ?? 0);
  const found: Chunk[] = [];
  for (let level = 0; level <= depth; level += 1) {
    const width = 2 ** (minShift + 3 * (depth - level));
    const offset = firstBin(level);
    for (let bin = offset + Math.floor(start / width); bin <= offset + Math.floor(last / width); bin += 1) {
      for (const chunk of contig.bins.get(bin)?.chunks ?? []) {
        if (chunk.end > before) found.push({ start: Math.max(chunk.start, before), end: chunk.end });
      }
    }
  }
  return found;
}

/** The offset of the nearest bin at or before the position, going up where a family of bins is empty. */
function firstOfBins({ bins }: ContigIndex, { minShift, depth }: Shape, start: number): VirtualOffset {
  let bin = firstBin(depth) + Math.floor(start / 2 ** minShift);
  while (bin > 0) {
    const found = bins.get(bin);
    if (found !== undefined) return found.first;
    const parent = (bin - 1) >>> 3;
    bin = bin > parent * 8 + 1 ? bin - 1 : parent;
  }
  return bins.get(0)?.first ?? 0;
}

function merge(chunks: Chunk[]): readonly Chunk[] {
  chunks.sort((a, b) => a.start - b.start);
  const merged: Chunk[] = [];
  for (const chunk of chunks) {
    const last = merged.at(-1);
    if (last !== undefined && blockOf(chunk.start) - blockOf(last.end) <= GAP_BYTES) {
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, chunk.end) };
    } else merged.push(chunk);
  }
  return merged;
}

interface Cursor {
  int(): number;
  unsigned(): number;
  /** Not negative, and at most `most`. */
  count(most?: number): number;
  offset(): VirtualOffset;
  skip(bytes: number): void;
  /** A length, then that many bytes of names, each ended by a zero. */
  names(): readonly string[];
}

function createCursor(bytes: Buffer): Cursor {
  let at = 0;
  const take = (size: number): number => {
    at += size;
    return at - size;
  };
  const count = (most = bytes.length): number => {
    const value = bytes.readInt32LE(take(4));
    if (value < 0 || value > most) throw damaged("counts that fit its size");
    return value;
  };
  return {
    int: () => bytes.readInt32LE(take(4)),
    unsigned: () => bytes.readUInt32LE(take(4)),
    count,
    offset() {
      const value = bytes.readUInt32LE(take(4)) + bytes.readUInt32LE(take(4)) * 2 ** 32;
      if (!Number.isSafeInteger(value)) throw damaged("offsets below 128 GiB");
      return value;
    },
    skip(size) {
      if (size < 0) throw damaged("counts that fit its size");
      take(size);
    },
    names() {
      const length = count();
      const from = take(length);
      if (at > bytes.length) throw damaged("all of its bytes");
      const text = bytes.toString("utf8", from, from + length);
      return text === "" ? [] : text.replace(/\0$/, "").split("\0");
    },
  };
}

function damaged(expected: string): VitalomeError {
  return new VitalomeError("INGEST_REJECTED", `the index is damaged: expected ${expected}`, {
    details: { field: "index", expected },
  });
}
