import { broken } from "./recording.js";

/** One signal of a WFDB record (header(5)). */
export interface WfdbSignal {
  /** File name beside the header. */
  readonly file: string;
  readonly format: WfdbFormat;
  readonly samplesPerFrame: number;
  readonly byteOffset: number;
  /** Steps of the converter per unit. */
  readonly gain: number;
  /** The converter's value for 0 of the unit. */
  readonly baseline: number;
  readonly unit: string;
  /** Of the first sample, and the low 16 bits of the sum of all; null where the header does not say. */
  readonly initial: number | null;
  readonly checksum: number | null;
  readonly name: string;
}

export interface WfdbSegment {
  /** Null: nothing was recorded for so long. */
  readonly name: string | null;
  readonly frames: number;
}

export interface WfdbHeader {
  readonly name: string;
  /** Frames a second. */
  readonly frequency: number;
  readonly frames: number | null;
  readonly signals: readonly WfdbSignal[];
  /** Of a record in several parts; empty for one that is whole. */
  readonly segments: readonly WfdbSegment[];
}

export type WfdbFormat = 16 | 80 | 212;

const FORMATS: readonly number[] = [16, 80, 212] satisfies WfdbFormat[];
const DEFAULT_FREQUENCY = 250;
const DEFAULT_GAIN = 200;

/** Throws what it breaks, by line. */
export function parseWfdbHeader(text: string, file: string): WfdbHeader {
  const lines = text
    .split(/\r?\n/)
    .map((line, index) => ({ text: line.trim(), number: index + 1 }))
    .filter((line) => line.text !== "" && !line.text.startsWith("#"));
  const [first, ...rest] = lines;
  const record = /^(\S+?)(?:\/(\d+))? +(\d+)(?: +([\d.eE+-]+)(?:\/\S+)?(?: +(\d+))?.*)?$/.exec(first?.text ?? "");
  if (first === undefined || record === null)
    throw broken(file, "expected a record line: name, signals, frequency", first?.number ?? 1);
  const [, name = "", parts, signals = "0", frequency, frames] = record;
  const wanted = Number(parts ?? signals);
  if (rest.length < wanted)
    throw broken(file, `expected ${String(wanted)} lines behind the first, found ${String(rest.length)}`);
  const own = rest.slice(0, wanted);
  const rate = frequency === undefined ? DEFAULT_FREQUENCY : Number(frequency);
  if (!(rate > 0)) throw broken(file, `expected a frequency, found ${frequency ?? ""}`, first.number);
  return {
    name,
    frequency: rate,
    frames: frames === undefined || frames === "0" ? null : Number(frames),
    signals: parts === undefined ? own.map((line) => signalOf(line.text, file, line.number)) : [],
    segments: parts === undefined ? [] : own.map((line) => segmentOf(line.text, file, line.number)),
  };
}

function segmentOf(text: string, file: string, line: number): WfdbSegment {
  const match = /^(\S+) +(\d+)$/.exec(text);
  if (match === null) throw broken(file, `expected a part and its length, found ${text}`, line);
  return { name: match[1] === "~" ? null : match[1]!, frames: Number(match[2]) };
}

const SIGNAL =
  /^(\S+) +(\d+)(?:x(\d+))?(?::\d+)?(?:\+(\d+))?(?: +([\d.eE+-]+)(?:\(([+-]?\d+)\))?(?:\/(\S+))?(?: +\d+(?: +([+-]?\d+)(?: +([+-]?\d+)(?: +([+-]?\d+)(?: +\d+(?: +(.*))?)?)?)?)?)?)?$/;

function signalOf(text: string, file: string, line: number): WfdbSignal {
  const match = SIGNAL.exec(text);
  if (match === null) throw broken(file, `expected a signal line, found ${text}`, line);
  const [
    ,
    data = "",
    format,
    frames = "1",
    offset = "0",
    gain,
    baseline,
    unit = "mV",
    zero = "0",
    initial,
    checksum,
    name,
  ] = match;
  if (!FORMATS.includes(Number(format)))
    throw broken(file, `expected format ${FORMATS.join(", ")}, found ${format ?? ""}`, line);
  if (data !== "~" && /[/\\]|^\.\.?$/.test(data))
    throw broken(file, `expected a file beside the header, found ${data}`, line);
  return {
    file: data,
    format: Number(format) as WfdbFormat,
    samplesPerFrame: Math.max(1, Number(frames)),
    byteOffset: Number(offset),
    gain: Number(gain ?? 0) || DEFAULT_GAIN,
    baseline: Number(baseline ?? zero),
    unit,
    initial: initial === undefined ? null : Number(initial),
    checksum: checksum === undefined ? null : Number(checksum) & 0xffff,
    name: name?.trim() ?? "",
  };
}
