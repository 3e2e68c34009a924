import { drawAt, childKey, streamKey, type StreamKey } from "../random.js";
import { smooth, strengthOf, type Course } from "./episode.js";
import { LEAST_PULSE_PRESSURE, SHARED, SIGNALS, SPOT_CHECK, type Signal, type Wave } from "./tables.js";

/** What a bed would show at a time; null where nothing is measured. */
export interface Physiology {
  readonly signal: (name: string, seconds: number) => number | null;
  /** A, C, V, P or U. */
  readonly consciousness: (seconds: number) => string;
  /** Per cent of inspired oxygen; that of air where none is given. */
  readonly inspiredOxygen: (seconds: number) => number;
}

const TWO_32 = 4_294_967_296;
const OWN_WAVES: readonly Wave[] = [
  { seconds: 6, size: 0.8 },
  { seconds: 75, size: 0.6 },
];

/**
 * A pure function of seed, patient, episodes and time: values do not depend on how often, or in which order, they are asked for.
 * Signals move together where the table says so: by a shared arousal and a shared breath.
 */
export function createPhysiology(seed: number, patientId: string, courses: readonly Course[]): Physiology {
  const key = streamKey(seed, "vitals", patientId);
  const keys = new Map(SIGNALS.map(({ name }, index) => [name, childKey(key, index + 10)]));
  const own = courses.filter((course) => course.patientId === patientId);

  function raw(signal: Signal, seconds: number): number {
    const { name, mean, spread, arousal, breathing, noise } = signal;
    const ownKey = keys.get(name)!;
    let value =
      mean +
      spread * normalAt(ownKey, -1) +
      arousal * curve(childKey(key, 1), SHARED.arousal, seconds) +
      breathing * curve(childKey(key, 2), SHARED.breathing, seconds) +
      noise * curve(ownKey, OWN_WAVES, seconds);
    for (const course of own) value += (course.changes?.[name] ?? 0) * strengthOf(course, seconds);
    return Math.min(signal.most, Math.max(signal.least, value));
  }

  return {
    signal(name, seconds) {
      const at = own.filter((course) => seconds >= course.from && seconds < course.until);
      if (at.some(({ silent }) => silent?.includes(name) === true)) return null;
      const instead = at.find(({ values }) => values?.[name] !== undefined)?.values?.[name];
      if (instead !== undefined) return instead;
      const signal = signalOf(name);
      let value = raw(signal, seconds);
      if (name === "diastolic") value = Math.min(value, raw(signalOf("systolic"), seconds) - LEAST_PULSE_PRESSURE);
      return rounded(value, signal.decimals);
    },
    consciousness: (seconds) => highest(own, seconds, ({ consciousness }) => consciousness)?.level ?? "A",
    inspiredOxygen: (seconds) =>
      highest(own, seconds, ({ oxygen }) => oxygen)?.percent ?? SPOT_CHECK.inspiredOxygen.air,
  };
}

function signalOf(name: string): Signal {
  return SIGNALS.find((row) => row.name === name)!;
}

/** The last step that any episode has reached. */
function highest<T extends { readonly from: number }>(
  courses: readonly Course[],
  seconds: number,
  stepsOf: (course: Course) => readonly T[] | undefined,
): T | undefined {
  const reached = courses.flatMap((course) => {
    const strength = strengthOf(course, seconds);
    return (stepsOf(course) ?? []).filter(({ from }) => strength >= from);
  });
  return reached.reduce<T | undefined>(
    (most, step) => (most === undefined || step.from > most.from ? step : most),
    undefined,
  );
}

/** A smooth curve through draws, in standard deviations: a sum of waves. */
function curve(key: StreamKey, waves: readonly Wave[], seconds: number): number {
  let sum = 0;
  for (const [index, wave] of waves.entries()) {
    const at = seconds / wave.seconds;
    const before = Math.floor(at);
    const own = childKey(key, index);
    const [one, other] = [normalAt(own, before), normalAt(own, before + 1)];
    sum += wave.size * (one + (other - one) * smooth(at - before));
  }
  return sum;
}

/** Near normal, mean 0, standard deviation 1, within ±3.47. */
function normalAt({ a, b }: StreamKey, n: number): number {
  let sum = 0;
  for (let part = 0; part < 4; part += 1) sum += drawAt(a, b, 4 * n + part);
  return (sum / TWO_32 - 2) * Math.sqrt(3);
}

export function rounded(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  return Math.round(value * scale) / scale;
}
