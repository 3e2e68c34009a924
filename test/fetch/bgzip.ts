import { crc32, deflateRawSync } from "node:zlib";

export interface Indexed {
  readonly bytes: Buffer;
  readonly tbi: Buffer;
  readonly csi: Buffer;
}

interface Placed {
  readonly contig: string;
  /** 0-based, half-open. */
  readonly start: number;
  readonly end: number;
  readonly from: bigint;
  readonly to: bigint;
}

/** Bgzips a sorted VCF in blocks of `blockText` bytes and indexes it both ways, as the specifications say. */
export function bgzipAndIndex(vcf: string, blockText = 400): Indexed {
  const text = Buffer.from(vcf);
  const blocks: Buffer[] = [];
  const starts: number[] = [];
  let size = 0;
  for (let at = 0; at < text.length; at += blockText) {
    starts.push(size);
    const made = block(text.subarray(at, at + blockText));
    blocks.push(made);
    size += made.length;
  }
  const virtual = (at: number): bigint => {
    const number = Math.floor(at / blockText);
    return (BigInt(starts[number] ?? size) << 16n) + BigInt(starts[number] === undefined ? 0 : at % blockText);
  };
  const placed: Placed[] = [];
  let at = 0;
  for (const line of vcf.split("\n")) {
    const next = at + Buffer.byteLength(line) + 1;
    if (line !== "" && !line.startsWith("#")) {
      const [contig = "", pos, , ref = "", , , , info = ""] = line.split("\t");
      const start = Number(pos) - 1;
      const stated = Number(/(?:^|;)END=(\d+)/.exec(info)?.[1] ?? 0);
      placed.push({
        contig,
        start,
        end: stated > start ? stated : start + ref.length,
        from: virtual(at),
        to: virtual(next),
      });
    }
    at = next;
  }
  const contigs = [...new Set(placed.map(({ contig }) => contig))];
  const settings = numbers(2, 1, 2, 0, 35, 0);
  const names = Buffer.from(contigs.map((name) => `${name}\0`).join(""));
  const ofContig = (isCsi: boolean): Buffer[] =>
    contigs.map((contig) =>
      contigIndex(
        placed.filter((line) => line.contig === contig),
        isCsi,
      ),
    );
  const tbi = [Buffer.from("TBI\u0001"), numbers(contigs.length), settings, numbers(names.length), names];
  const csi = [Buffer.from("CSI\u0001"), numbers(14, 5, 28 + names.length), settings, numbers(names.length), names];
  return {
    bytes: Buffer.concat([...blocks, block(Buffer.alloc(0))]),
    tbi: compress(Buffer.concat([...tbi, ...ofContig(false)])),
    csi: compress(Buffer.concat([...csi, numbers(contigs.length), ...ofContig(true)])),
  };
}

function contigIndex(lines: readonly Placed[], isCsi: boolean): Buffer {
  const bins = new Map<number, [bigint, bigint][]>();
  const windows: bigint[] = [];
  for (const { start, end, from, to } of lines) {
    const bin = binOf(start, end);
    const chunks = bins.get(bin) ?? [];
    bins.set(bin, chunks);
    const last = chunks.at(-1);
    if (last !== undefined && last[1] === from) last[1] = to;
    else chunks.push([from, to]);
    for (let window = start >> 14; window <= (end - 1) >> 14; window += 1) windows[window] ??= from;
  }
  const filled = Array.from({ length: windows.length }, (_, index) => windows[index] ?? 0n);
  const written = [...bins].map(([bin, chunks]) =>
    Buffer.concat([
      numbers(bin),
      ...(isCsi ? [offset(windows[firstWindow(bin)] ?? 0n)] : []),
      numbers(chunks.length),
      ...chunks.flat().map(offset),
    ]),
  );
  // The bin of counts that real indexes carry: 37450, with two pairs.
  const counts = [numbers(37_450), ...(isCsi ? [offset(0n)] : []), numbers(2), ...[1n, 2n, 3n, 0n].map(offset)];
  const linear = isCsi ? [] : [numbers(filled.length), ...filled.map(offset)];
  return Buffer.concat([numbers(bins.size + 1), ...written, ...counts, ...linear]);
}

/** Source: SAMv1, 5.3. */
function binOf(start: number, end: number): number {
  const last = end - 1;
  for (const [shift, first] of [
    [14, 4681],
    [17, 585],
    [20, 73],
    [23, 9],
    [26, 1],
  ] as const) {
    if (start >> shift === last >> shift) return first + (start >> shift);
  }
  return 0;
}

function firstWindow(bin: number): number {
  for (const [shift, first] of [
    [14, 4681],
    [17, 585],
    [20, 73],
    [23, 9],
    [26, 1],
  ] as const) {
    if (bin >= first) return ((bin - first) << shift) >> 14;
  }
  return 0;
}

function compress(bytes: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 60_000) blocks.push(block(bytes.subarray(at, at + 60_000)));
  return Buffer.concat([...blocks, block(Buffer.alloc(0))]);
}

function block(text: Buffer): Buffer {
  const data = deflateRawSync(text);
  const head = Buffer.from([31, 139, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, 66, 67, 2, 0, 0, 0]);
  head.writeUInt16LE(head.length + data.length + 8 - 1, 16);
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(crc32(text), 0);
  tail.writeUInt32LE(text.length, 4);
  return Buffer.concat([head, data, tail]);
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeInt32LE(value, index * 4);
  return bytes;
}

function offset(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}
