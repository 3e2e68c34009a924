import { LIVE } from "../../domain/observation/live.js";
import { hashOf } from "./hash.js";
import type { JudgeState, Seen } from "./state.js";

/** Begin the keys of this part of the state. */
export const SESSIONS = "session/";
const SEQUENCES = "sequence/";

/** One stretch of a device's life in which its sequence only grows, as one patient's partition sees it. */
interface Session {
  readonly device: string;
  readonly session: string;
  /** Highest sequence that came. */
  readonly high: number;
  /** Up to here nothing is known any more. */
  readonly floor: number;
  /** Between floor and high, what has not come, both ends inclusive, ascending. */
  readonly gaps: readonly (readonly [number, number])[];
  /** Latest device time. */
  readonly newest: number;
  /** First and latest receipt. */
  readonly since: number;
  readonly touched: number;
}

/** What a block of neighbouring sequences said; few, because each of them writes it again. */
interface Block {
  /** Hash of the session. */
  readonly of: string;
  readonly first: number;
  readonly hashes: readonly (string | null)[];
}

export interface SequencedRecord {
  readonly patientId: string;
  readonly device: string;
  readonly session: string;
  readonly sequence: number;
  /** Hash of what it says. */
  readonly content: string;
  readonly deviceTime: number;
  readonly receivedAt: number;
}

/** What is known of a record's sequence; `remember` once something of it was accepted. */
export interface SequenceLook {
  /** `unknown`: it lies so far back that it may have come. */
  readonly seen: Seen | "unknown";
  /** Nothing of its session had a higher sequence. */
  readonly isNewest: boolean;
  remember(): void;
}

/** A session without the names of its fields: it is written with every record. */
type PackedSession = readonly [
  device: string,
  session: string,
  high: number,
  floor: number,
  gaps: Session["gaps"],
  newest: number,
  since: number,
  touched: number,
];

const { sessionsPerPatient, gaps: mostGaps, block: blockSize, blocks } = LIVE.sequences;

/**
 * Looks a record up by device, session and sequence. A new session begins anew, so a device that was started again loses
 * nothing. Whether a sequence came is known for the whole session unless more than 64 stretches are missing; what it said, for
 * the last 512. Of an older one a device time above every other of the session tells that it says something else.
 */
export function lookUpSequence(state: JudgeState, record: SequencedRecord): SequenceLook {
  const { patientId, device, session, sequence, content, deviceTime, receivedAt } = record;
  const { slot, known } = findSession(state, record);
  const number = Math.floor(sequence / blockSize);
  const blockKey = `${SEQUENCES}${patientId}/${String(slot)}/${String(number % blocks)}`;
  // What an earlier life of the session left is not of this one.
  const of = hashOf([device, session, known?.since ?? receivedAt]).slice(0, 12);
  const stored = state.get(blockKey) as Block | null;
  const block = stored !== null && stored.of === of && stored.first === number * blockSize ? stored : null;
  const said = block?.hashes[sequence - number * blockSize] ?? null;

  function seen(): SequenceLook["seen"] {
    if (known === null || sequence > known.high) return "new";
    if (said !== null) return said === content ? "duplicate" : "conflict";
    if (sequence <= known.floor) return "unknown";
    if (known.gaps.some(([from, to]) => from <= sequence && sequence <= to)) return "new";
    return deviceTime > known.newest ? "conflict" : "duplicate";
  }

  return {
    seen: seen(),
    isNewest: known === null || sequence > known.high,
    remember() {
      const next = withSequence(known, record);
      state.set(sessionKey(patientId, slot), packed(next));
      if (number <= Math.floor(next.high / blockSize) - blocks) return;
      const hashes = Array.from({ length: blockSize }, (_, index) => block?.hashes[index] ?? null);
      hashes[sequence - number * blockSize] = content;
      state.set(blockKey, { of, first: number * blockSize, hashes } satisfies Block);
    },
  };
}

function packed({ device, session, high, floor, gaps, newest, since, touched }: Session): PackedSession {
  return [device, session, high, floor, gaps, newest, since, touched];
}

function sessionOf(value: unknown): Session | null {
  if (value === null) return null;
  const [device, session, high, floor, gaps, newest, since, touched] = value as PackedSession;
  return { device, session, high, floor, gaps, newest, since, touched };
}

function sessionKey(patientId: string, slot: number): string {
  return `${SESSIONS}${patientId}/${String(slot)}`;
}

/** Its slot, or the first whose session was silent for a day, or the one that was silent longest. */
function findSession(
  state: JudgeState,
  { patientId, device, session, receivedAt }: SequencedRecord,
): { readonly slot: number; readonly known: Session | null } {
  let silent = { slot: 0, touched: Infinity };
  for (let slot = 0; slot < sessionsPerPatient; slot += 1) {
    const known = sessionOf(state.get(sessionKey(patientId, slot)));
    const touched = known === null || known.touched <= receivedAt - LIVE.silentMs ? -Infinity : known.touched;
    if (touched > -Infinity && known?.device === device && known.session === session) return { slot, known };
    if (touched < silent.touched) silent = { slot, touched };
  }
  return { slot: silent.slot, known: null };
}

function withSequence(known: Session | null, record: SequencedRecord): Session {
  const { device, session, sequence, deviceTime, receivedAt } = record;
  if (known === null) {
    const begin = { high: sequence, floor: sequence - 1, gaps: [] };
    return { device, session, ...begin, newest: deviceTime, since: receivedAt, touched: receivedAt };
  }
  const newest = Math.max(known.newest, deviceTime);
  const touched = Math.max(known.touched, receivedAt);
  if (sequence > known.high) {
    const skipped = sequence === known.high + 1 ? [] : [[known.high + 1, sequence - 1] as const];
    const gaps = [...known.gaps, ...skipped];
    const forgotten = gaps.length > mostGaps ? gaps.shift() : undefined;
    return { ...known, high: sequence, floor: forgotten?.[1] ?? known.floor, gaps, newest, touched };
  }
  let { floor } = known;
  const gaps = known.gaps.flatMap(([from, to]): (readonly [number, number])[] => {
    if (sequence < from || sequence > to) return [[from, to]];
    const parts: (readonly [number, number])[] = [
      [from, sequence - 1],
      [sequence + 1, to],
    ];
    return parts.filter(([first, last]) => first <= last);
  });
  if (gaps.length > mostGaps) floor = gaps.shift()?.[1] ?? floor;
  return { ...known, floor, gaps, newest, touched };
}

/** Removes a session that was silent for a day, with what it said. `key` is that of its entry. */
export function forgetSession(state: JudgeState, key: string, now: number): void {
  if ((sessionOf(state.get(key))?.touched ?? 0) > now - LIVE.silentMs) return;
  const slot = key.slice(SESSIONS.length);
  for (let ring = 0; ring < blocks; ring += 1) {
    const blockKey = `${SEQUENCES}${slot}/${String(ring)}`;
    if (state.get(blockKey) !== null) state.set(blockKey, null);
  }
  state.set(key, null);
}
