import { broken, type RecordedValue, type Recording } from "./recording.js";
import { parseWfdbHeader, type WfdbHeader } from "./wfdb-header.js";
import { readWfdbSamples, valueOf } from "./wfdb-samples.js";

/** More a second is a waveform, not what a monitor counts from it. */
const NUMERICS_HZ = 1;

/** Reads a file beside the record's header. */
export type ReadBeside = (file: string) => Promise<Uint8Array>;

/** Values of a WFDB record of numerics, in one part or in several. Waveforms are refused. */
export async function readNumerics(text: string, file: string, read: ReadBeside): Promise<Recording> {
  const master = parseWfdbHeader(text, file);
  if (master.frequency > NUMERICS_HZ)
    throw broken(file, `${String(master.frequency)} samples a second are a waveform: only numerics are replayed`);
  const values: RecordedValue[] = [];
  let absent = 0;
  let frame = 0;
  for await (const { header, frames, headerFile } of partsOf(master, file, read)) {
    if (header !== null) {
      const samples = await readWfdbSamples(header, headerFile, read);
      const length = samples[0] === undefined ? 0 : samples[0].length / header.signals[0]!.samplesPerFrame;
      for (let at = 0; at < length; at += 1) {
        for (const [index, signal] of header.signals.entries()) {
          const value = valueOf(signal, samples[index]![at * signal.samplesPerFrame]!);
          if (value === null) absent += 1;
          else values.push({ seconds: secondsOf(frame + at, master.frequency), column: signal.name, value });
        }
      }
    }
    frame += frames;
  }
  return { dataset: "wfdb", stay: master.name, values, absent };
}

interface Part {
  /** Null: nothing was recorded. */
  readonly header: WfdbHeader | null;
  readonly headerFile: string;
  readonly frames: number;
}

async function* partsOf(master: WfdbHeader, file: string, read: ReadBeside): AsyncGenerator<Part, void, undefined> {
  if (master.segments.length === 0) yield { header: master, headerFile: file, frames: master.frames ?? 0 };
  for (const { name, frames } of master.segments) {
    // A part without frames only lays out the signals of the others.
    if (name === null || frames === 0) yield { header: null, headerFile: file, frames };
    else {
      const headerFile = `${name}.hea`;
      const text = Buffer.from(await read(headerFile)).toString("latin1");
      yield { header: parseWfdbHeader(text, headerFile), headerFile, frames };
    }
  }
}

/** Whole milliseconds: frequencies of a minute or an hour are written as rounded fractions. */
function secondsOf(frame: number, frequency: number): number {
  return Math.round((frame / frequency) * 1000) / 1000;
}
