import { blankWatch } from "./case.js";
import {
  EMPTY_STATE,
  type CodeReadings,
  type KnownReading,
  type MinutePart,
  type PatientState,
  type Watch,
} from "./state.js";

/** One part of a patient's state: a JSON value under a name that no other part of the state has. */
export type StatePart = readonly [name: string, value: unknown];

type WholeMember = Exclude<keyof PatientState, "schema" | "readings" | "parts" | "watches">;

/** Members that are kept whole, each of them: they are short, or change seldom. */
const WHOLE = Object.keys({
  closed: true,
  settleDue: true,
  sources: true,
  devices: true,
  answers: true,
  replaced: true,
  merges: true,
  others: true,
  handed: true,
  isWithdrawn: true,
} satisfies Record<WholeMember, true>) as WholeMember[];

/** A reading without the names of its fields: it is written with every reading of its code. */
type PackedReading = readonly [
  id: string,
  at: number,
  receivedAt: number,
  value: string | null,
  coded: string | null,
  comparator: string | null,
  unit: string | null,
  source: string,
  isSimulated: 0 | 1,
  isExtreme: 0 | 1,
  isDoubtful: 0 | 1,
];

type PackedReadings = readonly [last: PackedReading, before: PackedReading | null, heardAt: number];

/** What a watch has in common with one that remembers nothing is not kept. */
const BLANK: Watch = blankWatch({ version: 0 }, 0);

/**
 * What has to be written so that `after` is kept where `before` was: only what differs, the readings of each code, each watch and its
 * alert by themselves; null where a part is gone. Compares by identity: evaluation replaces what it changes.
 */
export function changedParts(before: PatientState | null, after: PatientState): readonly StatePart[] {
  const old = before ?? EMPTY_STATE;
  const changed: StatePart[] = before === null ? [["schema", after.schema]] : [];
  for (const name of WHOLE)
    if (old[name] !== after[name]) changed.push([name, isEmpty(after[name]) ? null : after[name]]);
  for (const [code, readings] of differing(old.readings, after.readings))
    changed.push([`readings/${code}`, readings === null ? null : packReadings(readings)]);
  for (const [code, parts] of differing(old.parts, after.parts)) changed.push([`parts/${code}`, parts]);
  for (const [key, watch] of differing(old.watches, after.watches)) {
    changed.push([`watches/${key}`, watch === null ? null : packWatch(watch)]);
    const alert = watch?.alert ?? null;
    if (alert !== (old.watches[key]?.alert ?? null)) changed.push([`alerts/${key}`, alert]);
  }
  return changed;
}

/** The state that its parts make, whatever their order; null where there are none. */
export function stateOf(parts: Iterable<StatePart>): PatientState | null {
  const whole: Record<string, unknown> = {};
  const readings: Record<string, CodeReadings> = {};
  const minutes: Record<string, readonly MinutePart[]> = {};
  const watches: Record<string, Watch> = {};
  const alerts: [string, Watch["alert"]][] = [];
  let isKnown = false;
  for (const [name, value] of parts) {
    isKnown = true;
    const slash = name.indexOf("/");
    const own = name.slice(slash + 1);
    switch (slash < 0 ? name : name.slice(0, slash)) {
      case "readings":
        readings[own] = unpackReadings(value as PackedReadings);
        break;
      case "parts":
        minutes[own] = value as readonly MinutePart[];
        break;
      case "watches":
        watches[own] = { ...BLANK, ...(value as Partial<Watch>) };
        break;
      case "alerts":
        alerts.push([own, value as Watch["alert"]]);
        break;
      default:
        whole[name] = value;
    }
  }
  for (const [key, alert] of alerts) {
    const watch = watches[key];
    if (watch !== undefined) watches[key] = { ...watch, alert };
  }
  return isKnown ? { ...EMPTY_STATE, ...(whole as Partial<PatientState>), readings, parts: minutes, watches } : null;
}

function* differing<T>(
  before: Readonly<Record<string, T>>,
  after: Readonly<Record<string, T>>,
): Generator<readonly [string, T | null]> {
  if (before === after) return;
  for (const [key, value] of Object.entries(after)) if (before[key] !== value) yield [key, value];
  for (const key of Object.keys(before)) if (after[key] === undefined) yield [key, null];
}

function isEmpty(value: unknown): boolean {
  return value === null || value === false || (Array.isArray(value) && value.length === 0);
}

function packWatch(watch: Watch): Partial<Watch> {
  const own = Object.entries(watch).filter(([name, value]) => {
    if (name === "alert") return false;
    return name === "timers" ? Object.keys(watch.timers).length > 0 : value !== BLANK[name as keyof Watch];
  });
  return Object.fromEntries(own);
}

function packReadings({ last, before, heardAt }: CodeReadings): PackedReadings {
  return [packReading(last), before === null ? null : packReading(before), heardAt];
}

function unpackReadings([last, before, heardAt]: PackedReadings): CodeReadings {
  return { last: unpackReading(last), before: before === null ? null : unpackReading(before), heardAt };
}

function packReading(reading: KnownReading): PackedReading {
  const { id, at, receivedAt, value, coded, comparator, unit, source, simulated, extreme, doubtful } = reading;
  const said = [simulated, extreme, doubtful].map((flag) => (flag ? 1 : 0)) as [0 | 1, 0 | 1, 0 | 1];
  return [id, at, receivedAt, value, coded, comparator, unit, source, ...said];
}

function unpackReading(packed: PackedReading): KnownReading {
  const [id, at, receivedAt, value, coded, comparator, unit, source, simulated, extreme, doubtful] = packed;
  const flags = { simulated: simulated === 1, extreme: extreme === 1, doubtful: doubtful === 1 };
  return { id, at, receivedAt, value, coded, comparator, unit, source, ...flags };
}
