/**
 * Seeded draws by counter: draw `n` of a stream is a hash of the stream's key and `n`, so any draw can be made at any
 * time, in any order, without state. Keys are 64 bits hashed from a seed and a path such as ("haplotype", "CYP2C9", 12).
 * Mixing is the finaliser of MurmurHash3. Not for secrets.
 */
export interface StreamKey {
  readonly a: number;
  readonly b: number;
}

export interface Random {
  /** A whole number, 0 to 2^32 - 1. */
  next(): number;
  /** At least 0, below 1. */
  unit(): number;
  /** A whole number, at least 0, below `limit`. */
  below(limit: number): number;
  /** Exponential, mean 1. */
  exponential(): number;
  /** Near normal, mean 0, standard deviation 1, within ±3.47: the sum of four uniform draws. */
  normal(): number;
}

const TWO_32 = 4_294_967_296;
/** Looked up once: where globals are looked up slowly, as in the context of a test, hashing would take five times as long. */
const { imul } = Math;

export function mix(value: number): number {
  let x = value | 0;
  x = imul(x ^ (x >>> 16), 0x85ebca6b);
  x = imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

export function streamKey(seed: number, ...path: readonly (string | number)[]): StreamKey {
  let key: StreamKey = { a: mix(seed ^ 0x9e3779b9), b: mix(seed + 0x7f4a7c15) };
  for (const step of path) {
    if (typeof step === "number") key = childKey(key, step);
    else for (let at = 0; at < step.length; at += 1) key = childKey(key, step.charCodeAt(at) + 0x10000);
  }
  return key;
}

export function childKey({ a, b }: StreamKey, step: number): StreamKey {
  const first = mix(a ^ imul(step + 1, 0x9e3779b1));
  return { a: first, b: mix(b + step + imul(first, 0x85ebca77)) };
}

/** Draw `n` of a stream: a whole number, 0 to 2^32 - 1. */
export function drawAt(a: number, b: number, n: number): number {
  return mix(mix(a ^ imul(n + 1, 0x9e3779b9)) + b + n);
}

/** The same as a fraction, at least 0, below 1. */
export function unitAt(a: number, b: number, n: number): number {
  return drawAt(a, b, n) / TWO_32;
}

export function createRandom(seed: number, ...path: readonly (string | number)[]): Random {
  const { a, b } = streamKey(seed, ...path);
  let drawn = 0;
  const next = (): number => drawAt(a, b, drawn++);
  const unit = (): number => next() / TWO_32;
  return {
    next,
    unit,
    below: (limit) => Math.floor(unit() * limit),
    exponential: () => -Math.log(1 - unit()),
    normal: () => (unit() + unit() + unit() + unit() - 2) * Math.sqrt(3),
  };
}
