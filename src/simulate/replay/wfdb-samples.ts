import { broken } from "./recording.js";
import type { WfdbFormat, WfdbHeader, WfdbSignal } from "./wfdb-header.js";

/** What the converter read, one list a signal, all samples of a frame one after the other. */
export type WfdbSamples = readonly Int16Array[];

/** Of what was not measured. */
const ABSENT: Readonly<Record<WfdbFormat, number>> = { 16: -32_768, 80: -128, 212: -2_048 };

/**
 * Every sample of a record in one part. `bytesOf` gives a file of it. A file that is too short, and samples that are not what
 * the header says of their first and of their sum, are broken: nothing of the record is given.
 */
export async function readWfdbSamples(
  header: WfdbHeader,
  headerFile: string,
  bytesOf: (file: string) => Promise<Uint8Array>,
): Promise<WfdbSamples> {
  const samples: Int16Array[] = [];
  for (let at = 0; at < header.signals.length;) {
    const { file, format, byteOffset } = header.signals[at]!;
    const group: WfdbSignal[] = [];
    while (header.signals[at]?.file === file) group.push(header.signals[at++]!);
    if (group.some((signal) => signal.format !== format))
      throw broken(headerFile, `${file}: its signals are of different formats`);
    const perFrame = group.reduce((sum, { samplesPerFrame }) => sum + samplesPerFrame, 0);
    const bytes = (await bytesOf(file)).subarray(byteOffset);
    const frames = header.frames ?? Math.floor(capacityOf(format, bytes.length) / perFrame);
    if (capacityOf(format, bytes.length) < frames * perFrame)
      throw broken(file, `expected ${String(frames)} frames of ${String(perFrame)}, the file ends before`);
    const all = decode(format, bytes, frames * perFrame);
    let offset = 0;
    for (const signal of group) {
      const own = new Int16Array(frames * signal.samplesPerFrame);
      for (let frame = 0; frame < frames; frame += 1) {
        for (let n = 0; n < signal.samplesPerFrame; n += 1)
          own[frame * signal.samplesPerFrame + n] = all[frame * perFrame + offset + n]!;
      }
      offset += signal.samplesPerFrame;
      verify(signal, own, file);
      samples.push(own);
    }
  }
  return samples;
}

/** In the signal's unit; null where nothing was measured. */
export function valueOf({ format, gain, baseline }: WfdbSignal, sample: number): number | null {
  return sample === ABSENT[format] ? null : (sample - baseline) / gain;
}

function verify({ name, initial, checksum }: WfdbSignal, samples: Int16Array, file: string): void {
  if (initial !== null && samples.length > 0 && samples[0] !== initial)
    throw broken(file, `${name}: expected ${String(initial)} first, found ${String(samples[0])}`);
  const sum = samples.reduce((total, sample) => (total + sample) & 0xffff, 0);
  if (checksum !== null && sum !== checksum)
    throw broken(file, `${name}: its samples do not add up to the checksum of the header`);
}

function capacityOf(format: WfdbFormat, bytes: number): number {
  if (format === 212) return Math.floor((bytes * 2) / 3);
  return format === 16 ? Math.floor(bytes / 2) : bytes;
}

function decode(format: WfdbFormat, bytes: Uint8Array, count: number): Int16Array {
  const samples = new Int16Array(count);
  if (format === 80) {
    for (let n = 0; n < count; n += 1) samples[n] = bytes[n]! - 128;
  } else if (format === 16) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let n = 0; n < count; n += 1) samples[n] = view.getInt16(2 * n, true);
  } else {
    // Two samples of twelve bits in three bytes: the middle one holds the high bits of both.
    for (let n = 0; n < count; n += 1) {
      const at = Math.floor(n / 2) * 3;
      const middle = bytes[at + 1]!;
      const twelve = n % 2 === 0 ? ((middle & 0x0f) << 8) | bytes[at]! : ((middle & 0xf0) << 4) | bytes[at + 2]!;
      samples[n] = (twelve << 20) >> 20;
    }
  }
  return samples;
}
